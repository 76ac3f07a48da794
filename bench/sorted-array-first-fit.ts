// SPDX-License-Identifier: GPL-2.0-only
//
// Peer of bench (b): first fit as one would write it without a tree, the free intervals in sorted arrays. The
// search is a scan, every insertion and removal moves what lies behind it.

import type { FirstFit } from "./first-fit-workload.ts";

export class SortedArrayFirstFit implements FirstFit {
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private count = 0;

  /** `free` are the free intervals, in order; there will never be more than `countMax`. */
  constructor(free: Iterable<readonly [start: number, end: number]>, countMax: number) {
    this.starts = new Int32Array(countMax);
    this.ends = new Int32Array(countMax);
    for (const [start, end] of free) {
      this.starts[this.count] = start;
      this.ends[this.count++] = end;
    }
  }

  allocate(size: number): number {
    const { starts, ends } = this;
    let i = 0;
    while (ends[i]! - starts[i]! < size) i++;
    const at = starts[i]!;
    starts[i] = at + size;
    if (at + size === ends[i]) this.remove(i);
    return at;
  }

  free(start: number, size: number): void {
    const { starts, ends } = this;
    const end = start + size;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! < start) low = middle + 1;
      else high = middle;
    }
    const joinsPrevious = low > 0 && ends[low - 1] === start;
    const joinsNext = low < this.count && starts[low] === end;
    if (joinsPrevious && joinsNext) {
      ends[low - 1] = ends[low]!;
      this.remove(low);
    } else if (joinsPrevious) ends[low - 1] = end;
    else if (joinsNext) starts[low] = start;
    else {
      starts.copyWithin(low + 1, low, this.count);
      ends.copyWithin(low + 1, low, this.count);
      starts[low] = start;
      ends[low] = end;
      this.count++;
    }
  }

  private remove(i: number): void {
    this.starts.copyWithin(i, i + 1, this.count);
    this.ends.copyWithin(i, i + 1, this.count);
    this.count--;
  }
}
