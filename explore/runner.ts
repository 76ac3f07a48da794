// SPDX-License-Identifier: GPL-2.0-only
//
// Runs a system once under a strategy, with a monitor after every step. The decisions of the last run are kept,
// so that it can be repeated and turned into a schedule. Knows nothing of vmap.

import type { ChoiceDeviation, Schedule, SwitchDeviation } from "../spec/schedule.ts";
import { type Executor, LiveExecutor } from "./executor.ts";
import { InternedExecutor } from "./positions.ts";
import { ExactStrategy } from "./strategies/exact.ts";
import { type Profile, runToCompletion, type Strategy, type View } from "./strategy.ts";
import type { Step } from "./sync.ts";
import type { Monitor, System } from "./system.ts";
import { mayWait, type Waiting, waitingIn } from "./wait-cycle.ts";

/** How a run ended. `limit` is no verdict: the run was cut off. */
export type RunEnd = "done" | "violation" | "deadlock" | "limit";

/** What became of a run. */
export interface RunResult {
  readonly end: RunEnd;
  readonly steps: number;
}

/** How a runner works. */
export interface RunnerOptions {
  /** Steps after which a run is cut off. */
  readonly stepsMax?: number;
  /** Drive generators instead of interned positions: for runs whose positions never come again. */
  readonly live?: boolean;
  /** Execute every n-th step twice from one snapshot and compare; 0 is never. */
  readonly doubleStepEvery?: number;
  /** Called after each step with the process, the site and the choice taken; slows the run down. */
  readonly onStep?: ((process: number, step: Step, choice: number, result: number) => void) | undefined;
}

/** The determinism of the system under test is broken: our own fault, or a step that writes to its locals. */
export class NondeterminismError extends Error {
  override readonly name = "NondeterminismError";
}

const STEPS_MAX = 100_000;

/** Runs one system, again and again, from its initial state. */
export class Runner {
  /** Steps taken in the last run, by process. */
  readonly taken: Int32Array;
  /** Choices with more than one alternative in the last run. */
  choicesSeen = 0;
  private readonly system: System;
  private readonly monitor: Monitor;
  private executor: Executor;
  /** Drives the generators anew in repeatAndCompare(), whatever the runs themselves use. */
  private readonly live: Executor;
  private readonly options: RunnerOptions;
  private readonly view: View;
  /** Number of steps of the last run; one that ended in an exception counts. */
  steps = 0;
  /** What lastSchedule() found out, also if the run ended in an exception. */
  recorded: Schedule = { switches: [], choices: [] };
  /** Number of the step before which each process was last found enabled. */
  private readonly enabledAt: Int32Array;
  private picks = new Int32Array(1024);
  private choices = new Int32Array(1024);
  private lastEnd: RunEnd | undefined;
  private lastStepsMax = 0;

  constructor(system: System, monitor: Monitor, options: RunnerOptions = {}) {
    this.system = system;
    this.monitor = monitor;
    this.options = options;
    this.live = new LiveExecutor(system);
    this.executor = options.live ? this.live : new InternedExecutor(system);
    const n = system.processes.length;
    this.taken = new Int32Array(n);
    this.enabledAt = new Int32Array(n);
    this.view = { enabled: new Int32Array(n), enabledCount: 0, last: -1, step: 0, taken: this.taken };
  }

  /** The pending step of each process in the run that goes on; undefined once it has finished. */
  get pending(): readonly (Step | undefined)[] {
    return this.executor.pending;
  }

  /** One run from the initial state, cut off after so many steps. */
  run(strategy: Strategy, stepsMax: number = this.options.stepsMax ?? STEPS_MAX): RunResult {
    const { system, monitor, executor, view, taken } = this;
    const { doubleStepEvery = 0, onStep } = this.options;
    system.reset();
    executor.reset();
    monitor.reset();
    taken.fill(0);
    this.enabledAt.fill(-1);
    view.last = -1;
    view.step = 0;
    this.choicesSeen = 0;
    this.steps = 0;
    this.lastEnd = undefined;
    this.lastStepsMax = stepsMax;
    strategy.begin(view);
    for (;;) {
      this.findEnabled();
      if (view.enabledCount === 0) return this.finish();
      if (view.step === stepsMax) return this.result("limit");
      const process = strategy.next();
      const step = executor.pending[process];
      if (!step || this.enabledAt[process] !== view.step)
        throw new Error(`strategy picked ${process}, which cannot run`);
      let choice = 0;
      if (step.choices) {
        const n = step.choices();
        if (n > 1) {
          this.choicesSeen++;
          choice = strategy.choose(n);
          if (!(choice >= 0 && choice < n)) throw new Error(`strategy chose ${choice} of ${n}`);
        }
      }
      this.keep(process, choice);
      if (doubleStepEvery > 0 && view.step % doubleStepEvery === 0) this.checkTwice(process, step, choice);
      system.begin(process);
      const result = step.run(choice);
      onStep?.(process, step, choice, result);
      executor.advance(process, result);
      view.last = process;
      view.step++;
      taken[process] = taken[process]! + 1;
      if (monitor.afterStep(process)) return this.result("violation");
    }
  }

  /** The processes that took the steps of the last run, and the choices. */
  decisions(): { readonly picks: Int32Array; readonly choices: Int32Array } {
    return { picks: this.picks.slice(0, this.steps), choices: this.choices.slice(0, this.steps) };
  }

