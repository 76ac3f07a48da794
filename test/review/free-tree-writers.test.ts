// SPDX-License-Identifier: GPL-2.0-only
// Who maintains the free tree in perf mode: what is seen of the ports, and of designs in which all or none of the paths do.
import { describe, expect, it } from "vitest";
import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { freeTreeWriters, WRITER_PATHS } from "../../review/free-tree-writers.ts";

/** Keeps both trees, as before the patch. */
class KeepsBoth extends OccupiedIndex {
  protected override allocVmapAreaLocked(size: number, align: number, vstart: number, vend: number): number {
    return DualIndex.prototype["allocVmapAreaLocked"].call(this, size, align, vstart, vend);
  }

  protected override reclaimGlobal(list: number, erase: boolean, failed: number): boolean {
    return DualIndex.prototype["reclaimGlobal"].call(this, list, erase, failed);
  }
}

/** Has nothing in the free tree from the beginning. */
class FillsNothing extends OccupiedIndex {
  protected override initFreeSpace(): void {}
}

describe("writers of the free tree", () => {
  it("are the initialisation, and neither the decay nor per-CPU allocation", () => {
    expect(freeTreeWriters()).toEqual({
      verdict: "partly",
      text:
        "of 3 paths that were run, these store into the free tree: vmap_init_free_space(); these do not: " +
        "decay_va_pool_node(), pcpu_get_vm_areas()",
      lines: [
        "vmap_init_free_space(): stores 8 pages, removes nothing",
        "decay_va_pool_node(): stores nothing, removes nothing",
        "pcpu_get_vm_areas(): stores nothing, removes 4 pages",
      ],
    });
  });

  it("are all if the decay merges what it gives back", () => {
    const { verdict, lines } = freeTreeWriters({ "occupied-index": KeepsBoth });
    expect(verdict).toBe("holds");
    expect(lines).toEqual([
      "vmap_init_free_space(): stores 8 pages, removes nothing",
      "decay_va_pool_node(): stores 3 pages, removes 3 pages",
      "pcpu_get_vm_areas(): stores 4 pages, removes 4 pages",
    ]);
  });

  it("are none if nothing fills the tree", () => {
    expect(freeTreeWriters({ "occupied-index": FillsNothing }).verdict).toBe("refuted");
  });

  it("are not decided if a program does not come to its path", () => {
    const [, decay] = WRITER_PATHS;
    const idle = { ...decay!, program: "a=alloc(1); free(a)" };
    expect(freeTreeWriters(undefined, [idle])).toEqual({
      verdict: "not-decided",
      text: "the program for decay_va_pool_node() did not come to it",
    });
    expect(freeTreeWriters(undefined, [decay!]).verdict).toBe("refuted");
  });
});
