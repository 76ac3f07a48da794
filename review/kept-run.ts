// SPDX-License-Identifier: GPL-2.0-only
//
// How a kept counterexample is set up, so that a session or a recording shows what it showed when it was found.

import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { MUTANTS } from "../properties/mutants/catalogue.ts";
import type { SessionOptions } from "../properties/session.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import { optionsToSee, recordCounterexample } from "./render/record-counterexample.ts";
import type { RecordedRun } from "./render/record-run.ts";

/** The design of a mutant's id, or undefined. */
export function designOfMutant(mutant: string | undefined): AllocatorClass | undefined {
  return MUTANTS.find(({ id }) => id === mutant)?.make;
}

/** How a session has to be set up to see what a counterexample shows, and nothing else. */
export function sessionOptionsOf(counterexample: Counterexample): SessionOptions {
  return optionsToSee(counterexample, designOfMutant(counterexample.mutant));
}

/** Replays a counterexample, step by step. */
export function recordOf(counterexample: Counterexample): RecordedRun {
  return recordCounterexample(counterexample, designOfMutant(counterexample.mutant));
}
