// SPDX-License-Identifier: GPL-2.0-only
//
// The events of the current step, as rows of numbers in one growing array. Emptied before each step.

import { EVENT_WORDS, type EventKind } from "../../spec/events.ts";

/** Rows of EVENT_WORDS numbers: kind, process, six operands. */
export class EventLog {
  rows: Int32Array = new Int32Array(64 * EVENT_WORDS);
  /** Number of rows in use. */
  count = 0;
  /** Process that the next events belong to. */
  process = 0;

  /** Appends one event; amortised O(1). */
  emit(kind: EventKind, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    const at = this.count * EVENT_WORDS;
    if (at === this.rows.length) this.grow();
    const rows = this.rows;
    rows[at] = kind;
    rows[at + 1] = this.process;
    rows[at + 2] = a;
    rows[at + 3] = b;
    rows[at + 4] = c;
    rows[at + 5] = d;
    rows[at + 6] = e;
    rows[at + 7] = f;
    this.count++;
  }

  private grow(): void {
    const larger = new Int32Array(this.rows.length * 2);
    larger.set(this.rows);
    this.rows = larger;
  }
}
