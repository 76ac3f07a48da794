// SPDX-License-Identifier: GPL-2.0-only
//
// What a search remembers: fingerprints, rows that wait, and how each state was reached.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkStore, type SpillFile } from "../../explore/search/chunk-store.ts";
import { DiscoveryLog, pathTo } from "../../explore/search/discovery-log.ts";
import { Frontier } from "../../explore/search/frontier.ts";
import { SharedTable } from "../../explore/search/shared-table.ts";
import { StateTable } from "../../explore/search/state-table.ts";

describe("the table of fingerprints", () => {
  const half = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer());

  test("is a set", () => {
    const prints = fc.array(fc.tuple(half, half), { maxLength: 300 });
    fc.assert(fc.property(prints, fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.boolean(), isSet));
  });

  function isSet(
    prints: readonly (readonly [number, number])[],
    expected: number,
    numbered: boolean,
    shared: boolean,
  ): void {
    const memory = StateTable.reserve(expected, numbered);
    const table = shared ? new SharedTable(memory) : new StateTable(memory);
    const numbers = new Map<string, number>();
    for (const [low, high] of [...prints, ...prints]) {
      // A word that stands for an empty slot is taken for its neighbour.
      const key = `${low || 1},${high || 1}`;
      expect(table.add(low, high)).toBe(!numbers.has(key));
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      expect(table.count).toBe(numbers.size);
      expect(table.last).toBe(numbered ? numbers.get(key) : -1);
      if (shared && table.count >= table.statesMax) table.grow();
    }
  }

  test("grows in place although many states belong into its last slot", () => {
    // What the hash of a fingerprint is multiplied with, and its inverse.
    const factor = 0x9e3779b1;
    let inverse = factor;
    for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
    expect(Math.imul(factor, inverse)).toBe(1);
    for (const table of [new StateTable(), new StateTable(StateTable.reserve(undefined, true))]) {
      const crowded = 2000;
      for (let i = 1; i <= crowded; i++) table.add(Math.imul(-i, inverse) ^ Math.imul(7, 0x85ebca6b), 7);
      for (let i = 1; i <= 60_000; i++) table.add(Math.imul(i, 0x85ebca6b), Math.imul(i, factor));
      expect(table.count).toBe(crowded + 60_000);
      for (let i = 1; i <= crowded; i++) {
        expect(table.add(Math.imul(-i, inverse) ^ Math.imul(7, 0x85ebca6b), 7)).toBe(false);
        expect([-1, i - 1]).toContain(table.last);
      }
      for (let i = 1; i <= 60_000; i++)
        if (table.add(Math.imul(i, 0x85ebca6b), Math.imul(i, factor))) throw new Error(`${i} is lost`);
    }
  });

  test("threads that add to one table see each other's states", () => {
    const memory = StateTable.reserve(100, true);
    const tables = [new SharedTable(memory), new SharedTable(memory)] as const;
    tables.forEach((table, worker) => {
      table.next = worker;
      table.stride = 2;
    });
    expect(tables[0].add(3, 4)).toBe(true);
    expect(tables[1].add(3, 4)).toBe(false);
    expect(tables[1].last).toBe(0);
    expect(tables[1].add(3, 5)).toBe(true);
    expect(tables[0].add(3, 5)).toBe(false);
    expect(tables[0].last).toBe(1);
    tables[0].grow();
    tables[1].view();
    expect(tables[1].add(3, 4)).toBe(false);
    expect(tables[1].count + tables[0].count).toBe(2);
  });

  test("a full table that several threads share says so", () => {
    const table = new SharedTable(StateTable.reserve(1));
    expect(() => {
      for (let i = 1; i < 100; i++) table.add(i, i);
    }).toThrow("the table of states is full");
  });

  test("a table at the end of what is reserved says so", () => {
    const table = new StateTable(StateTable.reserve(100, false, 1000));
    expect(() => {
      for (let i = 1; i < 1000; i++) table.add(i, i);
    }).toThrow("the table of the search would take more than the 1000 bytes that are reserved for it");
  });

  test.each([
    [13.4, "", false, 2 ** 17],
    [15.9, " with its number", true, 0],
  ])("a state takes at most %d bytes%s, whatever how many there are", (most, _what, numbered, fixed) => {
    const table = new StateTable(StateTable.reserve(1 << 12, numbered));
    let worst = 0;
    for (let i = 0; i < 200_000; i++) {
      table.add(Math.imul(i, 0x9e3779b1), Math.imul(i + 1, 0x85ebca6b));
      worst = Math.max(worst, i < 4096 ? 0 : (table.bytes - fixed) / table.count);
    }
    expect(table.count).toBe(200_000);
    expect(worst).toBeLessThan(most);
  });

  test("the fingerprints need not be spread", () => {
    const table = new StateTable(StateTable.reserve(1));
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

  // Chunks that have no room in memory.
  function spillMap(): SpillFile {
    const slots = new Map<number, Uint8Array>();
    return {
      write: (slot, bytes) => slots.set(slot, bytes.slice()),
      read: (slot, bytes) => bytes.set(slots.get(slot)!.subarray(0, bytes.length)),
    };
  }

  test("gives the rows of each level back in order, in memory or in a file", () => {
    const plan = fc.integer({ min: 1, max: 200 }).chain((words) => {
      const row = fc.array(word, { minLength: words, maxLength: words });
      const levels = fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 5 });
      return levels.map((rows) => ({ words, rows }));
    });
    const bytesMax = fc.constantFrom(0, 1000, 5000, Number.POSITIVE_INFINITY);
    fc.assert(fc.property(plan, bytesMax, fc.integer({ min: 1, max: 9 }), givesBack), { numRuns: 300 });
  });

  function givesBack(
    { words, rows: levels }: { words: number; rows: readonly (readonly (readonly number[])[])[] },
    bytesMax: number,
    chunkRows: number,
  ): void {
    const store = new ChunkStore(ChunkStore.reserve(), spillMap(), bytesMax);
    const writer = new Frontier(store, words, 3, 10, chunkRows);
    const reader = new Frontier(store, words);
    const row = new Int32Array(words);
    let first = 10;
    for (const rows of levels) {
      for (const each of rows) writer.push(Int32Array.from(each));
      writer.close();
      expect(store.isEmpty).toBe(true);
      expect(store.turn()).toBe(rows.length > 0);
      let read = 0;
      while (reader.take()) {
        expect([reader.from.writer, reader.from.first]).toEqual([3, first + read]);
        expect(reader.left).toBeLessThanOrEqual(chunkRows);
        row.fill(0);
        for (; reader.left > 0; read++) {
          reader.shift(row);
          expect([...row]).toEqual(rows[read]);
        }
      }
      expect(read).toBe(rows.length);
      first += rows.length;
    }
    const chunks = levels.flatMap(chunksOf(chunkRows)).length;
    expect(store.spilled).toBe(
      bytesMax === 0 ? chunks : bytesMax === Number.POSITIVE_INFINITY ? 0 : store.spilled,
    );
  }

  function chunksOf(chunkRows: number) {
    return (rows: readonly unknown[]): readonly number[] =>
      Array.from({ length: Math.ceil(rows.length / chunkRows) }, () => 1);
  }

  test("uses memory again", () => {
    const store = new ChunkStore(ChunkStore.reserve());
    const frontier = new Frontier(store, 1000);
    const row = new Int32Array(1000);
    // Each is far from the one before, so that nothing is saved.
    const level = (from: number): void => {
      for (let i = 0; i < 1000; i++) frontier.push(row.fill(Math.imul(from + i + 1, 0x9e3779b1)));
      frontier.close();
      store.turn();
      while (frontier.take()) while (frontier.left > 0) frontier.shift(row);
    };
    level(0);
    const { bytes } = store;
    expect(bytes).toBeGreaterThan(4 * 2 ** 20);
    for (let i = 1; i < 20; i++) level(i * 1000);
    expect(store.bytes).toBe(bytes);
  });

  test("of rows that are alike, little but the differences takes space", () => {
    const store = new ChunkStore(ChunkStore.reserve());
    const frontier = new Frontier(store, 1000);
    const row = Int32Array.from({ length: 1000 }, (_, i) => Math.imul(i, 0x9e3779b1));
    // The first row of a chunk takes 5000 bytes, each other 18.
    for (let i = 0; i < 50_000; i++) {
      row[i % 1000]! ^= 1;
      frontier.push(row);
    }
    frontier.close();
    expect(store.bytes / 50_000).toBeLessThan(18 + 5000 / 256 + 15);
  });

  test("rows longer than a chunk", () => {
    const store = new ChunkStore(ChunkStore.reserve());
    const frontier = new Frontier(store, 300_000);
    frontier.push(new Int32Array(300_000).fill(-5));
    frontier.push(new Int32Array(300_000).fill(9));
    frontier.close();
    store.turn();
    for (const word of [-5, 9]) {
      const row = new Int32Array(300_000);
      frontier.take();
      frontier.shift(row);
      expect(row.every((each) => each === word)).toBe(true);
    }
  });
});

