// SPDX-License-Identifier: GPL-2.0-only
//
// Which records the current step changed, and what they were before it. Lets the checkers look at what changed
// instead of at everything, so that checking a step does not cost more when more areas live. Not state.

import { AREA_WORD } from "./area-words.ts";

const START = AREA_WORD.start;
const END = AREA_WORD.end;
const PLACE = AREA_WORD.place;

/** Records touched since the last `begin`, each with its extent and place before the first change. */
export class ChangeLog {
  /** Handles, in order of first touch. */
  record!: Int32Array;
  oldStart!: Int32Array;
  oldEnd!: Int32Array;
  oldPlace!: Int32Array;
  count = 0;
  private readonly words: Int32Array;
  // One mark per record, at its handle / 8: a record has more than 8 words, so no two share a mark.
  private readonly marks: Uint8Array;
  // The four columns one after the other: a note writes through one view.
  private columns!: Int32Array;
  private capacity = 0;

  /** `words` are `size` words of records. */
  constructor(words: Int32Array, size: number) {
    this.words = words;
    this.marks = new Uint8Array((size >> 3) + 1);
    // The NULL record never changes.
    this.marks[0] = 1;
    this.grow();
  }

  /** Memory in use, bytes. */
  get bytes(): number {
    return this.marks.byteLength + this.columns.byteLength;
  }

  /** Forgets all changes. O(their number). */
  begin(): void {
    const { columns, marks, count } = this;
    for (let i = 0; i < count; i++) marks[columns[i]! >> 3] = 0;
    this.count = 0;
  }

  /** Notes a record before its first change in this step; NULL is passed over. Amortised O(1). */
  touch(va: number): void {
    if (!this.marks[va >> 3]) this.note(va);
  }

  /** `touch` of three records. Hot code calls it once, before all its writes: between them a call is dear. */
  touch3(a: number, b: number, c: number): void {
    const { marks } = this;
    if (!marks[a >> 3]) this.note(a);
    if (!marks[b >> 3]) this.note(b);
    if (!marks[c >> 3]) this.note(c);
  }

  /** `touch` of four records. */
  touch4(a: number, b: number, c: number, d: number): void {
    const { marks } = this;
    if (!marks[a >> 3]) this.note(a);
    if (!marks[b >> 3]) this.note(b);
    if (!marks[c >> 3]) this.note(c);
    if (!marks[d >> 3]) this.note(d);
  }

  /** Notes nothing from now on: for runs that nobody checks. */
  stop(): void {
    this.begin();
    this.marks.fill(1);
  }

  private note(va: number): void {
    if (this.count === this.capacity) this.grow();
    const { words: w, columns, capacity } = this;
    const i = this.count++;
    this.marks[va >> 3] = 1;
    columns[i] = va;
    columns[i + capacity] = w[va + START]!;
    columns[i + 2 * capacity] = w[va + END]!;
    columns[i + 3 * capacity] = w[va + PLACE]!;
  }

  private grow(): void {
    const capacity = this.capacity * 2 || 256;
    const columns = new Int32Array(4 * capacity);
    for (let c = 0; c < 4 && this.capacity > 0; c++) {
      columns.set(this.columns.subarray(c * this.capacity, (c + 1) * this.capacity), c * capacity);
    }
    this.columns = columns;
    this.capacity = capacity;
    this.record = columns.subarray(0, capacity);
    this.oldStart = columns.subarray(capacity, 2 * capacity);
    this.oldEnd = columns.subarray(2 * capacity, 3 * capacity);
    this.oldPlace = columns.subarray(3 * capacity);
  }
}
