// SPDX-License-Identifier: GPL-2.0-only
// The cause of a violation names the steps that matter: for scenarios whose cause is known, and for what random runs find.
import { describe, expect, test } from "vitest";
import { SITUATIONS } from "../../../properties/campaigns/catalogue.ts";
import { MUTANTS, mutantOf } from "../../../properties/mutants/catalogue.ts";
import { killMutant, watchedFor } from "../../../properties/mutants/kill.ts";
import { SCENARIOS } from "../../../properties/scenarios/catalogue.ts";
import { runScenario } from "../../../properties/scenarios/scenario.ts";
import { capture } from "../../../properties/shrink/shrink.ts";
import type { Why } from "../../../properties/why/contract.ts";
import { explainRun } from "../../../properties/why/explain.ts";
import { WHY_LINES_MAX, whyLines } from "../../../review/render/why-text.ts";
import { isInvariantId } from "../../../spec/invariants.ts";

function whyOfScenario(id: string): Why {
  const scenario = SCENARIOS.find((each) => each.id === id)!;
  const allocator = scenario.designs[0]!;
  const { failing } = runScenario(scenario, allocator, 50);
  const finding = failing!.finding.id;
  return explainRun(scenario.instance(allocator), failing!.schedule, {
    design: scenario.design,
    watched: new Set(isInvariantId(finding) ? [finding] : []),
    situations: SITUATIONS.filter((each) => each.id === finding),
    stopAt: finding,
  })!;
}

function whyOfMutant(id: string): Why | undefined {
  const mutant = mutantOf(id);
  const { caught } = killMutant(mutant, { seed: "why", runs: 500 });
  if (!caught) return undefined;
  const strict = caught.session.sim.kernel.heap.strict !== undefined;
  const { schedule } = capture(caught.session, caught.finding);
  const watched = watchedFor(mutant);
  return explainRun(caught.session.instance, schedule, { design: mutant.make, watched, strict })!;
}

/** Functions of the last writers, and what each did in one text. */
function writersOf({ writers }: Why): readonly string[] {
  return writers.map(({ fn, did }) => `${fn}: ${did.join(", ")}`);
}

/** First, second and last function of the most relevant missing order. */
function orderOf({ orders }: Why): readonly unknown[] {
  const order = orders[0];
  return order ? [order.of, order.lack, order.first.fn, order.second.fn, order.use?.fn] : [];
}

