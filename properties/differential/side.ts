// SPDX-License-Identifier: GPL-2.0-only
//
// One design on one machine, one operation at a time: an operation runs alone to its end, work items run beside it only
// while it waits for them, and the others wait until they are let run. States between operations are saved and loaded,
// so that programs with a common beginning share it. All checks watch each step, as in a search.

import { InternedExecutor } from "../../explore/positions.ts";
import { call, isReady, type KernelCode, site, tail } from "../../explore/sync.ts";
import type { System } from "../../explore/system.ts";
import type { Fingerprint } from "../../explore/search/search.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import type { Simulation } from "../../impl/simulation.ts";
import type { Instance } from "../../spec/instance.ts";
import { type InvariantId, invariantsFor } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import { Searched } from "../search/search-monitor.ts";

const S = {
  next: site("caller", "wait for the next operation"),
  ended: site("caller", "the operation has ended"),
};

/** How an operation, or the work that it left behind, came to its end. */
export type Ended = "ended" | "stuck" | "endless";

/**
 * Not of one run, but of several: what was locked in another program says nothing of this one. And what looks at all
 * that callers have, of which only the names of an operation are known here.
 */
const APART: readonly InvariantId[] = ["INV-LOCKORDER", "INV-PCPU-CONGRUENT"];

/** Steps after which an operation is taken to go on for ever: those of small machines take some hundred. */
const STEPS_MAX = 4000;

/** More than a program can have. */
const OPERATIONS_MAX = 2 ** 20;

/** A slot after an operation. */
export interface SlotLeft {
  readonly name: string;
  /** Where its area is; undefined if the allocation failed. */
  readonly page: number | undefined;
}

/** A design that executes operations one by one. */
export class Side {
  readonly sim: Simulation;
  /** Steps taken so far. */
  steps = 0;
  /** What the last operation returned. */
  result = 0;
  /** Called after each step, for a strip or a table. */
  onStep: ((process: number) => void) | undefined;
  private readonly searched: Searched;
  private readonly executor: InternedExecutor;
  private readonly systemWords: number;
  private readonly processes: Simulation["processes"];
  private wanted = -1;
  private last = -1;

  /** Any task may execute any operation of the instance's programs. */
  constructor(
    instance: Instance,
    design: AllocatorClass | undefined,
    watched: readonly InvariantId[] = invariantsFor(instance.allocator).map(({ id }) => id),
  ) {
    this.searched = new Searched(instance, new Set(watched.filter((id) => !APART.includes(id))), {
      design,
      symmetry: false,
    });
    const { sim, system } = this.searched;
    this.sim = sim;
    const { tasks } = sim.kernel;
    this.processes = sim.processes.map((process, p) =>
      p < tasks ? { name: process.name, entry: call(this, this.caller), daemon: true } : process,
    );
    const callers: System = {
      processes: this.processes,
      reset: () => system.reset(),
      begin: (process) => system.begin(process),
      betweenSteps: (now) => system.betweenSteps(now),
      snapshot: () => system.snapshot(),
      restore: (snapshot) => system.restore(snapshot),
      equals: (snapshot) => system.equals(snapshot),
      digest: () => system.digest(),
    };
    this.executor = new InternedExecutor(callers);
    this.searched.attach(this.executor);
    system.reset();
    this.executor.reset();
    this.systemWords = system.snapshot().length;
  }

  /** The first violation since the last `load` or the beginning. */
  get finding(): Finding | undefined {
    return this.searched.finding;
  }

  /** Whether a work item could run now. */
  get hasWork(): boolean {
    return this.readyWorker() >= 0;
  }

  /** Failures of the kernel's own allocations so far. */
  get faults(): number {
    return this.sim.kernel.faults.spent;
  }

  /** Says where the area of a slot is, for the operation that comes. */
  bind(name: string, page: number): void {
    const { operations, page: pages, state } = this.sim.tasks;
    const slot = operations.findIndex((op) => op.name === name);
    state[slot] = SLOT.LIVE;
    pages[slot] = page;
  }

