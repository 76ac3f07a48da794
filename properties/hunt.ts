// SPDX-License-Identifier: GPL-2.0-only
//
// A hunt: many runs of some instances, under a mix of strategies, until something is found or the plan is done.
// How much is done depends on the plan alone, never on a clock, so that a verdict is the same everywhere.

import { createRng } from "../explore/rng.ts";
import { PctStrategy } from "../explore/strategies/pct.ts";
import { RandomStrategy } from "../explore/strategies/random.ts";
import { ReplayStrategy } from "../explore/strategies/replay.ts";
import type { Strategy } from "../explore/strategy.ts";
import type { Instance } from "../spec/instance.ts";
import { RUN_TO_COMPLETION } from "../spec/schedule.ts";
import type { Finding } from "./finding.ts";
import { type Outcome, Session, type SessionOptions } from "./session.ts";

/** Which strategies a hunt uses. `mixed`: even samples, and PCT of depth 2 and 3 in turn. */
export type StrategyName = "random" | "pct" | "mixed";

/** How a hunt goes about one instance. */
export interface HuntPlan {
  /** Runs per instance. */
  readonly runs: number;
  /** Of these, the runs in strict mode. */
  readonly strictRuns: number;
  readonly strategy: StrategyName;
  /** Depth of PCT where the plan names it alone. */
  readonly depth?: number | undefined;
  /** Seed text. */
  readonly seed: string;
}

/** What was done. All counts; no times. */
export interface HuntStats {
  instances: number;
  runs: number;
  steps: number;
  /** Runs that were cut off at the step limit. */
  cutOff: number;
  /** Situations reached, with the number of runs that reached each. */
  readonly reached: Map<string, number>;
}

/** A found case, with the session that found it, in the state after the run. */
export interface Catch {
  readonly session: Session;
  readonly finding: Finding;
  /** Runs that the hunt had made of this instance. */
  readonly runs: number;
}

/** Empty statistics. */
export function newStats(): HuntStats {
  return { instances: 0, runs: 0, steps: 0, cutOff: 0, reached: new Map() };
}

/** After so many batches, the last run is made a second time and must come out the same. */
const REPEAT_EVERY = 16;

/** Runs batches share a stream of random numbers: seeding one per run would cost more than the run. */
const BATCH = 64;

/** Hunts in one instance. Stops at the first finding. `heed` is called now and then and may stop the hunt. */
export function huntInstance(
  instance: Instance,
  plan: HuntPlan,
  options: SessionOptions,
  stats: HuntStats,
  heed?: () => boolean,
): Catch | undefined {
  stats.instances++;
  const strictRuns = Math.min(plan.strictRuns, plan.runs);
  return (
    runs(new Session(instance, options), plan, plan.runs - strictRuns, "", stats, heed) ??
    (strictRuns === 0
      ? undefined
      : runs(new Session(instance, { ...options, strict: true }), plan, strictRuns, "strict", stats, heed))
  );
}

function runs(
  session: Session,
  plan: HuntPlan,
  count: number,
  label: string,
  stats: HuntStats,
  heed: (() => boolean) | undefined,
): Catch | undefined {
  if (count <= 0) return undefined;
  const look = (outcome: Outcome, n: number): Catch | undefined => {
    stats.runs++;
    stats.steps += outcome.steps;
    if (outcome.end === "limit") stats.cutOff++;
    for (const id of session.checker.reached.keys()) {
      stats.reached.set(id, (stats.reached.get(id) ?? 0) + 1);
    }
    return outcome.finding ? { session, finding: outcome.finding, runs: n } : undefined;
  };
  const first = look(session.run(new ReplayStrategy(RUN_TO_COMPLETION)), 1);
  if (first) return first;
  let strategies: readonly Strategy[] = [];
  for (let i = 1; i < count; i++) {
    if (i % BATCH === 1) {
      if (heed?.()) return undefined;
      if (i > 1 && Math.floor(i / BATCH) % REPEAT_EVERY === 1) session.runner.repeatAndCompare();
      strategies = strategiesFor(session, plan, `${plan.seed}/${label}${Math.floor(i / BATCH)}`);
    }
    const found = look(session.run(strategies[i % strategies.length]!), i + 1);
    if (found) return found;
  }
  return undefined;
}

function strategiesFor(session: Session, plan: HuntPlan, seed: string): readonly Strategy[] {
  const rng = createRng(seed);
  const { profile } = session;
  switch (plan.strategy) {
    case "random":
      return [new RandomStrategy(rng, profile)];
    case "pct":
      return [new PctStrategy(rng, profile, plan.depth ?? 3)];
    case "mixed":
      return [
        new RandomStrategy(rng, profile),
        new PctStrategy(rng, profile, 2),
        new RandomStrategy(rng, profile),
        new PctStrategy(rng, profile, 3),
      ];
  }
}
