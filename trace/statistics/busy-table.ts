// SPDX-License-Identifier: GPL-2.0-only
//
// What each task or each CPU has done. When the table is full, the less busy half of it is counted together; one of
// those that comes again starts anew.

import { KIND, type TraceEvent } from "../trace-event.ts";

/** What somebody has done. */
export interface Doings {
  /** All of the following. */
  readonly events: number;
  /** Failed ones included. */
  readonly allocations: number;
  readonly failed: number;
  readonly frees: number;
  readonly purges: number;
  /** Pages of the allocations. */
  readonly pages: number;
  /** Frees of areas that somebody else had allocated in the trace. */
  readonly freesOfOthers: number;
}

/** Somebody, by number and name. */
export interface Doer extends Doings {
  /** Process id, or number of the CPU. */
  readonly id: number;
  /** The task's name at first sight; empty for a CPU. */
  readonly name: string;
}

/** The busiest of them. */
export interface BusyRows {
  /** Most events first, then by number. */
  readonly rows: readonly Doer[];
  /** How many are not among the rows; one that came again after it was dropped is counted again. */
  readonly leftOut: number;
  /** What those did together. */
  readonly others: Doings;
}

/** Entries that a table holds. */
export const ENTRIES_MAX = 4096;

type Counts = { -readonly [Key in keyof Doings]: Doings[Key] };

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly counts: Counts;
}

/** Counts by number. */
export class BusyTable {
  private entries = new Map<number, Entry>();
  private readonly dropped = nothing();
  private droppedEntries = 0;
  private last: Entry | undefined;

  /** Entries now, for tests. */
  get size(): number {
    return this.entries.size;
  }

  /**
   * One event of somebody. `pages` are those of an allocation, `isForeign` is about a free. The name of the event's
   * task is kept if `isTask`.
   */
  add(id: number, event: TraceEvent, isTask: boolean, pages: number, isForeign: boolean): void {
    const entry = this.last?.id === id ? this.last : this.entry(id, event, isTask);
    this.last = entry;
    const { counts } = entry;
    counts.events++;
    if (event.kind === KIND.ALLOC) {
      counts.allocations++;
      if (event.failed) counts.failed++;
      counts.pages += pages;
    } else if (event.kind === KIND.FREE) {
      counts.frees++;
      if (isForeign) counts.freesOfOthers++;
    } else counts.purges++;
  }

  /** The `most` busiest. O(entries log entries). */
  rows(most: number): BusyRows {
    const sorted = this.sorted();
    const others = { ...this.dropped };
    for (const { counts } of sorted.slice(most)) addTo(others, counts);
    return {
      rows: sorted.slice(0, most).map(({ id, name, counts }) => ({ id, name, ...counts })),
      leftOut: this.droppedEntries + Math.max(0, sorted.length - most),
      others,
    };
  }

  private entry(id: number, event: TraceEvent, isTask: boolean): Entry {
    const known = this.entries.get(id);
    if (known) return known;
    if (this.entries.size >= ENTRIES_MAX) this.drop();
    const entry = { id, name: isTask ? event.comm() : "", counts: nothing() };
    this.entries.set(id, entry);
    return entry;
  }

  private drop(): void {
    const sorted = this.sorted();
    for (const { counts } of sorted.slice(ENTRIES_MAX / 2)) addTo(this.dropped, counts);
    this.droppedEntries += sorted.length - ENTRIES_MAX / 2;
    this.entries = new Map(sorted.slice(0, ENTRIES_MAX / 2).map((entry) => [entry.id, entry]));
  }

  private sorted(): readonly Entry[] {
    return [...this.entries.values()].sort((a, b) => b.counts.events - a.counts.events || a.id - b.id);
  }
}

function nothing(): Counts {
  return { events: 0, allocations: 0, failed: 0, frees: 0, purges: 0, pages: 0, freesOfOthers: 0 };
}

function addTo(sum: Counts, more: Doings): void {
  for (const key of Object.keys(sum) as (keyof Doings)[]) sum[key] += more[key];
}
