// SPDX-License-Identifier: GPL-2.0-only
//
// A trace from its first byte to its verdict: reader, checker and whoever else listens.

import { type ListedArea } from "./check/final-state.ts";
import type { TraceFinding, VerdictCounts } from "./check/finding.ts";
import { TraceChecker, type TraceCounts } from "./check/trace-checker.ts";
import type { TraceRuleId } from "../spec/trace-rules.ts";
import { TraceReader, type ReaderSummary } from "./reader/trace-reader.ts";
import type { TraceEvent, TraceLoss, TraceSink } from "./trace-event.ts";
import type { AreaObserver } from "./traced-area.ts";

/** How a trace is checked. */
export interface TraceOptions {
  /** The text's name, for errors. */
  readonly file: string;
  /** Whether a malformed line throws an UnreadableInput. Otherwise it counts as a lost event. */
  readonly strict?: boolean;
  /** All areas from before the trace, and from after it. */
  readonly initial?: readonly ListedArea[] | undefined;
  readonly final?: readonly ListedArea[] | undefined;
  /** Hears what the trace comes to. */
  readonly observer?: AreaObserver | undefined;
  /** Hears the events as well, behind the checker. */
  readonly sink?: TraceSink | undefined;
  /** Findings that are kept one by one; 1,000 unless it is said. */
  readonly findingsMax?: number | undefined;
}

/**
 * held: no rule is broken. violated: one is, proved by the trace. suspicious: one is, unless something happened that was
 * not seen. undecided: events are missing, or there is none at all.
 */
export type TraceOutcome = "held" | "violated" | "suspicious" | "undecided";

/** What a trace came to. */
export interface TraceReport {
  readonly file: string;
  readonly outcome: TraceOutcome;
  readonly reader: ReaderSummary;
  readonly counts: TraceCounts;
  /** By line, as many as were to be kept. */
  readonly findings: readonly TraceFinding[];
  /** All of them. */
  readonly byRule: readonly (readonly [rule: TraceRuleId, counts: VerdictCounts])[];
  /** The line from which on no event is missing; undefined if there is none. */
  readonly completeFrom: number | undefined;
  /** Areas of the lists. */
  readonly listed: { readonly before: number | undefined; readonly after: number | undefined };
}

/** The check of one trace. */
export class TraceSession {
  private readonly options: TraceOptions;
  private readonly checker: TraceChecker;
  private readonly reader: TraceReader;

  constructor(options: TraceOptions) {
    const { file, findingsMax, initial, observer, sink, strict } = options;
    this.options = options;
    this.checker = new TraceChecker({ initial, observer, findingsMax });
    this.reader = new TraceReader(sink ? new Both(this.checker, sink) : this.checker, { file, strict });
  }

  /** Reads on. The text may be cut anywhere. Throws an UnreadableInput if that was asked for. */
  write(bytes: Uint8Array): void {
    this.reader.write(bytes);
  }

  /** The trace is over. */
  end(): TraceReport {
    const { checker, options } = this;
    const { file, final, initial } = options;
    const reader = this.reader.end();
    checker.end(reader.cpus, final);
    const { completeFrom, counts, findings } = checker;
    return {
      file,
      outcome: outcomeOf(checker, reader),
      reader,
      counts,
      findings: findings.kept,
      byRule: findings.byRule(),
      completeFrom,
      listed: { before: initial?.length, after: final?.length },
    };
  }
}

function outcomeOf({ counts, findings }: TraceChecker, { events }: ReaderSummary): TraceOutcome {
  if (findings.count("violation") > 0) return "violated";
  if (findings.count("suspicious") > 0) return "suspicious";
  return counts.losses > 0 || events === 0 ? "undecided" : "held";
}

class Both implements TraceSink {
  private readonly first: TraceSink;
  private readonly second: TraceSink;

  constructor(first: TraceSink, second: TraceSink) {
    this.first = first;
    this.second = second;
  }

  event(event: TraceEvent): void {
    this.first.event(event);
    this.second.event(event);
  }

  loss(loss: TraceLoss): void {
    this.first.loss(loss);
    this.second.loss(loss);
  }
}
