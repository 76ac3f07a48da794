// SPDX-License-Identifier: GPL-2.0-only
//
// What a trace shows of a broken rule, and where events are missing that might explain it.

import { isOfOneLine, TRACE_RULES, type TraceRuleId } from "../../spec/trace-rules.ts";

/**
 * violation: proved by the trace. suspicious: possible only in a way that was not seen to happen. undecidable: events are
 * missing, or something that was not given, which may explain it.
 */
export type TraceVerdict = "violation" | "suspicious" | "undecidable";

/** A line that a finding is about. */
export interface LineReference {
  /** 0 for what is older than the trace. */
  readonly line: number;
  readonly what: string;
  readonly cpu: number;
  readonly pid: number;
  readonly time: number;
  /** The task's name, if the line is at hand. */
  readonly comm?: string;
  /** The range is what a purge has flushed, and no area. */
  readonly isPurge?: true;
  /** What it is about, in pages of 4 KiB; undefined if no range is. */
  readonly range?: readonly [page: number, pages: number];
}

/** One broken rule. */
export interface TraceFinding {
  readonly rule: TraceRuleId;
  readonly verdict: TraceVerdict;
  /** The line at which it is broken. */
  readonly line: number;
  readonly message: string;
  /** Why nothing else explains it, or what may. */
  readonly why: string;
  readonly lines: readonly LineReference[];
}

/** How many findings of a rule have each verdict. */
export type VerdictCounts = Readonly<Record<TraceVerdict, number>>;

/** Findings, as many as are kept, and the number of all. */
export class Findings {
  private readonly list: TraceFinding[] = [];
  /** Those beyond the limit. */
  private readonly beyond = new Map<TraceRuleId, Record<TraceVerdict, number>>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Those that are kept, by line. */
  get kept(): readonly TraceFinding[] {
    return [...this.list].sort((a, b) => a.line - b.line);
  }

  add(finding: TraceFinding): void {
    if (this.list.length < this.limit) {
      this.list.push(finding);
      return;
    }
    const counts = this.beyond.get(finding.rule) ?? { violation: 0, suspicious: 0, undecidable: 0 };
    counts[finding.verdict]++;
    this.beyond.set(finding.rule, counts);
  }

  /**
   * Events are missing somewhere behind line `from`: what was found there since may have its cause in them, unless its
   * line says it by itself.
   */
  doubt(from: number, why: string): void {
    for (const [i, finding] of this.list.entries()) {
      if (finding.line > from && !isOfOneLine(finding.rule) && finding.verdict !== "undecidable") {
        this.list[i] = { ...finding, verdict: "undecidable", why };
      }
    }
    for (const [rule, counts] of this.beyond) {
      if (isOfOneLine(rule)) continue;
      // What was not kept has no line any more.
      counts.undecidable += counts.violation + counts.suspicious;
      counts.violation = 0;
      counts.suspicious = 0;
    }
  }

  /** All of a verdict. */
  count(verdict: TraceVerdict): number {
    let sum = this.list.filter((each) => each.verdict === verdict).length;
    for (const counts of this.beyond.values()) sum += counts[verdict];
    return sum;
  }

  /** All, by rule, in the order of the catalogue; rules without any are left out. */
  byRule(): readonly (readonly [rule: TraceRuleId, counts: VerdictCounts])[] {
    return (Object.keys(TRACE_RULES) as TraceRuleId[]).flatMap((rule) => {
      const counts = { ...(this.beyond.get(rule) ?? { violation: 0, suspicious: 0, undecidable: 0 }) };
      for (const each of this.list) if (each.rule === rule) counts[each.verdict]++;
      return counts.violation + counts.suspicious + counts.undecidable > 0 ? [[rule, counts] as const] : [];
    });
  }
}
