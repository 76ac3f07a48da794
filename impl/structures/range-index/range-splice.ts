// SPDX-License-Identifier: GPL-2.0-only
//
// Replacing a run of slots where the shape of the tree has to follow: splits, merges, a higher or a lower tree. The new
// content of the nodes at both ends of the run becomes one list of items, which is dealt out to as few nodes as hold
// it; these take the place of the old ones in the level above, and so on upwards. No node but a root is left less than
// half full. Must not be called where the content of one leaf changes and still fits: RangeStore does that in place.
// Source: lib/maple_tree.c (v6.6): mas_wr_spanning_store, mas_split, mas_rebalance, mas_update_gap, mte_destroy_walk;
// the algorithm is not the kernel's. Comer, "The Ubiquitous B-Tree", ACM Computing Surveys 11(2), 1979.

import { HEADER, LEVELS_MAX, NODE_WORD, NODE_WORDS, SLOTS, SLOTS_MIN } from "./node-words.ts";
import { Items, Position } from "./range-nodes.ts";
import { RangeSearch } from "./range-search.ts";

// Constants of this module: the compiler folds these into the code, and not the imported ones.
const STRIDE = NODE_WORDS;
const PIVOT = NODE_WORD.pivot;
const LEAF_SLOT = NODE_WORD.leafSlot;
const INNER_SLOT = NODE_WORD.innerSlot;
const GAP = NODE_WORD.gap;
const COUNT = HEADER.count;
const INNER = HEADER.inner;
const LEAF_SLOTS = SLOTS.leaf;
const LEAF_MIN = SLOTS_MIN.leaf;
const INNER_MIN = SLOTS_MIN.inner;

/** Changes of shape. The caller holds the tree's lock. */
export class RangeSplice extends RangeSearch {
  /** The slots that hold the first and the last index of a store. */
  protected readonly left = new Position();
  protected readonly right = new Position();
  /** What replaces a run of nodes of one level, then of the level above. */
  protected readonly items = new Items();
  // The nodes that hold it: last index, handle and gap of each.
  private readonly pieces = new Items();
  // Nodes of the level that are replaced, and may be used again.
  private readonly spare = new Int32Array(4);
  private spareCount = 0;
  // Whether a node was left with too few slots because it has no sibling in the run's own parents.
  private lonely = false;

  /**
   * Replaces the slots from `left` to `right` by one of `[first, last]`; what these slots hold outside of it remains.
   * O(log n) and the nodes between.
   */
  protected splice(tree: number, first: number, last: number, entry: number): void {
    const w = this.words;
    const { left, right, items } = this;
    const { depth } = left;
    if (left.leaf === right.leaf) this.join();
    else this.dropBetween(tree);
    items.count = 0;
    items.first = left.leafFirst;
    this.load(items, left.leaf, 0, left.slot, left.leafLast);
    if (left.first < first) push(items, first - 1, left.entry);
    push(items, last, entry);
    if (right.last > last) push(items, right.last, right.entry);
    this.load(items, right.leaf, right.slot + 1, w[right.leaf]! & COUNT, right.leafLast);
    this.lonely = false;
    this.rise(tree, depth);
    this.settleRoot(tree);
    if (this.lonely) this.repair(tree, first);
  }

  /** Sets the gap of a node in the level above, and upwards until nothing changes: mas_update_gap(). */
  protected raiseGap(at: Position, level: number, gap: number): void {
    const w = this.words;
    let below = gap;
    for (let above = level - 1; above >= 0; above--) {
      const node = at.nodes[above]!;
      const word = node + GAP + at.slots[above]!;
      if (w[word] === below) return;
      w[word] = below;
      this.touched++;
      below = this.innerGap(node);
    }
  }

