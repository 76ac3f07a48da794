// SPDX-License-Identifier: GPL-2.0-only
//
// Which block a page lies in, and which node owns it, as the events say: the ghost that the block invariants are
// stated over. Only designs that have blocks fill it.

import type { CheckMemory } from "./check-memory.ts";

/** The owned blocks. One entry per page; a block costs its size. */
export class BlockMap {
  // First page + 1 of the block that a page lies in, and its node.
  private readonly first: Int32Array;
  private readonly owner: Int16Array;
  private readonly owned: Int32Array;
  private readonly size: number;

  constructor(memory: CheckMemory, spacePages: number, blockPages: number) {
    this.first = memory.int32(spacePages);
    this.owner = memory.int16(spacePages);
    this.owned = memory.int32(1);
    this.size = blockPages;
  }

  /** Number of owned blocks. */
  get count(): number {
    return this.owned[0]!;
  }

  /** No blocks. */
  reset(): void {
    if (this.count > 0) this.first.fill(0);
    this.owned[0] = 0;
  }

  /** A node took `[start, end)`. */
  place(start: number, end: number, node: number): void {
    this.first.fill(start + 1, start, end);
    this.owner.fill(node, start, end);
    this.owned[0] = this.count + 1;
  }

  /** A block left its node. */
  remove(start: number, end: number): void {
    this.first.fill(0, start, end);
    this.owner.fill(0, start, end);
    this.owned[0] = this.count - 1;
  }

  /** First page of the block that a page lies in, or -1. */
  startOf(page: number): number {
    return this.first[page]! - 1;
  }

  /** Node that owns the block at a page; only where `startOf` is not -1. */
  nodeOf(page: number): number {
    return this.owner[page]!;
  }

  /** Whether a page is the first or last one of a block. */
  isEdge(page: number): boolean {
    const start = this.startOf(page);
    return start >= 0 && (page === start || page === start + this.size - 1);
  }
}
