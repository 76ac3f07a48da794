// SPDX-License-Identifier: GPL-2.0-only
//
// The enumeration against one that shares nothing: no common beginnings, no states that are taken for one.

import { describe, expect, it } from "vitest";
import { continuations, enumerate } from "../../../properties/differential/enumerate.ts";
import { patternOf } from "../../../properties/differential/moves.ts";
import { type DesignPair, Pair, type PairState } from "../../../properties/differential/pair.ts";
import {
  type Case,
  compareElements,
  type Element,
  type WorkSetting,
} from "../../../properties/differential/program.ts";
import { runCase } from "../../../properties/differential/run-case.ts";
import type { Machine } from "../../../spec/small-machine.ts";
import { against, FOUR_PAGES, line, mutantClass, PATTERNS } from "./pairs.ts";

/** The smallest case of each kind, from all programs one by one. */
function naive(
  designs: DesignPair,
  machine: Machine,
  patterns: typeof PATTERNS,
  operationsMax: number,
): Readonly<Record<string, string>> {
  const least = new Map<string, Case>();
  for (const setting of ["prompt", "late"] as const satisfies readonly WorkSetting[]) {
    const pair = new Pair(designs, machine, undefined, patterns);
    pair.setting = setting;
    const extend = (state: PairState, elements: readonly Element[]): void => {
      if (elements.length === operationsMax) return;
      for (const element of continuations(pair, state, undefined)) {
        pair.load(state);
        const whole = [...elements, element];
        const { kinds, next } = pair.step(state, element);
        for (const kind of kinds) {
          const known = least.get(kind);
          if (!known || compareElements(whole, known.elements) < 0) {
            least.set(kind, { machine, setting, fault: undefined, elements: whole });
          }
        }
        if (next) extend({ ...next, rows: pair.save() }, whole);
      }
    };
    extend(pair.begin(), []);
  }
  return Object.fromEntries([...least].map(([kind, each]) => [kind, line(each)]));
}

const SMALL = ["A=alloc(1)", "A=alloc(2,align=2)", "free(A)", "find(A+last)", "purge"].map(patternOf);

describe("the enumeration", () => {
  it.each([
    ["a mutant", against(mutantClass("MU-97")), { ...FOUR_PAGES, cpus: 2 }, PATTERNS],
    [
      "blocks",
      [{ allocator: "node-index" }, { allocator: "node-blocks" }],
      { space: 4, block: 4, lazyMax: 0 },
      SMALL,
    ],
    ["pools", [{ allocator: "node-index" }, { allocator: "size-pools" }], { space: 4, lazyMax: 0 }, SMALL],
  ] as const)("finds the smallest program of each kind: %s", (_, designs, machine, patterns) => {
    const { differences, programs } = enumerate(designs, { machine, patterns, operationsMax: 4 });
    const found = Object.fromEntries([...differences.values()].map((each) => [each.kind, line(each.case)]));
    expect(found).toEqual(naive(designs, machine, patterns, 4));
    expect(Object.keys(found)).not.toEqual([]);
    expect(programs).toBeGreaterThan(0);
  });

  it("names cases that show the same from their beginning", () => {
    const designs: DesignPair = [{ allocator: "node-index" }, { allocator: "node-blocks" }];
    const machine = { space: 8, lazyMax: 0 };
    const patterns = [...SMALL, patternOf("A=alloc(3)", SMALL.length)];
    for (const each of enumerate(designs, { machine, patterns, operationsMax: 3 }).differences.values()) {
      const { executed } = runCase(designs, each.case);
      expect(executed.at(-1)!.step.kinds).toContain(each.kind);
      expect(executed).toHaveLength(each.case.elements.length);
    }
  });

  it("stops where it is told to", () => {
    let asked = 0;
    const plan = { machine: FOUR_PAGES, patterns: PATTERNS, operationsMax: 4 };
    const { done } = enumerate(against(mutantClass("MU-97")), plan, () => ++asked > 3);
    expect(done).toBe(false);
  });
});
