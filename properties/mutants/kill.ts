// SPDX-License-Identifier: GPL-2.0-only
//
// Kills mutants: hunts each in its own instance, with all invariants that its base design keeps. A mutant that
// survives means that a check is missing or cannot fail. A repair is proved the other way round.

import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { ALLOCATORS, type AllocatorClass } from "../../impl/allocators/registry.ts";
import type { Instance } from "../../spec/instance.ts";
import { type InvariantId, invariantsFor, isExpectedToHold, isInvariantId } from "../../spec/invariants.ts";
import { checkNodeIds, poolNodeIdProblem } from "../checks/node-ids.ts";
import type { Finding } from "../finding.ts";
import { type Catch, huntInstance, newStats } from "../hunt.ts";
import type { SessionOptions } from "../session.ts";
import { capture, EFFORT, type ShrinkEffort, shrink, type Shrunk } from "../shrink/shrink.ts";
import type { Mistake, Mutant, Repair } from "./mutant.ts";

/** How a mutant is hunted. */
export interface KillPlan {
  readonly seed: string;
  /** Runs at most; the runs in strict mode come on top. */
  readonly runs: number;
  readonly strictRuns?: number | undefined;
}

/** Strict runs of a hunt, unless the plan says otherwise. */
const STRICT_RUNS = 40;

/** What became of a mutant. */
export interface Kill {
  readonly mutant: Mutant;
  /** Whether it came out as the catalogue says: one of the named invariants sees it, or the defect is cured. */
  readonly killed: boolean;
  /** One line: what was found, or what was missed. */
  readonly text: string;
  /** Runs that it took; 0 for a computation. */
  readonly runs: number;
  /** The first invariant that was seen violated. */
  readonly killedBy: InvariantId | undefined;
  readonly finding: Finding | undefined;
  /** The run that showed it; undefined for a computation. */
  readonly caught: Catch | undefined;
}

/** What is watched for while a mutant is hunted: what its base keeps, and what the entry adds. */
export function watchedFor(mutant: Mutant): ReadonlySet<InvariantId> {
  const kept = invariantsFor(mutant.base)
    .map(({ id }) => id)
    .filter((id) => isExpectedToHold(id, mutant.base, [mutant.instance]));
  return new Set([...kept, ...(mutant.kind === "repair" ? [mutant.cures] : (mutant.watchedToo ?? []))]);
}

/** Hunts a mutant; of a repair, shows that the defect is there without it and gone with it. */
export function killMutant(mutant: Mutant, plan: KillPlan): Kill {
  return mutant.kind === "repair" ? proveRepair(mutant, plan) : killMistake(mutant, plan);
}

/** Hunts the faithful port where a mutant is hunted: nothing may be found, unless the mutant is a repair. */
export function huntPort(mutant: Mutant, plan: KillPlan): Catch | undefined {
  return hunt(mutant, ALLOCATORS[mutant.base], plan).caught;
}

/** Shrinks what killed a mutant; undefined if it survived or took no run. */
export function shrinkKill(kill: Kill, effort: ShrinkEffort = EFFORT): Shrunk | undefined {
  const { caught, mutant } = kill;
  if (!caught) return undefined;
  const strict = caught.session.sim.kernel.heap.strict !== undefined;
  const run = capture(caught.session, caught.finding);
  return shrink(mutant.instance, run, optionsOf(mutant, mutant.make, strict), effort);
}

/** Operations of an instance. */
export function operationsOf(instance: Instance): number {
  return instance.programs.reduce((sum, program) => sum + program.length, 0);
}

function killMistake(mutant: Mistake, plan: KillPlan): Kill {
  const computed = mutant.computed ? compute(mutant) : undefined;
  if (computed) return outcome(mutant, computed, undefined, 0);
  const { caught, runs } = hunt(mutant, mutant.make, plan);
  return outcome(mutant, caught?.finding, caught, runs);
}

function outcome(
  mutant: Mistake,
  finding: Finding | undefined,
  caught: Catch | undefined,
  runs: number,
): Kill {
  const expected = mutant.killedBy.join(" or ");
  const id = finding?.id ?? "";
  const killedBy = isInvariantId(id) ? id : undefined;
  const killed = killedBy !== undefined && mutant.killedBy.includes(killedBy);
  const text = !finding
    ? `survived: expected ${expected}`
    : `${killed ? "" : `expected ${expected}, found `}${finding.id}: ${finding.message}`;
  return { mutant, killed, text, runs, killedBy, finding, caught };
}

function proveRepair(repair: Repair, plan: KillPlan): Kill {
  const port = hunt(repair, ALLOCATORS[repair.base], plan);
  const repaired = hunt(repair, repair.make, plan);
  const runs = port.runs + repaired.runs;
  const finding = repaired.caught?.finding;
  const killed = port.caught?.finding.id === repair.cures && !finding;
  const text = finding
    ? `${repair.cures} was to be cured, found ${finding.id}: ${finding.message}`
    : killed
      ? `${repair.cures} is cured`
      : `${repair.cures} was not found without the repair`;
  const killedBy = killed ? repair.cures : undefined;
  return { mutant: repair, killed, text, runs, killedBy, finding, caught: repaired.caught };
}

function hunt(
  mutant: Mutant,
  design: AllocatorClass,
  plan: KillPlan,
): { caught: Catch | undefined; runs: number } {
  const strictRuns = plan.strictRuns ?? STRICT_RUNS;
  const stats = newStats();
  const caught = huntInstance(
    mutant.instance,
    { seed: plan.seed, runs: plan.runs + strictRuns, strictRuns, strategy: "mixed" },
    optionsOf(mutant, design, false),
    stats,
  );
  return { caught, runs: stats.runs };
}

function optionsOf(mutant: Mutant, design: AllocatorClass, strict: boolean): SessionOptions {
  return { design, watched: watchedFor(mutant), strict };
}

function compute(mutant: Mistake): Finding | undefined {
  const allocator = new mutant.make(mutant.instance, {});
  if (allocator instanceof NodeBlocks) return checkNodeIds(allocator);
  return allocator instanceof SizePools ? poolNodeIdProblem(mutant.base, mutant.make) : undefined;
}
