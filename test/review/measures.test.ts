// SPDX-License-Identifier: GPL-2.0-only
// Counts before and after the patch: what they are, and that a worse design gets a worse verdict. And the
// computations that decide claims without a run.
import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NodeIndex } from "../../impl/allocators/node-index.ts";
import type { NodeIdCodec } from "../../properties/checks/node-ids.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { MEASURES } from "../../review/measures.ts";
import { STATIC_CHECKS } from "../../review/static-checks.ts";
import {
  OCCUPIED_INDEX_MEASURES,
  OCCUPIED_INDEX_STATIC_CHECKS,
} from "../../spec/dossiers/occupied-index-evidence.ts";
import { UNBOUND_DRAIN_STATIC_CHECKS } from "../../spec/dossiers/unbound-drain-evidence.ts";
import { NODE_BLOCKS_MEASURES, NODE_BLOCKS_STATIC_CHECKS } from "../../spec/dossiers/node-blocks-evidence.ts";

const locks = MEASURES["global-lock-acquisitions"];

/** Serves nothing but requests of one page. */
class OnePageOnly extends NodeBlocks {
  protected override refuses(size: number, align: number, vstart: number, vend: number): boolean {
    return size > 1 || super.refuses(size, align, vstart, vend);
  }
}

describe("acquisitions of the global lock", () => {
  it("are counted for each workload, before and after", () => {
    expect(locks()).toMatchInlineSnapshot(`
      {
        "rows": [
          {
            "after": 0.06,
            "before": 1.02,
            "workload": "fix_size_alloc_test (1 page and guard)",
          },
          {
            "after": 0.06,
            "before": 1.02,
            "workload": "random sizes, 1 to 4 pages",
          },
          {
            "after": 0.09,
            "before": 1.02,
            "workload": "fix_align_alloc_test (2 pages, align 4)",
          },
          {
            "after": 1.09,
            "before": 1.08,
            "workload": "requests above a quarter block",
          },
          {
            "after": 1.03,
            "before": 1.03,
            "workload": "modules window",
          },
        ],
        "text": "at least 11.3 times fewer for requests that a node serves, fix_align_alloc_test (2 pages, align 4): 1.02 before, 0.09 after",
        "unit": "acquisitions of free_vmap_area_lock per allocation and free",
        "verdict": "holds",
      }
    `);
  });

  it("are the same each time", () => {
    expect(locks()).toEqual(locks());
  });

  it("are no fewer if the design after the patch is the one before it", () => {
    const { verdict, text, rows } = locks({ "node-blocks": NodeIndex });
    expect(verdict).toBe("refuted");
    expect(text).toMatch(/^not fewer for requests that a node serves/);
    expect(rows.every(({ before, after }) => before === after)).toBe(true);
  });

  it("are fewer in part if only some of the claimed requests are served by a node", () => {
    const { verdict, text } = locks({ "node-blocks": OnePageOnly });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"partly: not fewer for requests that a node serves, fix_align_alloc_test (2 pages, align 4): 1.02 before, 1.02 after"`,
    );
  });

  it("are not decided if a workload goes wrong", () => {
    const { verdict, text, rows } = locks({ "node-blocks": mutantOf("MU-67").make });
    expect(rows).toEqual([]);
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"not-decided: fix_size_alloc_test (1 page and guard): INV-BLOCK-EDGE on node-blocks: [129,191) was returned as a block of node 1, which it is not"`,
    );
  });

  it("are not decided if a workload goes wrong before the patch already, or does not end", () => {
    class NeverEnds extends GlobalTree {
      override lazyMaxPages(): number {
        return -1;
      }
    }
    expect(locks({ "node-index": NeverEnds }).text).toMatchInlineSnapshot(
      `"fix_size_alloc_test (1 page and guard): INV-LIVELOCK on node-index: kworker/drain_vmap_work goes round in mutex_unlock, drain_vmap_area_work, mutex_lock, __purge_vmap_area_lazy; from step 2048 on"`,
    );
  });

  it("are among those that the dossiers name", () => {
    const named = { ...NODE_BLOCKS_MEASURES, ...OCCUPIED_INDEX_MEASURES };
    expect(Object.keys(MEASURES)).toEqual(Object.keys(named));
  });
});

describe("computations", () => {
  it("are those that the dossiers name", () => {
    const named = {
      ...NODE_BLOCKS_STATIC_CHECKS,
      ...UNBOUND_DRAIN_STATIC_CHECKS,
      ...OCCUPIED_INDEX_STATIC_CHECKS,
    };
    expect(Object.keys(STATIC_CHECKS)).toEqual(Object.keys(named));
  });

  it.each(Object.keys(STATIC_CHECKS) as (keyof typeof STATIC_CHECKS)[])(
    "%s is the same each time",
    { timeout: 180_000 },
    (id) => {
      expect(STATIC_CHECKS[id]()).toEqual(STATIC_CHECKS[id]());
    },
  );

  it("vn-id-capacity: all node counts, ids and flag bits", () => {
    const cases = ((255 * 256) / 2) * 4;
    expect(STATIC_CHECKS["vn-id-capacity"]()).toEqual({
      verdict: "holds",
      text: `${cases} combinations of node count, id and flag bits come back unchanged`,
    });
  });

  it.each([
    [
      "seven bits",
      { encode: (id) => (id + 1) << 8, decode: (flags) => ((flags >> 8) & 0x7f) - 1 },
      "node 127 of 128 with flags 0: 0x8000",
    ],
    [
      "the third byte",
      { encode: (id) => (id + 1) << 16, decode: (flags) => (flags >> 16) - 1 },
      "node 0 of 1 with flags 0: 0x10000",
    ],
    [
      "beside the flags",
      { encode: (id) => (id + 1) << 2, decode: (flags) => (flags >> 2) - 1 },
      "node 0 of 1 with flags 0: 0x4",
    ],
    [
      "no way to say none",
      { encode: (id) => id << 8, decode: (flags) => flags >> 8 },
      "flags 0 without an id decode to a node",
    ],
  ] satisfies [string, NodeIdCodec, string][])("vn-id-capacity is refuted for ids in %s", (_, ids, text) => {
    expect(STATIC_CHECKS["vn-id-capacity"]({ ids })).toEqual({ verdict: "refuted", text });
  });

  it("vn-id-sign: node 0 is an id and not positive; it would be if ids began at 1", () => {
    expect(STATIC_CHECKS["vn-id-sign"]()).toEqual({
      verdict: "refuted",
      text: "node 0 decodes to 0, which is an id and not positive; none decodes to -1",
    });
    const fromOne: NodeIdCodec = { encode: (id) => (id + 1) << 8, decode: (flags) => flags >> 8 };
    expect(STATIC_CHECKS["vn-id-sign"]({ ids: fromOne }).verdict).toBe("holds");
  });

  it("users-per-node: two for the even counts up to twice the 255 nodes", () => {
    const even = Array.from({ length: 255 }, (_, i) => 2 * (i + 1));
    expect(even.at(-1)).toBe(510);
    expect(STATIC_CHECKS["users-per-node"]()).toEqual({
      verdict: "partly",
      text: `two users per node for ${even.length} of the counts from 1 to 1024; 3 CPUs give node 0 3 users`,
    });
  });
});
