// SPDX-License-Identifier: GPL-2.0-only
//
// Which ranges the current step made free or took out of the free space, in a design whose free space is what a range
// tree does not cover. The counterpart of the change log of records, for the checkers. Not state.

/** Ranges that became gaps, or ceased to be, since the last `begin`. */
export class GapLog {
  /** First page of each range, first page behind it, and 1 if it became a gap or -1 if it ceased to be one. */
  start = new Int32Array(16);
  end = new Int32Array(16);
  sign = new Int8Array(16);
  count = 0;

  /** Forgets all of them. O(1). */
  begin(): void {
    this.count = 0;
  }

  /** Notes that `[start, end)` became a gap (1) or ceased to be one (-1). Amortised O(1). */
  note(start: number, end: number, sign: 1 | -1): void {
    if (start >= end) return;
    if (this.count === this.start.length) this.grow();
    const i = this.count++;
    this.start[i] = start;
    this.end[i] = end;
    this.sign[i] = sign;
  }

  private grow(): void {
    const size = this.start.length * 2;
    const { start, end, sign } = this;
    this.start = new Int32Array(size);
    this.start.set(start);
    this.end = new Int32Array(size);
    this.end.set(end);
    this.sign = new Int8Array(size);
    this.sign.set(sign);
  }
}