  /** The schedule of the last run: the same run, as deviations from run-to-completion. Runs it again. */
  lastSchedule(): Schedule {
    const { picks, choices } = this.decisions();
    const switches: SwitchDeviation[] = [];
    const deviations: ChoiceDeviation[] = [];
    const exact = new ExactStrategy(picks, choices);
    const { view } = this;
    this.recorded = { switches, choices: deviations };
    const repeat: Strategy = {
      begin: (v) => exact.begin(v),
      next: () => {
        const pick = exact.next();
        if (pick !== runToCompletion(view)) switches.push({ at: view.step, to: pick });
        return pick;
      },
      choose: (n) => {
        const value = exact.choose(n);
        if (value !== 0) deviations.push({ at: view.step, value });
        return value;
      },
    };
    this.run(repeat, this.lastStepsMax);
    if (exact.diverged) throw new NondeterminismError("run repeated: a decision could not be taken again");
    return this.recorded;
  }

  /**
   * Repeats the last run and compares decisions, end and final state. Throws NondeterminismError if they differ.
   * The generators are driven anew, so that code that keeps something outside the heap is found as well.
   */
  repeatAndCompare(): void {
    const digest = this.system.digest();
    const { steps, lastEnd, executor } = this;
    const { picks, choices } = this.decisions();
    const exact = new ExactStrategy(picks, choices);
    try {
      this.executor = this.live;
      this.run(exact, this.lastStepsMax);
    } finally {
      this.executor = executor;
    }
    const now = this.system.digest();
    if (exact.diverged || this.steps !== steps || this.lastEnd !== lastEnd || now !== digest) {
      throw new NondeterminismError(
        `run repeated: ${lastEnd} after ${steps} steps, state ${digest}; ` +
          `now ${this.lastEnd} after ${this.steps} steps, state ${now}`,
      );
    }
  }

  /** Digest of the decisions of the last run, hexadecimal. */
  decisionDigest(): string {
    let x = 0x811c9dc5 | 0;
    for (let i = 0; i < this.steps; i++) {
      x = Math.imul(x ^ this.picks[i]!, 0x01000193);
      x = Math.imul(x ^ this.choices[i]!, 0x01000193);
    }
    return (x >>> 0).toString(16).padStart(8, "0");
  }

  /** The processes that were waiting when the last run ended, workers without work left out. */
  waiting(): Waiting[] {
    return waitingIn(this.system.processes, this.executor.pending);
  }

  private findEnabled(): void {
    const { pending } = this.executor;
    const { view } = this;
    let n = 0;
    for (let p = 0; p < pending.length; p++) {
      const step = pending[p];
      if (step === undefined) continue;
      const { gate } = step;
      if (gate !== undefined && gate.words[gate.index] !== gate.value) continue;
      if (step.ready !== undefined && !step.ready()) continue;
      view.enabled[n++] = p;
      this.enabledAt[p] = view.step;
    }
    view.enabledCount = n;
  }

  private finish(): RunResult {
    const { processes } = this.system;
    const stuck = this.executor.pending.some(
      (step, p) => step !== undefined && !mayWait(step, processes[p]!),
    );
    if (stuck) return this.result("deadlock");
    return this.result(this.monitor.atQuiescence() ? "violation" : "done");
  }

  private result(end: RunEnd): RunResult {
    this.steps = this.view.step;
    this.lastEnd = end;
    return { end, steps: this.view.step };
  }

  private keep(process: number, choice: number): void {
    const { step } = this.view;
    if (step === this.picks.length) {
      const wider = (from: Int32Array): Int32Array<ArrayBuffer> => {
        const to = new Int32Array(from.length * 2);
        to.set(from);
        return to;
      };
      this.picks = wider(this.picks);
      this.choices = wider(this.choices);
    }
    this.picks[step] = process;
    this.choices[step] = choice;
    this.steps = step + 1;
  }

  // Runs the step once ahead, from a snapshot, and takes it back; then the real one must do the same.
  private checkTwice(process: number, step: Step, choice: number): void {
    const { system } = this;
    const before = system.snapshot();
    system.rehearse?.(true);
    try {
      system.begin(process);
      const first = step.run(choice);
      const after = system.snapshot();
      system.restore(before);
      system.begin(process);
      const second = step.run(choice);
      if (first === second && system.equals(after)) return;
      const { fn, what } = step.site;
      throw new NondeterminismError(`${fn}: "${what}": the same step from the same state differs`);
    } finally {
      system.restore(before);
      system.rehearse?.(false);
    }
  }
}

/** Measures an instance: run-to-completion from each process in turn. Deterministic. */
export function profile(runner: Runner, processes: number): Profile {
  const steps = Array.from({ length: processes }, () => 0);
  let choices = 0;
  let total = 0;
  for (let first = 0; first < processes; first++) {
    let view!: View;
    runner.run({
      begin: (v) => {
        view = v;
      },
      next: () => {
        for (let i = 0; i < view.enabledCount; i++) {
          if (view.step === 0 && view.enabled[i] === first) return first;
        }
        return runToCompletion(view);
      },
      choose: () => 0,
    });
    runner.taken.forEach((n, p) => {
      steps[p] = Math.max(steps[p]!, n);
    });
    choices = Math.max(choices, runner.choicesSeen);
    total = Math.max(
      total,
      runner.taken.reduce((sum, n) => sum + n, 0),
    );
  }
  return { steps: steps.map((n) => Math.max(1, n)), choices, total: Math.max(1, total) };
}
