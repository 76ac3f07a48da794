// SPDX-License-Identifier: GPL-2.0-only
//
// Stores into a range index: exactly the given range gets an entry, or NULL; what it covers of old entries is gone, and
// of those that it covers in part the rest stays. Adjacent NULL ranges become one, equal entries side by side do not.
// Source: lib/maple_tree.c (v6.6): mas_store_gfp, mas_preallocate, mas_store_prealloc, mas_wr_extend_null,
// mas_wr_node_store, __mt_destroy.
//
// ABSTRACTION: a store may fail for want of memory whether or not it needs a node; risk: one that the kernel does in
// place, and which therefore cannot fail there, fails here. What is shown by it must be read with that in mind.

import { HEADER, INDEX_MAX, NODE_WORD, NODE_WORDS, SLOTS, SLOTS_MIN } from "./node-words.ts";
import { OPERATION } from "./operation-counts.ts";
import { RangeSplice } from "./range-splice.ts";

// Constants of this module: the compiler folds these into the code, and not the imported ones.
const STRIDE = NODE_WORDS;
const PIVOT = NODE_WORD.pivot;
const LEAF_SLOT = NODE_WORD.leafSlot;
const INNER_SLOT = NODE_WORD.innerSlot;
const COUNT = HEADER.count;
const INNER = HEADER.inner;
const TREE_SHIFT = HEADER.treeShift;
const LEAF_SLOTS = SLOTS.leaf;
const LEAF_MIN = SLOTS_MIN.leaf;
const TOP = INDEX_MAX;
const STORE = OPERATION.store;
const ERASE = OPERATION.erase;

const never = (): boolean => false;

/** Stores. The caller holds the tree's lock. */
export class RangeStore extends RangeSplice {
  /** Asked once per store that may fail: whether there is no memory for it. */
  fails: () => boolean = never;

  /** mas_store_gfp(): false if there was no memory, and then nothing has changed. `entry` 0 erases. O(log n). */
  store(tree: number, first: number, last: number, entry: number): boolean {
    mustBeStore(first, last, entry);
    if (this.fails()) return false;
    this.write(tree, first, last, entry);
    return true;
  }

  /** mas_preallocate(): false if there was no memory. */
  preallocate(_tree: number, first: number, last: number): boolean {
    mustBeStore(first, last, 0);
    return !this.fails();
  }

  /** mas_store_prealloc(): cannot fail. O(log n). */
  storePrealloc(tree: number, first: number, last: number, entry: number): void {
    mustBeStore(first, last, entry);
    this.write(tree, first, last, entry);
  }

  /** __mt_destroy(): empties the tree. O(n). */
  destroy(tree: number): void {
    const w = this.words;
    const root = tree * STRIDE;
    this.touched = 1;
    if ((w[root]! & INNER) !== 0) {
      const count = w[root]! & COUNT;
      for (let i = 0; i < count; i++) this.dropSubtree(w[root + INNER_SLOT + i]!);
    }
    for (let i = STRIDE - 1; i > 0; i--) w[root + i] = 0;
    w[root] = ((tree + 1) << TREE_SHIFT) | 1;
    this.entryCount[tree] = 0;
    this.counts.add(tree, ERASE, this.touched);
  }

  private write(tree: number, storeFirst: number, storeLast: number, entry: number): void {
    const { left, right } = this;
    this.touched = 0;
    let first = storeFirst;
    let last = storeLast;
    this.descend(tree, first, left);
    this.reach(tree, last);
    if (entry === 0) {
      last = this.nullLast(tree, last);
      first = this.nullFirst(tree, first);
      const leavesLeaf = first < left.leafFirst;
      if (leavesLeaf) this.descend(tree, first, left);
      else if (first < left.first) this.seek(left, first);
      if (leavesLeaf || last > right.last) this.reach(tree, last);
    }
    this.countEntries(tree, first, last, entry);
    if (left.leaf !== right.leaf) this.splice(tree, first, last, entry);
    else this.writeLeaf(tree, first, last, entry);
    this.counts.add(tree, entry === 0 ? ERASE : STORE, this.touched);
  }

  /** Puts `right` at an index that is not below that of `left`. */
  private reach(tree: number, index: number): void {
    const { left, right } = this;
    if (index > left.leafLast) {
      this.descend(tree, index, right);
      return;
    }
    right.leaf = left.leaf;
    right.leafFirst = left.leafFirst;
    right.leafLast = left.leafLast;
    this.seek(right, index);
  }

