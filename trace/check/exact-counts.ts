// SPDX-License-Identifier: GPL-2.0-only
//
// Lazy areas and their pages by a count of one's own, against num_purged and nr_lazy. Exact on one CPU only: on several,
// a free may come between a purge's work and its line, and the kernel's counter falls node by node meanwhile.

import type { TraceRuleId } from "../../spec/trace-rules.ts";
import type { TraceEvent } from "../trace-event.ts";
import type { Area } from "./area.ts";
import type { TraceFinding } from "./finding.ts";
import { referenceOf } from "./references.ts";

const FINDINGS_MAX = 100;

/** Counts what is lazy. */
export class ExactCounts {
  /** What is wrong if the trace is one of one CPU. */
  readonly findings: TraceFinding[] = [];
  private areas = 0;
  private pages = 0;
  // Whether these are what the kernel has: they are from the first purge on that takes something, as it takes all.
  private areAreasKnown = false;
  private arePagesKnown = false;

  /** So many areas, of so many pages together, were lazy before the trace. */
  begin(areas: number, pages: number): void {
    this.areas = areas;
    this.pages = pages;
    this.areAreasKnown = true;
    this.arePagesKnown = true;
  }

  /** An area is lazy; undefined if its size is unknown. */
  free(event: TraceEvent, area: Area | undefined): void {
    this.areas++;
    this.pages += area?.pages ?? 0;
    if (!area) this.arePagesKnown = false;
    if (!this.arePagesKnown || event.nrLazy === this.pages) return;
    this.report("TR-NR-LAZY", `nr_lazy is ${event.nrLazy}, ${this.pages} pages are lazy`, event, area);
    this.arePagesKnown = false;
  }

  /** A purge has ended. */
  purge(event: TraceEvent): void {
    const { numPurged } = event;
    if (this.areAreasKnown && numPurged !== this.areas) {
      const rule = numPurged < this.areas ? "TR-PURGED-FEW" : "TR-PURGED-MANY";
      this.report(rule, `${numPurged} areas were purged, ${this.areas} were lazy`, event);
    }
    if (numPurged === 0) return;
    this.areas = 0;
    this.pages = 0;
    this.areAreasKnown = true;
    this.arePagesKnown = true;
  }

  /** Nothing is known any more, and what was found may have its cause in what is missing. */
  reset(): void {
    this.findings.length = 0;
    this.areAreasKnown = false;
    this.arePagesKnown = false;
  }

  private report(rule: TraceRuleId, message: string, event: TraceEvent, area?: Area): void {
    if (this.findings.length === FINDINGS_MAX) return;
    this.findings.push({
      rule,
      verdict: "suspicious",
      line: event.line,
      message,
      why: "On one CPU they agree, unless a task was preempted between what it did and its line.",
      lines: [referenceOf(event, area)],
    });
  }
}
