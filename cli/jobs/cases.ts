// SPDX-License-Identifier: GPL-2.0-only
//
// The job of `run`: interleavings of given or random programs until something is found or the plan is done, and
// the smallest counterexample of what was found. What it does follows from the request alone.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { toCounterexample } from "../../properties/counterexample.ts";
import { type Catch, huntInstance, type HuntPlan, type HuntStats, newStats } from "../../properties/hunt.ts";
import { MUTANTS } from "../../properties/mutants/catalogue.ts";
import type { SessionOptions } from "../../properties/session.ts";
import { capture, shrink } from "../../properties/shrink/shrink.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Configuration, Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { caseInstances } from "./case-instances.ts";
import type { Watcher } from "./job.ts";

/** What to run. */
export interface CasesRequest {
  readonly configuration: Configuration;
  /** Mutant to check instead of the faithful port. */
  readonly mutant?: string | undefined;
  /** Given programs; without them, `cases` random ones are made. */
  readonly programs?: Instance["programs"] | undefined;
  readonly cases: number;
  readonly tasks: number;
  readonly operations: number;
  readonly plan: HuntPlan;
  readonly watched: readonly InvariantId[];
}

/** A violation that was found. */
export interface FoundCase {
  /** The case, from 1, and the interleaving of it, from 1, that showed it first. */
  readonly caseNumber: number;
  readonly run: number;
  /** As it was found. */
  readonly original: { readonly operations: number; readonly steps: number };
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
  const found = MUTANTS.find(({ id }) => id === mutant);
  if (!found) throw new Error(`no mutant ${mutant} in the catalogue`);
  return found.make;
}

/** Does what a request asks for. */
export function findCases(request: CasesRequest, watcher: Watcher<CasesReport>): CasesReport {
  const { plan, programs, mutant } = request;
  const options: SessionOptions = {
    design: designOf(mutant),
    watched: new Set(request.watched),
    situations: SITUATIONS,
  };
  const stats = newStats();
  const cases = programs ? 1 : request.cases;
  let stopped = false;
  const heed = (): boolean => {
    stopped ||= watcher.tick({
      phase: programs ? "interleavings" : "case",
      item: programs ? "" : `${stats.instances} of ${cases}`,
      runs: stats.runs,
      steps: stats.steps,
      fraction: stats.runs / (cases * plan.runs),
    });
    return stopped;
  };
  for (const instance of caseInstances({ ...request, seed: plan.seed })) {
    if (heed()) break;
    const before = stats.runs;
    const index = stats.instances;
    const found = huntInstance(instance, { ...plan, seed: `${plan.seed}/${index}` }, options, stats, heed);
    if (!found) continue;
    const described = describe(found, options, mutant);
    const first: FoundCase = { ...described.found, caseNumber: index + 1, run: stats.runs - before };
    watcher.keep(reportOf(stats, first));
    heed();
    return reportOf(stats, smallest(found, { ...described, found: first }, mutant));
  }
  return reportOf(stats, undefined);
}

interface Described {
  readonly found: FoundCase;
  readonly options: SessionOptions;
  readonly run: ReturnType<typeof capture>;
}

/** A catch as it is. What only strict mode sees needs strict mode to be seen again. */
function describe(found: Catch, base: SessionOptions, mutant: string | undefined): Described {
  const { session, finding } = found;
  const options = { ...base, strict: finding.id === "INV-STRICT" };
  const run = capture(session, finding);
  const { instance } = session;
  const counterexample = toCounterexample({ instance, schedule: run.schedule }, options, mutant);
  const original = { operations: operationsOf(instance), steps: run.steps };
  return {
    found: { caseNumber: 1, run: found.runs, original, counterexample, minimal: false },
    options,
    run,
  };
}

function smallest({ session }: Catch, { found, options, run }: Described, mutant?: string): FoundCase {
  const least = shrink(session.instance, run, options);
  return { ...found, counterexample: toCounterexample(least, options, mutant), minimal: least.minimal };
}

function reportOf(stats: HuntStats, found: FoundCase | undefined): CasesReport {
  return {
    cases: stats.instances,
    runs: stats.runs,
    steps: stats.steps,
    cutOff: stats.cutOff,
    reached: [...stats.reached].sort(([a], [b]) => (a < b ? -1 : 1)),
    found,
  };
}

/** Operations of all programs. */
export function operationsOf(instance: Instance): number {
  return instance.programs.reduce((sum, program) => sum + program.length, 0);
}
