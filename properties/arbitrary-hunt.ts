// SPDX-License-Identifier: GPL-2.0-only
//
// A hunt through arbitrary programs of one configuration: fast-check makes the programs and shrinks the failing
// one, each program is hunted in with many schedules, and the rest of the shrinking is ours. All of it follows
// from the seed; a clock may only end it, through `heed`, and then the result says so.

import fc from "fast-check";
import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { createRng } from "../explore/rng.ts";
import type { Configuration, Instance } from "../spec/instance.ts";
import type { InvariantId } from "../spec/invariants.ts";
import { printPrograms } from "../spec/program-text.ts";
import type { Schedule } from "../spec/schedule.ts";
import { programsArbitrary } from "./arbitraries/programs.ts";
import type { Finding } from "./finding.ts";
import { huntInstance, type HuntPlan, type HuntStats, newStats, type StrategyName } from "./hunt.ts";
import type { SessionOptions } from "./session.ts";
import type { SituationFactory } from "./situations/situation.ts";
import { capture, type FailingRun, shrink, type ShrinkEffort } from "./shrink/shrink.ts";

/** What to hunt for, and how long. */
export interface ArbitraryHuntPlan {
  readonly configuration: Configuration;
  /** Most tasks of a case, and most operations of a task. */
  readonly tasks: number;
  readonly opsPerTask: number;
  /** Whether tasks may ask for congruent areas; by default not. */
  readonly pcpu?: boolean | undefined;
  /** Programs to make. */
  readonly cases: number;
  /** Schedules for each of them. */
  readonly runsPerCase: number;
  /** Of these, the runs in strict mode. */
  readonly strictRunsPerCase?: number | undefined;
  readonly strategy: StrategyName;
  /** Depth of PCT where it is the only strategy. */
  readonly depth?: number | undefined;
  /** Seed text. */
  readonly seed: string;
  /** Invariants that count; by default all. */
  readonly watched?: ReadonlySet<InvariantId> | undefined;
  /** Replaces the class that the configuration names. */
  readonly design?: AllocatorClass | undefined;
  readonly situations?: readonly SituationFactory[] | undefined;
  /** Cases that fast-check may try while it shrinks; 0 leaves all shrinking to the last stage. */
  readonly shrinkCasesMax?: number | undefined;
  readonly shrinkEffort?: ShrinkEffort | undefined;
}

/** A found violation, as small as it got. */
export interface ArbitraryFind {
  readonly instance: Instance;
  readonly schedule: Schedule;
  readonly finding: Finding;
  readonly steps: number;
  /** False if a bound ended the shrinking before nothing more could be dropped. */
  readonly minimal: boolean;
  /** The case that showed it first, from 1, and its programs as they were made. */
  readonly caseNumber: number;
  readonly original: Instance;
  /** Options under which a session shows it again. */
  readonly options: SessionOptions;
}

/** What a hunt came to. */
export interface ArbitraryHuntResult {
  readonly stats: HuntStats;
  /** Cases hunted in, those of shrinking left out. */
  readonly cases: number;
  /** Cases that fast-check tried in order to shrink. */
  readonly shrinkCases: number;
  /** Whether `heed` ended it: then what was not found says nothing. */
  readonly interrupted: boolean;
  readonly found?: ArbitraryFind | undefined;
}

const SHRINK_CASES_MAX = 300;

interface Caught extends FailingRun {
  readonly instance: Instance;
  readonly options: SessionOptions;
}

/** Hunts. Stops at the first finding and shrinks it. `heed` is called now and then; true ends the hunt. */
export function findByArbitrary(plan: ArbitraryHuntPlan, heed?: () => boolean): ArbitraryHuntResult {
  return new ArbitraryHunt(plan, heed).run();
}

class ArbitraryHunt {
  private readonly plan: ArbitraryHuntPlan;
  private readonly heed: () => boolean;
  private readonly options: SessionOptions;
  // What fast-check does while it shrinks is not part of what was hunted through.
  private readonly stats = newStats();
  private readonly shrinkStats = newStats();
  private interrupted = false;
  private cases = 0;
  private shrinkCases = 0;
  private first: Caught | undefined;
  private latest: Caught | undefined;

  constructor(plan: ArbitraryHuntPlan, heed: (() => boolean) | undefined) {
    this.plan = plan;
    this.heed = () => {
      this.interrupted ||= heed?.() ?? false;
      return this.interrupted;
    };
    this.options = { design: plan.design, watched: plan.watched, situations: plan.situations };
  }

  run(): ArbitraryHuntResult {
    const { configuration, tasks, opsPerTask, pcpu, cases, seed } = this.plan;
    const property = fc.property(
      programsArbitrary(configuration, { tasks, opsPerTask, pcpu }),
      (programs) => {
        // One skipped case is more than may be skipped: it ends the check.
        fc.pre(!this.interrupted);
        return this.holds({ ...configuration, programs });
      },
    );
    fc.check(property, {
      seed: createRng(`cases/${seed}`).below(2 ** 31),
      numRuns: cases,
      maxSkipsPerRun: 0,
      endOnFailure: false,
    });
    const { stats, interrupted, shrinkCases } = this;
    const found = this.latest && this.smallest(this.latest);
    return { stats, cases: this.cases, shrinkCases, interrupted, found };
  }

  private holds(instance: Instance): boolean {
    if (!this.first) {
      this.cases++;
      this.first = this.hunt(instance, this.stats);
      this.latest = this.first;
      return this.first === undefined;
    }
    if (this.shrinkCases >= (this.plan.shrinkCasesMax ?? SHRINK_CASES_MAX)) return true;
    this.shrinkCases++;
    const caught = this.hunt(instance, this.shrinkStats);
    // Another violation would be another find.
    if (caught?.finding.id !== this.first.finding.id) return true;
    this.latest = caught;
    return false;
  }

  // The schedules of a case follow from its programs and the seed, so that the same case always fails alike.
  private hunt(instance: Instance, stats: HuntStats): Caught | undefined {
    const { runsPerCase, strictRunsPerCase = 0, strategy, depth, seed } = this.plan;
    const plan: HuntPlan = {
      runs: runsPerCase,
      strictRuns: strictRunsPerCase,
      strategy,
      depth,
      seed: `${seed}/${printPrograms(instance.programs)}`,
    };
    const caught = huntInstance(instance, plan, this.options, stats, this.heed);
    if (!caught) return undefined;
    const { session, finding } = caught;
    const options = { ...this.options, strict: session.sim.kernel.heap.strict !== undefined };
    return { ...capture(session, finding), instance, options };
  }

  private smallest(caught: Caught): ArbitraryFind {
    const least = shrink(caught.instance, caught, caught.options, this.plan.shrinkEffort);
    const { options } = caught;
    return { ...least, caseNumber: this.cases, original: this.first!.instance, options };
  }
}
