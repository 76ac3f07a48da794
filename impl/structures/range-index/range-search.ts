// SPDX-License-Identifier: GPL-2.0-only
//
// What a range index is asked for: the entry at an index, the next one and the one before, and free areas. Must never
// change a tree. What was found is left in `index` and `last`, as in ma_state; if nothing was, they stay as they are.
// Source: lib/maple_tree.c (v6.6): mas_walk, mas_find, mas_next, mas_find_rev, mas_prev, mas_empty_area, mas_awalk,
// mas_anode_descend, mas_empty_area_rev, mas_rev_awalk.

import { EBUSY, EINVAL } from "../../allocators/errno.ts";
import type { Heap } from "../../heap/heap.ts";
import { HEADER, INDEX_MAX, LEVELS_MAX, NODE_WORD, NODE_WORDS } from "./node-words.ts";
import { OPERATION, OperationCounts } from "./operation-counts.ts";
import { Position, RangeNodes } from "./range-nodes.ts";

// Constants of this module: the compiler folds these into the code, and not the imported ones.
const STRIDE = NODE_WORDS;
const PIVOT = NODE_WORD.pivot;
const LEAF_SLOT = NODE_WORD.leafSlot;
const INNER_SLOT = NODE_WORD.innerSlot;
const GAP = NODE_WORD.gap;
const COUNT = HEADER.count;
const INNER = HEADER.inner;
const TOP = INDEX_MAX;
// The way down to an end of the window, and one from beside it.
const VISITS_MAX = 2 * LEVELS_MAX;
const WALK = OPERATION.walk;
const FIND = OPERATION.find;
const FIND_REV = OPERATION.findRev;
const EMPTY_AREA = OPERATION.emptyArea;

/** Searches. The caller holds the tree's lock. */
export class RangeSearch extends RangeNodes {
  /** Range that the last operation found, inclusive. Not state: read it at once. */
  index = 0;
  last = 0;
  /** Operations and the nodes they touched. Not state. */
  readonly counts: OperationCounts;
  protected readonly at = new Position();

  constructor(heap: Heap, shape: { readonly name: string; readonly trees: number; readonly nodes: number }) {
    super(heap, shape);
    this.counts = new OperationCounts(shape.trees);
  }

  /** Forgets what was counted. */
  resetCounts(): void {
    this.counts.reset();
  }

  /** mtree_empty(): whether no index has an entry. One look at the root. O(1). */
  isEmpty(tree: number): boolean {
    const w = this.words;
    const root = tree * STRIDE;
    const header = w[root]!;
    return (header & INNER) === 0 && (header & COUNT) === 1 && w[root + LEAF_SLOT] === 0;
  }

  /** mas_walk(): the entry that contains `index`, or 0; the range found, also of a NULL. O(log n). */
  walk(tree: number, index: number): number {
    mustBeIndex(index);
    this.touched = 0;
    const entry = this.descend(tree, index, this.at);
    this.index = this.at.first;
    this.last = this.at.last;
    this.counts.add(tree, WALK, this.touched);
    return entry;
  }

  /** mas_find(), first call: the entry that contains `index`, or the next one that begins at or below `max`. O(log n). */
  find(tree: number, index: number, max: number): number {
    if (index > max) return 0;
    mustBeIndex(index);
    this.touched = 0;
    const { at } = this;
    let entry = this.descend(tree, index, at);
    if (entry === 0 && at.last < max) entry = this.beside(tree, at.last + 1);
    if (entry !== 0) this.found();
    this.counts.add(tree, FIND, this.touched);
    return entry;
  }

  /** mas_next(): the entry behind `last` that begins at or below `max`. O(log n). */
  next(tree: number, max: number): number {
    return this.find(tree, this.last + 1, max);
  }

  /** mas_find_rev(), first call: the entry that contains `index`, or the nearest below that ends at or above `min`. */
  findRev(tree: number, index: number, min: number): number {
    if (index < min) return 0;
    mustBeIndex(index);
    this.touched = 0;
    const { at } = this;
    let entry = this.descend(tree, index, at);
    if (entry === 0 && at.first > min) entry = this.beside(tree, at.first - 1);
    if (entry !== 0) this.found();
    this.counts.add(tree, FIND_REV, this.touched);
    return entry;
  }

  /** mas_prev(): the entry before `index` that ends at or above `min`. O(log n). */
  prev(tree: number, min: number): number {
    return this.findRev(tree, this.index - 1, min);
  }

  /**
   * mas_empty_area(): the lowest `size` indexes in `[min, max]` that are all NULL. 0, with `index` and `last` the first
   * and the last of them, not the whole gap; -EINVAL if there are not as many indexes; -EBUSY. O(log n).
   */
  emptyArea(tree: number, min: number, max: number, size: number): number {
    if (size <= 0 || max - min < size - 1) return -EINVAL;
    mustBeIndex(min);
    mustBeIndex(max);
    this.touched = 0;
    const first = this.lowestArea(tree, min, max, size);
    this.counts.add(tree, EMPTY_AREA, this.touched);
    if (first < 0) return -EBUSY;
    this.index = first;
    this.last = this.areaLast(first, size);
    return 0;
  }

