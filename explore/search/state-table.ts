// SPDX-License-Identifier: GPL-2.0-only
//
// The visited states of a search: 64-bit fingerprints side by side in one open-addressing table. It grows in place and
// by a third, so that a state never takes more than 13.4 bytes, not even during growth, beside 128 KiB for all. On demand
// each slot also keeps the number of its state; then the table is fuller and grows by less, so that it is 15.9 bytes. How
// a state was reached is in the discovery log.

import { BYTES_MAX, growTo, reserve } from "../grown-memory.ts";

/** Share of the slots in use at which the table grows, as linear probing gets slow beyond it, and by how much. */
const PLAIN = { load: 0.8, growth: 4 / 3 };
const NUMBERED = { load: 0.85, growth: 9 / 8 };

const TWO_32 = 2 ** 32;

/** Slots that are moved together when the table grows. */
const MOVED = 1 << 14;

/** Fingerprints added of late that are kept in a second, small place: the large one costs a cache miss. */
const RECENT = 1 << 14;

/** The memory of a table; `numbers` only if it keeps them. */
export interface TableMemory {
  readonly entries: SharedArrayBuffer;
  readonly numbers: SharedArrayBuffer | undefined;
}

/** A set of 64-bit fingerprints, given as two 32-bit halves. For one thread; shared-table.ts is for several. */
export class StateTable {
  /** Number of states that were added here. */
  count = 0;
  /** Number of the state of the last `add`, new or known; -1 if numbers are not kept. */
  last = -1;
  /** Number that the next new state gets. */
  next = 0;
  /** What is added to `next` by each new state. */
  stride = 1;
  readonly memory: TableMemory;
  // Two words per slot; both zero in an empty one, none of them in the others.
  protected entries: Int32Array = new Int32Array(0);
  protected capacity = 0;
  // Slots per hash: homes rise with hashes, so that a table can be widened from its end to its beginning.
  protected scale = 0;
  // 1 + number of the state in each slot, if numbers are kept.
  protected numbers: Int32Array | undefined;
  // Two words per fingerprint; the place of each follows from its bits. Not for states with numbers.
  protected readonly recent: Int32Array | undefined;
  private growAt = 0;

  /** `memory` comes from `reserve`, or from another table. */
  constructor(memory: TableMemory = StateTable.reserve()) {
    this.memory = memory;
    if (!memory.numbers) this.recent = new Int32Array(RECENT * 2);
    this.view();
  }

  /** Memory in which `expected` states fit without growth, with or without their numbers. */
  static reserve(expected = 1 << 12, numbered = false, bytesMax: number = BYTES_MAX): TableMemory {
    const capacity = Math.max(8, Math.ceil(expected / (numbered ? NUMBERED : PLAIN).load));
    return {
      entries: reserve(capacity * 8, bytesMax),
      numbers: numbered ? reserve(capacity * 4, bytesMax) : undefined,
    };
  }

  /** Memory, bytes. */
  get bytes(): number {
    const { entries, numbers, recent } = this;
    return entries.byteLength + (numbers?.byteLength ?? 0) + (recent?.byteLength ?? 0);
  }

  /** Number of states at which the table has to grow. */
  get statesMax(): number {
    return this.growAt;
  }

  /** Adds a fingerprint; returns whether it is new. */
  add(lowWord: number, highWord: number): boolean {
    // A word that is zero is taken for its neighbour: an empty slot is all zero.
    const low = lowWord === 0 ? 1 : lowWord;
    const high = highWord === 0 ? 1 : highWord;
    const { entries, capacity, recent } = this;
    if (recent) {
      // Steps that commute lead to the same state soon one after the other.
      const at = (high & (RECENT - 1)) * 2;
      if (recent[at] === low && recent[at + 1] === high) return false;
      recent[at] = low;
      recent[at + 1] = high;
    }
    let slot = this.home(low, high);
    for (;;) {
      const at = slot * 2;
      const l = entries[at]!;
      if (l === low && entries[at + 1] === high) {
        if (this.numbers) this.last = this.numbers[slot]! - 1;
        return false;
      }
      if (l === 0) {
        entries[at] = low;
        entries[at + 1] = high;
        if (this.numbers) {
          this.last = this.next;
          this.next += this.stride;
          this.numbers[slot] = this.last + 1;
        }
        if (++this.count >= this.growAt) this.grow();
        return true;
      }
      if (++slot === capacity) slot = 0;
    }
  }

  /** Looks at the memory anew: another thread has made the table grow, or a file was read into it. */
  view(): void {
    const { entries, numbers } = this.memory;
    if (entries.byteLength === this.entries.byteLength) return;
    this.capacity = Math.trunc(entries.byteLength / 8);
    this.scale = this.capacity / TWO_32;
    this.growAt = Math.floor(this.capacity * (numbers ? NUMBERED : PLAIN).load);
    this.entries = new Int32Array(entries, 0, this.capacity * 2);
    if (numbers) this.numbers = new Int32Array(numbers, 0, this.capacity);
  }

  protected home(low: number, high: number): number {
    const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 0;
    return Math.trunc(hash * this.scale);
  }

  /** Makes room. O(slots); nobody else may use the table meanwhile. */
  grow(): void {
    const { entries, numbers } = this.memory;
    const before = this.capacity;
    const capacity = Math.ceil(before * (numbers ? NUMBERED : PLAIN).growth);
    // Not by more than that: the states pay for it.
    if (capacity * 8 > entries.maxByteLength) growTo(entries, capacity * 8, "table");
    entries.grow(capacity * 8);
    numbers?.grow(capacity * 4);
    this.view();
    this.spread(before);
  }

  // Moves each state to its place in the wider table, from the last slot to the first. A state whose place would be
  // among those that were not moved yet waits until the end.
  private spread(before: number): void {
    const { entries, numbers, capacity } = this;
    const moved = new Int32Array(MOVED * 2);
    const movedNumbers = new Int32Array(numbers ? MOVED : 0);
    const late: [low: number, high: number, number: number][] = [];
    const place = (low: number, high: number, number: number, from: number): boolean => {
      let slot = this.home(low, high);
      for (;;) {
        if (slot < from) return false;
        if (entries[slot * 2] === 0) break;
        if (++slot === capacity) slot = 0;
      }
      entries[slot * 2] = low;
      entries[slot * 2 + 1] = high;
      if (numbers) numbers[slot] = number;
      return true;
    };
    for (let to = before; to > 0;) {
      const from = Math.max(0, to - MOVED);
      moved.set(entries.subarray(from * 2, to * 2));
      entries.fill(0, from * 2, to * 2);
      if (numbers) movedNumbers.set(numbers.subarray(from, to));
      for (let i = 0; i < to - from; i++) {
        const low = moved[i * 2]!;
        if (low === 0) continue;
        const high = moved[i * 2 + 1]!;
        const number = numbers ? movedNumbers[i]! : 0;
        if (!place(low, high, number, from)) late.push([low, high, number]);
      }
      to = from;
    }
    for (const [low, high, number] of late) place(low, high, number, 0);
  }
}
