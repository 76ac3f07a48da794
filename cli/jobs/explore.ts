// SPDX-License-Identifier: GPL-2.0-only
//
// The job of `explore`: every reachable state of one instance, to a verdict or a shortest counterexample.

import {
  type Checkpoint,
  openCheckpoint,
  type SearchProgress,
  type Wish,
} from "../../explore/search/search.ts";
import type { WaitScene } from "../../properties/deadlock.ts";
import type { Finding } from "../../properties/finding.ts";
import { type Coverage, coverageOf, vacuousBecause } from "../../properties/search/coverage.ts";
import { type InstanceSearch, searchInstance } from "../../properties/search/search-instance.ts";
import { searchedCounterexample, type TraceStep, traceSteps } from "../../properties/search/trace.ts";
import type { Progress } from "../../review/report.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { searchInstanceOf } from "../../spec/search-instances.ts";
import { TOOL_VERSION } from "../../spec/version.ts";
import { nowSeconds } from "../clock.ts";
import { designOf } from "./cases.ts";
import type { Watcher } from "./job.ts";

/** Bytes of the frontier in memory; the rest of it lies in a temporary file. */
const FRONTIER_MAX = 2 ** 28;

/** Seconds from one checkpoint to the next. */
const CHECKPOINT_EVERY = 60;

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
  /** Threads. */
  readonly workers: number;
  /** Whether like tasks count as one, steps that nobody can observe are merged, and the past is checked. */
  readonly symmetry: boolean;
  readonly merge: boolean;
  readonly past: boolean;
  /** File of the checkpoints that the search writes, and of the one that it goes on from. */
  readonly checkpoint?: string | undefined;
  readonly resume?: string | undefined;
}

/** What the search saw. */
export interface ExploreFound {
  readonly finding: Finding;
  /** Steps to it. */
  readonly steps: number;
  /** Whether no interleaving comes to it in fewer: unless a limit ended the search for a shortest one. */
  readonly shortest: boolean;
  /** The same in a run; absent if the checks of a run see nothing there. */
  readonly counterexample?: Counterexample | undefined;
  /** Who waits for whom, if that is what makes a trap. */
  readonly waits?: WaitScene | undefined;
  /** The steps, if there is no counterexample. */
  readonly trace?: readonly TraceStep[] | undefined;
}

/** What was done. */
export interface ExploreReport {
  readonly end: InstanceSearch["end"];
  readonly states: number;
  readonly transitions: number;
  /** Transitions that led to a state already known. */
  readonly revisits: number;
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

/** Why a request cannot go on from the checkpoint that it names; undefined if it can, or names none. */
export function resumeProblem(request: ExploreRequest): string | undefined {
  const { resume, merge } = request;
  if (resume === undefined) return undefined;
  const wanted = identityOf(request);
  const { problem, identity } = openCheckpoint(resume, JSON.stringify(wanted), merge);
  if (identity === undefined) return problem;
  const found = fieldsOf(identity);
  const parts = Object.entries(wanted).filter(([name, value]) => !isSame(found[name], value));
  return `${problem}: another ${parts.map(([name]) => PART[name as keyof Identity]).join(", ")}`;
}

/** Does what a request asks for. */
export function explored(request: ExploreRequest, watcher: Watcher<ExploreReport>): ExploreReport {
  const { instance, mutant, watched, statesMax, bytesMax, symmetry, merge, past, checkpoint } = request;
  const named = request.named === undefined ? undefined : searchInstanceOf(request.named);
  let keptAt = nowSeconds();
  const heed = ({ phase, states, transitions, depth, frontier, bytes }: SearchProgress): Wish => {
    const search = { states, depth, frontier, bytes };
    const progress: Progress = { phase, item: "", runs: 0, steps: transitions, fraction: 0, search };
    if (watcher.tick(progress)) return "stop";
    if (checkpoint === undefined || nowSeconds() < keptAt + CHECKPOINT_EVERY) return undefined;
    keptAt = nowSeconds();
    return "checkpoint";
  };
  const identity = JSON.stringify(identityOf(request));
  const result = searchInstance(instance, new Set(watched), {
    statesMax,
    bytesMax,
    frontierBytesMax: FRONTIER_MAX,
    symmetry,
    merge,
    past,
    heed,
    design: designOf(mutant),
    workers: { count: request.workers, mutant },
    checkpoint: checkpoint === undefined ? undefined : { path: checkpoint, identity },
    resume: resumed(request),
  });
  const { end, states, transitions, revisits, depth, terminals, deadlocks, bytes, collisionOdds } = result;
  return {
    end,
    states,
    transitions,
    revisits,
    depth,
    terminals,
    deadlocks,
    bytes,
    collisionOdds,
    coverage: coverageOf(instance, result, named),
    vacuous: named && end === "exhausted" ? vacuousBecause(named, result) : [],
    found: foundBy(result, request),
  };
}

// What must be the same when a search goes on. The number of workers and the limits may differ.
function identityOf({ instance, mutant, watched, symmetry, merge, past }: ExploreRequest): Identity {
  return { tool: TOOL_VERSION, instance, mutant: mutant ?? "", watched, symmetry, merge, past };
}

type Identity = Required<
  Pick<ExploreRequest, "instance" | "mutant" | "watched" | "symmetry" | "merge" | "past">
> & {
  readonly tool: string;
};

/** What the parts of an identity are to the user. */
const PART: Readonly<Record<keyof Identity, string>> = {
  tool: "version of vmapcheck",
  instance: "instance",
  mutant: "mutant",
  watched: "set of invariants",
  symmetry: "--no-symmetry",
  merge: "--merge",
  past: "--no-history",
};

// Another program that uses the engine may have written anything.
function fieldsOf(identity: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(identity) as object) };
  } catch {
    return {};
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function resumed(request: ExploreRequest): Checkpoint | undefined {
  if (request.resume === undefined) return undefined;
  const { checkpoint, problem } = openCheckpoint(
    request.resume,
    JSON.stringify(identityOf(request)),
    request.merge,
  );
  if (!checkpoint) throw new Error(`${request.resume}: ${problem}`);
  return checkpoint;
}

function foundBy(result: InstanceSearch, request: ExploreRequest): ExploreFound | undefined {
  const { finding, trace, shortest = true, waits } = result;
  if (!finding || !trace) return undefined;
  const searched = { ...request, design: designOf(request.mutant) };
  const counterexample = searchedCounterexample(result, searched);
  const steps = trace.length;
  const found = { finding, steps, shortest, ...(waits && { waits }) };
  if (counterexample) return { ...found, counterexample };
  return { ...found, trace: traceSteps(request.instance, trace, searched.design) };
}
