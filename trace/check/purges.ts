// SPDX-License-Identifier: GPL-2.0-only
//
// The purges of a trace: which of them covers what, and how many areas they may and must have taken by then.
// Purges are serialised by vmap_purge_lock, each takes all that is lazy, and prints its line when it ends. So all that
// was freed before the line of one has been taken when the next one ends.

import { endPageOf, type TraceEvent } from "../trace-event.ts";

/** Past purges that are remembered at least; at most twice as many are. */
const REMEMBERED = 4096;

interface PastPurge {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a count. */
export interface CountProblem {
  readonly rule: "TR-PURGED-FEW" | "TR-PURGED-MANY";
  readonly isProved: boolean;
  readonly message: string;
}

/** Whether a purge flushed a range, and took something. Pages. */
export function covers(event: TraceEvent, page: number, end: number): boolean {
  return event.numPurged > 0 && event.fromPage <= page && end <= endPageOf(event);
}

/** Sums over the purges so far. */
export class Purges {
  /** Areas that were lazy before the trace; undefined if nobody knows. */
  private before: number | undefined;
  private taken = 0;
  private frees = 0;
  /** Frees that surely were no earlier than the trace began. */
  private sureFrees = 0;
  /** Both, before the line of the last purge. */
  private readonly last = { frees: 0, sureFrees: 0 };
  /** So many too few, or too many, were told already. */
  private readonly told = { proved: 0, few: 0, many: 0 };
  private isFirst = true;
  private readonly past: PastPurge[] = [];
  // All that was forgotten lies before this line.
  private forgotten = 1;

  /** Starts anew at a line, with so many lazy areas. Purges before it are unknown. */
  reset(before: number | undefined, line: number): void {
    this.before = before;
    this.taken = 0;
    this.frees = 0;
    this.sureFrees = 0;
    this.isFirst = true;
    Object.assign(this.last, { frees: 0, sureFrees: 0 });
    Object.assign(this.told, { proved: 0, few: 0, many: 0 });
    this.past.length = 0;
    this.forgotten = line;
  }

  /** An area was put on the lazy list, by a task that had printed line `own` before, or none (0). */
  free(own: number): void {
    this.frees++;
    if (own >= this.forgotten) this.sureFrees++;
  }

  /** A purge has ended. What is wrong with the sums is told once. */
  end(event: TraceEvent): CountProblem | undefined {
    this.taken += event.numPurged;
    const problem = this.problem();
    this.last.frees = this.frees;
    this.last.sureFrees = this.sureFrees;
    this.isFirst = false;
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
    const { before, frees, last, taken, told } = this;
    const proved = last.sureFrees - taken;
    if (proved > told.proved) {
      told.proved = proved;
      told.few = Math.max(told.few, proved + (before ?? 0) + last.frees - last.sureFrees);
      const message = `${taken} areas were purged so far, but ${last.sureFrees} had been freed before the last purge ended`;
      return { rule: "TR-PURGED-FEW", isProved: true, message };
    }
    if (before === undefined) return undefined;
    // The first one may have begun before the list from before the trace was read.
    const few = last.frees + before - taken;
    if (!this.isFirst && few > told.few) {
      told.few = few;
      const message = `${taken} areas were purged so far, but ${last.frees} had been freed before the last purge ended, and ${before} before the trace`;
      return { rule: "TR-PURGED-FEW", isProved: false, message };
    }
    const many = taken - before - frees;
    if (many <= told.many) return undefined;
    told.many = many;
    const message = `${taken} areas were purged so far, but only ${frees + before} had been lazy`;
    return { rule: "TR-PURGED-MANY", isProved: false, message };
  }

  private remember(event: TraceEvent): void {
    this.past.push({ line: event.line, from: event.fromPage, to: endPageOf(event) });
    if (this.past.length > 2 * REMEMBERED) this.forgotten = this.past.splice(0, REMEMBERED).at(-1)!.line + 1;
  }
}