describe("scenarios", () => {
  test("overlap: pages are taken for free that were made busy before", () => {
    const why = whyOfScenario("SC-36");
    expect(why.subject).toEqual(["[0,1)"]);
    expect(why.alone).toBe(true);
    expect(writersOf(why)[0]).toContain("pcpu_get_vm_areas: [0,1) taken for free by the free tree");
    expect(writersOf(why)).toContain("alloc_vmap_area: [0,1) made busy");
  });

  test("two splits under different locks take one preloaded record", () => {
    const split = "adjust_va_to_fit_type";
    const why = whyOfScenario("SC-51");
    expect(orderOf(why)).toEqual(["ne_fit_preload_node of CPU 0", "no-common-lock", split, split, split]);
    expect(why.orders[0]!.first.locks).toEqual(["node 0 free.lock"]);
    expect(why.orders[0]!.second.locks).toEqual(["free_vmap_area_lock"]);
  });

  test("a pool that a decay had detached under a lock, and that a purge fills meanwhile", () => {
    const why = whyOfScenario("SC-62");
    expect(why.subject).toEqual(["vn.pool.len[0]"]);
    const decay = "decay_va_pool_node";
    expect(orderOf(why)).toEqual(["pool of node 0", "released-between", decay, "purge_vmap_node", decay]);
    expect(writersOf(why)[0]).toBe(`${decay}: vn.pool.len[0] 2 -> 0`);
  });

  test("underflow of a counter: a list shows an area that is not counted yet", () => {
    const why = whyOfScenario("SC-77b");
    expect(writersOf(why)[0]).toBe("purge_vmap_node: vmap_lazy_nr 0 -> -1");
    const [of, lack, first, second] = orderOf(why);
    expect([of, lack]).toEqual([expect.stringContaining("lazy"), expect.any(String)]);
    expect([first, second]).toEqual(["publish_vmap_area_lazy", "__purge_vmap_area_lazy"]);
  });

  test("a lost drain: the queue is looked for before it is there", () => {
    const free = "free_vmap_area_noflush";
    expect(orderOf(whyOfScenario("SC-32")).slice(0, 4)).toEqual([
      "drain_vmap_wq[0]",
      "no-common-lock",
      free,
      "vmalloc_init_workqueue",
    ]);
  });

  test("a missing flush: reuse while the perf mode is switched on", () => {
    const why = whyOfScenario("SC-71");
    expect(why.omitted).toEqual([expect.stringMatching(/^no TLB flush of \[0,1\) behind step \d+/)]);
    expect(writersOf(why)[0]).toBe("__alloc_vmap_area: [0,1) granted");
    expect(why.orders[0]!.of).toBe("occupied_vmap_area_perf_mode");
  });

  test("a mode that was read under another lock than it is switched under", () => {
    expect(orderOf(whyOfScenario("SC-72b"))).toEqual([
      "occupied_vmap_area_perf_mode",
      "no-common-lock",
      "decay_va_pool_node",
      "vmap_enable_occupied_perf_mode",
      "reclaim_list_global",
    ]);
  });

  test("a kept block: one task alone, back to where the block was taken", () => {
    const why = whyOfScenario("SC-15b");
    expect([why.alone, why.orders]).toEqual([true, []]);
    expect(writersOf(why)[0]).toMatch(/^free_vmap_area: \[1,2\) released for reuse/);
    expect(writersOf(why).at(-1)).toBe("node_alloc_fill: [0,8) taken as a block");
  });

  test("a deadlock on the rescuer: who holds what, since which step", () => {
    const { held } = whyOfScenario("SC-60");
    expect(held.map(({ who, lock, wants }) => [who, lock, wants])).toEqual([
      ["task 0", "vmap_purge_lock", "work node 0 purge_work"],
      ["kworker/drain_vmap_work", "work drain_vmap_work", "vmap_purge_lock"],
    ]);
    expect(held[0]!.step).toBeLessThan(held[1]!.step);
  });

  test("a deadlock of a purge and its helper", () => {
    const { held } = whyOfMutant("MU-55")!;
    expect(held.map(({ lock, wants }) => [lock, wants])).toEqual([
      ["vmap_purge_lock", "work node 0 purge_work"],
      ["work node 0 purge_work", "vmap_purge_lock"],
    ]);
  });

  test("two locks in opposite orders: both places", () => {
    const { held } = whyOfMutant("MU-115")!;
    expect(held.map(({ lock, wants, fn }) => [lock, wants, fn])).toEqual([
      ["node 0 free.lock", "free_vmap_area_lock", "purge_vmap_node"],
      ["free_vmap_area_lock", "node 0 free.lock", "node_alloc_fill"],
    ]);
  });

  test("the same run is explained in the same words", () => {
    expect(whyOfScenario("SC-62")).toEqual(whyOfScenario("SC-62"));
  });
});

describe("random counterexamples of mutants", () => {
  const sample = MUTANTS.filter(({ kind }, i) => kind === "mistake" && i % 5 === 0).map(({ id }) => id);

  const whys = sample.flatMap((id) => whyOfMutant(id) ?? []);

  test("each names a last writer, in at most a dozen lines of ASCII", () => {
    expect(whys.length).toBeGreaterThan(25);
    for (const why of whys) {
      expect(why.subject).not.toEqual([]);
      expect(why.writers[0]?.did.length).toBeGreaterThan(0);
      for (const width of [72, 100]) {
        const lines = whyLines(why, width);
        expect(lines.length).toBeLessThanOrEqual(WHY_LINES_MAX);
        expect(lines.some((line) => line.startsWith("  step "))).toBe(true);
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
        expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
      }
    }
  });

  test("writers come last one first, and no order is between steps of one process", () => {
    for (const why of whys) {
      const steps = why.writers.map(({ step }) => step);
      expect(steps).toEqual([...steps].sort((a, b) => b - a));
      for (const { first, second } of why.orders) {
        expect(first.who).not.toBe(second.who);
        expect(first.step).toBeLessThan(second.step);
      }
      expect(why.alone && why.orders.length > 0).toBe(false);
    }
  });
});
