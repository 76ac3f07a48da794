// SPDX-License-Identifier: GPL-2.0-only
// The range index as words of the heap: exhaustive short sequences, states that do not depend on history, snapshots, and
// how many nodes are needed.
import assert from "node:assert/strict";
import { describe, expect, it } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { INDEX_MAX, NODE_WORDS } from "../../../impl/structures/range-index/node-words.ts";
import { nodesNeeded, RangeIndex } from "../../../impl/structures/range-index.ts";
import { IntervalList } from "./interval-list.ts";
import { buildIndex, contents } from "./range-index-driver.ts";

/** All ranges within `from .. to`. */
function rangesIn(from: number, to: number): [first: number, last: number][] {
  const out: [number, number][] = [];
  for (let first = from; first <= to; first++)
    for (let last = first; last <= to; last++) out.push([first, last]);
  return out;
}

/** Whether the index has what the model has, and every search within the window comes to the same. */
function mustAgree(index: RangeIndex, model: IntervalList, from: number, to: number): void {
  assert.equal(index.problem(0), undefined);
  assert.deepEqual(contents(index, 0), model.list);
  for (let i = from; i <= to; i++) {
    const { first, last, entry } = model.at(i);
    assert.deepEqual([index.walk(0, i), index.index, index.last], [entry, first, last]);
    for (let j = from; j <= to; j++) {
      assert.equal(index.find(0, i, j), model.find(i, j)?.entry ?? 0);
      assert.equal(index.findRev(0, i, j), model.findRev(i, j)?.entry ?? 0);
      for (let size = 0; size <= to - from + 2; size++) {
        const low = model.emptyArea(i, j, size, false);
        const high = model.emptyArea(i, j, size, true);
        assert.equal(index.emptyArea(0, i, j, size), Math.min(low, 0));
        if (low >= 0) assert.deepEqual([index.index, index.last], [low, low + size - 1]);
        assert.equal(index.emptyAreaRev(0, i, j, size), Math.min(high, 0));
        if (high >= 0) assert.deepEqual([index.index, index.last], [high, high + size - 1]);
      }
    }
  }
}

describe("all sequences of stores over a tiny domain", () => {
  it.each([
    { where: "at its bottom", from: 0, length: 4 },
    { where: "in its middle", from: 1_000_000, length: 3 },
    { where: "at its top", from: INDEX_MAX - 2, length: 4 },
  ])("$length stores, three indexes $where", ({ from, length }) => {
    const { heap, index } = buildIndex({ trees: 1, entriesMax: 12 });
    const stores = rangesIn(from, from + 2).flatMap((range) =>
      [0, 1, 2].map((entry) => [...range, entry] as const),
    );
    const seen = new Map<string, Int32Array>();
    let sequences = 0;
    const follow = (before: Int32Array, model: IntervalList, left: number): void => {
      for (const [first, last, entry] of stores) {
        heap.restore(before);
        assert.equal(index.store(0, first, last, entry), true);
        const after = new IntervalList();
        after.list = model.list;
        after.store(first, last, entry);
        sequences++;
        // States with the same ranges have the same words, whatever led to them: one look at each is enough.
        const key = JSON.stringify(after.list);
        const known = seen.get(key);
        if (known === undefined) {
          mustAgree(index, after, Math.max(0, from - 1), Math.min(INDEX_MAX, from + 3));
          seen.set(key, heap.snapshot());
        } else assert.equal(heap.equals(known), true, key);
        if (left > 1) follow(heap.snapshot(), after, left - 1);
      }
    };
    follow(heap.snapshot(), new IntervalList(), length);
    expect(sequences).toBe(length === 4 ? 18 + 18 ** 2 + 18 ** 3 + 18 ** 4 : 18 + 18 ** 2 + 18 ** 3);
    // Two equal entries side by side are one or two: of two indexes there are 3 states that end in NULL and 4 each that
    // end in 1 or 2; of three there are 3 + 4 + 4, and 3 + 2 * 4 + 4 each.
    expect(seen.size).toBe(41);
  });
});

describe("every single store", () => {
  it.each([
    { leaves: "some", entries: 20, order: "ascending" },
    { leaves: "some", entries: 23, order: "descending" },
    { leaves: "many, under two levels", entries: 52, order: "ascending" },
  ])(
    "into a tree with $leaves, filled $order, comes to what it should with no node to spare",
    ({ entries, order }) => {
      const full = new IntervalList();
      const places = Array.from({ length: entries }, (_, i) => 2 * i + 1);
      for (const at of places) full.store(at, at, at);
      // For as many entries as there are, and for one more. In this order each split leaves a half-full node behind.
      const filled = [entries, entries + 1].map((entriesMax) => {
        const { heap, index } = buildIndex({ trees: 1, entriesMax });
        for (const at of order === "ascending" ? places : places.toReversed()) index.store(0, at, at, at);
        return { heap, index, before: heap.snapshot() };
      });
      for (const [first, last] of rangesIn(0, 2 * entries + 4)) {
        for (const entry of [0, 99]) {
          const model = new IntervalList();
          model.list = full.list;
          model.store(first, last, entry);
          const { heap, index, before } = filled[model.list.length > entries ? 1 : 0]!;
          heap.restore(before);
          index.store(0, first, last, entry);
          assert.equal(index.problem(0), undefined, `store(${first}, ${last}, ${entry})`);
          assert.deepEqual(contents(index, 0), model.list);
        }
      }
    },
  );
});

