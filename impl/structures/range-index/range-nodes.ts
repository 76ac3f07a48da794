// SPDX-License-Identifier: GPL-2.0-only
//
// The nodes of all trees of a range index: which are in use, what is written into one, and the way down to an index.
// A tree's root is a fixed node; all others come out of a SlotSet, the lowest first. Must not know what a store is.
// Source: lib/maple_tree.c (v6.6): mas_walk, mtree_range_walk, mas_leaf_max_gap, mas_max_gap.

import type { Heap } from "../../heap/heap.ts";
import { SlotSet } from "../../heap/slot-set.ts";
import { HEADER, INDEX_MAX, LEVELS_MAX, NODE_WORD, NODE_WORDS, SLOTS } from "./node-words.ts";

// Constants of this module: the compiler folds these into the code, and not the imported ones.
const STRIDE = NODE_WORDS;
const PIVOT = NODE_WORD.pivot;
const LEAF_SLOT = NODE_WORD.leafSlot;
const INNER_SLOT = NODE_WORD.innerSlot;
const GAP = NODE_WORD.gap;
const COUNT = HEADER.count;
const INNER = HEADER.inner;
const TREE_SHIFT = HEADER.treeShift;
const TOP = INDEX_MAX;
const LEVELS = LEVELS_MAX;

/** Why an access to a tree's nodes is not allowed now, or undefined if it is. */
export type TreeGuard = () => string | undefined;

/** A place in a tree, and the way to it: what ma_state is in the kernel. Valid until the tree changes. */
export class Position {
  /** The nodes from the root to the leaf, and the slot taken in each. */
  readonly nodes = new Int32Array(LEVELS_MAX);
  readonly slots = new Int32Array(LEVELS_MAX);
  /** Level of the leaf; that of the root is 0. */
  depth = 0;
  leaf = 0;
  slot = 0;
  /** Range of the leaf. */
  leafFirst = 0;
  leafLast = 0;
  /** Range of the slot, and what is in it. */
  first = 0;
  last = 0;
  entry = 0;
}

/** Items of one node, or of some that become others: the last index of each, its slot, and an inner one's gap. */
export class Items {
  readonly last = new Int32Array(64);
  readonly slot = new Int32Array(64);
  readonly gap = new Int32Array(64);
  count = 0;
  /** First index of the first item. */
  first = 0;
}

/** The nodes. */
export class RangeNodes {
  protected readonly words: Int32Array;
  /** Number of non-NULL entries of each tree: a ghost, unguarded. */
  protected readonly entryCount: Int32Array;
  protected readonly heap: Heap;
  protected readonly trees: number;
  protected readonly nodesMax: number;
  protected readonly slots: SlotSet;
  /** Nodes touched by the operation that runs. */
  protected touched = 0;
  private readonly name: string;
  private readonly names: string[] = [];
  private readonly guards: (TreeGuard | undefined)[] = [];

  /** `nodes`: most nodes in all trees together, roots included (nodesNeeded). `trees`: how many will be declared. */
  constructor(heap: Heap, shape: { readonly name: string; readonly trees: number; readonly nodes: number }) {
    const { name, trees, nodes } = shape;
    if (!(trees <= nodes)) throw new Error(`${name}: ${trees} trees need as many nodes, not ${nodes}`);
    this.heap = heap;
    this.name = name;
    this.trees = trees;
    this.nodesMax = nodes;
    this.words = heap.words(`${name}.nodes`, nodes * STRIDE, (index) => this.guardOf(index));
    this.entryCount = heap.words(`${name}.entries`, trees);
    this.slots = new SlotSet(heap, `${name}.nodes`, nodes - trees + 1);
  }

  /** Declares the next tree and returns its id. `guard` is asked in strict mode, on each access to its nodes. */
  declare(name: string, guard?: TreeGuard): number {
    const tree = this.names.length;
    if (tree === this.trees) throw new Error(`${this.name}: a tree more than the ${tree} of its shape`);
    this.names.push(name);
    this.guards.push(guard);
    return tree;
  }

