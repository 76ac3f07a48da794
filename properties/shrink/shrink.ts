// SPDX-License-Identifier: GPL-2.0-only
//
// Shrinks a finding to a minimal counterexample: no task, operation, page, CPU, fault or deviation can be dropped
// from it. A candidate counts as failing if a fixed search, from simple schedules to random ones, finds the same
// finding in it.

import { minimize, withoutSome } from "../../explore/minimize.ts";
import { createRng } from "../../explore/rng.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import type { Instance } from "../../spec/instance.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../../spec/schedule.ts";
import type { Finding } from "../finding.ts";
import { Session, type SessionOptions } from "../session.ts";
import { simplerInstances } from "./simpler.ts";

/** A failing run of an instance. */
export interface FailingRun {
  readonly schedule: Schedule;
  readonly finding: Finding;
  readonly steps: number;
}

/** A minimal failing case. */
export interface Shrunk extends FailingRun {
  readonly instance: Instance;
  /** False if the work was bounded before nothing more could be dropped. */
  readonly minimal: boolean;
}

/** How hard a candidate is searched. */
export interface ShrinkEffort {
  /** Random schedules per candidate. */
  readonly runs: number;
  /** Candidates in all. */
  readonly attemptsMax: number;
}

/** Enough for cases of a dozen operations. */
export const EFFORT: ShrinkEffort = { runs: 120, attemptsMax: 3000 };

/** Shrinks the finding of a run. The same options must be used that found it. */
export function shrink(
  instance: Instance,
  run: FailingRun,
  options: SessionOptions,
  effort: ShrinkEffort = EFFORT,
): Shrunk {
  const bounded = { ...options, stepsMax: stepsFor(run, options) };
  const least = minimize<Instance, FailingRun>(
    { case: instance, proof: run },
    simplerInstances,
    (candidate, from) => findAgain(candidate, from.proof, bounded, effort),
    effort.attemptsMax,
  );
  const session = new Session(least.case, bounded);
  const proof = shrinkSchedule(session, least.proof);
  return { instance: least.case, minimal: least.done, ...proof };
}

// A simpler case that needs many times the steps is none; it may well run for ever.
function stepsFor(run: FailingRun, options: SessionOptions): number {
  return Math.min(options.stepsMax ?? Infinity, Math.max(400, 8 * run.steps));
}

/** Fewest deviations: tries to do without each, and without each pair that is left. */
export function shrinkSchedule(session: Session, run: FailingRun): FailingRun {
  const id = run.finding.id;
  const simple = attempt(session, RUN_TO_COMPLETION, id) ?? searchOneDeviation(session, id);
  const start = simple && weight(simple.schedule) < weight(run.schedule) ? simple : run;
  const least = withoutDeviations(session, start, id);
  if (weight(least.schedule) <= 2) return least;
  // What is left cannot be dropped, but quite another schedule may do with fewer.
  return searchTwoDeviations(session, id) ?? least;
}

function withoutDeviations(session: Session, start: FailingRun, id: string): FailingRun {
  return minimize<Schedule, FailingRun>(
    { case: start.schedule, proof: start },
    simplerSchedules,
    (schedule, from) => {
      const found = attempt(session, schedule, id);
      return found && weight(found.schedule) < weight(from.proof.schedule) ? found : undefined;
    },
    5000,
  ).proof;
}

function findAgain(
  candidate: Instance,
  from: FailingRun,
  options: SessionOptions,
  effort: ShrinkEffort,
): FailingRun | undefined {
  const session = new Session(candidate, options);
  const id = from.finding.id;
  const direct = attempt(session, from.schedule, id) ?? attempt(session, RUN_TO_COMPLETION, id);
  if (direct) return direct;
  const rng = createRng(`shrink/${candidate.programs.length}`);
  const strategies = [
    new RandomStrategy(rng, session.profile),
    new PctStrategy(rng, session.profile, 2),
    new PctStrategy(rng, session.profile, 3),
  ];
  for (let i = 0; i < effort.runs; i++) {
    const outcome = session.run(strategies[i % strategies.length]!);
    if (outcome.finding?.id === id) return capture(session, outcome.finding);
  }
  return undefined;
}

// The same run may have a shorter schedule that deviates once, anywhere.
function searchOneDeviation(session: Session, id: string): FailingRun | undefined {
  for (const schedule of oneMore(session, RUN_TO_COMPLETION, 0)) {
    const found = attempt(session, schedule, id);
    if (found) return found;
  }
  return undefined;
}

/** Steps that the search for schedules with two deviations may take: a second or so. */
const PAIR_STEPS_MAX = 1_500_000;

function searchTwoDeviations(session: Session, id: string): FailingRun | undefined {
  let steps = 0;
  for (const first of oneMore(session, RUN_TO_COMPLETION, 0)) {
    const at = first.switches[0]?.at ?? first.choices[0]!.at;
    for (const second of oneMore(session, first, at + 1)) {
      const found = attempt(session, second, id);
      if (found) return found;
      steps += session.runner.steps;
      if (steps > PAIR_STEPS_MAX) return undefined;
    }
  }
  return undefined;
}

// A schedule with one deviation more, from step `from` on.
function* oneMore(session: Session, of: Schedule, from: number): Iterable<Schedule> {
  const steps = session.replay(of).steps;
  const processes = session.sim.processes.length;
  for (let at = from; at < steps; at++) {
    for (let to = 0; to < processes; to++) yield { ...of, switches: [...of.switches, { at, to }] };
    yield { ...of, choices: [...of.choices, { at, value: 1 }] };
  }
}

function attempt(session: Session, schedule: Schedule, id: string): FailingRun | undefined {
  const outcome = session.replay(schedule);
  return outcome.finding?.id === id ? capture(session, outcome.finding) : undefined;
}

/** The failing run that a session has just made, with its exact schedule. */
export function capture(session: Session, finding: Finding): FailingRun {
  const schedule = session.lastSchedule();
  return { schedule, finding, steps: session.runner.steps };
}

function* simplerSchedules(of: Schedule): Iterable<Schedule> {
  for (const switches of withoutSome(of.switches)) yield { switches, choices: of.choices };
  for (const choices of withoutSome(of.choices)) yield { switches: of.switches, choices };
  // Two switches for one: a detour that ends where it began.
  for (let i = 0; i + 1 < of.switches.length; i++) {
    for (let j = i + 1; j < of.switches.length; j++) {
      yield { switches: of.switches.filter((_, k) => k !== i && k !== j), choices: of.choices };
    }
  }
}

function weight(schedule: Schedule): number {
  return schedule.switches.length + schedule.choices.length;
}
