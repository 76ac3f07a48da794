// SPDX-License-Identifier: GPL-2.0-only
//
// The visited states of a search: 64-bit fingerprints and the predecessor of each, in one open-addressing table over
// typed arrays. A state is known by the number of its entry, in order of discovery.

/** Where `add` found or put a fingerprint. */
export interface Added {
  /** Number of the state. */
  state: number;
  /** Whether it is new. */
  isNew: boolean;
}

const LOAD_MAX = 0.75;

/** A set of 64-bit fingerprints, given as two 32-bit halves. */
export class StateTable {
  /** Number of states. */
  count = 0;
  // By slot: number of the state + 1, or 0.
  private slots: Int32Array;
  // By state: the halves of its fingerprint, and the state it was first reached from.
  private low: Int32Array;
  private high: Int32Array;
  private from: Int32Array;
  private readonly added: Added = { state: 0, isNew: false };

  /** `expected` states fit without growth. */
  constructor(expected = 1 << 12) {
    let capacity = 16;
    while (capacity * LOAD_MAX < expected) capacity *= 2;
    this.slots = new Int32Array(capacity);
    const states = Math.ceil(capacity * LOAD_MAX);
    this.low = new Int32Array(states);
    this.high = new Int32Array(states);
    this.from = new Int32Array(states);
  }

  /** Memory, bytes. */
  get bytes(): number {
    return this.slots.byteLength + this.low.byteLength + this.high.byteLength + this.from.byteLength;
  }

  /** Adds a fingerprint reached from state `from` (-1: from nowhere). The result is overwritten by the next call. */
  add(low: number, high: number, from: number): Added {
    const { added } = this;
    let slot = this.find(low, high);
    const known = this.slots[slot]!;
    if (known !== 0) {
      added.state = known - 1;
      added.isNew = false;
      return added;
    }
    if (this.count === this.low.length) {
      this.grow();
      slot = this.find(low, high);
    }
    const state = this.count++;
    this.slots[slot] = state + 1;
    this.low[state] = low;
    this.high[state] = high;
    this.from[state] = from;
    added.state = state;
    added.isNew = true;
    return added;
  }

  /** Whether a state has this fingerprint. */
  is(state: number, low: number, high: number): boolean {
    return this.low[state] === low && this.high[state] === high;
  }

  /** The states from the first one to `state`, along first discoveries. */
  pathTo(state: number): number[] {
    const path: number[] = [];
    for (let at = state; at >= 0; at = this.from[at]!) path.push(at);
    return path.reverse();
  }

  private find(low: number, high: number): number {
    const mask = this.slots.length - 1;
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & mask;
    for (;;) {
      const known = this.slots[slot]!;
      if (known === 0 || (this.low[known - 1] === low && this.high[known - 1] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const capacity = this.slots.length * 2;
    const states = Math.ceil(capacity * LOAD_MAX);
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(states);
      to.set(old);
      return to;
    };
    this.low = wider(this.low);
    this.high = wider(this.high);
    this.from = wider(this.from);
    this.slots = new Int32Array(capacity);
    for (let state = 0; state < this.count; state++) {
      this.slots[this.find(this.low[state]!, this.high[state]!)] = state + 1;
    }
  }
}
