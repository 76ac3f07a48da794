// SPDX-License-Identifier: GPL-2.0-only
//
// What the checks know of a state beyond the kernel's heap, so that a search can put it back when it jumps to another
// state. Memory follows from the state and makes no states differ; history does not, and does.

import type { InvariantId } from "../../spec/invariants.ts";

/**
 * One buffer for all arrays that follow from the state: the model's pages, the owners of blocks. It is saved and loaded
 * as a whole.
 */
export class CheckMemory {
  private readonly buffer: ArrayBuffer;
  private used = 0;
  private whole: Int32Array | undefined;

  /** `bytesMax` bounds its size; bytes that nobody asked for cost no memory. */
  constructor(bytesMax: number) {
    this.buffer = new ArrayBuffer(Math.ceil(bytesMax / 4) * 4);
  }

  /** `count` words. */
  int32(count: number): Int32Array {
    return new Int32Array(this.buffer, this.take(count * 4), count);
  }

  /** `count` half words. */
  int16(count: number): Int16Array {
    return new Int16Array(this.buffer, this.take(count * 2), count);
  }

  /** `count` bytes. */
  uint8(count: number): Uint8Array {
    return new Uint8Array(this.buffer, this.take(count), count);
  }

  /** All of it. Nothing can be asked for afterwards. */
  get words(): Int32Array {
    return (this.whole ??= new Int32Array(this.buffer, 0, this.used / 4));
  }

  private take(bytes: number): number {
    if (this.whole) throw new Error("check memory: asked for after it was counted");
    const at = this.used;
    this.used += Math.ceil(bytes / 4) * 4;
    if (this.used > this.buffer.byteLength)
      throw new Error(`check memory: more than ${this.buffer.byteLength} bytes`);
    return at;
  }
}

/** Other numbers for processes. */
export interface ProcessRenaming {
  /** New number of each process. */
  readonly as: Int32Array;
  /** A mask of processes, renamed. */
  mask(mask: number): number;
}

/**
 * What one check remembers of the way to a state, written as the fewest numbers that decide what it will say. Equal
 * numbers must mean equal judgement of all that can follow: a search takes such states for the same.
 */
export interface History {
  /** The invariants that it is for; if there are any and none is watched, a search does without it. */
  readonly invariants: readonly InvariantId[];
  /** Words that it takes. */
  readonly words: number;
  /**
   * Whether it outlives the operation that it is about, so that states differ in it alone. A search may do without such
   * invariants, for fewer states; all zero then stands for the history of every state.
   */
  readonly past?: boolean;
  /** Whether it may change in a step that says nothing. */
  readonly silent?: boolean;
  /** If it names processes: writes the words of the state in which they have other numbers into `into`. */
  rename?(from: Int32Array, at: number, renaming: ProcessRenaming, into: Int32Array): void;
  /** Writes it into `words` of `into`, from `at` on. Must write each of them. */
  save(into: Int32Array, at: number): void;
  /** The opposite of `save`. */
  load(from: Int32Array, at: number): void;
}
