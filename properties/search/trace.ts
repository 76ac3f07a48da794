// SPDX-License-Identifier: GPL-2.0-only
//
// From the trace of a search to a schedule, so that what a search finds is kept, shown and replayed like what a
// sampled run finds.

import type { Decision } from "../../explore/search/search.ts";
import { ExactStrategy } from "../../explore/strategies/exact.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Instance } from "../../spec/instance.ts";
import { type InvariantId, isInvariantId } from "../../spec/invariants.ts";
import { toCounterexample } from "../counterexample.ts";
import type { InstanceSearch } from "./search-instance.ts";
import { Session, type SessionOptions } from "../session.ts";
import type { Schedule } from "../../spec/schedule.ts";
import { capture, type FailingRun } from "../shrink/shrink.ts";

/**
 * A run along the trace that comes to a finding under these options, at its end or later: what a check of the whole state
 * saw may show later in a run. Undefined if it comes to none: a lock order can be inverted between two interleavings, and
 * then no single run shows both.
 */
export function runAlong(
  instance: Instance,
  trace: readonly Decision[],
  options: SessionOptions,
): FailingRun | undefined {
  let at = 0;
  const session = new Session(instance, {
    ...options,
    onStep: (process, _step, choice) => {
      const decision = trace[at++];
      if (!decision || (decision.process === process && decision.choice === choice)) return;
      throw new Error(`trace: decision ${at - 1} of the search cannot be taken in a run`);
    },
  });
  const picks = trace.map(({ process }) => process);
  const choices = trace.map(({ choice }) => choice);
  const { finding } = session.run(new ExactStrategy(picks, choices));
  return finding && capture(session, finding);
}

/** The schedule of `runAlong`. */
export function toSchedule(...along: Parameters<typeof runAlong>): Schedule | undefined {
  return runAlong(...along)?.schedule;
}

/** A step of a trace. */
export interface TraceStep {
  readonly process: string;
  /** Kernel function. */
  readonly fn: string;
  readonly what: string;
}

/** The steps of a trace in words. */
export function traceSteps(
  instance: Instance,
  trace: readonly Decision[],
  design: AllocatorClass | undefined,
): readonly TraceStep[] {
  const steps: TraceStep[] = [];
  const session: Session = new Session(instance, {
    design,
    watched: new Set(),
    onStep: (process, { site: { fn, what } }) => {
      if (steps.length < trace.length)
        steps.push({ process: session.sim.processes[process]!.name, fn, what });
    },
  });
  const picks = trace.map(({ process }) => process);
  const choices = trace.map(({ choice }) => choice);
  session.run(new ExactStrategy(picks, choices));
  return steps;
}

const FAIR: InvariantId = "INV-LIVELOCK";

/** What was searched. */
export interface Searched {
  readonly instance: Instance;
  readonly watched: readonly InvariantId[];
  readonly design?: AllocatorClass | undefined;
  readonly mutant?: string | undefined;
}

/**
 * The counterexample of a search: of what the search saw, else of what the checks of each step make of it. Undefined
 * if nothing was found, or no single run shows it.
 */
export function searchedCounterexample(
  { finding, trace }: Pick<InstanceSearch, "finding" | "trace">,
  { instance, watched, design, mutant }: Searched,
): Counterexample | undefined {
  if (!finding || !trace) return undefined;
  // A trap may be a livelock, which a run shows.
  const others = isInvariantId(finding.id) ? [] : [FAIR];
  const own = isInvariantId(finding.id) ? [finding.id] : [];
  for (const ids of [own, watched, others]) {
    const options = { design, watched: new Set(ids) };
    const run = runAlong(instance, trace, options);
    if (run) return toCounterexample({ instance, ...run }, options, mutant);
  }
  return undefined;
}
