// SPDX-License-Identifier: GPL-2.0-only
//
// What one worker of a search writes down chunk by chunk: a log of bytes, and marks that say where each chunk begins in
// it, with some numbers.

import { ByteLog, NumberLog } from "../grown-memory.ts";

/** The memory of a log. */
export interface MarkedMemory {
  readonly bytes: SharedArrayBuffer;
  readonly marks: SharedArrayBuffer;
}

/** A log with marks. */
export abstract class MarkedLog {
  readonly memory: MarkedMemory;
  readonly log: ByteLog;
  readonly marks: NumberLog;

  /** `what` names it where there is no room for it. */
  constructor(memory: MarkedMemory, what: string) {
    this.memory = memory;
    this.log = new ByteLog(memory.bytes, what);
    this.marks = new NumberLog(memory.marks, what);
  }

  static reserve(): MarkedMemory {
    return { bytes: ByteLog.reserve(), marks: NumberLog.reserve() };
  }

  /** Memory, bytes. */
  get bytes(): number {
    return this.memory.bytes.byteLength + this.memory.marks.byteLength;
  }
}
