// SPDX-License-Identifier: GPL-2.0-only
// What an operation of the range index costs, in nodes touched and never in time: no more than a constant times the
// logarithm of the number of entries, and for a store over many leaves the nodes that it drops on top.
import { describe, expect, it } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import {
  OPERATION_KINDS,
  type OperationKind,
} from "../../../impl/structures/range-index/operation-counts.ts";
import type { RangeIndex } from "../../../impl/structures/range-index.ts";
import { buildIndex } from "./range-index-driver.ts";

const SIZES = [100, 1000, 10_000, 100_000];

/** Entries of one to three indexes, as far apart, in a random order, so that nodes are neither full nor half empty. */
function filled(entries: number): RangeIndex {
  const { index } = buildIndex({ trees: 1, entriesMax: entries + 4 });
  const rng = createRng(`cost ${entries}`);
  for (let i = entries; i > 0;) {
    const first = 6 * rng.below(2 * entries);
    if (index.walk(0, first) !== 0) continue;
    index.store(0, first, first + rng.below(3), 1);
    i--;
  }
  return index;
}

/** Most nodes that one operation of each kind touches, of `count` of each. */
function worst(index: RangeIndex, entries: number, count: number): Record<OperationKind, number> {
  const rng = createRng("worst");
  const top = 12 * entries;
  const most = { walk: 0, find: 0, findRev: 0, emptyArea: 0, store: 0, erase: 0 };
  const note = (kind: OperationKind): void => {
    most[kind] = Math.max(most[kind], index.counts.nodes(0, kind));
    index.resetCounts();
  };
  index.resetCounts();
  for (let i = 0; i < count; i++) {
    const at = rng.below(top);
    index.walk(0, at);
    note("walk");
    index.find(0, at, top);
    note("find");
    index.findRev(0, at, 0);
    note("findRev");
    const size = 1 + rng.below(40);
    if (rng.below(2) === 0) index.emptyArea(0, at, Math.min(top, at + rng.below(1000)), size);
    else index.emptyAreaRev(0, rng.below(at + 1), at, size);
    note("emptyArea");
    // As many entries come as go: they are erased where they are found.
    const entry = index.find(0, at, 2 ** 31 - 2) !== 0;
    const { index: first, last } = index;
    index.resetCounts();
    if (!entry) continue;
    index.store(0, first, last, 0);
    note("erase");
    index.emptyArea(0, at, 2 ** 31 - 2, 3);
    index.resetCounts();
    index.store(0, index.index, index.index + rng.below(3), 2);
    note("store");
  }
  return most;
}

describe("nodes touched", () => {
  it.each(SIZES)("by an operation among %i entries are a constant times the levels", (entries) => {
    const index = filled(entries);
    const most = worst(index, entries, 20_000);
    expect(index.problem(0)).toBeUndefined();
    // Levels of a tree of nodes that are half full: what the logarithm is to the base 5.
    const levels = 1 + Math.ceil(Math.log(Math.max(1, (2 * entries + 1) / 16)) / Math.log(5));
    expect(most.walk).toBeLessThanOrEqual(levels);
    // One way down, and one to the range beside it.
    expect(most.find).toBeLessThanOrEqual(2 * levels);
    expect(most.findRev).toBeLessThanOrEqual(2 * levels);
    // One way down to an end of the window, and one from beside it.
    expect(most.emptyArea).toBeLessThanOrEqual(2 * levels);
    // Up to four ways down, and on each level two nodes or three that are read, written, taken and released.
    expect(most.store).toBeLessThanOrEqual(10 * levels);
    expect(most.erase).toBeLessThanOrEqual(10 * levels);
  });

  it("grow by levels: a thousand times the entries are at most three times the nodes", () => {
    const [few, many] = [100, 100_000].map((entries) => {
      const index = filled(entries);
      worst(index, entries, 1);
      index.resetCounts();
      const rng = createRng("mean");
      for (let i = 0; i < 5000; i++) {
        const at = rng.below(12 * entries);
        index.walk(0, at);
        index.emptyArea(0, at, 2 ** 31 - 2, 1 + rng.below(5));
        index.store(0, index.index, index.index, 3);
        index.store(0, index.index, index.index, 0);
        index.findRev(0, at, 0);
        index.find(0, at, 2 ** 31 - 2);
      }
      return OPERATION_KINDS.map((kind) => index.counts.nodes(0, kind) / index.counts.operations(0, kind));
    }) as [number[], number[]];
    expect(few.every((nodes) => nodes >= 2 && nodes < 5)).toBe(true);
    for (const [i, nodes] of many.entries()) expect(nodes / few[i]!).toBeLessThan(3);
  });

  it("by a store over many leaves are those that it drops and a constant times the levels", () => {
    const entries = 10_000;
    const index = filled(entries);
    index.resetCounts();
    index.store(0, 6000, 60_000, 9);
    const dropped = index.counts.nodes(0, "store");
    // 6000 entries or so are gone, in leaves of 8 to 16 ranges, under nodes of 5 to 10.
    expect(dropped).toBeGreaterThan(300);
    expect(dropped).toBeLessThan(12_000 / 8 + 12_000 / 8 / 4 + 100);
    expect(index.problem(0)).toBeUndefined();
    index.resetCounts();
    index.store(0, 6001, 59_999, 9);
    index.store(0, 6002, 59_998, 0);
    expect(index.counts.nodes(0, "store") + index.counts.nodes(0, "erase")).toBeLessThan(40);
    expect(index.problem(0)).toBeUndefined();
  });
});

describe("counters", () => {
  it("count operations by kind and tree", () => {
    const { index } = buildIndex({ trees: 2, entriesMax: 10 });
    index.store(0, 1, 2, 3);
    index.storePrealloc(1, 1, 2, 3);
    index.store(1, 1, 2, 0);
    index.walk(1, 0);
    index.find(1, 0, 9);
    index.find(0, 0, 9);
    index.next(0, 9);
    index.findRev(0, 9, 0);
    index.prev(0, 0);
    index.emptyArea(0, 0, 9, 1);
    index.emptyAreaRev(0, 0, 9, 1);
    index.destroy(0);
    const operations = (tree: number): number[] =>
      OPERATION_KINDS.map((kind) => index.counts.operations(tree, kind));
    expect(OPERATION_KINDS).toEqual(["walk", "find", "findRev", "emptyArea", "store", "erase"]);
    expect(operations(0)).toEqual([0, 2, 2, 2, 1, 1]);
    expect(operations(1)).toEqual([1, 1, 0, 0, 1, 1]);
    index.resetCounts();
    expect([...operations(0), ...operations(1)]).toEqual(Array.from({ length: 12 }, () => 0));
  });

  it("are no state, nor are index and last", () => {
    const { heap, index } = buildIndex({ trees: 1, entriesMax: 10 });
    index.store(0, 5, 9, 1);
    const before = heap.snapshot();
    index.walk(0, 6);
    index.emptyArea(0, 0, 99, 2);
    expect(heap.equals(before)).toBe(true);
  });
});
