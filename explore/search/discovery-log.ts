// SPDX-License-Identifier: GPL-2.0-only
//
// How each state of a breadth-first search was reached, in two bytes per state. States are expanded in the order in
// which they were discovered, so it is enough to write down, state by state, which transitions led to new states:
// where a state comes from is then found by one walk from the end to the beginning.

const CHUNK = 1 << 20;

// A byte of the log: 0 ends the transitions of a state, 1 to 254 is the number of a transition + 1. 255 stands before
// such a byte, and adds 254 to the number.
const BASE = 254;

/** The log of one search. State 0 is where it began; the others are numbered as they are noted. */
export class DiscoveryLog {
  private readonly chunks: Uint8Array[] = [];
  private last = new Uint8Array(0);
  private at = 0;
  // States noted, and states all of whose transitions were noted.
  private noted = 0;
  private ended = 0;

  /** Memory, bytes. */
  get bytes(): number {
    return this.chunks.length * CHUNK;
  }

  /** The transition with this number, of the state that is expanded now, led to a new state. */
  note(transition: number): void {
    let left = transition;
    for (; left >= BASE; left -= BASE) this.put(255);
    this.put(left + 1);
    this.noted++;
  }

  /** The state that is expanded now has no more transitions; the next one is expanded. */
  end(): void {
    this.put(0);
    this.ended++;
  }

  /** Numbers of the transitions that lead from state 0 to `state`, as it was discovered. */
  pathTo(state: number): number[] {
    const path: number[] = [];
    let target = state;
    let entry = this.noted;
    let from = this.ended;
    for (let i = this.length - 1; i >= 0 && target > 0; i--) {
      const byte = this.byte(i);
      if (byte === 0) from--;
      else if (byte !== 255 && entry-- === target) {
        let transition = byte - 1;
        for (let j = i - 1; j >= 0 && this.byte(j) === 255; j--) transition += BASE;
        path.push(transition);
        target = from;
      }
    }
    if (target !== 0) throw new Error(`search: state ${state} is not in the log`);
    return path.reverse();
  }

  private get length(): number {
    return this.chunks.length === 0 ? 0 : (this.chunks.length - 1) * CHUNK + this.at;
  }

  private byte(i: number): number {
    return this.chunks[Math.trunc(i / CHUNK)]![i % CHUNK]!;
  }

  private put(byte: number): void {
    if (this.at === this.last.length) {
      this.last = new Uint8Array(CHUNK);
      this.chunks.push(this.last);
      this.at = 0;
    }
    this.last[this.at++] = byte;
  }
}
