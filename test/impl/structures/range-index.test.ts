// SPDX-License-Identifier: GPL-2.0-only
// The range index against a plain interval list: a million random operations without a difference, and the proof that
// mistakes would make one, most of them by results alone.
import { describe, expect, it } from "vitest";
import type { Position } from "../../../impl/structures/range-index/range-nodes.ts";
import { RangeIndex } from "../../../impl/structures/range-index.ts";
import { firstDifference, MIXES } from "./range-index-driver.ts";
import { RANGE_INDEX_MUTANTS } from "./range-index-mutants.ts";

const NAMES = Object.keys(MIXES) as (keyof typeof MIXES)[];

/** Operations per mix; together a million. */
const BATCHES = 40;
const OPERATIONS = Math.ceil(1e6 / NAMES.length / BATCHES);

describe("the range index and an interval list", () => {
  it.each(NAMES)("do not differ: %s", (name) => {
    for (let batch = 0; batch < BATCHES; batch++) {
      expect(firstDifference(name, `batch ${batch}`, OPERATIONS)).toBeUndefined();
    }
  });
});

it("the operations come to trees of one to four levels, and to every change of shape", () => {
  const reached = new Set<string>();
  class Witness extends RangeIndex {
    protected override descend(tree: number, index: number, to: Position): number {
      const entry = super.descend(tree, index, to);
      reached.add(`${to.depth + 1} levels`);
      return entry;
    }
    protected override take(tree: number): number {
      reached.add("a node taken");
      return super.take(tree);
    }
    protected override dropBetween(tree: number): void {
      reached.add("a store over several leaves");
      super.dropBetween(tree);
    }
    protected override dropSubtree(node: number): number {
      reached.add("a node within a store");
      return super.dropSubtree(node);
    }
    protected override addSibling(level: number, inner: boolean): void {
      reached.add(inner ? "inner nodes merged" : "leaves merged");
      super.addSibling(level, inner);
    }
    protected override repair(tree: number, index: number): void {
      reached.add("a node without a sibling");
      super.repair(tree, index);
    }
  }
  for (const name of NAMES) {
    for (let batch = 0; batch < 4; batch++) {
      expect(firstDifference(name, `batch ${batch}`, OPERATIONS, Witness)).toBeUndefined();
    }
  }
  expect([...reached].sort()).toEqual([
    "1 levels",
    "2 levels",
    "3 levels",
    "4 levels",
    "a node taken",
    "a node within a store",
    "a node without a sibling",
    "a store over several leaves",
    "inner nodes merged",
    "leaves merged",
  ]);
});

/** Mutants whose results are right in these runs: only a look at the structure sees them. */
const SILENT = [
  "the gap of a leaf leaves out its last index",
  "nodes that are too empty are not merged",
  "entries below a wide store stay counted",
  "a released node keeps its words",
];

describe("a mutant of the range index differs", () => {
  it.each(RANGE_INDEX_MUTANTS)("%s", (what, Index) => {
    const differs = (resultsOnly: boolean): boolean =>
      NAMES.some((name) => firstDifference(name, "batch 0", OPERATIONS, Index, resultsOnly) !== undefined);
    expect(differs(false)).toBe(true);
    expect(differs(true)).toBe(!SILENT.includes(what));
  });
});
