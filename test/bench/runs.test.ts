// SPDX-License-Identifier: GPL-2.0-only
// The soak and the interleavings at a toy size: they run to their end under all checks, and their rows are sane.
// No times.
import { describe, expect, it } from "vitest";
import { benchInstance, measureInterleavings } from "../../bench/interleavings.ts";
import { measureSoak } from "../../bench/soak.ts";
import type { Sample } from "../../bench/statistics.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { huntInstance, newStats } from "../../properties/hunt.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";

const isSpread = ({ median, min, max }: Sample): boolean =>
  0 < min && min <= median && median <= max && max < Infinity;

describe("soak", () => {
  const rows = [true, false].map((checked) => measureSoak(60, 500, checked));

  it("has a row with what was asked for", () => {
    expect(rows.map(({ live, checked, operations }) => ({ live, checked, operations }))).toEqual([
      { live: 60, checked: true, operations: 500 },
      { live: 60, checked: false, operations: 500 },
    ]);
    expect(rows.every(({ operationsPerSecond }) => isSpread(operationsPerSecond))).toBe(true);
    for (const { microsecondsPerOperation, operationsPerSecond } of rows) {
      expect(microsecondsPerOperation * operationsPerSecond.median).toBeCloseTo(1e6, 0);
    }
  });

  it("does the same work with and without checks", () => {
    expect(rows[0]!.stepsPerOperation).toBe(rows[1]!.stepsPerOperation);
    expect(rows[0]!.stepsPerOperation).toMatchInlineSnapshot(`6.194`);
  });

  it("rounds the operations down to whole windows", () => {
    expect(measureSoak(20, 104, false).operations).toBe(100);
  });
});

describe("interleavings", () => {
  it("counts the engine against both ways to use the scheduler of fast-check", async () => {
    const { program, runs, repeats, runsPerSecond, ...samples } = await measureInterleavings(60, 4, 3);
    expect({ program, runs, repeats }).toEqual({
      program: "node-blocks, 3 tasks, 2 nodes, 11 operations, all invariants that hold",
      runs: 60,
      repeats: 3,
    });
    expect(Object.keys(samples)).toEqual(["ours", "polling", "waking", "ratioPolling", "ratioWaking"]);
    expect(Object.values(samples).every(isSpread)).toBe(true);
    expect(runsPerSecond).toBeGreaterThan(0);
  });

  it("runs a program of as many operations as it says, in which what it says occurs", () => {
    const instance = benchInstance();
    expect([instance.programs.length, instance.nodes, instance.programs.flat().length]).toEqual([3, 2, 11]);
    const stats = newStats();
    const options = { watched: expectedToHold("node-blocks"), situations: SITUATIONS };
    const plan = { runs: 500, strictRuns: 0, strategy: "random", seed: "bench" } as const;
    expect(huntInstance(instance, plan, options, stats)).toBeUndefined();
    const reached = ["FILL-LOSER-GLOBAL", "DRAIN-RAN", "PURGED", "HELPER-RAN"].filter(
      (id) => !stats.reached.has(id),
    );
    expect(reached).toEqual([]);
  });
});