describe("a tree whose ranges fit into one leaf", () => {
  it("has the same words whenever it has the same ranges, in whatever order and after whatever size", () => {
    const rng = createRng("canonical");
    for (let round = 0; round < 300; round++) {
      const wanted = new IntervalList();
      for (let i = 0; i < 7; i++) wanted.store(rng.below(60), 60 + rng.below(60), 1 + rng.below(9));
      for (let i = 0; wanted.list.length > 7; i++) wanted.store(i, i, 0);
      const words = [0, 30, 60].map((detour) => {
        const { heap, index } = buildIndex({ trees: 1, entriesMax: 80 });
        // The detour: entries that are gone in the end.
        for (let i = 0; i < detour; i++) index.store(0, 200 + 3 * i, 201 + 3 * i, 5);
        const order = wanted.list.map((ranged) => ({ ranged, key: rng.below(1000) }));
        for (const { ranged } of order.sort((x, y) => x.key - y.key)) {
          index.store(0, ranged.first, ranged.last, ranged.entry);
        }
        for (let i = detour - 1; i >= 0; i--) index.store(0, 200 + 3 * i, 201 + 3 * i, 0);
        assert.equal(index.problem(0), undefined);
        assert.deepEqual(contents(index, 0), wanted.list);
        return heap.digest();
      });
      expect(new Set(words).size).toBe(1);
    }
  });

  it("takes no node but its root: 7 entries with gaps, or 16 without", () => {
    const { heap, index } = buildIndex({ trees: 1, entriesMax: 7 });
    expect(heap.size).toBe(NODE_WORDS + 2);
    for (let i = 0; i < 7; i++) index.store(0, 2 * i + 1, 2 * i + 1, 1);
    expect([index.entries(0), index.problem(0)]).toEqual([7, undefined]);
    const { index: other } = buildIndex({ trees: 1, entriesMax: 7 });
    for (let i = 0; i < 15; i++) other.store(0, i, i, 1);
    other.store(0, 15, INDEX_MAX, 1);
    expect([other.entries(0), other.problem(0)]).toEqual([16, undefined]);
  });
});

describe("the number of nodes", () => {
  /** Most nodes of one tree with so many ranges: every leaf and every inner node as empty as it may be. */
  function mostNodes(ranges: number): number {
    if (ranges <= 16) return 1;
    let nodes = 1;
    for (let level = Math.floor(ranges / 8); level > 1; level = level > 10 ? Math.floor(level / 5) : 1)
      nodes += level;
    return nodes;
  }

  it("is what the worst distribution over the trees needs, and no more", () => {
    // worst[e]: most nodes of the trees so far with e entries in all.
    let worst = Array.from({ length: 301 }, () => 0);
    for (let trees = 1; trees <= 5; trees++) {
      const before = worst;
      worst = before.map((_, entries) =>
        trees === 1
          ? mostNodes(2 * entries + 1)
          : Math.max(...before.slice(0, entries + 1).map((n, e) => n + mostNodes(2 * (entries - e) + 1))),
      );
      expect(worst.map((_, entries) => nodesNeeded(trees, entries))).toEqual(worst);
    }
  });

  it("is enough for entries in ascending, in descending and in no order, and all come back", () => {
    const { heap, index } = buildIndex({ trees: 2, entriesMax: 2000 });
    const empty = heap.snapshot();
    const rng = createRng("fill");
    const places = Array.from({ length: 2000 }, (_, i) => 2 * i + 1);
    const shuffled = places.map((at) => ({ at, key: rng.below(1e6) })).sort((x, y) => x.key - y.key);
    for (const order of [places, places.toReversed(), shuffled.map(({ at }) => at)]) {
      for (const at of order) index.store(at % 3 === 0 ? 1 : 0, at, at, at);
      expect([index.problem(0), index.problem(1)]).toEqual([undefined, undefined]);
      expect(index.entries(0) + index.entries(1)).toBe(2000);
      index.store(0, 0, INDEX_MAX, 0);
      index.destroy(1);
      expect([index.isEmpty(0), index.isEmpty(1), index.entries(0), index.entries(1)]).toEqual([
        true,
        true,
        0,
        0,
      ]);
      expect(heap.equals(empty)).toBe(true);
    }
  });

  it("is a limit: a node too few is a fault that says so", () => {
    const heap = new Heap(1000, false);
    const index = new RangeIndex(heap, { name: "small", trees: 1, nodes: 2 });
    index.declare("tree");
    index.init();
    heap.seal();
    const fill = (): void => {
      for (let i = 0; i < 8; i++) index.store(0, 2 * i + 1, 2 * i + 1, 1);
    };
    expect(fill).toThrow("small: more than 2 nodes needed");
  });
});

describe("snapshots", () => {
  it("hold the whole index: what is done after one is undone by it", () => {
    const { heap, index } = buildIndex({ trees: 2, entriesMax: 400 });
    const rng = createRng("snapshots");
    const change = (): void => {
      for (let i = 0; i < 40; i++) {
        const first = rng.below(600);
        index.store(rng.below(2), first, first + rng.below(4), rng.below(3));
      }
    };
    const saved: [Int32Array, unknown][] = [];
    for (let i = 0; i < 20; i++) {
      saved.push([heap.snapshot(), [contents(index, 0), contents(index, 1)]]);
      change();
    }
    for (const [snapshot, expected] of saved.toReversed()) {
      heap.restore(snapshot);
      expect([index.problem(0), index.problem(1)]).toEqual([undefined, undefined]);
      expect([contents(index, 0), contents(index, 1)]).toEqual(expected);
      change();
    }
  });
});