  /** Puts all nodes but the roots into the set of free ones, and makes all trees empty. Once, at construction. */
  init(): void {
    this.slots.fill(this.nodesMax - this.trees + 1);
    this.unguarded(() => {
      for (let tree = 0; tree < this.trees; tree++) {
        this.words[tree * STRIDE] = ((tree + 1) << TREE_SHIFT) | 1;
      }
    });
  }

  /** Runs checkers, and what is done for a tree that is not there yet, without the guards. */
  protected unguarded<T>(work: () => T): T {
    return this.heap.racy(work);
  }

  /** A node in use has its tree in its header; a free one is for nobody to read or write. */
  private guardOf(index: number): string | undefined {
    const node = index - (index % STRIDE);
    const tree = (this.heap.racy(() => this.words[node]!) >> TREE_SHIFT) - 1;
    if (tree < 0) return `${this.name}: node ${node / STRIDE} is free`;
    const why = this.guards[tree]?.();
    return why === undefined ? undefined : `${this.names[tree] ?? this.name}: ${why}`;
  }

  /** Slot of the node in the set of free ones; below 1 for roots. */
  protected slotOf(node: number): number {
    return node / STRIDE - this.trees + 1;
  }

  /** A node for `tree`, zero but for a header without slots. Throws if there is none. */
  protected take(tree: number): number {
    const slot = this.slots.take();
    if (slot === 0) throw new Error(`${this.name}: more than ${this.nodesMax} nodes needed`);
    const node = (this.trees - 1 + slot) * STRIDE;
    const { strict } = this.heap;
    const guarded = strict !== undefined && !strict.racy;
    if (guarded) strict.racy = true;
    this.words[node] = (tree + 1) << TREE_SHIFT;
    if (guarded) strict.racy = false;
    this.touched++;
    return node;
  }

  /** Gives a node back. Its header goes last: with it the node leaves the guard of its tree. */
  protected release(node: number): void {
    const w = this.words;
    for (let i = STRIDE - 1; i >= 0; i--) w[node + i] = 0;
    this.slots.add(this.slotOf(node));
    this.touched++;
  }

  /** mtree_range_walk(): the way to `index`. Returns the entry there, 0 if it is NULL. O(log n). */
  protected descend(tree: number, index: number, to: Position): number {
    const w = this.words;
    const { nodes, slots } = to;
    let node = tree * STRIDE;
    let first = 0;
    let last = TOP;
    for (let depth = 0; depth < LEVELS; depth++) {
      const header = w[node]!;
      if ((header & INNER) === 0) {
        nodes[depth] = node;
        to.depth = depth;
        this.touched += depth + 1;
        to.leaf = node;
        to.leafFirst = first;
        to.leafLast = last;
        return this.seek(to, index);
      }
      const end = (header & COUNT) - 1;
      let i = 0;
      while (i < end && w[node + PIVOT + i]! < index) i++;
      if (i > 0) first = w[node + PIVOT + i - 1]! + 1;
      if (i < end) last = w[node + PIVOT + i]!;
      nodes[depth] = node;
      slots[depth] = i;
      node = w[node + INNER_SLOT + i]!;
    }
    throw this.tooDeep(tree);
  }

  /** The fault of a tree with more levels than a tree can have: it is a cycle. */
  protected tooDeep(tree: number): Error {
    return new Error(`${this.name}: more than ${LEVELS} levels in tree ${tree}`);
  }

  /** Moves a position within its leaf. */
  protected seek(to: Position, index: number): number {
    const w = this.words;
    const { leaf } = to;
    const end = (w[leaf]! & COUNT) - 1;
    let i = 0;
    while (i < end && w[leaf + PIVOT + i]! < index) i++;
    to.slot = i;
    to.first = i > 0 ? w[leaf + PIVOT + i - 1]! + 1 : to.leafFirst;
    to.last = i < end ? w[leaf + PIVOT + i]! : to.leafLast;
    const entry = w[leaf + LEAF_SLOT + i]!;
    to.entry = entry;
    return entry;
  }

