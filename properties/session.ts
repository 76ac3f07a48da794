// SPDX-License-Identifier: GPL-2.0-only
//
// A session: one instance of one design (or mutant) with all its watchers, ready to be run under any strategy.
// The lockstep runner in which implementation and model meet.

import { LockAnalysis } from "../explore/lock-analysis.ts";
import { NondeterminismError, profile, Runner } from "../explore/runner.ts";
import { ExactStrategy } from "../explore/strategies/exact.ts";
import { ReplayStrategy } from "../explore/strategies/replay.ts";
import type { Profile, Strategy } from "../explore/strategy.ts";
import type { Step } from "../explore/sync.ts";
import type { AllocatorClass } from "../impl/allocators/registry.ts";
import type { HeapObserver } from "../impl/heap/heap.ts";
import { StrictFault } from "../impl/heap/strict-fault.ts";
import { Simulation } from "../impl/simulation.ts";
import type { Instance } from "../spec/instance.ts";
import type { InvariantId } from "../spec/invariants.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../spec/schedule.ts";
import { Checker } from "./checker.ts";
import { deadlockOf, waitScene, type WaitScene } from "./deadlock.ts";
import type { Finding } from "./finding.ts";
import { isQuiet } from "./quiet.ts";
import { type Livelock, Livelocks } from "./livelock.ts";
import { lockNames } from "./lock-names.ts";
import type { SituationFactory } from "./situations/situation.ts";

/** What a run came to. */
export interface Outcome {
  /** `limit`: cut off, no verdict. */
  readonly end: "done" | "violation" | "limit";
  readonly steps: number;
  /** What was violated, or the situation that the run was to stop at. */
  readonly finding: Finding | undefined;
}

/** How a session is set up. */
export interface SessionOptions {
  /** Replaces the class that the instance names. */
  readonly design?: AllocatorClass | undefined;
  /** Invariants that end a run; by default all. */
  readonly watched?: ReadonlySet<InvariantId> | undefined;
  /** Situations to watch for. */
  readonly situations?: readonly SituationFactory[] | undefined;
  /** The situation that ends a run, as a violation would. */
  readonly stopAt?: string | undefined;
  /** Check each heap access and execute some steps twice. */
  readonly strict?: boolean | undefined;
  /** Drive generators: for instances whose positions never come again. */
  readonly live?: boolean | undefined;
  /** Told of each access to the heap. */
  readonly accesses?: HeapObserver | undefined;
  readonly stepsMax?: number | undefined;
  /** Steps after which a run that shows a livelock ends: for its replay. */
  readonly endsAt?: number | undefined;
  readonly recordsMax?: number | undefined;
  readonly onStep?: ((process: number, step: Step, choice: number, result: number) => void) | undefined;
}

/** In strict mode, one step in so many is executed twice. */
const DOUBLE_STEP_EVERY = 5;

/** One instance under watch. */
export class Session {
  readonly instance: Instance;
  readonly sim: Simulation;
  readonly checker: Checker;
  readonly locks: LockAnalysis;
  readonly runner: Runner;
  private readonly options: SessionOptions;
  private measured: Profile | undefined;
  private livelocks: Livelocks | undefined;

  constructor(instance: Instance, options: SessionOptions = {}) {
    this.instance = instance;
    this.options = options;
    const tasks = instance.programs.length;
    const stepsMax = options.endsAt ?? options.stepsMax;
    this.locks = new LockAnalysis(
      tasks,
      lockNames(() => this.sim),
    );
    this.sim = new Simulation(
      instance,
      {
        strict: options.strict ?? false,
        observer: this.locks,
        accesses: options.accesses,
        ...(options.recordsMax === undefined ? {} : { recordsMax: options.recordsMax }),
      },
      options.design,
    );
    this.checker = new Checker(this.sim, {
      watched: options.watched,
      locks: this.locks,
      situations: options.situations,
      stopAt: options.stopAt,
      isQuiet: () => isQuiet(this.runner.pending, tasks),
    });
    this.runner = new Runner(this.sim, this.checker, {
      live: options.live ?? false,
      doubleStepEvery: options.strict ? DOUBLE_STEP_EVERY : 0,
      onStep: options.onStep,
      ...(stepsMax === undefined ? {} : { stepsMax }),
    });
  }

