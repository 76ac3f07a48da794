// SPDX-License-Identifier: GPL-2.0-only
//
// The job of `explore`: every reachable state of one instance, to a verdict or a shortest counterexample.

import type { Finding } from "../../properties/finding.ts";
import { type Coverage, coverageOf, vacuousBecause } from "../../properties/search/coverage.ts";
import { type InstanceSearch, searchInstance } from "../../properties/search/search-instance.ts";
import { searchedCounterexample, type TraceStep, traceSteps } from "../../properties/search/trace.ts";
import type { Progress } from "../../review/report.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { searchInstanceOf } from "../../spec/search-instances.ts";
import { designOf } from "./cases.ts";
import type { Watcher } from "./job.ts";

/** What to search. */
export interface ExploreRequest {
  readonly instance: Instance;
  /** Its id in the catalogue of named instances, which says what the search must come to. */
  readonly named?: string | undefined;
  /** Mutant to check instead of the faithful port. */
  readonly mutant?: string | undefined;
  readonly watched: readonly InvariantId[];
  readonly statesMax: number;
  /** Memory of the states, bytes. */
  readonly bytesMax?: number | undefined;
}

/** What the search saw. */
export interface ExploreFound {
  readonly finding: Finding;
  /** Steps to it: no interleaving comes to it in fewer. */
  readonly steps: number;
  /** The same in a run; absent if the checks of a run see nothing there. */
  readonly counterexample?: Counterexample | undefined;
  /** The steps, if there is no counterexample. */
  readonly trace?: readonly TraceStep[] | undefined;
}

/** What was done. */
export interface ExploreReport {
  readonly end: InstanceSearch["end"];
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** States in which nothing is enabled, and those of them in which a task is stuck. */
  readonly terminals: number;
  readonly deadlocks: number;
  /** Memory of the states, bytes. */
  readonly bytes: number;
  /** Bound on the probability that two different states shared a fingerprint. */
  readonly collisionOdds: number;
  /** Steps of the design that were executed, and those that were not. */
  readonly coverage: Coverage;
  /** What makes the verdict on a named instance vacuous, one line each. */
  readonly vacuous: readonly string[];
  readonly found?: ExploreFound | undefined;
}

/** Does what a request asks for. */
export function explored(request: ExploreRequest, watcher: Watcher<ExploreReport>): ExploreReport {
  const { instance, mutant, watched, statesMax, bytesMax } = request;
  const named = request.named === undefined ? undefined : searchInstanceOf(request.named);
  const heed: NonNullable<Parameters<typeof searchInstance>[2]>["heed"] = ({
    states,
    transitions,
    depth,
    frontier,
  }) => {
    const progress: Progress = {
      phase: "search",
      item: "",
      runs: 0,
      steps: transitions,
      fraction: 0,
      search: { states, depth, frontier, bytes: process.memoryUsage.rss() },
    };
    return watcher.tick(progress) ? "stop" : undefined;
  };
  const options = { statesMax, bytesMax, heed, design: designOf(mutant) };
  const result = searchInstance(instance, new Set(watched), options);
  const { end, states, transitions, depth, terminals, deadlocks, bytes, collisionOdds } = result;
  return {
    end,
    states,
    transitions,
    depth,
    terminals,
    deadlocks,
    bytes,
    collisionOdds,
    coverage: coverageOf(instance.allocator, result, named),
    vacuous: named && end === "exhausted" ? vacuousBecause(named, result) : [],
    found: foundBy(result, request),
  };
}

function foundBy(result: InstanceSearch, request: ExploreRequest): ExploreFound | undefined {
  const { finding, trace } = result;
  if (!finding || !trace) return undefined;
  const searched = { ...request, design: designOf(request.mutant) };
  const counterexample = searchedCounterexample(result, searched);
  const steps = trace.length;
  if (counterexample) return { finding, steps, counterexample };
  return { finding, steps, trace: traceSteps(request.instance, trace, searched.design) };
}
