// SPDX-License-Identifier: GPL-2.0-only
//
// An index over inclusive ranges of integers, 0 .. 2^31 - 2, with the rules of the kernel's maple tree as far as patches
// of vmalloc use them: a B-tree whose nodes lie in the heap, as wide as the kernel's, with the longest NULL range below
// each child. An entry is a positive 32-bit integer; 0 is NULL. Must never merge equal entries side by side.
// Source: include/linux/maple_tree.h, lib/maple_tree.c (v6.6 and later). It differs in:
// - nodes are changed in place, as there are no readers under RCU, and no maple_copy and no topmost dead node;
// - leaves are maple_leaf_64 and all other nodes maple_arange_64: no dense nodes, no maple_range_64 above leaves;
// - handles of nodes are plain, with no type in their low bits, and nodes have no link to their parent: an operation
//   remembers its way down instead;
// - the root is a node even of an empty tree or of one entry, always the same one: the tree grows by pushing the root's
//   content down. A tree whose ranges fit into one leaf is that leaf, so that its words follow from its ranges;
// - splits deal slots out evenly, and a node that is less than half full takes a sibling's. The kernel prefers to
//   leave the left node fuller, never ends one with NULL, and lets nodes become a little emptier.

import { HEADER, INDEX_MAX, NODE_WORD, NODE_WORDS } from "./range-index/node-words.ts";
import { RangeStore } from "./range-index/range-store.ts";
import { structureProblem } from "./range-index/structure-problem.ts";

export { nodesNeeded } from "./range-index/node-words.ts";

/** The index. Trees are named by id; ranges are inclusive at both ends. */
export class RangeIndex extends RangeStore {
  /** Number of non-NULL ranges. O(1). */
  entries(tree: number): number {
    return this.entryCount[tree]!;
  }

  /** For checkers: all non-NULL ranges in ascending order. Not counted and not guarded. O(n). */
  forEach(tree: number, visit: (first: number, last: number, entry: number) => void): void {
    this.forEachIn(tree, 0, INDEX_MAX, visit);
  }

  /** For checkers: the non-NULL ranges that reach into `[from, to]`. Not counted and not guarded. O(log n + their number). */
  forEachIn(
    tree: number,
    from: number,
    to: number,
    visit: (first: number, last: number, entry: number) => void,
  ): void {
    this.unguarded(() => this.visitBelow(tree * NODE_WORDS, 0, INDEX_MAX, from, to, visit));
  }

  /** For checkers: the first rule of the structure that is broken, or undefined. O(n) and the number of all nodes. */
  problem(tree: number): string | undefined {
    const { words, trees, nodesMax, slots } = this;
    const isFree = (node: number): boolean => slots.has(this.slotOf(node));
    return this.unguarded(() =>
      structureProblem({ words, trees, nodesMax, isFree, entries: this.entryCount[tree]! }, tree),
    );
  }

  private visitBelow(
    node: number,
    first: number,
    last: number,
    min: number,
    max: number,
    visit: (first: number, last: number, entry: number) => void,
  ): void {
    const w = this.words;
    const header = w[node]!;
    const inner = (header & HEADER.inner) !== 0;
    const end = (header & HEADER.count) - 1;
    const slots = node + (inner ? NODE_WORD.innerSlot : NODE_WORD.leafSlot);
    let from = first;
    for (let i = 0; i <= end && from <= max; i++) {
      const to = i < end ? w[node + NODE_WORD.pivot + i]! : last;
      const slot = w[slots + i]!;
      if (to >= min) {
        if (inner) this.visitBelow(slot, from, to, min, max, visit);
        else if (slot !== 0) visit(from, to, slot);
      }
      from = to + 1;
    }
  }
}
