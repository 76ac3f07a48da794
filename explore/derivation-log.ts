// SPDX-License-Identifier: GPL-2.0-only
//
// What a table of positions has grown by: pairs of (position, result) in the order in which they were first followed.
// A table is a function of its entries and of this log, so threads that share the log, or a later process that reads it
// back, have the same numbers for the same positions. Source: state machine replication, Lamport 1978.

import { NumberLog, reserve } from "./grown-memory.ts";
import { lock, unlock } from "./shared-lock.ts";

/** Bytes reserved for the log: 16 million derivations. */
const BYTES_MAX = 2 ** 28;

/** The memory of a log: a lock with the number of derivations behind it, and the pairs. */
export interface DerivationMemory {
  readonly words: SharedArrayBuffer;
  readonly pairs: SharedArrayBuffer;
}

/** The derivations of tables that are to be the same. */
export class DerivationLog {
  readonly memory: DerivationMemory;
  private readonly words: Int32Array;
  private readonly pairs: NumberLog;

  constructor(memory: DerivationMemory = DerivationLog.reserve()) {
    this.memory = memory;
    this.words = new Int32Array(memory.words);
    this.pairs = new NumberLog(memory.pairs, "log of positions");
  }

  static reserve(bytesMax: number = BYTES_MAX): DerivationMemory {
    return { words: reserve(8, 8), pairs: NumberLog.reserve(bytesMax) };
  }

  /** Derivations in the log. */
  get length(): number {
    return Atomics.load(this.words, 1);
  }

  /** Runs `work` while no other thread can append. */
  exclusively<T>(work: () => T): T {
    lock(this.words, 0);
    try {
      return work();
    } finally {
      unlock(this.words, 0);
    }
  }

  /** Appends a derivation; only inside `exclusively`. */
  append(position: number, result: number): void {
    this.pairs.push(position, result);
    Atomics.add(this.words, 1, 1);
  }

  /** The position from which derivation `at` goes on. */
  positionAt(at: number): number {
    return this.pairs.at(at * 2);
  }

  /** The result with which it goes on. */
  resultAt(at: number): number {
    return this.pairs.at(at * 2 + 1);
  }

  /** All pairs, flat. */
  content(): Float64Array {
    return this.pairs.content();
  }
}
