// SPDX-License-Identifier: GPL-2.0-only
//
// The set of free slots of a slab, as a 32-ary tree of bit masks in the heap. The lowest free slot is handed
// out, so that the slab's state is a function of which slots are in use and of no history.

import type { Heap } from "./heap.ts";

/** Free slots `1 .. capacity - 1`; slot 0 is NULL and never free. */
export class SlotSet {
  // Level 0 has one bit per slot; a bit of level i + 1 says that a word of level i is not zero.
  private readonly bits: Int32Array;
  private readonly levelStart: number[] = [];

  constructor(heap: Heap, name: string, capacity: number) {
    let words = 0;
    for (let bits = capacity; ; bits = (bits + 31) >>> 5) {
      this.levelStart.push(words);
      words += (bits + 31) >>> 5;
      if (bits <= 32) break;
    }
    this.bits = heap.words(`${name}.free`, words);
  }

  /** Makes slots `1 .. capacity - 1` free. Called once, at construction. O(capacity). */
  fill(capacity: number): void {
    for (let slot = 1; slot < capacity; slot++) this.add(slot);
  }

  /** Marks a slot free. O(log32 capacity). */
  add(slot: number): void {
    const { bits, levelStart } = this;
    let i = slot;
    for (let level = 0; level < levelStart.length; level++) {
      const word = levelStart[level]! + (i >>> 5);
      const before = bits[word]!;
      bits[word] = before | (1 << (i & 31));
      if (before !== 0) return;
      i >>>= 5;
    }
  }

  /** Whether a slot is free. */
  has(slot: number): boolean {
    return (this.bits[slot >>> 5]! & (1 << (slot & 31))) !== 0;
  }

  /** Takes the lowest free slot, or returns 0 if there is none. O(log32 capacity). */
  take(): number {
    const { bits, levelStart } = this;
    let i = 0;
    for (let level = levelStart.length - 1; level >= 0; level--) {
      const mask = bits[levelStart[level]! + i]!;
      if (mask === 0) return 0;
      // The lowest bit; `~mask + 1` and not `-mask`, which is no 32-bit integer for the highest bit alone.
      i = (i << 5) | (31 - Math.clz32(mask & (~mask + 1)));
    }
    const slot = i;
    for (let level = 0; level < levelStart.length; level++) {
      const word = levelStart[level]! + (i >>> 5);
      const after = bits[word]! & ~(1 << (i & 31));
      bits[word] = after;
      if (after !== 0) break;
      i >>>= 5;
    }
    return slot;
  }
}
