// SPDX-License-Identifier: GPL-2.0-only
//
// The job of `run`: interleavings of given or random programs until something is found or the plan is done, and
// the smallest counterexample of what was found. What it does follows from the request alone.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { findByArbitrary } from "../../properties/arbitrary-hunt.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { toCounterexample } from "../../properties/counterexample.ts";
import { huntInstance, type HuntPlan, type HuntStats, newStats } from "../../properties/hunt.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { operationsOf } from "../../properties/mutants/kill.ts";
import type { SessionOptions } from "../../properties/session.ts";
import { capture, type FailingRun, shrink } from "../../properties/shrink/shrink.ts";
import type { Progress } from "../../review/report.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Configuration, Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Watcher } from "./job.ts";

/** How often a hunt asks whether to go on. */
const RUNS_BETWEEN_LOOKS = 64;

/** Leaves the last stage of shrinking to the caller. */
const NO_EFFORT = { runs: 0, attemptsMax: 0 };

/** What to run. */
export interface CasesRequest {
  readonly configuration: Configuration;
  /** Mutant to check instead of the faithful port. */
  readonly mutant?: string | undefined;
  /** Given programs; without them, `cases` random ones are made. */
  readonly programs?: Instance["programs"] | undefined;
  readonly cases: number;
  readonly tasks: number;
  /** Present where random programs may ask for congruent areas. */
  readonly pcpu?: true;
  readonly operations: number;
  readonly plan: HuntPlan;
  readonly watched: readonly InvariantId[];
}

/** A violation that was found. */
export interface FoundCase {
  /** The case that showed it first, from 1, and the operations of its programs. */
  readonly caseNumber: number;
  readonly operations: number;
  /** The smallest one. */
  readonly counterexample: Counterexample;
  /** False if it was not made as small as it gets. */
  readonly minimal: boolean;
}

/** What was done. */
export interface CasesReport {
  readonly cases: number;
  readonly runs: number;
  readonly steps: number;
  /** Interleavings without a verdict: cut off at the step limit. */
  readonly cutOff: number;
  /** Situations reached, with the number of interleavings that reached each, by id. */
  readonly reached: readonly (readonly [id: string, runs: number])[];
  readonly found?: FoundCase | undefined;
}

/** The class of a mutant; undefined for the faithful port. */
export function designOf(mutant: string | undefined): AllocatorClass | undefined {
  if (mutant === undefined) return undefined;
  const found = mutantOf(mutant);
  if (!found) throw new Error(`no mutant ${mutant} in the catalogue`);
  return found.make;
}

/** Does what a request asks for. */
export function findCases(request: CasesRequest, watcher: Watcher<CasesReport>): CasesReport {
  return request.programs ? ofPrograms(request, request.programs, watcher) : ofRandom(request, watcher);
}

/** Interleavings of the given programs. */
function ofPrograms(
  { configuration, plan, mutant, watched }: CasesRequest,
  programs: Instance["programs"],
  watcher: Watcher<CasesReport>,
): CasesReport {
  const instance = { ...configuration, programs };
  const stats = newStats();
  const heed = (): boolean => watcher.tick(progressOf("interleavings", "", stats, plan.runs));
  const base = { design: designOf(mutant), watched: new Set(watched), situations: SITUATIONS };
  const caught = huntInstance(instance, plan, base, stats, heed);
  if (!caught) return reportOf(stats, 1, undefined);
  const options = { ...base, strict: caught.session.sim.kernel.heap.strict !== undefined };
  const run = capture(caught.session, caught.finding);
  return shrunk({ case: 1, original: instance, instance, run, options, mutant }, stats, watcher);
}

/** Random programs, made and first shrunk by fast-check. */
function ofRandom(request: CasesRequest, watcher: Watcher<CasesReport>): CasesReport {
  const { configuration, plan, mutant, watched, cases, tasks, operations, pcpu } = request;
  // The hunt keeps its counts to itself until it ends: what is shown is what was seen from here.
  let looks = 0;
  const heed = (): boolean => {
    looks++;
    const runs = Math.min(cases * plan.runs, looks * RUNS_BETWEEN_LOOKS);
    return watcher.tick(progressOf("random cases", "", { runs, steps: 0 }, cases * plan.runs));
  };
  const {
    stats,
    cases: done,
    found,
  } = findByArbitrary(
    {
      configuration,
      tasks,
      opsPerTask: operations,
      pcpu,
      cases,
      runsPerCase: plan.runs,
      strictRunsPerCase: plan.strictRuns,
      strategy: plan.strategy,
      depth: plan.depth,
      seed: plan.seed,
      watched: new Set(watched),
      design: designOf(mutant),
      situations: SITUATIONS,
      shrinkEffort: NO_EFFORT,
    },
    heed,
  );
  if (!found) return reportOf(stats, done, undefined);
  const { caseNumber, original, instance, options } = found;
  return shrunk({ case: caseNumber, original, instance, run: found, options, mutant }, stats, watcher);
}

interface Unshrunk {
  readonly case: number;
  readonly original: Instance;
  readonly instance: Instance;
  readonly run: FailingRun;
  readonly options: SessionOptions;
  readonly mutant: string | undefined;
}

/** Makes a find as small as it gets. It is kept as it is first: shrinking does not heed anything. */
function shrunk(found: Unshrunk, stats: HuntStats, watcher: Watcher<CasesReport>): CasesReport {
  const { instance, run, options, mutant } = found;
  const first: FoundCase = {
    caseNumber: found.case,
    operations: operationsOf(found.original),
    counterexample: toCounterexample({ instance, ...run }, options, mutant),
    minimal: false,
  };
  const kept = reportOf(stats, found.case, first);
  watcher.keep(kept);
  if (watcher.tick({ ...progressOf("shrinking", "", stats, stats.runs), fraction: 1 })) return kept;
  const least = shrink(instance, run, options);
  const counterexample = toCounterexample(least, options, mutant);
  return reportOf(stats, found.case, { ...first, counterexample, minimal: least.minimal });
}

function progressOf(
  phase: string,
  item: string,
  { runs, steps }: Pick<HuntStats, "runs" | "steps">,
  planned: number,
): Progress {
  return { phase, item, runs, steps, fraction: planned === 0 ? 1 : runs / planned };
}

function reportOf(stats: HuntStats, cases: number, found: FoundCase | undefined): CasesReport {
  return {
    cases,
    runs: stats.runs,
    steps: stats.steps,
    cutOff: stats.cutOff,
    reached: [...stats.reached].sort(([a], [b]) => (a < b ? -1 : 1)),
    found,
  };
}
