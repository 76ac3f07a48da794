// SPDX-License-Identifier: GPL-2.0-only
//
// A counterexample against a design, which need not be the one that it was found in: how a session has to be set up to see
// what it shows, and the run as rows.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import type { SessionOptions } from "../../properties/session.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { type RecordedRun, recordRun, watchedFor } from "./record-run.ts";

/** Options of a session that sees what a counterexample shows, and nothing else. */
export function optionsToSee(
  { violation }: Pick<Counterexample, "violation">,
  design: AllocatorClass | undefined,
): SessionOptions {
  const id = violation.invariant;
  return {
    design,
    watched: watchedFor(id),
    situations: SITUATIONS.filter((each) => each.id === id),
    stopAt: id,
    strict: id === "INV-STRICT",
  };
}

/** Replays a counterexample, step by step. */
export function recordCounterexample(
  { instance, schedule, violation }: Pick<Counterexample, "instance" | "schedule" | "violation">,
  design: AllocatorClass | undefined,
): RecordedRun {
  const violates = violation.invariant;
  const endsAt = violates === "INV-LIVELOCK" ? violation.step + 1 : undefined;
  return recordRun({ instance, schedule, violates, endsAt, design, situations: SITUATIONS });
}
