// SPDX-License-Identifier: GPL-2.0-only
//
// Which block a page lies in, and which node owns it, as the events say: the ghost that the block invariants are
// stated over. Only designs that have blocks fill it.

/** The owned blocks. One entry per page; a block costs its size. */
export class BlockMap {
  /** Number of owned blocks. */
  count = 0;
  // First page + 1 of the block that a page lies in, and its node.
  private readonly first: Int32Array;
  private readonly owner: Int16Array;
  private readonly size: number;

  constructor(spacePages: number, blockPages: number) {
    this.first = new Int32Array(spacePages);
    this.owner = new Int16Array(spacePages);
    this.size = blockPages;
  }

  /** No blocks. */
  reset(): void {
    if (this.count > 0) this.first.fill(0);
    this.count = 0;
  }

  /** A node took `[start, end)`. */
  place(start: number, end: number, node: number): void {
    this.first.fill(start + 1, start, end);
    this.owner.fill(node, start, end);
    this.count++;
  }

  /** A block left its node. */
  remove(start: number, end: number): void {
    this.first.fill(0, start, end);
    this.count--;
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
