// SPDX-License-Identifier: GPL-2.0-only
//
// Tries a patch: random interleavings of given or random programs, or all states of a small instance. Each comes to a
// verdict that says how far it reaches, with a counterexample that is as small as it gets.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { findByArbitrary } from "../../properties/arbitrary-hunt.ts";
import { toCounterexample } from "../../properties/counterexample.ts";
import { huntInstance, type HuntStats, newStats } from "../../properties/hunt.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { SEARCHED, searchInstance } from "../../properties/search/search-instance.ts";
import { searchedCounterexample, traceSteps } from "../../properties/search/trace.ts";
import type { SessionOptions } from "../../properties/session.ts";
import { capture, EFFORT, shrink, type Shrunk } from "../../properties/shrink/shrink.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Configuration, Instance } from "../../spec/instance.ts";
import { validateConfiguration, validateInstance } from "../../spec/instance-rules.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { encodeToken } from "../../spec/token.ts";
import type { InputError } from "../../spec/user-error.ts";
import { renderCounterexample } from "../render/counterexample-text.ts";
import { recordCounterexample } from "../render/record-counterexample.ts";
import { blaming, checkDiscipline } from "./discipline.ts";
import { keptNameOf, type Patch } from "./patch.ts";

/** What a trial came to. */
export interface Trial {
  /** `undecided`: a limit came first, and nothing was found before it. */
  readonly verdict: "held" | "violated" | "undecided";
  /** How far the verdict reaches, or the counterexample, as text for people. */
  readonly text: string;
  /** Id of what is violated. */
  readonly violates?: string | undefined;
  /** Absent if nothing is violated, or if no single run shows it. */
  readonly counterexample?: Counterexample | undefined;
  /** False if a bound ended the shrinking before nothing more could be dropped. */
  readonly minimal?: boolean | undefined;
  /** Interleavings that were run, or states that a search has visited. */
  readonly count: number;
}

/** What all trials may be told. */
export interface TrialOptions {
  /** Invariants that count; by default those that the faithful port of the base keeps in the instance. */
  readonly watched?: readonly InvariantId[] | undefined;
}

/** How interleavings are chosen. The same seed gives the same trial. */
export interface HuntOptions extends TrialOptions {
  /** Seed text. */
  readonly seed: string;
  /** Interleavings of each instance, 2000 by default; of random programs 200. One in 50 checks every heap access. */
  readonly runs?: number | undefined;
}

/** How random programs are made. */
export interface RandomOptions extends HuntOptions {
  /** Programs to make; by default 200. */
  readonly cases?: number | undefined;
  /** Most tasks of a case and most operations of a task; by default 3 and 6. */
  readonly tasks?: number | undefined;
  readonly operations?: number | undefined;
}

/** How far a search may go. */
export interface SearchLimits extends TrialOptions {
  /** States after which it gives up; by default a million, which take some seconds and at most 100 MB. */
  readonly statesMax?: number | undefined;
}

const STRICT_SHARE = 50;

/**
 * Hunts in random interleavings of one open instance. Throws on an instance that is none, and if the patch does not do the
 * same twice.
 */
export function huntPatch(patch: Patch, instance: Instance, options: HuntOptions): Trial {
  checked(validateInstance(instance, "instance"), patch, instance);
  if (instance.closed) throw new Error("huntPatch: expected an open instance, whose tasks come to an end");
  const { seed, runs = 2000 } = options;
  const session = sessionOptions(patch, instance, options);
  const stats = newStats();
  const strictRuns = Math.ceil(runs / STRICT_SHARE);
  checkDiscipline(patch, instance);
  return blaming(patch, () => {
    const caught = huntInstance(instance, { runs, strictRuns, strategy: "mixed", seed }, session, stats);
    if (!caught) return sampled(stats, "");
    const strict = caught.session.sim.kernel.heap.strict !== undefined;
    const caughtWith = { ...session, strict };
    const least = shrink(instance, capture(caught.session, caught.finding), caughtWith, EFFORT);
    return refuted(patch, least, caughtWith, stats.runs);
  });
}

