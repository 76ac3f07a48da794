// SPDX-License-Identifier: GPL-2.0-only
//
// Programs drawn at random, and what is left of them when they are shrunk: less, and still of the same kind.

import { describe, expect, it } from "vitest";
import { patternOf } from "../../../properties/differential/moves.ts";
import type { DesignPair } from "../../../properties/differential/pair.ts";
import { type Case, type Element, QUIET } from "../../../properties/differential/program.ts";
import { randomCases } from "../../../properties/differential/random-cases.ts";
import { renumbered, runCase, upTo } from "../../../properties/differential/run-case.ts";
import { shrinkCase, simplerCases } from "../../../properties/differential/shrink-case.ts";
import type { DifferenceKind } from "../../../spec/differences.ts";
import { line } from "./pairs.ts";

const BLOCKS: DesignPair = [{ allocator: "node-index" }, { allocator: "node-blocks" }];

const act = (text: string, task = 0, areas: readonly number[] = []): Element => ({
  task,
  pattern: patternOf(text, 0),
  areas,
  fault: false,
});

/** More than is needed of everything. */
const LARGE: Case = renumbered({
  machine: { space: 16, cpus: 3, nodes: 2, block: 8, lazyMax: 3 },
  setting: "late",
  fault: undefined,
  elements: [
    act("A=alloc(2)"),
    act("A=alloc(1)", 1),
    act("free(A)", 1, [1]),
    QUIET,
    act("A=alloc(2,align=2)", 2),
    act("find(A+last)", 2, [2]),
    act("A=alloc(5,window=1..14)"),
    act("A=alloc(12)", 1),
  ],
});

describe("shrinking", () => {
  it.each([
    ["another address", "a=alloc(1) [0 quiet]"],
    ["only the patch fails: -EBUSY, with room", "a=alloc(1) || b=alloc(1) [0 quiet 1 quiet]"],
  ] as const)("keeps the kind: %s", (kind, least) => {
    expect(runCase(BLOCKS, LARGE).executed.some(({ step }) => step.kinds.includes(kind))).toBe(true);
    const shrunk = shrinkCase(BLOCKS, kind, LARGE);
    expect(line(shrunk.case)).toBe(least);
    expect(shrunk.minimal).toBe(true);
    expect(runCase(BLOCKS, shrunk.case).executed.at(-1)!.step.kinds).toContain(kind);
  });

  it("ends where nothing simpler shows the kind", () => {
    const kind: DifferenceKind = "only the patch fails: -EBUSY, with room";
    const { case: least } = shrinkCase(BLOCKS, kind, LARGE);
    for (const simpler of simplerCases(least)) {
      const whole = renumbered(simpler);
      let shows: Case | undefined;
      try {
        shows = upTo(kind, whole, runCase(BLOCKS, whole));
      } catch {
        // No machine of either design.
      }
      expect(shows).toBeUndefined();
    }
  });

  it("drops what names an area together with its allocation", () => {
    const texts = [...simplerCases(LARGE)].map((each) => line(each));
    expect(texts).toContain(
      "a=alloc(2); c=alloc(5,window=1..14) || d=alloc(12) || b=alloc(2,align=2); find(b+1) [0 quiet 2 2 0 1]",
    );
  });
});

describe("programs drawn at random", () => {
  const plan = {
    moves: ["A=alloc(1)", "free(A)", "purge"],
    machines: [{ space: 8, lazyMax: 1 }],
    faults: ["kasan"],
    random: { cases: 36, operationsMax: 10 },
  } as const;

  it("are the same for the same seed", () => {
    const drawn = (seed: string): unknown => randomCases(BLOCKS, plan, seed, new Set());
    expect(drawn("x")).toEqual(drawn("x"));
  });

  it("show kinds that are not known yet, each shrunk", () => {
    const { differences, done, programs } = randomCases(BLOCKS, plan, "x", new Set(["another address"]));
    expect([done, programs]).toEqual([true, 36]);
    const kinds = differences.map(({ kind }) => kind);
    expect(kinds).not.toContain("another address");
    expect(kinds).toContain("only the patch fails: -EBUSY, with room");
    expect(differences.every(({ drawn }) => drawn)).toBe(true);
    for (const { kind, case: each } of differences) {
      expect(runCase(BLOCKS, each).executed.at(-1)!.step.kinds).toContain(kind);
    }
  });

  it("show nothing between a design and itself", () => {
    const same: DesignPair = [{ allocator: "node-blocks" }, { allocator: "node-blocks" }];
    expect(randomCases(same, plan, "x", new Set()).differences).toEqual([]);
  });
});
