// SPDX-License-Identifier: GPL-2.0-only
// Mistakes that one can make in a range index, each as a subclass with the smallest method that carries it.
import { NODE_WORD, NODE_WORDS, HEADER, INDEX_MAX } from "../../../impl/structures/range-index/node-words.ts";
import type { Items, Position } from "../../../impl/structures/range-index/range-nodes.ts";
import { RangeIndex } from "../../../impl/structures/range-index.ts";

const MUTANTS = {
  "gaps are not propagated": class extends RangeIndex {
    protected override raiseGap(): void {}
  },
  "gaps are propagated to the parent only": class extends RangeIndex {
    protected override raiseGap(at: Position, level: number, gap: number): void {
      const { nodes, slots } = at;
      if (level > 0) this.words[nodes[level - 1]! + NODE_WORD.gap + slots[level - 1]!] = gap;
    }
  },
  "the gap of an inner node leaves out its last child": class extends RangeIndex {
    protected override innerGap(node: number): number {
      let gap = 0;
      for (let i = 0; i < (this.words[node]! & HEADER.count) - 1; i++) {
        gap = Math.max(gap, this.words[node + NODE_WORD.gap + i]!);
      }
      return gap;
    }
  },
  "the gap of a leaf leaves out its last index": class extends RangeIndex {
    protected override leafGap(leaf: number, first: number, last: number): number {
      return super.leafGap(leaf, first, last - 1);
    }
  },
  "a dealt leaf counts its first NULL range from 0 on": class extends RangeIndex {
    protected override firstOf(): number {
      return 0;
    }
  },
  "a sibling is thought to end where the domain ends": class extends RangeIndex {
    protected override lastOf(): number {
      return INDEX_MAX;
    }
  },
  "a split leaves the second half out": class extends RangeIndex {
    protected override fill(
      node: number,
      tree: number,
      inner: boolean,
      items: Items,
      from: number,
      count: number,
    ): number {
      const lost = from > 0 && count > 2 ? 1 : 0;
      return super.fill(node, tree, inner, items, from, count - lost);
    }
  },
  "a split makes a node too many": class extends RangeIndex {
    protected override piecesFor(items: number, inner: boolean): number {
      const pieces = super.piecesFor(items, inner);
      return pieces === 2 ? 3 : pieces;
    }
  },
  "nodes that are too empty are not merged": class extends RangeIndex {
    protected override addSibling(): void {}
  },
  "the tree does not become lower": class extends RangeIndex {
    protected override settleRoot(): void {}
  },
  "nodes below a wide store are lost": class extends RangeIndex {
    protected override dropBetween(): void {}
  },
  "entries below a wide store stay counted": class extends RangeIndex {
    protected override dropSubtree(node: number): number {
      super.dropSubtree(node);
      return 0;
    }
  },
  "a released node keeps its words": class extends RangeIndex {
    protected override release(node: number): void {
      const words = this.words.slice(node, node + NODE_WORDS);
      super.release(node);
      for (let i = 1; i < NODE_WORDS; i++) this.words[node + i] = words[i]!;
    }
  },
  "a node is used again while it is in use": class extends RangeIndex {
    protected override take(tree: number): number {
      const node = super.take(tree);
      if (node % (5 * NODE_WORDS) === 0) this.slots.add(this.slotOf(node));
      return node;
    }
  },
  "NULL ranges side by side are not joined downwards": class extends RangeIndex {
    protected override nullFirst(_tree: number, first: number): number {
      return first;
    }
  },
  "NULL ranges side by side are not joined upwards": class extends RangeIndex {
    protected override nullLast(_tree: number, last: number): number {
      return last;
    }
  },
  "NULL ranges are joined within a leaf only": class extends RangeIndex {
    protected override nullFirst(tree: number, first: number): number {
      return Math.max(this.left.leafFirst, super.nullFirst(tree, first));
    }
  },
  "what remains of an entry behind a store is lost": class extends RangeIndex {
    override store(tree: number, first: number, last: number, entry: number): boolean {
      return super.store(tree, first, this.walk(tree, last) === 0 ? last : this.last, entry);
    }
  },
  "what remains of an entry before a store is lost": class extends RangeIndex {
    override store(tree: number, first: number, last: number, entry: number): boolean {
      return super.store(tree, this.walk(tree, first) === 0 ? first : this.index, last, entry);
    }
  },
  "equal entries side by side become one": class extends RangeIndex {
    override store(tree: number, first: number, last: number, entry: number): boolean {
      const same = entry !== 0 && last < INDEX_MAX && this.walk(tree, last + 1) === entry;
      return super.store(tree, first, same ? this.last : last, entry);
    }
  },
  "a store that fails has stored": class extends RangeIndex {
    override store(tree: number, first: number, last: number, entry: number): boolean {
      this.storePrealloc(tree, first, last, entry);
      return !this.fails();
    }
  },
  "a store never fails": class extends RangeIndex {
    override store(tree: number, first: number, last: number, entry: number): boolean {
      this.storePrealloc(tree, first, last, entry);
      return true;
    }
  },
  "an empty area ends where its gap ends": class extends RangeIndex {
    protected override areaLast(first: number): number {
      this.descend(0, first, this.at);
      return this.at.last;
    }
  },
  "an area as large as the window is invalid": class extends RangeIndex {
    override emptyArea(tree: number, min: number, max: number, size: number): number {
      return max - min < size ? -22 : super.emptyArea(tree, min, max, size);
    }
  },
  "an area of no size is there": class extends RangeIndex {
    override emptyAreaRev(tree: number, min: number, max: number, size: number): number {
      return size === 0 ? 0 : super.emptyAreaRev(tree, min, max, size);
    }
  },
  "an area may end behind the window": class extends RangeIndex {
    override emptyArea(tree: number, min: number, max: number, size: number): number {
      const result = super.emptyArea(tree, min, max, size);
      return result === -16 ? super.emptyArea(tree, min, INDEX_MAX, size) : result;
    }
  },
  "find looks beyond its end": class extends RangeIndex {
    override find(tree: number, index: number, max: number): number {
      return index > max ? 0 : super.find(tree, index, INDEX_MAX);
    }
  },
  "findRev wants the whole entry above its end": class extends RangeIndex {
    override findRev(tree: number, index: number, min: number): number {
      const entry = super.findRev(tree, index, min);
      return this.index < min ? 0 : entry;
    }
  },
  "next goes on within the entry": class extends RangeIndex {
    override next(tree: number, max: number): number {
      return this.find(tree, this.index + 1, max);
    }
  },
} as const;

/** All of them by what they do wrong. */
export const RANGE_INDEX_MUTANTS: readonly (readonly [string, typeof RangeIndex])[] = Object.entries(MUTANTS);
