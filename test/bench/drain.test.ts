// SPDX-License-Identifier: GPL-2.0-only
// The bench of the drain at sizes where its figures can be counted by hand. No times but simulated ones.
import { describe, expect, it } from "vitest";
import { benchDrain, formatDrain, plotDrain, SCENARIOS, watchdogAt } from "../../bench/drain.ts";
import { COST } from "../../bench/drain-cost.ts";
import { type DrainCost, measure, type Operation, settle } from "../../bench/drain-run.ts";
import { prepare, sizeOf, type Workload } from "../../bench/drain-setup.ts";
import { type KernelCode, site } from "../../explore/sync.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { EVENT, EVENT_WORDS } from "../../spec/events.ts";

const NODES = 4;
const SMALL: Workload = {
  design: "unbound-drain",
  areas: 40,
  sizes: "single",
  before: false,
  nodes: NODES,
  poolPages: 1,
};

interface Run {
  readonly cost: DrainCost;
  /** Ranges that were released, sorted. */
  readonly ranges: readonly string[];
}

function run(
  workload: Partial<Workload>,
  operation: Operation,
  backlog: number,
  options: { cpu?: number; design?: AllocatorClass } = {},
): Run {
  const ranges: string[] = [];
  const cost = measure(prepare({ ...SMALL, ...workload }, settle, options.design), operation, {
    backlog,
    ...(options.cpu === undefined ? {} : { cpu: options.cpu }),
    watch: ({ rows, count }) => {
      for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
        if (rows[at] === EVENT.RELEASE) ranges.push(`${rows[at + 2]}-${rows[at + 3]}`);
      }
    },
  });
  return { cost, ranges: ranges.sort() };
}

const lock = ({ cost }: Run, name: string) => cost.locks.find((l) => l.name === name)!;

describe("steps of a drain", () => {
  it("are those that can be counted in the code: one per area, and a few per node", () => {
    // Worker: take the item, done. Drain: mutex, flush, number of helpers, end of the search for helpers, sum, unlock.
    // Per node: begin, one pool looked at, lazy tree looked at, detached; dispatch, subtract, add.
    const inline = 2 + 6 + NODES * 7;
    expect(run({}, "drain", 1).cost.steps).toBe(40 + inline);
    expect(run({ areas: 400 }, "drain", 1).cost.steps).toBe(400 + inline);
    // Per helper: take the item, done, found, barrier, add; and not the add of a node done inline. Only the first one
    // is waited for: the others are done by the time the drain has been woken.
    const { cost } = run({ areas: 400 }, "drain", 4);
    expect(cost.helpers).toBe(3);
    expect(cost.steps).toBe(400 + inline + 3 * 4 + 1);
  });

  it("of size-pools are those of both versions of the patch, but for the search for nodes with work", () => {
    for (const backlog of [1, 2, 4]) {
      const v2 = run({}, "drain", backlog);
      const v3 = run({ design: "unbound-drain-v3" }, "drain", backlog);
      const before = run({ design: "size-pools" }, "drain", backlog);
      expect(v3).toEqual(v2);
      expect(before.cost.steps).toBe(v2.cost.steps + 1);
      expect(before.ranges).toEqual(v2.ranges);
      expect(before.cost.ns - v2.cost.ns).toBeLessThanOrEqual(COST.step.ns);
    }
  });

  it("chain up without helpers, and are shared out to a quarter per node with all helpers", () => {
    const inline = run({ areas: 4000 }, "drain", 1).cost;
    expect(inline.chain).toBe(inline.steps);
    const shared = run({ areas: 4000 }, "drain", 4).cost;
    expect(shared.chain).toBeGreaterThanOrEqual(1000);
    expect(shared.chain).toBeLessThan(1000 + 60);
  });

  it("grow by the areas alone", () => {
    const [a, b, c] = [400, 800, 1600].map((areas) => run({ areas }, "drain", 2).cost);
    expect(b!.steps - a!.steps).toBe(400);
    expect(c!.steps - b!.steps).toBe(800);
    expect(c!.ns - b!.ns).toBe(2 * (b!.ns - a!.ns));
  });
});

describe("simulated time", () => {
  it("is the constants times what was done", () => {
    const [a, b] = [400, 800].map((areas) => run({ areas }, "drain", 1).cost);
    // Off the list, into the pool under its lock.
    const perArea = COST.step.ns + COST.cold.ns + 2 * COST.list.ns + COST.lock.ns;
    expect(b!.ns - a!.ns).toBe(400 * perArea);
  });

  it("counts the nodes that a merge visits", () => {
    // Without pools each area goes down a tree that all the earlier ones are in.
    const [a, b, c] = [512, 1024, 2048].map(
      (areas) => run({ areas, design: "node-index" }, "drain", 1).cost.ns,
    );
    expect((b! - a!) / 512).toBeGreaterThan(COST.cold.ns + 5 * COST.visit.ns);
    expect((c! - b!) / 1024).toBeGreaterThan((b! - a!) / 512);
  });

  it("under free_vmap_area_lock is not shared out by helpers: they spin", () => {
    const inline = run({ areas: 400 }, "purge", 1);
    const shared = run({ areas: 400 }, "purge", 4);
    const before = lock(inline, "free_vmap_area_lock");
    const after = lock(shared, "free_vmap_area_lock");
    expect(before.holds).toBe(NODES);
    expect([after.holds, after.steps]).toEqual([before.holds, before.steps]);
    // The order of the nodes decides how deep the tree is.
    expect(Math.abs(after.ns / before.ns - 1)).toBeLessThan(0.01);
    expect(before.waitNs).toBe(0);
    expect(after.waitNs).toBeGreaterThan(after.longestNs);
    expect(shared.cost.ns).toBeGreaterThan(after.ns);
  });

  it("of one drain is the hold of vmap_purge_lock and the worker's own steps", () => {
    const { cost } = run({}, "drain", 1);
    const mutex = cost.locks.find((l) => l.name === "vmap_purge_lock")!;
    expect(mutex.holds).toBe(1);
    expect(mutex.steps).toBe(cost.steps - 2);
    expect(mutex.ns).toBe(cost.ns - 2 * COST.step.ns);
    expect(cost.runNs).toBe(cost.ns);
  });

  it("is longer on a per-CPU queue if a helper's CPU is the one that drains; the patch knows no such CPU", () => {
    const at = (design: "size-pools" | "unbound-drain", cpu: number): number =>
      run({ areas: 4000, design }, "drain", 4, { cpu }).cost.ns;
    expect(at("size-pools", 0)).toBeGreaterThan(1.8 * at("size-pools", NODES - 1));
    expect(at("unbound-drain", 0)).toBe(at("unbound-drain", NODES - 1));
  });
});