describe("the discovery log", () => {
  // Per state, the numbers of the transitions that led to new states.
  const transitions = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 900 }), { maxLength: 4 }), {
    maxLength: 60,
  });

  test("knows the way to every state", () => {
    fc.assert(
      fc.property(transitions, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), knowsTheWay),
    );
  });

  function knowsTheWay(plan: readonly (readonly number[])[], chunkRows: number, workers: number): void {
    const logs = Array.from({ length: workers }, (_, w) => new DiscoveryLog(undefined, w === 0 ? 1 : 0));
    // In order of discovery; chunks are handed round.
    const states = [{ worker: 0, index: 0, way: [] as number[] }];
    const discovered = logs.map((_, w) => (w === 0 ? 1 : 0));
    for (let at = 0, chunk = 0; at < states.length && at < plan.length; chunk++) {
      const worker = chunk % workers;
      const log = logs[worker]!;
      const { worker: writer, index: first } = states[at]!;
      log.begin(writer, first);
      // A chunk has states that one worker discovered one after the other.
      const end = Math.min(states.length, at + chunkRows);
      for (let row = 0; at < end && at < plan.length; row++, at++) {
        const state = states[at]!;
        if (state.worker !== writer || state.index !== first + row) break;
        for (const transition of plan[at]!.toSorted((a, b) => a - b)) {
          log.note(transition);
          states.push({ worker, index: discovered[worker]!++, way: [...state.way, transition] });
        }
        log.end();
      }
    }
    for (const { way, ...state } of states) expect(pathTo(logs, state)).toEqual(way);
    expect(() => pathTo(logs, { worker: 0, index: discovered[0]! })).toThrow("is not in the log");
  }

  test("in little more than two bytes per state", () => {
    const log = new DiscoveryLog();
    const states = 300_000;
    for (let i = 1; i < states; i++) {
      if (i % 256 === 1) log.begin(0, i - 1);
      log.note(i % 7);
      log.end();
    }
    // Memory grows by a quarter.
    expect(log.log.length / states).toBeLessThan(2.01);
    expect(log.bytes / states).toBeLessThan(2.2 * 1.25);
    expect(pathTo([log], { worker: 0, index: 20 })).toEqual(
      Array.from({ length: 20 }, (_, i) => (i + 1) % 7),
    );
    expect(pathTo([log], { worker: 0, index: states - 1 })).toHaveLength(states - 1);
  });
});
