// SPDX-License-Identifier: GPL-2.0-only
// Median and spread.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median } from "../../bench/statistics.ts";

describe("the median", () => {
  it.each([
    [[7], { median: 7, min: 7, max: 7 }],
    [[3, 1, 2], { median: 2, min: 1, max: 3 }],
    [[4, 1, 2, 10], { median: 3, min: 1, max: 10 }],
    [[10, 9, 8, 7, 6], { median: 8, min: 6, max: 10 }],
    [[2, 10, 1], { median: 2, min: 1, max: 10 }],
  ])("of %j", (values, sample) => {
    expect(median(values)).toEqual(sample);
  });

  it("has as many values below it as above it, in whatever order they come, and leaves them as they are", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 20 }), (values) => {
        const before = [...values];
        const { median: middle, min, max } = median(values);
        expect(values).toEqual(before);
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
        const below = values.filter((each) => each < middle).length;
        const above = values.filter((each) => each > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length >> 1);
        expect(median(values.toReversed())).toEqual({ median: middle, min, max });
      }),
      { seed: 1 },
    );
  });
});
