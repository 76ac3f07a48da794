// SPDX-License-Identifier: GPL-2.0-only
//
// Which records the current step changed, and what they were before it. Lets the checkers look at what changed
// instead of at everything, so that checking a step does not cost more when more areas live. Not state.

/** Number of steps after which the marks are wiped: a mark must not be taken for one of 2^32 steps later. */
const EPOCH_MAX = 0x7fffffff;

/** Records touched since the last `begin`, each with its extent and place before the first change. */
export class ChangeLog {
  /** Handles, in order of first touch. */
  record: Int32Array = new Int32Array(256);
  oldStart: Int32Array = new Int32Array(256);
  oldEnd: Int32Array = new Int32Array(256);
  oldPlace: Int32Array = new Int32Array(256);
  count = 0;
  // One mark per record, the epoch of its last change. A record has at least 8 words, so no two share a mark.
  private readonly marks: Int32Array;
  private epoch = 1;

  /** `words` is the size of all records, `stride` of one, 8 at least. */
  constructor(words: number, stride: number) {
    if (stride < 8) throw new Error(`change log: records of ${stride} words share their marks`);
    this.marks = new Int32Array((words >> 3) + 1);
  }

  /** Forgets all changes. Amortised O(1). */
  begin(): void {
    this.count = 0;
    if (this.epoch < EPOCH_MAX) this.epoch++;
    else {
      this.epoch = 1;
      this.marks.fill(0);
    }
  }

  /** Whether a record was noted in this step. */
  isNoted(va: number): boolean {
    return this.marks[va >> 3] === this.epoch;
  }

  /** Notes a record before its first change in this step. Amortised O(1). */
  note(va: number, start: number, end: number, place: number): void {
    this.marks[va >> 3] = this.epoch;
    if (this.count === this.record.length) this.grow();
    const i = this.count++;
    this.record[i] = va;
    this.oldStart[i] = start;
    this.oldEnd[i] = end;
    this.oldPlace[i] = place;
  }

  private grow(): void {
    const wider = (from: Int32Array): Int32Array => {
      const to = new Int32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.record = wider(this.record);
    this.oldStart = wider(this.oldStart);
    this.oldEnd = wider(this.oldEnd);
    this.oldPlace = wider(this.oldPlace);
  }
}
