// SPDX-License-Identifier: GPL-2.0-only
// What callers see of each design, and the places where the designs part: errors, helpers, the drain of v6.6.
import { describe, expect, it } from "vitest";
import { EBUSY, EINVAL, ENOMEM, errnoName } from "../../../impl/allocators/errno.ts";
import { decodeVnId, encodeVnId, MAX_NODES, VMAP_FLAGS } from "../../../impl/allocators/vn-id.ts";
import { SequentialDriver } from "../../../properties/sequential/driver.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { Session } from "../../../properties/session.ts";
import { TRAITS } from "../../../spec/design-traits.ts";
import { ALLOCATOR_IDS } from "../../../spec/instance.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../../../spec/schedule.ts";
import { configurationOf, instanceOf } from "../../properties/small-instance.ts";
import { containersOf } from "./trace-of.ts";

const SPACE = { start: 0, end: 16 };

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  it("refuses sizes and alignments that make no sense", () => {
    const driver = new SequentialDriver(configurationOf(allocator), { strict: true });
    const asked = [
      [0, 1],
      [-1, 1],
      [1, 0],
      [1, 3],
      [1, -2],
    ] as const;
    expect(asked.map(([size, align]) => driver.alloc(size, align, SPACE))).toEqual([
      -EINVAL,
      -EINVAL,
      -EINVAL,
      -EINVAL,
      -EINVAL,
    ]);
    expect([driver.steps, driver.finding, driver.fullCheck()]).toEqual([5, undefined, undefined]);
  });

  it("warns when there is nothing to free, and goes on", () => {
    const driver = new SequentialDriver(configurationOf(allocator), { strict: true });
    expect(driver.free(3)).toBe(-EINVAL);
    expect(driver.finding).toEqual({
      id: "INV-NOWARN",
      message: "remove_vm_area: nothing found at the address (WARN)",
    });
    expect([driver.alloc(9, 1, SPACE) >= 0, driver.fullCheck()]).toEqual([true, undefined]);
  });

  it("purges once when the space is full, and gives up with -EBUSY", () => {
    const driver = new SequentialDriver(configurationOf(allocator, { lazyMaxPages: 50 }), { strict: true });
    expect(driver.alloc(8, 1, SPACE)).toBe(0);
    expect(driver.alloc(8, 1, SPACE)).toBe(8);
    expect([driver.alloc(5, 1, SPACE), driver.purges]).toEqual([-EBUSY, 1]);
    driver.free(8);
    expect([driver.alloc(5, 1, SPACE), driver.purges]).toEqual([8, 2]);
  });

  it("finds an area by any of its pages, across zones", () => {
    const driver = new SequentialDriver(configurationOf(allocator, { blockPages: 4, nodes: 3 }), {
      strict: true,
    });
    driver.alloc(2, 1, SPACE);
    const page = driver.alloc(9, 1, SPACE);
    expect(Array.from({ length: 9 }, (_, i) => driver.find(page + i))).toEqual(Array(9).fill(page));
    expect(driver.find(15)).toBe(-1);
  });

  it("gives back a cached area when the space is full", () => {
    const instance = instanceOf(allocator, "a=cache(9); b=alloc(9)", { lazyMaxPages: 50 });
    const session = new Session(instance, { strict: true, watched: expectedToHold(allocator, [instance]) });
    expect(session.replay(RUN_TO_COMPLETION).end).toBe("done");
    expect(containersOf(session).filter((line) => line.startsWith("busy"))).toEqual([
      TRAITS[allocator].pools ? "busy 0: [0,9) 0x100" : "busy 0: [0,9)",
    ]);
  });

  it("fails with -ENOMEM for want of a record or of shadow, and leaves nothing behind", () => {
    for (const point of ["alloc", "kasan"] as const) {
      const instance = instanceOf(allocator, "a=alloc(3)", {
        faults: { budget: 1, points: [point] },
        nodes: 1,
      });
      const session = new Session(instance, { strict: true });
      const at = point === "alloc" ? 0 : session.profile.total - 2;
      const outcome = session.replay({ switches: [], choices: [{ at, value: 1 }] });
      expect([outcome.end, containersOf(session)]).toEqual(["done", ["free: [0,16)"]]);
      expect(session.sim.kernel.faults.spent).toBe(1);
    }
  });
});

