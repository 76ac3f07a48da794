// SPDX-License-Identifier: GPL-2.0-only
//
// The generator: streams are pinned (changing them breaks every recorded seed), ranges are even, seeds that look
// alike give streams that have nothing to do with each other.

import { describe, expect, test } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { chiSquare, chiSquareLimit } from "./statistics.ts";

function stream(seed: string, count: number, n: number): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.below(n));
}

describe("streams", () => {
  test("are pinned: a change here breaks recorded seeds", () => {
    expect(stream("1", 8, 2 ** 31)).toMatchInlineSnapshot(`
      [
        1159146562,
        1219376508,
        1828053826,
        2130488670,
        49671167,
        1003043592,
        2028282048,
        1676211423,
      ]
    `);
    expect(stream("vmapcheck/2", 8, 2 ** 31)).toMatchInlineSnapshot(`
      [
        820639280,
        558112226,
        1894084926,
        164787263,
        1995787075,
        2002776946,
        745013286,
        906095128,
      ]
    `);
  });

  test("equal texts give equal streams", () => {
    expect(stream("a/7", 1000, 10)).toEqual(stream("a/7", 1000, 10));
  });

  test("no two of ten thousand numbered seeds begin alike", () => {
    const begins = new Set<string>();
    for (let i = 0; i < 10_000; i++) begins.add(stream(`a/${i}`, 2, 2 ** 31).join());
    expect(begins.size).toBe(10_000);
  });

  test("the empty text is a seed like any other", () => {
    expect(new Set(stream("", 100, 2 ** 31)).size).toBeGreaterThan(95);
  });
});

describe("below(n)", () => {
  test.each([1, 2, 3, 7, 1000, 2 ** 31])("stays in range for n = %i", (n) => {
    for (const value of stream(`range/${n}`, 2000, n)) {
      expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true);
    }
  });

  test.each([3, 7, 1000])("is even for n = %i", (n) => {
    const counts = Array.from({ length: n }, () => 0);
    for (const value of stream(`even/${n}`, 200_000, n)) counts[value]!++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(n));
  });

  test("is even where a plain modulo is not: n = 3 * 2^29, in thirds", () => {
    // 2^32 / n = 2.67: modulo gives the lower two thirds three words each and the upper third two.
    const counts = [0, 0, 0];
    for (const value of stream("modulo", 30_000, 3 * 2 ** 29)) counts[Math.floor(value / 2 ** 29)]!++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(3));
  });

  test.each([0, -1, Number.NaN, 2 ** 31 + 1])("refuses n = %d", (n) => {
    expect(() => createRng("none").below(n)).toThrow(/no such range/);
  });
});

describe("neighbouring seeds", () => {
  test.each([
    ["a/1", "a/2"],
    ["a/9", "a/10"],
    ["1", "11"],
    ["seed", "seeD"],
  ])("%s and %s are uncorrelated", (left, right) => {
    const counts = Array.from({ length: 16 }, () => 0);
    const other = stream(right, 20_000, 4);
    stream(left, 20_000, 4).forEach((value, i) => {
      counts[value * 4 + other[i]!]!++;
    });
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(16));
  });

  test("the first numbers of numbered seeds are even, and so are pairs of them", () => {
    const firsts = Array.from({ length: 40_000 }, (_, i) => stream(`a/${i}`, 1, 8)[0]!);
    const counts = Array.from({ length: 8 }, () => 0);
    const pairs = Array.from({ length: 64 }, () => 0);
    firsts.forEach((value, i) => {
      counts[value]!++;
      if (i % 2 === 1) pairs[firsts[i - 1]! * 8 + value]!++;
    });
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(8));
    expect(chiSquare(pairs)).toBeLessThan(chiSquareLimit(64));
  });
});
