// SPDX-License-Identifier: GPL-2.0-only
//
// Which records the current step changed, and what they were before it. Lets the checkers look at what changed
// instead of at everything, so that checking a step does not cost more when more areas live. Not state.

/** Records touched since the last `begin`, each with its extent and place before the first change. */
export class ChangeLog {
  /** Handles, in order of first touch. */
  record: Int32Array = new Int32Array(256);
  oldStart: Int32Array = new Int32Array(256);
  oldEnd: Int32Array = new Int32Array(256);
  oldPlace: Int32Array = new Int32Array(256);
  count = 0;
  private readonly stride: number;
  private readonly touchedIn: Int32Array;
  private epoch = 1;

  constructor(recordCount: number, stride: number) {
    this.stride = stride;
    this.touchedIn = new Int32Array(recordCount);
  }

  /** Forgets all changes. O(1). */
  begin(): void {
    this.count = 0;
    this.epoch = (this.epoch + 1) | 0;
  }

  /** Notes a record before its first change in this step. Amortised O(1). */
  touch(va: number, start: number, end: number, place: number): void {
    const slot = (va / this.stride) | 0;
    if (this.touchedIn[slot] === this.epoch) return;
    this.touchedIn[slot] = this.epoch;
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
