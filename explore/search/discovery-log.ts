// SPDX-License-Identifier: GPL-2.0-only
//
// How each state of a breadth-first search was reached, in two bytes per state. A worker expands the states of a chunk
// in their order, so it is enough to write down, state by state, which transitions led to new states, and, chunk by
// chunk, whose states these are.

import { MarkedLog, type MarkedMemory } from "./marked-log.ts";

// A byte of the log: 0 ends the transitions of a state, 1 to 254 is the number of a transition + 1. 255 stands before
// such a byte, and adds 254 to the number.
const BASE = 254;

// Numbers of a mark: where its chunk begins in the log, states discovered before, and whose states are expanded.
const OFFSET = 0;
const NOTED = 1;
const WRITER = 2;
const FIRST = 3;
const MARK = 4;

/** A state: the worker that discovered it, and its number there. The initial one is number 0 of worker 0. */
export interface StateName {
  readonly worker: number;
  readonly index: number;
}

/** The log of one worker. Its states are numbered as they are noted. */
export class DiscoveryLog extends MarkedLog {
  private noted: number;

  /** `noted` states were noted before; worker 0 begins with one, the initial state. */
  constructor(memory: MarkedMemory = MarkedLog.reserve(), noted = 1) {
    super(memory, "log of discoveries");
    this.noted = noted;
  }

  /** A chunk is expanded, with the states of `writer` from number `first` on. */
  begin(writer: number, first: number): void {
    this.marks.push(this.log.length, this.noted, writer, first);
  }

  /** The transition with this number, of the state that is expanded now, led to a new state. */
  note(transition: number): void {
    let left = transition;
    for (; left >= BASE; left -= BASE) this.log.put(255);
    this.log.put(left + 1);
    this.noted++;
  }

  /** The state that is expanded now has no more transitions; the next one is expanded. */
  end(): void {
    this.log.put(0);
  }

  /** The state from which state `index` was discovered, and by which transition. O(log chunks + chunk). */
  parentOf(index: number): { readonly parent: StateName; readonly transition: number } {
    const mark = this.markOf(index) * MARK;
    let at = mark < 0 ? this.log.length : this.marks.at(mark + OFFSET);
    let entry = mark < 0 ? 0 : this.marks.at(mark + NOTED);
    let row = 0;
    let base = 0;
    for (; at < this.log.length; at++) {
      const byte = this.log.byte(at);
      if (byte === 0) row++;
      else if (byte === 255) base += BASE;
      else {
        if (entry === index) {
          const parent = { worker: this.marks.at(mark + WRITER), index: this.marks.at(mark + FIRST) + row };
          return { parent, transition: base + byte - 1 };
        }
        entry++;
        base = 0;
      }
    }
    throw new Error(`search: state ${index} is not in the log`);
  }

  // The last chunk before which no more than `index` states were noted, or -1.
  private markOf(index: number): number {
    let low = 0;
    let high = this.marks.length / MARK;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.marks.at(middle * MARK + NOTED) <= index) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Numbers of the transitions that lead from the initial state to `state`, as it was discovered. */
export function pathTo(logs: readonly DiscoveryLog[], state: StateName): number[] {
  const path: number[] = [];
  for (let at = state; at.worker !== 0 || at.index !== 0;) {
    const { parent, transition } = logs[at.worker]!.parentOf(at.index);
    path.push(transition);
    at = parent;
  }
  return path.reverse();
}
