// SPDX-License-Identifier: GPL-2.0-only
//
// The visited states of a search: 64-bit fingerprints side by side in one open-addressing table. It grows by a third
// and not to the double, so that a state never takes more than 13.4 bytes, beside 128 KiB for all. On demand each slot
// also keeps the number of its state, four bytes more. How a state was reached is in the discovery log.

/** Share of the slots in use at which the table grows: linear probing gets slow beyond it. */
const LOAD_MAX = 0.8;
const GROWTH = 4 / 3;

const TWO_32 = 2 ** 32;

/** Fingerprints added of late that are kept in a second, small place: the large one costs a cache miss. */
const RECENT = 1 << 14;

/** A set of 64-bit fingerprints, given as two 32-bit halves. */
export class StateTable {
  /** Number of states. */
  count = 0;
  // Two words per slot; both zero in an empty one.
  private entries: Int32Array;
  private capacity: number;
  // Slots per hash: homes rise with hashes, so that a larger table is filled from front to back.
  private scale = 0;
  private growAt = 0;
  // Two words per fingerprint; the place of each follows from its bits. Not for states with numbers.
  private readonly recent: Int32Array | undefined;
  // Number of the state in each slot, if numbers are kept.
  private numbers: Int32Array | undefined;

  /** `expected` states fit without growth. With `numbered`, `last` is the number of the state added last. */
  constructor(expected = 1 << 12, numbered = false) {
    this.capacity = 0;
    this.entries = this.make(Math.ceil(expected / LOAD_MAX));
    if (numbered) this.numbers = new Int32Array(this.capacity);
    else this.recent = new Int32Array(RECENT * 2);
  }

  /** Number of the state of the last `add`, new or known, in order of discovery; -1 if numbers are not kept. */
  last = -1;

  /** Memory, bytes. */
  get bytes(): number {
    const { entries, numbers, recent } = this;
    return entries.byteLength + (numbers?.byteLength ?? 0) + (recent?.byteLength ?? 0);
  }

  /** Adds a fingerprint; returns whether it is new. */
  add(low: number, high: number): boolean {
    // An empty slot is all zero, so this one fingerprint is taken for another.
    if (low === 0 && high === 0) return this.add(1, 0);
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
      const h = entries[at + 1]!;
      if (l === low && h === high) {
        if (this.numbers) this.last = this.numbers[slot]!;
        return false;
      }
      if (l === 0 && h === 0) {
        entries[at] = low;
        entries[at + 1] = high;
        if (this.numbers) {
          this.last = this.count;
          this.numbers[slot] = this.count;
        }
        if (++this.count >= this.growAt) this.grow();
        return true;
      }
      if (++slot === capacity) slot = 0;
    }
  }

  private home(low: number, high: number): number {
    const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 0;
    return Math.trunc(hash * this.scale);
  }

  private make(capacity: number): Int32Array {
    this.capacity = capacity;
    this.scale = capacity / TWO_32;
    this.growAt = Math.floor(capacity * LOAD_MAX);
    return new Int32Array(capacity * 2);
  }

  private grow(): void {
    const old = this.entries;
    const oldNumbers = this.numbers;
    const entries = this.make(Math.ceil(this.capacity * GROWTH));
    this.entries = entries;
    if (oldNumbers) this.numbers = new Int32Array(this.capacity);
    const { capacity } = this;
    for (let from = 0; from < old.length; from += 2) {
      const low = old[from]!;
      const high = old[from + 1]!;
      if (low === 0 && high === 0) continue;
      let slot = this.home(low, high);
      while (entries[slot * 2] !== 0 || entries[slot * 2 + 1] !== 0) if (++slot === capacity) slot = 0;
      entries[slot * 2] = low;
      entries[slot * 2 + 1] = high;
      if (oldNumbers) this.numbers![slot] = oldNumbers[from >> 1]!;
    }
  }
}
