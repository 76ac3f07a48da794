// SPDX-License-Identifier: GPL-2.0-only
//
// A whole comparison: the same bytes every time, in whatever order its machines are listed.

import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { compareDesigns } from "../../../properties/differential/differential.ts";
import type { DesignPair } from "../../../properties/differential/pair.ts";
import type { DifferencePlan } from "../../../spec/differences.ts";
import { against } from "./pairs.ts";

const PLAN: DifferencePlan = {
  moves: ["A=alloc(1)", "A=alloc(3)", "free(A)", "find(A+last)", "purge"],
  machines: [
    { space: 8, cpus: 2, lazyMax: 0 },
    { space: 8, cpus: 1, nodes: 1, block: 4, lazyMax: 3 },
    { space: 12, cpus: 1, nodes: 1, lazyMax: 1 },
  ],
  operationsMax: 3,
  operationsInGate: 2,
  faults: ["kasan", "alloc"],
  random: { cases: 24, operationsMax: 8 },
  races: {
    moves: ["A=alloc(1)", "free(A)"],
    machines: [
      { space: 8, lazyMax: 0 },
      { space: 4, block: 4, lazyMax: 0 },
    ],
    operationsMax: 3,
  },
  expected: [],
};

const BLOCKS: DesignPair = [{ allocator: "node-index" }, { allocator: "node-blocks" }];

const compared = (designs: DesignPair, plan: DifferencePlan, small = false): string =>
  JSON.stringify(compareDesigns(designs, plan, { seed: "x", small }));

describe("a comparison", () => {
  it("gives the same bytes again, in whatever order its machines are", () => {
    const once = compared(BLOCKS, PLAN);
    expect(compared(BLOCKS, PLAN)).toBe(once);
    const { machines, races } = PLAN;
    const turned = { ...PLAN, machines: machines.toReversed() };
    const other = { ...turned, races: { ...races, machines: races.machines.toReversed() } };
    expect(compared(BLOCKS, other)).toBe(once);
  });

  it("finds in less what it finds, and no other program for it", () => {
    const all = compareDesigns(BLOCKS, PLAN, { seed: "x" });
    const small = compareDesigns(BLOCKS, PLAN, { seed: "x", small: true });
    expect(small.programs).toBeLessThan(all.programs);
    expect(small.differences.length).toBeGreaterThan(2);
    for (const each of small.differences) {
      expect(all.differences.find(({ kind }) => kind === each.kind)?.case).toEqual(each.case);
    }
  });

  it("of a design with itself finds nothing", () => {
    const { differences, programs, races } = compareDesigns(against(GlobalTree), PLAN, { seed: "x" });
    expect([differences, races.differences]).toEqual([[], []]);
    expect(programs).toBeGreaterThan(500);
    const blocks: DesignPair = [{ allocator: "node-blocks" }, { allocator: "node-blocks" }];
    expect(compareDesigns(blocks, PLAN, { seed: "x", small: true }).differences).toEqual([]);
  });

  it("says so if it is cut short", () => {
    expect(compareDesigns(BLOCKS, PLAN, { seed: "x", heed: (done) => done > 0.3 }).done).toBe(false);
    expect(compareDesigns(BLOCKS, PLAN, { seed: "x", heed: () => true })).toMatchObject({
      programs: 0,
      randomPrograms: 0,
      done: false,
    });
  });
});