  /** What the last operation left in the slots, which are empty then: states keep no names of areas. */
  takeSlots(): readonly SlotLeft[] {
    const { operations, page, state } = this.sim.tasks;
    const left: SlotLeft[] = [];
    for (let slot = 0; slot < state.length; slot++) {
      if (state[slot] === SLOT.LIVE) left.push({ name: operations[slot]!.name, page: page[slot]! });
      else if (state[slot] === SLOT.FAILED) left.push({ name: operations[slot]!.name, page: undefined });
      state[slot] = SLOT.NONE;
      page[slot] = 0;
    }
    return left;
  }

  /**
   * One operation, by its number in a program, in a task. With `fault`, the first failure that the environment may
   * choose happens.
   */
  perform(task: number, operation: number, fault: boolean, program = 0): Ended {
    this.last = -1;
    this.wanted = program * OPERATIONS_MAX + operation;
    this.result = 0;
    let mayFail = fault;
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const { pending } = this.executor;
      const step = pending[task]!;
      if (step.site === S.next && this.wanted < 0) return "ended";
      const process = isReady(step) ? task : this.readyWorker();
      if (process < 0) {
        this.atEnd(true);
        return "stuck";
      }
      const takes = mayFail && process === task && (step.choices?.() ?? 1) > 1;
      if (takes) mayFail = false;
      this.step(process, takes ? 1 : 0);
      if (step.site === S.next) this.wanted = -1;
    }
    return "endless";
  }

  /** Lets work items run until there are none, and asks what must be true then. */
  quiet(): Ended {
    this.last = -1;
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const process = this.readyWorker();
      if (process >= 0) {
        this.step(process, 0);
        continue;
      }
      this.atEnd(this.isStuck);
      return this.isStuck ? "stuck" : "ended";
    }
    return "endless";
  }

  /** The whole state, in words. */
  save(): Int32Array {
    const { systemWords } = this;
    const row = new Int32Array(systemWords + this.searched.system.processes.length);
    this.searched.system.saveInto!(row, 0);
    this.executor.saveInto(row, systemWords);
    return row;
  }

  /** The opposite of `save`; what was found is forgotten. */
  load(row: Int32Array): void {
    const { searched, executor } = this;
    if (searched.finding !== undefined) searched.system.reset();
    searched.attach(executor);
    searched.system.loadFrom!(row, 0);
    executor.loadFrom(row, this.systemWords);
    this.wanted = -1;
  }

  /** The fingerprint of the state, in which records have no names. */
  fingerprint(into: Fingerprint): void {
    this.searched.system.fingerprint!(this.executor, into);
  }

  // The only code of a task, for ever.
  private *caller(): KernelCode {
    const operation = yield {
      site: S.next,
      idle: true,
      ready: () => this.wanted >= 0,
      run: () => this.wanted,
    };
    const { tasks } = this.sim;
    const program = Math.floor(operation / OPERATIONS_MAX);
    const result = yield call(tasks, tasks.operation, program, operation % OPERATIONS_MAX);
    yield {
      site: S.ended,
      run: () => {
        this.result = result;
        return 0;
      },
    };
    return tail(this, this.caller);
  }

  // The worker that ran last goes on while it can; then the last one that can run: purge helpers come behind the drain
  // work, so that a caller that waits for its helpers does not let the drain begin.
  private readyWorker(): number {
    const { pending } = this.executor;
    const { tasks } = this.sim.kernel;
    const { last } = this;
    const goesOn = last >= tasks ? pending[last] : undefined;
    if (goesOn && isReady(goesOn)) return last;
    for (let p = pending.length - 1; p >= tasks; p--) {
      const step = pending[p];
      if (step && isReady(step)) return p;
    }
    return -1;
  }

  private atEnd(isStuck: boolean): void {
    if (this.finding === undefined) this.searched.atEnd(isStuck, this.processes);
  }

  // Whether a worker waits for what will never come.
  private get isStuck(): boolean {
    const { tasks } = this.sim.kernel;
    return this.executor.pending.some((step, p) => {
      if (p < tasks || !step) return false;
      const { idle = false } = step;
      return !(typeof idle === "function" ? idle() : idle);
    });
  }

  private step(process: number, choice: number): void {
    const { executor, searched } = this;
    const step = executor.pending[process]!;
    this.last = process;
    searched.enter();
    this.sim.begin(process);
    const result = step.run(choice);
    executor.advance(process, result);
    this.steps++;
    if (searched.finding === undefined) searched.checkStep(process);
    this.onStep?.(process);
  }
}
