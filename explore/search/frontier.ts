// SPDX-License-Identifier: GPL-2.0-only
//
// The frontier of a breadth-first search as one worker sees it: it takes chunks of rows of the present level, wherever
// they were written, and appends rows to the next one. A row is coded as its difference to the row before; the first row
// of a chunk as that to a row of zeros, so that a chunk can be read by anybody.

import type { ChunkHead, ChunkStore } from "./chunk-store.ts";
import { decodeRow, encodeRow, rowBytesMax } from "./row-code.ts";

/** Rows of a chunk, at most: the unit of work. */
export const CHUNK_ROWS = 256;

/** Bytes of a chunk, at most, unless one row needs more. */
const CHUNK_BYTES = 1 << 16;

/** Most bytes of a chunk of rows of so many words. */
export function chunkBytesMax(rowWords: number): number {
  return Math.max(CHUNK_BYTES, rowBytesMax(rowWords));
}

/** A worker's end of the two queues. */
export class Frontier {
  /** Rows of the chunk that is read which are left. */
  left = 0;
  /** The worker that discovered the states of the chunk that is read, and the number of the first one there. */
  readonly from: ChunkHead = { used: 0, rows: 0, writer: 0, first: 0 };
  private readonly store: ChunkStore;
  private readonly rowBytes: number;
  private readonly chunkRows: number;
  private readonly open: ChunkHead;
  private readonly writing: Uint8Array;
  private readonly written: Int32Array;
  private readonly reading: Uint8Array;
  private readAt = 0;

  /** `rowWords` is the length of a row, `writer` this worker, `first` the number of the next state it will discover. */
  constructor(store: ChunkStore, rowWords: number, writer = 0, first = 0, chunkRows: number = CHUNK_ROWS) {
    this.store = store;
    this.rowBytes = rowBytesMax(rowWords);
    this.chunkRows = chunkRows;
    this.open = { used: 0, rows: 0, writer, first };
    this.writing = new Uint8Array(chunkBytesMax(rowWords));
    this.reading = new Uint8Array(chunkBytesMax(rowWords));
    this.written = new Int32Array(rowWords);
  }

  /** Appends a row to the next level. */
  push(row: Int32Array): void {
    const { open, writing } = this;
    if (open.rows === this.chunkRows || open.used + this.rowBytes > writing.length) this.close();
    open.used = encodeRow(row, this.written, writing, open.used);
    open.rows++;
  }

  /** Hands over the rows that were pushed. */
  close(): void {
    const { open } = this;
    if (open.rows === 0) return;
    this.store.put(open, this.writing);
    open.first += open.rows;
    open.used = 0;
    open.rows = 0;
    this.written.fill(0);
  }

  /** Begins with a chunk of the present level; false if there is none. */
  take(): boolean {
    if (!this.store.take(this.from, this.reading)) return false;
    this.left = this.from.rows;
    this.readAt = 0;
    return true;
  }

  /** Turns `row`, which is all zero or the last one, into the next row of the chunk. */
  shift(row: Int32Array): void {
    this.readAt = decodeRow(row, this.reading, this.readAt);
    this.left--;
  }
}
