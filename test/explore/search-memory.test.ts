// SPDX-License-Identifier: GPL-2.0-only
//
// What a search remembers: fingerprints, rows that wait, and how each state was reached.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DiscoveryLog } from "../../explore/search/discovery-log.ts";
import { Frontier } from "../../explore/search/frontier.ts";
import { StateTable } from "../../explore/search/state-table.ts";

describe("the table of fingerprints", () => {
  const half = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer());

  test("is a set", () => {
    const prints = fc.array(fc.tuple(half, half), { maxLength: 300 });
    fc.assert(fc.property(prints, fc.integer({ min: 1, max: 40 }), isSet));
  });

  function isSet(prints: readonly (readonly [number, number])[], expected: number): void {
    const table = new StateTable(expected);
    const set = new Set<string>();
    for (const [low, high] of [...prints, ...prints]) {
      // The one fingerprint that stands for an empty slot is taken for its neighbour.
      const key = low === 0 && high === 0 ? "1,0" : `${low},${high}`;
      expect(table.add(low, high)).toBe(!set.has(key));
      set.add(key);
      expect(table.count).toBe(set.size);
    }
  }

  test("a state takes at most 13.4 bytes beside the fixed part, whatever their number", () => {
    const table = new StateTable();
    let worst = 0;
    for (let i = 0; i < 200_000; i++) {
      table.add(Math.imul(i, 0x9e3779b1), Math.imul(i + 1, 0x85ebca6b));
      worst = Math.max(worst, i < 4096 ? 0 : (table.bytes - 2 ** 17) / table.count);
    }
    expect(table.count).toBe(200_000);
    expect(worst).toBeLessThan(13.4);
  });

  test("the fingerprints need not be spread", () => {
    const table = new StateTable(1);
    for (let i = 0; i < 2000; i++) expect(table.add(i, 0)).toBe(i !== 1);
    for (let i = 0; i < 2000; i++) expect(table.add(i, 0)).toBe(false);
  });
});

describe("the frontier", () => {
  const word = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(160, 161, 7935, 7936, -1, 2 ** 31 - 1, -(2 ** 31)),
    fc.integer(),
  );

  test("gives rows back in order", () => {
    const plan = fc.integer({ min: 1, max: 200 }).chain((words) => {
      const row = fc.array(word, { minLength: words, maxLength: words });
      return fc.array(fc.option(row), { maxLength: 60 }).map((turns) => ({ words, turns }));
    });
    fc.assert(fc.property(plan, ({ words, turns }) => givesBack(words, turns)));
  });

  function givesBack(words: number, turns: readonly (readonly number[] | null)[]): void {
    const frontier = new Frontier(words);
    const waiting: (readonly number[])[] = [];
    const read = new Int32Array(words).fill(7);
    const take = (): void => {
      const expected = waiting.shift();
      const found = frontier.shift(read) ? [...read] : undefined;
      expect(found).toEqual(expected);
    };
    for (const row of turns) {
      if (row) {
        frontier.push(Int32Array.from(row));
        waiting.push(row);
      } else take();
      expect(frontier.count).toBe(waiting.length);
    }
    while (waiting.length > 0) take();
    take();
  }

  test("through many chunks, which are used again", () => {
    const words = 1000;
    const frontier = new Frontier(words);
    const row = new Int32Array(words);
    let pushed = 0;
    let shifted = 0;
    // Each is far from the one before, so that nothing is saved.
    const word = (i: number): number => Math.imul(i + 1, 0x9e3779b1);
    const push = (n: number): void => {
      for (let i = 0; i < n; i++) frontier.push(row.fill(word(pushed++)));
    };
    const shift = (n: number): void => {
      for (let i = 0; i < n; i++) {
        expect(frontier.shift(row)).toBe(true);
        expect([row[0], row[words - 1]]).toEqual([word(shifted), word(shifted)]);
        shifted++;
      }
    };
    push(1000);
    const { bytes } = frontier;
    expect(bytes).toBeGreaterThan(4 * 2 ** 20);
    for (let i = 0; i < 20; i++) {
      shift(700);
      push(700);
    }
    shift(1000);
    expect(frontier.shift(row)).toBe(false);
    expect(frontier.bytes).toBeLessThanOrEqual(bytes + 2 ** 20);
  });

  test("of rows that are alike, only the differences take space", () => {
    const frontier = new Frontier(1000);
    const row = Int32Array.from({ length: 1000 }, (_, i) => Math.imul(i, 0x9e3779b1));
    // Each of the first words is written once in 5 bytes; then a row takes 18.
    for (let i = 0; i < 50_000; i++) {
      row[i % 1000]! ^= 1;
      frontier.push(row);
    }
    expect(frontier.bytes).toBe(2 ** 20);
  });

  test("rows longer than a chunk", () => {
    const frontier = new Frontier(300_000);
    const row = new Int32Array(300_000).fill(-5);
    frontier.push(row);
    frontier.push(row.fill(9));
    frontier.shift(row);
    expect(row.every((each) => each === -5)).toBe(true);
    frontier.shift(row);
    expect(row.every((each) => each === 9)).toBe(true);
  });
});

describe("the discovery log", () => {
  // Per state, the numbers of the transitions that led to new states.
  const transitions = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 900 }), { maxLength: 4 }), {
    maxLength: 60,
  });

  test("knows the way to every state", () => {
    fc.assert(fc.property(transitions, fc.boolean(), knowsTheWay));
  });

  function knowsTheWay(plan: readonly (readonly number[])[], unfinished: boolean): void {
    const log = new DiscoveryLog();
    const ways: number[][] = [[]];
    plan.some((found, i) => {
      const way = ways[i];
      if (!way) return true;
      for (const transition of found.toSorted((a, b) => a - b)) {
        log.note(transition);
        ways.push([...way, transition]);
      }
      if (unfinished && i === plan.length - 1) return true;
      log.end();
      return false;
    });
    ways.forEach((way, state) => expect(log.pathTo(state)).toEqual(way));
    expect(() => log.pathTo(ways.length)).toThrow("is not in the log");
  }

  test("in two bytes per state, through many chunks", () => {
    const log = new DiscoveryLog();
    const states = 3_000_000;
    for (let i = 1; i < states; i++) {
      log.note(i % 7);
      log.end();
    }
    expect(log.bytes / states).toBeLessThan(2.2);
    expect(log.pathTo(20)).toEqual(Array.from({ length: 20 }, (_, i) => (i + 1) % 7));
    expect(log.pathTo(states - 1)).toHaveLength(states - 1);
  });
});
