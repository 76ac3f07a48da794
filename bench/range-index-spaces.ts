// SPDX-License-Identifier: GPL-2.0-only
//
// The two programs of bench (g): a space whose live areas are in a range index, where a gap is free, and one with a tree
// of free and a tree of live areas. Pages.

import { NONE } from "../impl/heap/areas.ts";
import { Heap } from "../impl/heap/heap.ts";
import { NODE_WORDS } from "../impl/structures/range-index/node-words.ts";
import { nodesNeeded, RangeIndex } from "../impl/structures/range-index.ts";
import type { FirstFit } from "./first-fit-workload.ts";
import { TreeFirstFit } from "./tree-first-fit.ts";

/** What is measured. */
export interface Space extends FirstFit {
  /** Memory reserved, bytes. */
  readonly bytes: number;
  /** First page of the lowest fit at or above `min`, or -1. */
  search(min: number, size: number): number;
  /** First page of the live area that has this page, or -1. */
  find(page: number): number;
  /** Takes a live area out and puts it back. */
  replace(start: number, size: number): void;
}

/** One range index of the live areas. */
export class RangeIndexSpace implements Space {
  readonly bytes: number;
  private readonly index: RangeIndex;
  private readonly top: number;

  constructor(live: number, pages: number) {
    const nodes = nodesNeeded(1, live);
    const heap = new Heap(nodes * (NODE_WORDS + 1) + 64, false);
    this.index = new RangeIndex(heap, { name: "occupied", trees: 1, nodes });
    this.index.declare("occupied");
    this.index.init();
    heap.seal();
    this.bytes = 4 * heap.size;
    this.top = pages - 1;
  }

  allocate(size: number): number {
    const { index } = this;
    if (index.emptyArea(0, 0, this.top, size) < 0) throw new Error("the space is full");
    const at = index.index;
    index.store(0, at, at + size - 1, at + 1);
    return at;
  }

  free(start: number, size: number): void {
    this.index.store(0, start, start + size - 1, 0);
  }

  search(min: number, size: number): number {
    const { index } = this;
    return min + size - 1 <= this.top && index.emptyArea(0, min, this.top, size) === 0 ? index.index : -1;
  }

  find(page: number): number {
    return this.index.find(0, page, page) === 0 ? -1 : this.index.index;
  }

  replace(start: number, size: number): void {
    this.index.store(0, start, start + size - 1, 0);
    this.index.store(0, start, start + size - 1, start + 1);
  }
}

/** Red-black trees: free space and live areas, both kept at all times. */
export class TreeSpace extends TreeFirstFit implements Space {
  constructor(live: number, pages: number) {
    super(live, pages, true, false);
  }

  search(min: number, size: number): number {
    const va = this.space.findVmapLowestMatch(this.freeTree, size, 1, min, false);
    return va === NONE ? -1 : Math.max(min, this.areas.start[va]!);
  }

  find(page: number): number {
    const va = this.space.find(this.busyTree, page);
    return va === NONE ? -1 : this.areas.start[va]!;
  }

  replace(start: number): void {
    this.beginStep();
    const va = this.space.find(this.busyTree, start);
    this.space.unlink(this.busyTree, va, 0);
    this.space.insert(this.busyTree, va, 0);
  }
}