  /** Makes a tree as low as it can be: a root takes over the content of an only child, or of two leaves. */
  protected settleRoot(tree: number): void {
    const w = this.words;
    const root = tree * STRIDE;
    const { items } = this;
    while ((w[root]! & INNER) !== 0) {
      const count = w[root]! & COUNT;
      const one = w[root + INNER_SLOT]!;
      const other = w[root + INNER_SLOT + 1]!;
      const inner = (w[one]! & INNER) !== 0;
      if (count > 2) return;
      if (count === 2 && (inner || (w[one]! & COUNT) + (w[other]! & COUNT) > LEAF_SLOTS)) return;
      const { at } = this;
      at.nodes[0] = root;
      at.slots[0] = 0;
      items.count = 0;
      items.first = 0;
      this.load(items, one, 0, w[one]! & COUNT, this.lastOf(at, 1));
      if (count === 2) {
        at.slots[0] = 1;
        this.load(items, other, 0, w[other]! & COUNT, this.lastOf(at, 1));
        this.release(other);
      }
      this.release(one);
      this.fill(root, tree, inner, items, 0, items.count);
    }
  }

  /** __mt_destroy() of what lies below a node; the node itself is released as well. Returns the non-NULL entries. */
  protected dropSubtree(node: number): number {
    const w = this.words;
    const header = w[node]!;
    const count = header & COUNT;
    let entries = 0;
    if ((header & INNER) === 0) {
      for (let i = 0; i < count; i++) if (w[node + LEAF_SLOT + i] !== 0) entries++;
    } else {
      for (let i = 0; i < count; i++) entries += this.dropSubtree(w[node + INNER_SLOT + i]!);
    }
    this.release(node);
    return entries;
  }

  /** Of a run within one leaf, the way to its end is the way to its begin. */
  private join(): void {
    const { left, right } = this;
    for (let level = 0; level < left.depth; level++) {
      right.nodes[level] = left.nodes[level]!;
      right.slots[level] = left.slots[level]!;
    }
    right.nodes[left.depth] = left.leaf;
    right.depth = left.depth;
  }

  /** Releases all nodes that lie wholly between the leaves at the ends of the run. */
  protected dropBetween(tree: number): void {
    const w = this.words;
    const { left, right } = this;
    let entries = 0;
    for (let level = 0; level < left.depth; level++) {
      const a = left.nodes[level]!;
      const b = right.nodes[level]!;
      const from = left.slots[level]! + 1;
      const to = right.slots[level]!;
      const end = a === b ? to : w[a]! & COUNT;
      for (let i = from; i < end; i++) entries += this.dropSubtree(w[a + INNER_SLOT + i]!);
      if (a === b) continue;
      for (let i = 0; i < to; i++) entries += this.dropSubtree(w[b + INNER_SLOT + i]!);
    }
    this.entryCount[tree] = this.entryCount[tree]! - entries;
  }

  /** Puts `items` in the place of the nodes at `left` and `right` of a level, and carries what changes upwards. */
  private rise(tree: number, from: number): void {
    const w = this.words;
    const { left, right, items, pieces } = this;
    for (let level = from; ; level--) {
      const inner = level < left.depth;
      this.spareCount = 0;
      if (level === 0) {
        this.fillRoot(tree, inner);
        return;
      }
      this.keep(left.nodes[level]!);
      if (right.nodes[level] !== left.nodes[level]) this.keep(right.nodes[level]!);
      if (items.count < (inner ? INNER_MIN : LEAF_MIN)) this.addSibling(level, inner);
      this.deal(tree, inner);
      const a = left.nodes[level - 1]!;
      const b = right.nodes[level - 1]!;
      const li = left.slots[level - 1]!;
      const ri = right.slots[level - 1]!;
      if (a === b && pieces.count === ri - li + 1) {
        this.putPieces(level - 1);
        return;
      }
      items.count = 0;
      items.first = 0;
      this.load(items, a, 0, li, 0);
      for (let i = 0; i < pieces.count; i++) {
        push(items, pieces.last[i]!, pieces.slot[i]!);
        items.gap[items.count - 1] = pieces.gap[i]!;
      }
      this.load(items, b, ri + 1, w[b]! & COUNT, this.lastOf(right, level - 1));
    }
  }

  /** As many pieces as there were nodes: the level above keeps its slots, and only pivots and gaps change. */
  private putPieces(level: number): void {
    const w = this.words;
    const { left, pieces } = this;
    const node = left.nodes[level]!;
    const at = left.slots[level]!;
    const end = (w[node]! & COUNT) - 1;
    for (let i = 0; i < pieces.count; i++) {
      if (at + i < end) w[node + PIVOT + at + i] = pieces.last[i]!;
      w[node + INNER_SLOT + at + i] = pieces.slot[i]!;
      w[node + GAP + at + i] = pieces.gap[i]!;
    }
    this.touched++;
    this.raiseGap(left, level, this.innerGap(node));
  }

