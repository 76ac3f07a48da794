// SPDX-License-Identifier: GPL-2.0-only
//
// From a failing run to the counterexample that is kept, and back to a run.

import type { Counterexample } from "../spec/counterexample.ts";
import { TOOL_VERSION } from "../spec/version.ts";
import { type Outcome, Session, type SessionOptions } from "./session.ts";
import type { Shrunk } from "./shrink/shrink.ts";

/** Options under which a finding shows again: a livelock has no end of its own, and ends where it was found to. */
export function optionsToReplay(options: SessionOptions, invariant: string, steps: number): SessionOptions {
  return invariant === "INV-LIVELOCK" ? { ...options, endsAt: steps } : options;
}

/** What a failing run has to be kept with. Replays it, so the digests are those of a replay. */
export function toCounterexample(
  shrunk: Pick<Shrunk, "instance" | "schedule"> & Partial<Pick<Shrunk, "finding" | "steps">>,
  options: SessionOptions,
  mutant?: string,
): Counterexample {
  const session = new Session(
    shrunk.instance,
    optionsToReplay(options, shrunk.finding?.id ?? "", shrunk.steps ?? 0),
  );
  const { finding, steps } = session.replay(shrunk.schedule);
  if (!finding) throw new Error("a failing run does not fail when it is replayed");
  return {
    tool: TOOL_VERSION,
    instance: shrunk.instance,
    ...(mutant === undefined ? {} : { mutant }),
    schedule: shrunk.schedule,
    violation: { invariant: finding.id, message: finding.message, step: steps - 1 },
    stateDigest: session.sim.digest(),
    choicesDigest: session.runner.decisionDigest(),
  };
}

/** The outcome of a replay, and whether it is the recorded one. */
export interface ReplayResult {
  readonly outcome: Outcome;
  readonly session: Session;
  /** What differs from the record; empty if the replay is exact. */
  readonly differences: readonly string[];
}

/** Replays a counterexample and compares invariant, step, last state and decisions with its record. */
export function replayCounterexample(kept: Counterexample, options: SessionOptions): ReplayResult {
  const { invariant, step } = kept.violation;
  const replayOptions = optionsToReplay(options, invariant, step + 1);
  let session = new Session(kept.instance, replayOptions);
  let outcome = session.replay(kept.schedule);
  if (!outcome.finding && !replayOptions.strict) {
    // Some findings are only made where the whole state is checked from scratch.
    session = new Session(kept.instance, { ...replayOptions, strict: true });
    outcome = session.replay(kept.schedule);
  }
  const differences: string[] = [];
  const compare = (what: string, recorded: string | number, found: string | number): void => {
    if (recorded !== found) differences.push(`${what}: recorded ${recorded}, found ${found}`);
  };
  compare("violated", kept.violation.invariant, outcome.finding?.id ?? "nothing");
  compare("step", kept.violation.step, outcome.steps - 1);
  compare("state", kept.stateDigest, session.sim.digest());
  compare("decisions", kept.choicesDigest, session.runner.decisionDigest());
  return { outcome, session, differences };
}
