// SPDX-License-Identifier: GPL-2.0-only
//
// The purges of a trace: which of them covers what, and how many areas they may and must have taken by then.
// Purges are serialised by vmap_purge_lock, each takes all that is lazy, and prints its line when it ends. So all that
// was freed before the line of one has been taken when the next one ends.

import type { TraceEvent } from "../trace-event.ts";

/** Past purges that are remembered at least; at most twice as many are. */
const REMEMBERED = 4096;

interface PastPurge {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a count, or undefined. */
export interface CountProblem {
  readonly few: boolean;
  readonly message: string;
}

/** Whether a purge flushed a range, and took something. Pages. */
export function covers(
  { fromPage, numPurged, toOffset, toPage }: TraceEvent,
  page: number,
  end: number,
): boolean {
  return numPurged > 0 && fromPage <= page && end <= (toOffset > 0 ? toPage + 1 : toPage);
}

/** Sums over the purges so far. */
export class Purges {
  /** Areas that were lazy before the trace; undefined if nobody knows. */
  private before: number | undefined;
  private taken = 0;
  private frees = 0;
  // Frees before the line of the last purge.
  private freesBefore = 0;
  private isFirst = true;
  private readonly past: PastPurge[] = [];
  // All that was forgotten lies before this line.
  private forgotten = 0;

  /** Starts anew with so many lazy areas. */
  reset(before: number | undefined, line: number): void {
    this.before = before;
    this.taken = 0;
    this.frees = 0;
    this.freesBefore = 0;
    this.isFirst = true;
    this.past.length = 0;
    this.forgotten = line;
  }

  /** An area was put on the lazy list. */
  free(): void {
    this.frees++;
  }

  /** A purge has ended. What is wrong with the sum is told once. */
  end(event: TraceEvent): CountProblem | undefined {
    this.taken += event.numPurged;
    const problem = this.problem();
    this.freesBefore = this.frees;
    if (event.numPurged > 0) this.remember(event);
    return problem;
  }

  /** Whether a purge whose line lies in `(after, line)` covers a range, or may have done so. */
  mayCover(page: number, end: number, after: number, line: number): boolean {
    if (after < this.forgotten) return true;
    return this.past.some(
      (each) => each.line > after && each.line < line && each.from <= page && end <= each.to,
    );
  }

  private problem(): CountProblem | undefined {
    const { before, frees, freesBefore, taken } = this;
    const least = freesBefore;
    // The first one may have begun before the list from before the trace was read.
    if (this.isFirst) this.isFirst = false;
    else if (taken - (before ?? 0) < least) {
      this.taken = least + (before ?? 0);
      const had = before === undefined || before === 0 ? "" : ` and ${before} were lazy before the trace`;
      return {
        few: true,
        message: `${taken} areas were purged so far, but ${least} had been freed before the last purge ended${had}`,
      };
    }
    if (before !== undefined && taken - before > frees) {
      this.taken = frees + before;
      return {
        few: false,
        message: `${taken} areas were purged so far, but only ${frees + before} had been lazy`,
      };
    }
    return undefined;
  }

  private remember({ fromPage, line, toOffset, toPage }: TraceEvent): void {
    this.past.push({ line, from: fromPage, to: toOffset > 0 ? toPage + 1 : toPage });
    if (this.past.length > 2 * REMEMBERED) this.forgotten = this.past.splice(0, REMEMBERED).at(-1)!.line + 1;
  }
}
