// SPDX-License-Identifier: GPL-2.0-only
//
// Freed areas until they may be used again, and reuses that wait for the line of the purge that may explain them.
// A reuse is legal if a purge behind the free had flushed the area and taken it. A purge line behind the free that covers
// the area is taken for one: nothing in a trace says when a purge began. Of the first purge line behind the reuse, the
// task's own lines may say that it began too late.

import type { TraceEvent } from "../trace-event.ts";
import type { Area } from "./area.ts";
import type { LineReference, TraceFinding } from "./finding.ts";
import { covers, type Purges } from "./purges.ts";
import { allocationOf, freeOf, referenceOf } from "./references.ts";
import type { SortedAreas } from "./sorted-areas.ts";

/** Areas that may be used again are remembered for what follows on them, up to this number. */
const HISTORY_MAX = 1 << 16;

/** So many more are remembered before it is looked who is left. */
const LIST_MIN = 1024;

/** Reuses that wait for a purge line; more of them, and the oldest ones stay undecided. */
const PENDING_MAX = 1 << 16;

interface Pending {
  readonly area: Area;
  readonly line: number;
  readonly reference: LineReference;
}

/** Counts of reuses, by how they are explained. */
export interface ReuseCounts {
  /** Allocations that got pages of an area that was freed before. */
  reuses: number;
  /** Freed areas of which a page was used again; what was left of one does not count once more. */
  reusedAreas: number;
  /** Of these, the ones whose purge printed its line only behind the reuse. */
  inFlight: number;
  /** And those for which no purge line that would explain them has come: the trace is over, or has lost events. */
  open: number;
}

/** Freed areas. */
export class FreedAreas {
  readonly counts: ReuseCounts = { reuses: 0, reusedAreas: 0, inFlight: 0, open: 0 };
  private readonly areas: SortedAreas;
  private lazy: Area[] = [];
  private lazyMax = LIST_MIN;
  private history: Area[] = [];
  private historyMax = LIST_MIN;
  private pending: Pending[] = [];

  /** `areas` has all areas by address, those that are live as well. */
  constructor(areas: SortedAreas) {
    this.areas = areas;
  }

  /** Entries of all lists. */
  get size(): number {
    return this.lazy.length + this.history.length + this.pending.length;
  }

  /** An area is lazy. */
  add(area: Area): void {
    this.lazy.push(area);
    if (this.lazy.length <= this.lazyMax) return;
    this.lazy = this.lazy.filter((each) => !each.isReused);
    this.lazyMax = 2 * this.lazy.length + LIST_MIN;
  }

  /** An area that is in no list any more is used again, and the pages that are not stay what they were. */
  use(area: Area, by: Area, event: TraceEvent): void {
    if (!area.isRest) this.counts.reusedAreas++;
    if (area.releasedBy === 0) {
      this.pending.push({ area, line: event.line, reference: referenceOf(event, by) });
      if (this.pending.length > PENDING_MAX) this.leaveOpen(this.pending.splice(0, PENDING_MAX / 2));
    }
    area.isReused = true;
    this.keepRest(area, area.page, by.page);
    this.keepRest(area, by.end, area.end);
  }

  /**
   * A purge has ended, whose task printed its line before that at `own`. Returns the areas that may be used again now.
   * What is wrong with reuses goes to `report`.
   */
  purge(event: TraceEvent, own: number, purges: Purges, report: (finding: TraceFinding) => void): Area[] {
    const { pending } = this;
    if (pending.length > 0) {
      this.pending = [];
      for (const each of pending) this.settle(each, event, own, purges, report);
    }
    const released: Area[] = [];
    if (event.numPurged > 0) {
      this.lazy = this.lazy.filter((area) => {
        if (area.isReused) return false;
        if (!covers(event, area.page, area.end)) return true;
        area.releasedBy = event.line;
        released.push(area);
        return false;
      });
      for (const area of released) this.history.push(area);
      if (this.history.length > this.historyMax) this.forget();
    }
    return released;
  }

  /** The trace is over: what waits for a purge line cannot be told. */
  end(): void {
    this.leaveOpen(this.pending);
    this.pending = [];
  }

  /** Nothing is known any more. */
  reset(): void {
    this.end();
    this.lazy = [];
    this.lazyMax = LIST_MIN;
    this.history = [];
    this.historyMax = LIST_MIN;
  }

  private leaveOpen(pending: readonly Pending[]): void {
    this.counts.open += pending.filter(({ area }) => !area.isRest).length;
  }

  private settle(
    { area, line, reference }: Pending,
    event: TraceEvent,
    own: number,
    purges: Purges,
    report: (finding: TraceFinding) => void,
  ): void {
    const covered = covers(event, area.page, area.end);
    if (covered && own < line) {
      if (!area.isRest) this.counts.inFlight++;
      return;
    }
    const mayBeLate = purges.mayCover(area.page, area.end, area.freeAfter, area.freeLine);
    // Of an area on the list only, another one may have come in its place before the first line.
    const isGuessed = area.allocLine === 0 && !area.isUnknown;
    const why = covered
      ? `The purge of line ${event.line} had not begun: its task itself printed line ${own}, ${own === line ? "the reuse" : "behind the reuse"}.`
      : event.numPurged > 0
        ? `No purge line behind the free covers the area, up to the first one behind the reuse (line ${event.line}).`
        : `The first purge line behind the reuse (line ${event.line}) has purged nothing, and none before it covers the area.`;
    report({
      rule: "TR-REUSE",
      verdict: mayBeLate || isGuessed ? "suspicious" : "violation",
      line,
      message: `pages of an area are used again before a purge has flushed and released it`,
      why: mayBeLate
        ? `${why} Unless the area was lazy long before the line of its free, or purged before the trace.`
        : isGuessed
          ? `${why} Unless the area of the list was another one when the trace began.`
          : why,
      lines: [allocationOf(area), freeOf(area), reference, referenceOf(event)],
    });
  }

  // What is left of an area is as free, or as lazy, as it was.
  private keepRest(area: Area, from: number, to: number): void {
    if (from >= to) return;
    const rest = area.rest(from, to);
    this.areas.add(rest);
    if (rest.releasedBy === 0) this.add(rest);
    else this.history.push(rest);
  }

  // Most areas are used again sooner or later; the others are forgotten, the oldest first.
  private forget(): void {
    const left = this.history.filter((area) => !area.isReused);
    for (const area of left.splice(0, Math.max(0, left.length - HISTORY_MAX))) this.areas.remove(area);
    this.history = left;
    this.historyMax = 2 * left.length + LIST_MIN;
  }
}