// Task 0 has added its pages to vmap_lazy_nr and not yet inserted its area; the drain runs. v6.6 goes round until
// the count has fallen, which it cannot; v2 5/9 took that loop away.
describe("a drain while a free is half done", () => {
  const end = (allocator: "global-tree" | "node-index"): string => {
    const sites: string[] = [];
    const instance = instanceOf(allocator, "a=alloc(1); free(a)\nb=alloc(1); free(b)", {
      lazyMaxPages: 0,
      nodes: 1,
    });
    const session = new Session(instance, {
      stepsMax: 60,
      onStep: (process, { site }) => sites.push(`${process} ${site.what}`),
    });
    // b is freed first, up to the insertion; then a, which queues the drain; then the drain's worker.
    const plan: Schedule = {
      switches: [
        { at: 0, to: 1 },
        { at: 10, to: 0 },
        { at: 22, to: 2 },
      ],
      choices: [],
    };
    const outcome = session.replay(plan);
    return `${outcome.end}\n${sites.slice(9, 11).join("\n")}\n...\n${sites.slice(-5).join("\n")}`;
  };

  it("does not end in v6.6, as long as nothing else runs", () => {
    expect(end("global-tree")).toMatchInlineSnapshot(`
      "limit
      1 vmap_lazy_nr += pages
      0 allocate the vmap_area record
      ...
      2 release vmap_purge_lock
      2 read vmap_lazy_nr: go on while it is above the limit
      2 take vmap_purge_lock
      2 under the lazy lock: detach the lazy tree
      2 release vmap_purge_lock"
    `);
  });

  it("ends since v2 5/9", () => {
    expect(end("node-index")).toMatchInlineSnapshot(`
      "done
      1 vmap_lazy_nr += pages
      0 allocate the vmap_area record
      ...
      2 flush_tlb_kernel_range if any node was marked
      2 under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
      2 add up the purged areas
      2 release vmap_purge_lock
      2 the work function has returned"
    `);
  });
});

describe("purge helpers of node-blocks", () => {
  const workers = (lazyMaxPages: number): string[] => {
    const seen = new Set<string>();
    const instance = instanceOf(
      "node-blocks",
      "a=alloc(1); free(a)\nb=alloc(1); free(b)\nc=alloc(1); free(c); purge",
      { spacePages: 24, cpus: 3, nodes: 3, lazyMaxPages },
    );
    const session: Session = new Session(instance, {
      strict: true,
      onStep: (process, { site }) => {
        if (site.fn === "purge_vmap_node") seen.add(session.sim.processes[process]!.name);
      },
    });
    // The drain waits until the task has purged.
    expect(session.replay(RUN_TO_COMPLETION).end).toBe("done");
    return [...seen];
  };

  it("are one fewer than there are full sets of lazy pages, and than nodes with work", () => {
    expect(workers(4)).toEqual(["task 2"]);
    expect(workers(1)).toEqual(["task 2", "kworker/node 0 purge_work", "kworker/node 1 purge_work"]);
  });
});

describe("node ids in va->flags", () => {
  it("survive encoding, whatever the low bits are (SC-22)", () => {
    for (let id = 0; id < MAX_NODES; id++) {
      for (let low = 0; low <= VMAP_FLAGS.MASK; low++) expect(decodeVnId(encodeVnId(id) | low)).toBe(id);
      expect(encodeVnId(id) & ~0xff00).toBe(0);
    }
    expect([0, 1, 2, 3].map(decodeVnId)).toEqual([-1, -1, -1, -1]);
  });

  it("would need a ninth bit for one node more", () => {
    expect(encodeVnId(MAX_NODES)).toBe(0x10000);
  });
});

describe("errno", () => {
  it("has names", () => {
    expect([-ENOMEM, -EBUSY, -EINVAL, -5].map(errnoName)).toEqual(["-ENOMEM", "-EBUSY", "-EINVAL", "-5"]);
  });
});