  /** mas_wr_extend_null() downwards: where the NULL range begins that a NULL from `first` on, where `left` is, joins. */
  protected nullFirst(tree: number, first: number): number {
    const { left, at, words: w } = this;
    if (left.entry === 0) return left.first;
    if (left.first < first || first === 0) return first;
    const i = left.slot;
    if (i === 0) return this.descend(tree, first - 1, at) === 0 ? at.first : first;
    if (w[left.leaf + LEAF_SLOT + i - 1] !== 0) return first;
    return i === 1 ? left.leafFirst : w[left.leaf + PIVOT + i - 2]! + 1;
  }

  /** mas_wr_extend_null() upwards, from `last`, where `right` is. */
  protected nullLast(tree: number, last: number): number {
    const { right, at, words: w } = this;
    if (right.entry === 0) return right.last;
    if (right.last > last || last === TOP) return last;
    const i = right.slot + 1;
    const end = (w[right.leaf]! & COUNT) - 1;
    if (i > end) return this.descend(tree, last + 1, at) === 0 ? at.last : last;
    if (w[right.leaf + LEAF_SLOT + i] !== 0) return last;
    return i === end ? right.leafLast : w[right.leaf + PIVOT + i]!;
  }

  /** Counts what the store adds and what it removes from the leaves at both ends; splice() counts those between. */
  private countEntries(tree: number, first: number, last: number, entry: number): void {
    const { left, right, words: w } = this;
    let more = entry === 0 ? 0 : 1;
    if (left.first < first && left.entry !== 0) more++;
    if (right.last > last && right.entry !== 0) more++;
    const leftEnd = left.leaf === right.leaf ? right.slot : (w[left.leaf]! & COUNT) - 1;
    for (let i = left.slot; i <= leftEnd; i++) if (w[left.leaf + LEAF_SLOT + i] !== 0) more--;
    if (left.leaf !== right.leaf) {
      for (let i = 0; i <= right.slot; i++) if (w[right.leaf + LEAF_SLOT + i] !== 0) more--;
    }
    this.entryCount[tree] = this.entryCount[tree]! + more;
  }

  /** mas_wr_node_store(): in place, if the leaf keeps a legal number of slots. */
  private writeLeaf(tree: number, first: number, last: number, entry: number): void {
    const { left, right, words: w } = this;
    const { leaf, slot, depth } = left;
    const header = w[leaf]!;
    const count = header & COUNT;
    const keepLeft = left.first < first ? 1 : 0;
    const keepRight = right.last > last ? 1 : 0;
    const by = keepLeft + keepRight - (right.slot - slot);
    const after = count + by;
    if (after > LEAF_SLOTS || (after < LEAF_MIN && depth > 0)) {
      this.splice(tree, first, last, entry);
      return;
    }
    this.moveSlots(leaf, right.slot, count, by);
    const at = slot + keepLeft;
    if (keepLeft === 1) w[leaf + PIVOT + slot] = first - 1;
    w[leaf + LEAF_SLOT + at] = entry;
    if (at < after - 1) w[leaf + PIVOT + at] = last;
    w[leaf] = header + by;
    if (depth === 0) return;
    this.raiseGap(left, depth, this.leafGap(leaf, left.leafFirst, left.leafLast));
    if (by < 0 && depth === 1) this.settleRoot(tree);
  }

  /** Moves the slots and pivots of a leaf from a slot on, and clears what is no longer in use. */
  private moveSlots(leaf: number, from: number, count: number, by: number): void {
    const w = this.words;
    if (by > 0) {
      for (let i = count - 2; i >= from; i--) w[leaf + PIVOT + i + by] = w[leaf + PIVOT + i]!;
      for (let i = count - 1; i >= from; i--) w[leaf + LEAF_SLOT + i + by] = w[leaf + LEAF_SLOT + i]!;
    } else if (by < 0) {
      for (let i = from; i < count - 1; i++) w[leaf + PIVOT + i + by] = w[leaf + PIVOT + i]!;
      for (let i = from; i < count; i++) w[leaf + LEAF_SLOT + i + by] = w[leaf + LEAF_SLOT + i]!;
      for (let i = count - 1 + by; i < count - 1; i++) w[leaf + PIVOT + i] = 0;
      for (let i = count + by; i < count; i++) w[leaf + LEAF_SLOT + i] = 0;
    }
  }
}

function mustBeStore(first: number, last: number, entry: number): void {
  if (!(first >= 0 && first <= last && last <= TOP)) {
    throw new Error(`range index: [${first},${last}] is no range within 0 .. ${TOP}`);
  }
  if (!(entry >= 0 && entry === (entry | 0))) throw new Error(`range index: ${entry} is no entry`);
}