  /** Takes the next or the previous sibling of the run into it, from under the same parent. */
  protected addSibling(level: number, inner: boolean): void {
    const w = this.words;
    const { left, right, items } = this;
    const b = right.nodes[level - 1]!;
    const ri = right.slots[level - 1]! + 1;
    if (ri < (w[b]! & COUNT)) {
      const sibling = w[b + INNER_SLOT + ri]!;
      right.slots[level - 1] = ri;
      this.load(items, sibling, 0, w[sibling]! & COUNT, this.lastOf(right, level));
      this.keep(sibling);
      return;
    }
    const a = left.nodes[level - 1]!;
    const li = left.slots[level - 1]! - 1;
    if (li < 0) {
      this.lonely = true;
      return;
    }
    const sibling = w[a + INNER_SLOT + li]!;
    left.slots[level - 1] = li;
    this.prepend(sibling, this.lastOf(left, level));
    if (!inner) items.first = this.firstOf(left, level);
    this.keep(sibling);
  }

  private prepend(sibling: number, last: number): void {
    const { items } = this;
    const n = items.count;
    const by = this.words[sibling]! & COUNT;
    for (let i = n - 1; i >= 0; i--) {
      items.last[i + by] = items.last[i]!;
      items.slot[i + by] = items.slot[i]!;
      items.gap[i + by] = items.gap[i]!;
    }
    items.count = 0;
    this.load(items, sibling, 0, by, last);
    items.count = n + by;
  }

  /** Deals `items` out evenly to as few nodes as hold them: those in `spare` first. */
  private deal(tree: number, inner: boolean): void {
    const { items, pieces } = this;
    const count = this.piecesFor(items.count, inner);
    pieces.count = 0;
    let from = 0;
    for (let i = 0; i < count; i++) {
      const to = Math.floor((items.count * (i + 1)) / count);
      const node = i < this.spareCount ? this.spare[i]! : this.take(tree);
      pieces.gap[i] = this.fill(node, tree, inner, items, from, to - from);
      pieces.last[i] = items.last[to - 1]!;
      pieces.slot[i] = node;
      from = to;
    }
    pieces.count = count;
    for (let i = count; i < this.spareCount; i++) this.release(this.spare[i]!);
  }

  /** How many nodes hold so many items. */
  protected piecesFor(items: number, inner: boolean): number {
    return Math.ceil(items / this.capacity(inner));
  }

  /** A root stays where it is: what it cannot hold goes into nodes below it. */
  private fillRoot(tree: number, inner: boolean): void {
    const root = tree * STRIDE;
    const { items, pieces } = this;
    if (items.count <= this.capacity(inner)) this.fill(root, tree, inner, items, 0, items.count);
    else {
      this.deal(tree, inner);
      this.fill(root, tree, true, pieces, 0, pieces.count);
    }
  }

  /** Gives each lonely node on the way to `index` a sibling's slots, from the top down. O(log² n). */
  protected repair(tree: number, index: number): void {
    const w = this.words;
    const { left, items } = this;
    for (let rounds = 0; rounds < LEVELS_MAX ** 2; rounds++) {
      this.settleRoot(tree);
      this.descend(tree, index, left);
      let level = 1;
      while (level <= left.depth && !isShort(w[left.nodes[level]!]!)) level++;
      if (level > left.depth) return;
      const node = left.nodes[level]!;
      this.join();
      items.count = 0;
      items.first = this.firstOf(left, level);
      this.load(items, node, 0, w[node]! & COUNT, this.lastOf(left, level));
      this.rise(tree, level);
    }
    throw this.tooDeep(tree);
  }

  private keep(node: number): void {
    this.spare[this.spareCount++] = node;
  }
}

function push(items: Items, last: number, slot: number): void {
  const n = items.count++;
  items.last[n] = last;
  items.slot[n] = slot;
  items.gap[n] = 0;
}

/** Whether the node with this header has fewer slots in use than a node must have that is no root. */
function isShort(header: number): boolean {
  return (header & COUNT) < ((header & INNER) === 0 ? LEAF_MIN : INNER_MIN);
}
