// SPDX-License-Identifier: GPL-2.0-only
// A hunt: what it does follows from its plan, runs are repeated and compared, some are strict, and it stops when it
// is told to.
import { describe, expect, it, vi } from "vitest";
import { NondeterminismError, Runner } from "../../explore/runner.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { huntInstance, type HuntPlan, type HuntStats, newStats } from "../../properties/hunt.ts";
import { MISTAKES, mutantOf } from "../../properties/mutants/catalogue.ts";
import { watchedFor } from "../../properties/mutants/kill.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import type { SessionOptions } from "../../properties/session.ts";

const INSTANCE = instanceOf(
  "node-blocks",
  { space: 24, lazyMax: 1, faults: ["kasan"], migrations: 1 },
  "a=alloc(1); free(a); b=alloc(2)",
  "c=alloc(2); free(c); purge",
);
const OPTIONS: SessionOptions = { watched: expectedToHold("node-blocks"), situations: SITUATIONS };
const PLAN: HuntPlan = { runs: 100, strictRuns: 0, strategy: "mixed", seed: "hunt" };

/** All that a hunt decides: the process and the choice of each step. */
function decisions(
  plan: Partial<HuntPlan>,
  options: SessionOptions = OPTIONS,
): { trace: string; stats: HuntStats } {
  let x = 0;
  const stats = newStats();
  const onStep = (process: number, _step: unknown, choice: number): void => {
    x = (Math.imul(x ^ (process * 4 + choice), 0x01000193) + 1) | 0;
  };
  huntInstance(INSTANCE, { ...PLAN, ...plan }, { ...options, onStep }, stats);
  return { trace: (x >>> 0).toString(16), stats };
}

describe("the runs of a hunt", () => {
  const plans: readonly Partial<HuntPlan>[] = [
    { strategy: "random" },
    { strategy: "pct" },
    { strategy: "pct", depth: 2 },
    { strategy: "mixed" },
    { strategy: "mixed", seed: "other" },
    { strategy: "mixed", strictRuns: 20 },
  ];

  it("are the same for the same plan", () => {
    for (const plan of plans) expect(decisions(plan)).toEqual(decisions(plan));
  });

  it("are others for another strategy, depth, seed or share of strict runs", () => {
    expect(new Set(plans.map((plan) => decisions(plan).trace)).size).toBe(plans.length);
  });

  it("of PCT are of depth 3 unless the plan says otherwise", () => {
    expect(decisions({ strategy: "pct", depth: 3 }).trace).toBe(decisions({ strategy: "pct" }).trace);
  });

  it("are pinned: another stream of random numbers is a breaking change", () => {
    expect(plans.map((plan) => decisions(plan).trace)).toMatchInlineSnapshot(`
      [
        "9ec21634",
        "c097f65",
        "a4a39965",
        "16efa16d",
        "3b7200f0",
        "6a020ccd",
      ]
    `);
  });

  it("are as many as planned, strict ones among them, and are counted", () => {
    for (const strictRuns of [0, 1, 20, 100, 500]) {
      const { stats } = decisions({ strictRuns });
      expect([stats.instances, stats.runs, stats.cutOff]).toEqual([1, 100, 0]);
      expect(stats.steps).toBeGreaterThan(stats.runs);
    }
    expect(decisions({ runs: 1 }).stats.runs).toBe(1);
  });

  it("say how many of them reached a situation", () => {
    const { reached } = decisions({}).stats;
    expect(reached.get("DRAIN-RAN")).toBeGreaterThan(0);
    for (const [, n] of reached) expect(n).toBeLessThanOrEqual(100);
    expect(reached.has("SPLIT-REFUSED")).toBe(false);
  });

  it("that are cut off are counted as such", () => {
    const { stats } = decisions({}, { ...OPTIONS, stepsMax: 30 });
    expect(stats.cutOff).toBe(stats.runs);
    expect(stats.steps).toBe(30 * stats.runs);
  });
});

describe("the first run", () => {
  it("has no deviations, so what it shows is found at once", () => {
    const { instance, make } = mutantOf("MU-67");
    const stats = newStats();
    const caught = huntInstance(
      instance,
      PLAN,
      { design: make, watched: watchedFor(mutantOf("MU-67")) },
      stats,
    );
    expect([caught?.runs, stats.runs]).toEqual([1, 1]);
    expect(caught?.session.lastSchedule()).toEqual({ switches: [], choices: [] });
  });
});

describe("strict runs", () => {
  const mutant = MISTAKES.find(({ strictOnly }) => strictOnly)!;
  const hunt = (strictRuns: number) =>
    huntInstance(
      mutant.instance,
      { ...PLAN, strictRuns },
      { design: mutant.make, watched: watchedFor(mutant) },
      newStats(),
    );

  it("come after the others and find what only they can find", () => {
    expect(hunt(0)).toBeUndefined();
    const caught = hunt(20)!;
    expect(caught.finding.id).toBe("INV-STRICT");
    expect(caught.session.sim.kernel.heap.strict).toBeDefined();
  });
});

/** Decides by a count of its own, which no reset sees. */
class Remembers extends GlobalTree {
  private asked = 0;

  protected override lazyMaxPages(): number {
    this.asked++;
    return this.asked > 40 ? 0 : 8;
  }
}

describe("repeated runs", () => {
  const instance = instanceOf("global-tree", { space: 8 }, "a=alloc(1); free(a)", "b=alloc(2); free(b)");
  const hunt = (runs: number, design?: typeof Remembers) =>
    huntInstance(instance, { ...PLAN, runs }, { design, watched: new Set() }, newStats());

  it("are made after each sixteenth batch of 64, from the first one on", () => {
    const repeat = vi.spyOn(Runner.prototype, "repeatAndCompare");
    hunt(65);
    expect(repeat).toHaveBeenCalledTimes(0);
    hunt(66);
    expect(repeat).toHaveBeenCalledTimes(1);
    hunt(66 + 16 * 64);
    expect(repeat).toHaveBeenCalledTimes(3);
  });

  it("find a design that keeps something outside the heap", () => {
    expect(() => hunt(66, Remembers)).toThrow(NondeterminismError);
  });
});

describe("a hunt that is told to stop", () => {
  it.each([
    [1, 1],
    [2, 65],
    [3, 129],
  ])("at the look %i has made %i runs", (look, runs) => {
    let looks = 0;
    const stats = newStats();
    expect(
      huntInstance(INSTANCE, { ...PLAN, runs: 1000 }, OPTIONS, stats, () => ++looks === look),
    ).toBeUndefined();
    expect([looks, stats.runs]).toEqual([look, runs]);
  });

  it("stops in the strict runs as well", () => {
    const stats = newStats();
    huntInstance(INSTANCE, { ...PLAN, runs: 1000, strictRuns: 900 }, OPTIONS, stats, () => true);
    expect(stats.runs).toBe(2);
  });
});