  /** First index of the node at a level of a position. */
  protected firstOf(at: Position, level: number): number {
    for (let above = level - 1; above >= 0; above--) {
      const i = at.slots[above]!;
      if (i > 0) return this.words[at.nodes[above]! + PIVOT + i - 1]! + 1;
    }
    return 0;
  }

  /** Last index of the node at a level of a position. */
  protected lastOf(at: Position, level: number): number {
    const w = this.words;
    for (let above = level - 1; above >= 0; above--) {
      const node = at.nodes[above]!;
      const i = at.slots[above]!;
      if (i < (w[node]! & COUNT) - 1) return w[node + PIVOT + i]!;
    }
    return TOP;
  }

  /** mas_leaf_max_gap(): the longest NULL range of a leaf whose range is `[first, last]`. */
  protected leafGap(leaf: number, first: number, last: number): number {
    const w = this.words;
    const end = (w[leaf]! & COUNT) - 1;
    let gap = 0;
    let from = first;
    for (let i = 0; i <= end; i++) {
      const to = i < end ? w[leaf + PIVOT + i]! : last;
      if (w[leaf + LEAF_SLOT + i] === 0 && to - from >= gap) gap = to - from + 1;
      from = to + 1;
    }
    return gap;
  }

  /** mas_max_gap(): the longest gap of an inner node. */
  protected innerGap(node: number): number {
    const w = this.words;
    const end = w[node]! & COUNT;
    let gap = 0;
    for (let i = 0; i < end; i++) {
      const below = w[node + GAP + i]!;
      if (below > gap) gap = below;
    }
    return gap;
  }

  /** Appends slots `from .. to - 1` of a node that ends at `last`. */
  protected load(items: Items, node: number, from: number, to: number, last: number): void {
    const w = this.words;
    const header = w[node]!;
    const end = (header & COUNT) - 1;
    const inner = (header & INNER) !== 0;
    const slots = node + (inner ? INNER_SLOT : LEAF_SLOT);
    let n = items.count;
    for (let i = from; i < to; i++, n++) {
      items.last[n] = i < end ? w[node + PIVOT + i]! : last;
      items.slot[n] = w[slots + i]!;
      items.gap[n] = inner ? w[node + GAP + i]! : 0;
    }
    items.count = n;
    this.touched++;
  }

  /** Makes a node hold `count` items from the `from`-th on, and nothing else. Returns its longest gap. */
  protected fill(
    node: number,
    tree: number,
    inner: boolean,
    items: Items,
    from: number,
    count: number,
  ): number {
    const w = this.words;
    w[node] = ((tree + 1) << TREE_SHIFT) | (inner ? INNER : 0) | count;
    for (let i = PIVOT; i < STRIDE; i++) w[node + i] = 0;
    const slots = node + (inner ? INNER_SLOT : LEAF_SLOT);
    let gap = 0;
    for (let i = 0; i < count; i++) {
      const at = from + i;
      const last = items.last[at]!;
      const slot = items.slot[at]!;
      if (i < count - 1) w[node + PIVOT + i] = last;
      w[slots + i] = slot;
      if (inner) {
        const below = items.gap[at]!;
        w[node + GAP + i] = below;
        if (below > gap) gap = below;
      } else if (slot === 0) {
        const length = last - (at === 0 ? items.first - 1 : items.last[at - 1]!);
        if (length > gap) gap = length;
      }
    }
    this.touched++;
    return gap;
  }

  /** Slots of a node of a kind. */
  protected capacity(inner: boolean): number {
    return inner ? SLOTS.inner : SLOTS.leaf;
  }
}
