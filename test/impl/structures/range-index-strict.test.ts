// SPDX-License-Identifier: GPL-2.0-only
// What a range index refuses: an access without the tree's lock, in strict mode, and arguments out of range.
import assert from "node:assert/strict";
import { describe, expect, it } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { Heap } from "../../../impl/heap/heap.ts";
import { StrictFault } from "../../../impl/heap/strict-fault.ts";
import { INDEX_MAX, NODE_WORDS } from "../../../impl/structures/range-index/node-words.ts";
import { nodesNeeded, RangeIndex } from "../../../impl/structures/range-index.ts";
import { buildIndex, contents } from "./range-index-driver.ts";

describe("strict mode", () => {
  class Open extends RangeIndex {
    wordOf(node: number): number {
      return this.words[node * NODE_WORDS]!;
    }
  }

  function guarded(): { heap: Heap; index: Open; held: boolean[] } {
    const held = [false, false];
    const nodes = nodesNeeded(2, 60);
    const heap = new Heap(nodes * 40 + 64, true);
    const index = new Open(heap, { name: "ranges", trees: 2, nodes });
    for (const tree of [0, 1])
      index.declare(`tree ${tree}`, () => (held[tree] ? undefined : `lock ${tree} is not held`));
    index.init();
    heap.seal();
    return { heap, index, held };
  }

  const USES: [string, (index: RangeIndex, tree: number) => unknown][] = [
    ["isEmpty", (index, tree) => index.isEmpty(tree)],
    ["walk", (index, tree) => index.walk(tree, 3)],
    ["find", (index, tree) => index.find(tree, 3, 9)],
    ["findRev", (index, tree) => index.findRev(tree, 3, 0)],
    ["emptyArea", (index, tree) => index.emptyArea(tree, 0, 9, 2)],
    ["emptyAreaRev", (index, tree) => index.emptyAreaRev(tree, 0, 9, 2)],
    ["store", (index, tree) => index.store(tree, 1, 2, 5)],
    ["storePrealloc", (index, tree) => index.storePrealloc(tree, 1, 2, 5)],
    ["destroy", (index, tree) => index.destroy(tree)],
  ];

  it.each(USES)("%s asks the guard of its tree, and of no other", (_, use) => {
    const { index, held } = guarded();
    held[1] = true;
    expect(() => use(index, 0)).toThrow(new StrictFault("ranges.nodes[0]: tree 0: lock 0 is not held"));
    expect(() => use(index, 1)).not.toThrow();
  });

  it("asks for nodes below the root as well, and leaves checkers alone", () => {
    const { heap, index, held } = guarded();
    held[0] = true;
    for (let i = 0; i < 40; i++) index.store(0, 3 * i, 3 * i + 1, 7);
    for (let i = 0; i < 40; i += 2) index.store(0, 3 * i, 3 * i + 1, 0);
    index.store(0, 10, 90, 1);
    held[0] = false;
    expect([index.problem(0), index.problem(1), index.entries(0)]).toEqual([
      undefined,
      undefined,
      contents(index, 0).length,
    ]);
    expect(() => index.walk(0, 50)).toThrow(StrictFault);
    expect(heap.racy(() => index.walk(0, 50))).toBe(1);
    held[0] = true;
    heap.strict!.betweenSteps = true;
    expect(() => index.walk(0, 50)).toThrow("heap access outside a step");
  });

  it("does the same as without it", () => {
    const { index, held } = guarded();
    held.fill(true);
    const { index: plain } = buildIndex({ trees: 2, entriesMax: 60 });
    const rng = createRng("strict");
    for (let i = 0; i < 600; i++) {
      const tree = rng.below(2);
      const first = rng.below(100);
      const entry = index.entries(0) + index.entries(1) > 55 ? 0 : rng.below(3);
      const last = first + (rng.below(20) === 0 ? rng.below(100) : rng.below(4));
      if (index.entries(0) + index.entries(1) >= 58) index.destroy(tree);
      if (plain.entries(0) + plain.entries(1) >= 58) plain.destroy(tree);
      index.store(tree, first, last, entry);
      plain.store(tree, first, last, entry);
      assert.deepEqual(contents(index, tree), contents(plain, tree));
      assert.equal(index.problem(tree), undefined);
    }
  });

  it("refuses to touch a free node", () => {
    const { heap, index, held } = guarded();
    held.fill(true);
    expect(() => index.wordOf(2)).toThrow("ranges.nodes[64]: ranges: node 2 is free");
    expect(heap.racy(() => index.wordOf(2))).toBe(0);
  });
});

describe("arguments out of range are faults of the caller", () => {
  const { index } = buildIndex({ trees: 1, entriesMax: 5 });
  it.each<[string, () => unknown, string]>([
    ["a store below 0", () => index.store(0, -1, 3, 1), "[-1,3] is no range"],
    ["a store that ends before it begins", () => index.store(0, 4, 3, 1), "[4,3] is no range"],
    ["a store above the domain", () => index.preallocate(0, 4, INDEX_MAX + 1), "is no range"],
    ["an entry below 0", () => index.store(0, 1, 2, -3), "-3 is no entry"],
    ["an entry of more than 32 bits", () => index.storePrealloc(0, 1, 2, 2 ** 31), "2147483648 is no entry"],
    ["a walk above the domain", () => index.walk(0, INDEX_MAX + 1), "2147483647 is not in"],
    ["a search below 0", () => index.emptyArea(0, -1, 5, 1), "-1 is not in"],
  ])("%s", (_, use, message) => {
    expect(use).toThrow(message);
  });

  it("an empty window is -EINVAL wherever it lies, as for a space that ends at 0", () => {
    expect([index.emptyArea(0, 0, -1, 1), index.emptyAreaRev(0, 9, 8, 1)]).toEqual([-22, -22]);
  });

  it("one tree more than was said, and fewer nodes than trees", () => {
    expect(() => index.declare("another")).toThrow("ranges: a tree more than the 1 of its shape");
    const heap = new Heap(1000, false);
    expect(() => new RangeIndex(heap, { name: "x", trees: 3, nodes: 2 })).toThrow(
      "x: 3 trees need as many nodes",
    );
  });
});