describe("helpers", () => {
  it.each(["node-blocks", "size-pools", "unbound-drain", "unbound-drain-v3"] as const)(
    "of %s never change what is released",
    (design) => {
      for (const operation of ["drain", "purge"] as const) {
        for (const sizes of ["single", "mixed"] as const) {
          const workload = { areas: 600, sizes, before: true, design, poolPages: 8 };
          const inline = run(workload, operation, 1);
          for (const backlog of [2, 4]) {
            const shared = run(workload, operation, backlog);
            expect(shared.cost.helpers).toBe(backlog - 1);
            expect(shared.ranges).toEqual(inline.ranges);
            expect(shared.cost.released).toBe(inline.cost.released);
            expect(shared.cost.releasedPages).toBe(inline.cost.releasedPages);
            expect(shared.cost.decayed).toBe(inline.cost.decayed);
          }
        }
      }
    },
  );
});

describe("the prepared state", () => {
  it("holds the lazy areas one by one, in every design", () => {
    for (const design of ["global-tree", "node-index", "node-blocks", "size-pools"] as const) {
      expect(run({ design }, "drain", 1).cost.released).toBe(40);
    }
  });

  it("has filled the pools by a purge: a drain decays a quarter of each, a full purge all", () => {
    expect(run({ before: true }, "drain", 1).cost.decayed).toBe(NODES * Math.floor(10 / 4));
    expect(run({ before: true }, "purge", 1).cost.decayed).toBe(40);
  });

  it("starts any number of runs alike", () => {
    const prepared = prepare(SMALL, settle);
    const first = measure(prepared, "drain", { backlog: 2 });
    measure(prepared, "purge", { backlog: 4 });
    expect(measure(prepared, "drain", { backlog: 2 })).toEqual(first);
  });

  it("mixes sizes of pools with some that are larger", () => {
    const sizes = Array.from({ length: 512 }, (_, i) => sizeOf("mixed", i, 256));
    expect(sizes.filter((n) => n === 257)).toHaveLength(8);
    expect(new Set(sizes)).toEqual(new Set([1, 2, 4, 8, 257]));
    const { cost } = run({ sizes: "mixed", areas: 512, nodes: 8, poolPages: 256 }, "drain", 1);
    expect(cost.releasedPages).toBe(sizes.reduce((a, b) => a + b));
    expect(cost.locks.find((l) => l.name === "free_vmap_area_lock")!.holds).toBe(8);
  });
});

const EXTRA = site("purge_vmap_node", "a second look, which nobody needs");

// Does more than it has to: a step more per node, and each area twice on and off its list.
class Wasteful extends UnboundDrain {
  override *endPurgeNode(node: number, pages: number): KernelCode {
    yield this.kernel.step(EXTRA, () => 0);
    return yield* super.endPurgeNode(node, pages);
  }

  protected override purgeArea(node: number): number {
    const list = this.purgeList[node]!;
    const va = this.containers.head[list]! as Va;
    this.index.unlinkList(list, va, this.kernel.current);
    this.listAdd(list, va);
    return super.purgeArea(node);
  }
}

describe("a design that does more than it has to", () => {
  it("shows in steps and in time", () => {
    const good = run({}, "drain", 1).cost;
    const bad = run({}, "drain", 1, { design: Wasteful }).cost;
    expect(bad.steps).toBe(good.steps + NODES);
    const perArea = COST.cold.ns + 2 * COST.list.ns;
    expect(bad.ns).toBe(good.ns + NODES * COST.step.ns + 40 * perArea);
  });
});

describe("the report", () => {
  const scenarios = SCENARIOS.slice(0, 2).map((s) => ({ ...s, runs: s.runs.slice(0, 2) }));

  it("is the same twice, and says its model, its sizes and where the watchdog barks", () => {
    const [first, second] = [1, 2].map(() => benchDrain([80, 160], undefined, scenarios));
    expect(second).toEqual(first);
    const text = formatDrain(first!);
    expect(text).toContain("ms at 80");
    expect(text).toContain("> 160");
    for (const { what } of Object.values(COST)) expect(text).toContain(what);
    expect(plotDrain(first!)).toBe(plotDrain(second!));
    expect(plotDrain(first!)).toContain(">drain, inline</text>");
  });

  it("finds the crossing of a straight line, and says on which side it is if it was not measured", () => {
    const line = [1000, 10_000, 100_000].map((areas) => ({ areas, runNs: areas * 500 }));
    expect(watchdogAt(line)).toBe("20,000");
    expect(watchdogAt(line.slice(0, 2))).toBe("> 10,000");
    expect(watchdogAt(line.slice(2))).toBe("< 100,000");
  });
});
