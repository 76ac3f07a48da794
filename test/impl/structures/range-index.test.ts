// SPDX-License-Identifier: GPL-2.0-only
// The range index against a plain interval list: a million random operations without a difference, and the proof that
// a mistake would make one.
import { describe, expect, it } from "vitest";
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

describe("a mutant of the range index differs", () => {
  it.each(RANGE_INDEX_MUTANTS)("%s", (_what, Index) => {
    const differences = NAMES.map((name) => firstDifference(name, "batch 0", OPERATIONS, Index));
    expect(differences.find((difference) => difference !== undefined)).toBeDefined();
  });
});
