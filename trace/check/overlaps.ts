// SPDX-License-Identifier: GPL-2.0-only
//
// Areas that were allocated over live ones. The line of a free is printed behind the free itself, so that in principle a
// purge, and even an allocation of the same pages, stands before it: an overlap is proved only if no purge line could be of
// such a purge, or if the task that frees the older area later has printed something in between.

import type { TraceEvent } from "../trace-event.ts";
import type { Area } from "./area.ts";
import type { LineReference, TraceFinding, TraceVerdict } from "./finding.ts";
import { covers, type Purges } from "./purges.ts";
import { allocationOf, referenceOf } from "./references.ts";

/** A vmap block has at least so many pages (VMAP_BBMAP_BITS_MIN), and is as long as it is aligned. */
const BLOCK_PAGES_MIN = 32;
/** Overlaps that wait for later lines; more of them, and the oldest ones are told as they are. */
const WAITING_MAX = 1024;

interface Waiting {
  readonly older: Area;
  readonly line: number;
  readonly lines: readonly LineReference[];
  /** A purge may have released the older area before. */
  mayBeReleased: boolean;
  /** Another area has begun at the older one's page since: whose free a line there is cannot be told. */
  isAmbiguous: boolean;
  /** The line that frees the older area, printed by a task that had been silent since the overlap; 0 if none came. */
  freedBy: number;
}

/** Overlaps, until it is known what they are. */
export class Overlaps {
  private waiting: Waiting[] = [];
  private readonly report: (finding: TraceFinding) => void;

  constructor(report: (finding: TraceFinding) => void) {
    this.report = report;
  }

  /** An area is allocated over `older`, which no line has freed. */
  add(older: Area, area: Area, event: TraceEvent, purges: Purges): void {
    const { line } = event;
    const lines = [allocationOf(older), referenceOf(event, area)];
    if (older.allocLine === 0) {
      const why =
        "Unless the older area was freed between the list from before the trace and its first line.";
      this.tell("suspicious", line, why, lines);
      return;
    }
    if (
      older.pages >= BLOCK_PAGES_MIN &&
      older.size === older.align &&
      (older.pages & (older.pages - 1)) === 0
    ) {
      const why =
        "Unless the older area was a vmap block that was given back at once, for which there is no event.";
      this.tell("suspicious", line, why, lines);
      return;
    }
    const mayBeReleased = purges.mayCover(older.page, older.end, older.allocLine, line);
    const isAmbiguous = older.page === area.page;
    this.waiting.push({ older, line, lines, mayBeReleased, isAmbiguous, freedBy: 0 });
    if (this.waiting.length > WAITING_MAX) this.suspect(this.waiting.shift()!);
  }

  /** An area is allocated that begins at a page of one that was allocated over. */
  begin(page: number): void {
    for (const each of this.waiting) if (each.older.page === page) each.isAmbiguous = true;
  }

  /** A purge has ended, whose task printed its line before that at `own`. */
  purge(event: TraceEvent, own: number): void {
    if (this.waiting.length === 0) return;
    this.waiting = this.waiting.filter((each) => {
      if (each.mayBeReleased) return true;
      if (covers(event, each.older.page, each.older.end) && own < each.line) {
        each.mayBeReleased = true;
        if (each.freedBy === 0) return true;
        this.suspect(each);
        return false;
      }
      const why = `No line frees the older area before, and no purge that ended by line ${event.line} may have released it.`;
      this.tell("violation", each.line, why, each.lines);
      return false;
    });
  }

  /**
   * An area that begins at a page of one that was allocated over is freed; its task's line before that is `own`. It may be
   * a per-CPU chunk, which has no line of its allocation.
   */
  free(event: TraceEvent, own: number, mayBeChunk: boolean): void {
    if (this.waiting.length === 0) return;
    this.waiting = this.waiting.filter((each) => {
      if (each.older.page !== event.page || each.isAmbiguous || each.freedBy > 0) return true;
      if (own >= each.line && mayBeChunk) return true;
      if (own >= each.line) {
        const why = `The older area was live: line ${event.line} frees it, by a task that printed line ${own} in between.`;
        this.tell("violation", each.line, why, [...each.lines, referenceOf(event, each.older)]);
        return false;
      }
      each.freedBy = event.line;
      if (each.mayBeReleased) this.suspect(each);
      return !each.mayBeReleased;
    });
  }

  /** Nothing comes any more that would tell. */
  end(): void {
    for (const each of this.waiting) this.suspect(each);
    this.waiting = [];
  }

  private suspect({ freedBy, line, lines }: Waiting): void {
    const late =
      freedBy > 0
        ? `line ${freedBy} frees it, which may have come late`
        : "its line comes late, or never came";
    this.tell("suspicious", line, `Unless the older area was freed and purged before, and ${late}.`, lines);
  }

  private tell(verdict: TraceVerdict, line: number, why: string, lines: readonly LineReference[]): void {
    const message = "an area is allocated over a live one";
    this.report({ rule: "TR-OVERLAP", verdict, line, message, why, lines });
  }
}