/** Hunts in random programs on one machine, each in random interleavings. Throws as `huntPatch` does. */
export function huntPatchAtRandom(patch: Patch, machine: Configuration, options: RandomOptions): Trial {
  checked(validateConfiguration(machine, "machine"), patch, machine);
  const { seed, runs = 200, cases = 200, tasks = 3, operations = 6 } = options;
  const { watched, design } = sessionOptions(patch, { ...machine, programs: [] }, options);
  return blaming(patch, () => {
    const { found, stats } = findByArbitrary({
      configuration: machine,
      tasks,
      opsPerTask: operations,
      cases,
      runsPerCase: runs,
      strictRunsPerCase: Math.ceil(runs / STRICT_SHARE),
      strategy: "mixed",
      seed,
      watched,
      design,
    });
    if (!found) return sampled(stats, ` of ${cases} random cases`);
    return refuted(patch, found, found.options, stats.runs);
  });
}

/**
 * Searches all states of an instance. What is found has the fewest steps, unless it is a broken rule of steps
 * (INV-STRICT), which makes a search worthless and is looked for first. Throws as `huntPatch` does.
 */
export function searchPatch(patch: Patch, instance: Instance, limits: SearchLimits = {}): Trial {
  checked(validateInstance(instance, "instance"), patch, instance);
  const { statesMax = 1_000_000 } = limits;
  const { watched: all, design } = sessionOptions(patch, instance, limits);
  const watched = [...all].filter((id) => SEARCHED.has(id));
  const broken = checkDiscipline(patch, instance);
  if (broken) {
    return refuted(patch, { instance, ...broken.run, minimal: false }, broken.options, 0);
  }
  const result = searchInstance(instance, new Set(watched), { statesMax, design });
  const { end, finding, states, trace } = result;
  const count = states;
  if (!finding) {
    const seen = `${states.toLocaleString("en-US")} states of this instance`;
    return end === "exhausted"
      ? { verdict: "held", text: `HELD in all ${seen}: every interleaving and every choice`, count }
      : { verdict: "undecided", text: `NOT DECIDED: the limit came first; HELD in ${seen}`, count };
  }
  const kept = searchedCounterexample(result, { instance, watched, design, mutant: keptNameOf(patch) });
  if (kept) return { ...shown(patch, kept), minimal: true, count };
  const steps = traceSteps(instance, trace ?? [], design).map(
    ({ process, fn, what }, step) => `${String(step).padStart(4)}  ${process}  ${fn}: ${what}`,
  );
  const text = [`VIOLATED: ${finding.id}`, `  found: ${finding.message}`, ...steps].join("\n");
  return { verdict: "violated", violates: finding.id, text, minimal: true, count };
}

/** A counterexample of a patch as text, with the call that replays it. */
export function patchCounterexampleText(patch: Patch, counterexample: Counterexample): string {
  const run = recordCounterexample(counterexample, patch.design);
  return renderCounterexample(run, { patch, token: encodeToken(counterexample) });
}

function sessionOptions(
  { base, design }: Patch,
  instance: Instance,
  { watched }: TrialOptions,
): { readonly design: AllocatorClass; readonly watched: ReadonlySet<InvariantId> } {
  return { design, watched: watched ? new Set(watched) : expectedToHold(base, [instance]) };
}

function checked(wrong: InputError | undefined, { base, name }: Patch, { allocator }: Configuration): void {
  if (wrong) throw new Error(wrong.message);
  if (allocator === base) return;
  throw new Error(`allocator: expected ${base}, the base of the patch ${name}, found ${allocator}`);
}

function refuted(
  patch: Patch,
  least: Pick<Shrunk, "instance" | "schedule" | "finding" | "steps" | "minimal">,
  options: SessionOptions,
  count: number,
): Trial {
  const kept = toCounterexample(least, options, keptNameOf(patch));
  return { ...shown(patch, kept), minimal: least.minimal, count };
}

function shown(
  patch: Patch,
  kept: Counterexample,
): Pick<Trial, "verdict" | "text" | "violates"> & {
  readonly counterexample: Counterexample;
} {
  const text = patchCounterexampleText(patch, kept);
  return { verdict: "violated", violates: kept.violation.invariant, text, counterexample: kept };
}

function sampled({ runs, cutOff }: HuntStats, of: string): Trial {
  const seen = `${runs.toLocaleString("en-US")} interleavings${of}`;
  if (cutOff === 0) return { verdict: "held", text: `HELD in ${seen}: sampled, not exhausted`, count: runs };
  const text = `NOT DECIDED: ${cutOff.toLocaleString("en-US")} of ${seen} were cut off at the limit of steps`;
  return { verdict: "undecided", text, count: runs };
}
