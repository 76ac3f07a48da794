// SPDX-License-Identifier: GPL-2.0-only
//
// The set of free slots of a slab, as a 32-ary tree of bit masks in the heap. The lowest free slot is handed
// out, so that the slab's state is a function of which slots are in use and of no history.

import type { Heap } from "./heap.ts";

/** Free slots `1 .. capacity - 1`; slot 0 is NULL and never free. */
export class SlotSet {
  /** Level 0 has one bit per slot; a bit of level i + 1 says that a word of level i is not zero. */
  private readonly levels: Int32Array[] = [];

  constructor(heap: Heap, name: string, capacity: number) {
    for (let bits = capacity; ; bits = (bits + 31) >>> 5) {
      this.levels.push(heap.words(`${name}.free`, (bits + 31) >>> 5));
      if (bits <= 32) break;
    }
  }

  /** Makes slots `1 .. capacity - 1` free. Called once, at construction. O(capacity). */
  fill(capacity: number): void {
    for (let slot = 1; slot < capacity; slot++) this.add(slot);
  }

  /** Marks a slot free. O(log32 capacity). */
  add(slot: number): void {
    let i = slot;
    for (const level of this.levels) {
      const word = i >>> 5;
      const before = level[word]!;
      level[word] = before | (1 << (i & 31));
      if (before !== 0) return;
      i = word;
    }
  }

  /** Takes the lowest free slot, or returns 0 if there is none. O(log32 capacity). */
  take(): number {
    const top = this.levels.length - 1;
    let i = 0;
    for (let l = top; l >= 0; l--) {
      const mask = this.levels[l]![i]!;
      if (mask === 0) return 0;
      i = (i << 5) | (31 - Math.clz32(mask & -mask));
    }
    const slot = i;
    for (const level of this.levels) {
      const word = i >>> 5;
      level[word] = level[word]! & ~(1 << (i & 31));
      if (level[word] !== 0) break;
      i = word;
    }
    return slot;
  }
}