  /** mas_empty_area_rev(): the highest such area. O(log n). */
  emptyAreaRev(tree: number, min: number, max: number, size: number): number {
    if (size <= 0 || max - min < size - 1) return -EINVAL;
    mustBeIndex(min);
    mustBeIndex(max);
    this.touched = 0;
    const first = this.highestArea(tree, min, max, size);
    this.counts.add(tree, EMPTY_AREA, this.touched);
    if (first < 0) return -EBUSY;
    this.index = first;
    this.last = this.areaLast(first, size);
    return 0;
  }

  /** Last index of the area that a search for a gap hands out. */
  protected areaLast(first: number, size: number): number {
    return first + size - 1;
  }

  /** Moves to the range next to that of `at`: mostly in the same leaf. */
  private beside(tree: number, index: number): number {
    const { at } = this;
    return index < at.leafFirst || index > at.leafLast ? this.descend(tree, index, at) : this.seek(at, index);
  }

  private found(): void {
    this.index = this.at.first;
    this.last = this.at.last;
  }

  /**
   * mas_awalk() from the left. The way down goes to `min` as long as there is a gap as long below; that gap may lie
   * before `min`, so the nearest sibling to the right that has one is kept in mind. Once off the way to `min`, all of a
   * gap counts, and the first one that is long enough decides: if it does not end before `max`, no later one does.
   */
  private lowestArea(tree: number, min: number, max: number, size: number): number {
    const w = this.words;
    let node = tree * STRIDE;
    let first = 0;
    let last = TOP;
    let asideNode = -1;
    let asideFirst = 0;
    let asideLast = 0;
    while (this.touched++ < VISITS_MAX) {
      const header = w[node]!;
      const end = (header & COUNT) - 1;
      let i = 0;
      while (i < end && w[node + PIVOT + i]! < min) i++;
      if ((header & INNER) !== 0) {
        let child = w[node + GAP + i]! >= size ? i : -1;
        for (let j = i + 1; j <= end; j++) {
          if (w[node + GAP + j]! < size) continue;
          if (child < 0) child = j;
          else {
            asideNode = w[node + INNER_SLOT + j]!;
            asideFirst = w[node + PIVOT + j - 1]! + 1;
            asideLast = j < end ? w[node + PIVOT + j]! : last;
          }
          break;
        }
        if (child >= 0) {
          if (child > 0) first = w[node + PIVOT + child - 1]! + 1;
          if (child < end) last = w[node + PIVOT + child]!;
          node = w[node + INNER_SLOT + child]!;
          continue;
        }
      } else {
        for (let from = i > 0 ? w[node + PIVOT + i - 1]! + 1 : first; i <= end; i++) {
          const to = i < end ? w[node + PIVOT + i]! : last;
          if (w[node + LEAF_SLOT + i] === 0) {
            const low = from > min ? from : min;
            if (low > max - size + 1) return -1;
            if (to - low >= size - 1) return low;
          }
          from = to + 1;
        }
      }
      if (asideNode < 0) return -1;
      node = asideNode;
      first = asideFirst;
      last = asideLast;
      asideNode = -1;
    }
    throw this.tooDeep(tree);
  }

  /** mas_rev_awalk(): the mirror image of lowestArea(). */
  private highestArea(tree: number, min: number, max: number, size: number): number {
    const w = this.words;
    let node = tree * STRIDE;
    let first = 0;
    let last = TOP;
    let asideNode = -1;
    let asideFirst = 0;
    let asideLast = 0;
    while (this.touched++ < VISITS_MAX) {
      const header = w[node]!;
      const end = (header & COUNT) - 1;
      let i = end;
      while (i > 0 && w[node + PIVOT + i - 1]! >= max) i--;
      if ((header & INNER) !== 0) {
        let child = w[node + GAP + i]! >= size ? i : -1;
        for (let j = i - 1; j >= 0; j--) {
          if (w[node + GAP + j]! < size) continue;
          if (child < 0) child = j;
          else {
            asideNode = w[node + INNER_SLOT + j]!;
            asideFirst = j > 0 ? w[node + PIVOT + j - 1]! + 1 : first;
            asideLast = w[node + PIVOT + j]!;
          }
          break;
        }
        if (child >= 0) {
          if (child > 0) first = w[node + PIVOT + child - 1]! + 1;
          if (child < end) last = w[node + PIVOT + child]!;
          node = w[node + INNER_SLOT + child]!;
          continue;
        }
      } else {
        for (let to = i < end ? w[node + PIVOT + i]! : last; i >= 0; i--) {
          const from = i > 0 ? w[node + PIVOT + i - 1]! + 1 : first;
          if (w[node + LEAF_SLOT + i] === 0) {
            const high = to < max ? to : max;
            if (high < min + size - 1) return -1;
            if (high - from >= size - 1) return high - size + 1;
          }
          to = from - 1;
        }
      }
      if (asideNode < 0) return -1;
      node = asideNode;
      first = asideFirst;
      last = asideLast;
      asideNode = -1;
    }
    throw this.tooDeep(tree);
  }
}

function mustBeIndex(index: number): void {
  if (!(index >= 0 && index <= TOP)) throw new Error(`range index: ${index} is not in 0 .. ${TOP}`);
}