  /** Lengths of this instance's runs, measured once. */
  get profile(): Profile {
    this.measured ??= this.measure();
    return this.measured;
  }

  /** One run. A broken discipline or a deadlock is a finding like any other. */
  run(strategy: Strategy): Outcome {
    try {
      const { end, steps } = this.runner.run(strategy);
      if (end === "violation") return { end, steps, finding: this.checker.finding };
      if (end === "limit") return this.cutOff(steps);
      if (end === "done") return { end, steps, finding: undefined };
      const { id, message } = deadlockOf(this.runner.waiting(), this.sim);
      const finding = this.checker.note(id, () => message);
      return { end: finding ? "violation" : "done", steps, finding };
    } catch (error) {
      if (!(error instanceof StrictFault)) throw error;
      this.sim.betweenSteps(false);
      const finding = this.checker.note("INV-STRICT", () => error.message);
      return { end: finding ? "violation" : "limit", steps: this.runner.steps, finding };
    }
  }

  /** Who waits for whom where the last run ended; undefined if nobody does who has anything to do. */
  get waits(): WaitScene | undefined {
    return waitScene(this.runner.waiting(), this.sim);
  }

  /** Replays a schedule. */
  replay(schedule: Schedule): Outcome {
    return this.run(new ReplayStrategy(schedule));
  }

  /** The schedule of the last run, which this repeats. */
  lastSchedule(): Schedule {
    try {
      return this.runner.lastSchedule();
    } catch (error) {
      if (!(error instanceof StrictFault)) throw error;
      this.sim.betweenSteps(false);
      return this.runner.recorded;
    }
  }

  // Nobody goes on fairly in a closed instance, since its tasks never end, nor where positions never come again.
  private cutOff(steps: number): Outcome {
    const { checker, instance, options, runner } = this;
    const undecided: Outcome = { end: "limit", steps, finding: undefined };
    if (instance.closed || options.live || !checker.watches("INV-LIVELOCK")) return undecided;
    this.livelocks ??= new Livelocks(this.sim);
    const isReplay = steps === options.endsAt;
    const livelock = this.look(() =>
      isReplay ? this.livelocks!.at(runner) : this.livelocks!.behind(runner),
    );
    if (!livelock) return undecided;
    if (!isReplay) {
      // The same under the eyes of all checks: what they see on the way comes first.
      const { end } = runner.run(new ExactStrategy(livelock.picks, livelock.choices), livelock.steps);
      if (end === "violation") return { end, steps: runner.steps, finding: checker.finding };
      if (end !== "limit") throw new NondeterminismError(`livelock: ${end} after ${runner.steps} steps`);
    }
    const finding = checker.note("INV-LIVELOCK", () => livelock.message);
    return { end: "violation", steps: runner.steps, finding };
  }

  // A step that breaks the discipline on the way makes no schedule; it is for a run of its own.
  private look(find: () => Livelock | undefined): Livelock | undefined {
    try {
      return find();
    } catch (error) {
      if (!(error instanceof StrictFault)) throw error;
      this.sim.betweenSteps(false);
      return undefined;
    }
  }

  private measure(): Profile {
    try {
      return profile(this.runner, this.sim.processes.length);
    } catch (error) {
      if (!(error instanceof StrictFault)) throw error;
      this.sim.betweenSteps(false);
      const steps = this.sim.processes.map(() => 20);
      return { steps, choices: 0, total: 20 * steps.length };
    }
  }
}

/** The outcome of run-to-completion, in a session of its own. */
export function runOnce(instance: Instance, options: SessionOptions = {}): Outcome {
  return new Session(instance, options).replay(RUN_TO_COMPLETION);
}
