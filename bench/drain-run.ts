// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (f), the run: processes beside each other in simulated time. Each has a CPU of its own but for workers of
// per-CPU queues; whoever is earliest takes the next step, and who waits for a lock spins until it is free.

import { LiveExecutor } from "../explore/executor.ts";
import { call, isReady, type Step } from "../explore/sync.ts";
import type { EventLog } from "../impl/heap/event-log.ts";
import type { Simulation } from "../impl/simulation.ts";
import { EVENT, EVENT_WORDS } from "../spec/events.ts";
import { COST, Meter } from "./drain-cost.ts";
import type { Prepared } from "./drain-setup.ts";

/** What happened under the locks of one class. */
export interface LockCost {
  readonly name: string;
  /** Times that one was taken. */
  readonly holds: number;
  /** Steps of the holders, and of the longest hold. */
  readonly steps: number;
  readonly longestSteps: number;
  readonly ns: number;
  readonly longestNs: number;
  /** Time that others spun for it. */
  readonly waitNs: number;
}

/** What one drain or purge costs. */
export interface DrainCost {
  /** All steps, and those of the longest chain in which each waits for the one before. */
  readonly steps: number;
  readonly chain: number;
  /** From its start to its end. */
  readonly ns: number;
  /** The longest time that a thread ran without sleeping: what the watchdog of workqueues looks at. */
  readonly runNs: number;
  readonly helpers: number;
  /** Areas that may be used again, and their pages. */
  readonly released: number;
  readonly releasedPages: number;
  /** Areas that pools have lost by decay. */
  readonly decayed: number;
  readonly locks: readonly LockCost[];
}

/** What is measured: the drain work, or reclaim_and_purge_vmap_areas() called by task 0. */
export type Operation = "drain" | "purge";

/** Runs the works until none is left; nothing is measured. */
export function settle(sim: Simulation): void {
  const executor = executorOf(sim, false);
  for (;;) {
    const p = executor.pending.findIndex((step) => step !== undefined && isReady(step));
    if (p < 0) return;
    sim.begin(p);
    executor.advance(p, executor.pending[p]!.run(0));
  }
}

/** How the operation is run. */
export interface RunOptions {
  /** Lazy pages as a multiple of lazy_max_pages(). */
  readonly backlog: number;
  /** CPU on which the drain is asked for; by default that of the last node. */
  readonly cpu?: number;
  /** Sees the events of each step. */
  readonly watch?: (events: EventLog) => void;
}

/** Runs the operation to its end, from the state that was prepared. */
export function measure(prepared: Prepared, operation: Operation, options: RunOptions): DrainCost {
  const { sim } = prepared;
  const cpu = options.cpu ?? sim.kernel.instance.cpus - 1;
  prepared.rewind(options.backlog);
  if (operation === "drain") prepared.askForDrain(cpu);
  return new TimedRun(sim, operation, cpu, options.watch).toEnd();
}

function executorOf(sim: Simulation, purge: boolean): LiveExecutor {
  const { allocator } = sim;
  const entry = call(allocator, allocator.reclaimAndPurgeVmapAreas);
  const executor = new LiveExecutor({
    processes: sim.processes.map((p, i) => (purge && i === 0 ? { ...p, entry } : p)),
    reset: () => sim.reset(),
    begin: (p) => sim.begin(p),
    betweenSteps: (now) => sim.betweenSteps(now),
    snapshot: () => sim.snapshot(),
    restore: (snapshot) => sim.restore(snapshot),
    equals: (snapshot) => sim.equals(snapshot),
    digest: () => sim.digest(),
  });
  executor.reset();
  return executor;
}

// A thread in simulated time.
interface Thread {
  clock: number;
  depth: number;
  /** When it last began to run. */
  since: number;
  /** Whether its next step cannot be taken now. */
  blocked: boolean;
  /** Whether it executes a work item. */
  working: boolean;
  /** CPU that it shares with other workers, or -1. */
  cpu: number;
  /** When its work item was queued. */
  queued: number;
}

// A point in time, and the length of the longest chain up to it.
interface Mark {
  ns: number;
  depth: number;
}

interface Hold extends Mark {
  readonly lock: number;
  readonly lockClass: number;
  readonly owner: number;
  steps: number;
}

type Tally = { -readonly [K in keyof LockCost]: LockCost[K] };

class TimedRun {
  private readonly sim: Simulation;
  private readonly executor: LiveExecutor;
  private readonly meter: Meter;
  private readonly watch: ((events: EventLog) => void) | undefined;
  private readonly threads: Thread[];
  private readonly locks: Tally[];
  // When each lock became free, and each CPU of a per-CPU pool; and who runs there.
  private readonly lockFree = new Map<number, Mark>();
  private readonly cpuFree = new Map<number, Mark>();
  private readonly occupant = new Map<number, number>();
  private holds: Hold[] = [];
  /** Whether work items run on the CPU that they were queued on. */
  private readonly bound: boolean;
  private steps = 0;
  private end: Mark = { ns: 0, depth: 0 };
  private runNs = 0;
  private helpers = 0;
  private released = 0;
  private releasedPages = 0;
  private decayed = 0;

  constructor(sim: Simulation, operation: Operation, drainCpu: number, watch?: (events: EventLog) => void) {
    const { kernel, allocator } = sim;
    this.sim = sim;
    this.watch = watch;
    this.bound = kernel.works.queues.length === 1;
    this.meter = new Meter(kernel, allocator.lazyNr);
    this.executor = executorOf(sim, operation === "purge");
    this.locks = kernel.locks.classNames.map((name) => ({
      name,
      holds: 0,
      steps: 0,
      longestSteps: 0,
      ns: 0,
      longestNs: 0,
      waitNs: 0,
    }));
    const drain = kernel.tasks + allocator.drainWork;
    this.threads = sim.processes.map((_, p) => ({
      clock: 0,
      depth: 0,
      since: 0,
      blocked: !this.isReady(p),
      working: false,
      cpu: p === drain && this.bound ? drainCpu : -1,
      queued: 0,
    }));
  }

  toEnd(): DrainCost {
    for (let p = this.next(); p >= 0; p = this.next()) this.take(p);
    return {
      steps: this.steps,
      chain: this.end.depth,
      ns: this.end.ns,
      runNs: this.runNs,
      helpers: this.helpers,
      released: this.released,
      releasedPages: this.releasedPages,
      decayed: this.decayed,
      locks: this.locks,
    };
  }

  private isReady(p: number): boolean {
    const step = this.executor.pending[p];
    return step !== undefined && isReady(step);
  }

  // The earliest thread that can go on: locks are granted in the order in which they were asked for.
  private next(): number {
    let best = -1;
    for (let p = 0; p < this.threads.length; p++) {
      const { blocked, clock, working, cpu } = this.threads[p]!;
      if (blocked || (!working && cpu >= 0 && this.occupant.has(cpu))) continue;
      if (best < 0 || clock < this.threads[best]!.clock) best = p;
    }
    return best;
  }

  private take(p: number): void {
    const { sim, executor, meter } = this;
    const thread = this.threads[p]!;
    const step = executor.pending[p]!;
    const lock = this.spinlockOf(step);
    this.arrive(thread, step, lock);
    const from: Mark = { ns: thread.clock, depth: thread.depth };
    sim.begin(p);
    meter.begin();
    const result = step.run(0);
    this.steps++;
    thread.clock += meter.cost();
    thread.depth++;
    this.noteLocks(p, from, lock);
    this.noteEvents(p);
    this.watch?.(sim.kernel.events);
    this.runNs = Math.max(this.runNs, thread.clock - thread.since);
    this.end = {
      ns: Math.max(this.end.ns, thread.clock),
      depth: Math.max(this.end.depth, thread.depth),
    };
    executor.advance(p, result);
    this.wake(p);
  }

  // Spins for the lock that the step takes; a worker waits for its CPU.
  private arrive(thread: Thread, step: Step, lock: number): void {
    const free = lock < 0 ? undefined : this.lockFree.get(lock);
    if (free) this.spin(thread, step, free);
    const cpu = thread.working ? undefined : this.cpuFree.get(thread.cpu);
    if (cpu === undefined) return;
    thread.depth = Math.max(thread.depth, cpu.depth);
    thread.clock = Math.max(thread.clock, cpu.ns);
    thread.since = thread.clock;
  }

  private spin(thread: Thread, step: Step, until: Mark): void {
    const { all } = this.sim.kernel.locks;
    const wait = Math.max(0, until.ns - thread.clock);
    this.locks[all[step.gate!.index]!.lockClass]!.waitNs += wait;
    thread.clock += wait;
    thread.depth = Math.max(thread.depth, until.depth);
  }

  // The id of the spinlock that a step takes, or -1.
  private spinlockOf({ gate }: Step): number {
    const { locks } = this.sim.kernel;
    return gate && gate.words === locks.owner && !locks.all[gate.index]!.sleeps ? gate.index : -1;
  }

  private noteLocks(p: number, from: Mark, lock: number): void {
    const { clock, depth } = this.threads[p]!;
    const { all } = this.sim.kernel.locks;
    for (const hold of this.holds) if (hold.owner === p) hold.steps++;
    for (const lockClass of this.meter.acquired) {
      // Locks without a gate are never waited for here; then only their class is known.
      const id = lock >= 0 && all[lock]!.lockClass === lockClass ? lock : -1;
      this.holds.push({ lock: id, lockClass, owner: p, ns: from.ns, depth: from.depth, steps: 1 });
      this.locks[lockClass]!.holds++;
    }
    for (const lockClass of this.meter.released) {
      const hold = this.holds.find((h) => h.owner === p && h.lockClass === lockClass)!;
      this.holds = this.holds.filter((h) => h !== hold);
      const tally = this.locks[lockClass]!;
      tally.ns += clock - hold.ns;
      tally.steps += hold.steps;
      tally.longestNs = Math.max(tally.longestNs, clock - hold.ns);
      tally.longestSteps = Math.max(tally.longestSteps, hold.steps);
      if (hold.lock >= 0) this.lockFree.set(hold.lock, { ns: clock, depth });
    }
  }

  private noteEvents(p: number): void {
    const { rows, count } = this.sim.kernel.events;
    const thread = this.threads[p]!;
    for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
      const a = rows[at + 2]!;
      const b = rows[at + 3]!;
      switch (rows[at]!) {
        case EVENT.WORK_START:
          thread.working = true;
          if (thread.cpu >= 0) this.occupant.set(thread.cpu, p);
          break;
        case EVENT.WORK_END:
          this.leaveCpu(p);
          thread.working = false;
          break;
        case EVENT.QUEUE_WORK:
          if (b) this.queueOn(a, rows[at + 4]!, p);
          break;
        case EVENT.PURGE_HELPERS:
          this.helpers += a;
          break;
        case EVENT.RELEASE:
          this.released++;
          this.releasedPages += b - a;
          break;
        case EVENT.POOL_DECAYED:
          this.decayed += rows[at + 4]!;
          break;
      }
    }
  }

  private queueOn(work: number, cpu: number, by: number): void {
    const { kernel } = this.sim;
    const thread = this.threads[kernel.tasks + work]!;
    thread.queued = this.threads[by]!.clock;
    if (this.bound) thread.cpu = cpu < 0 ? kernel.cpus.of(by) : cpu;
  }

  // Its pool may start another item as soon as a worker sleeps or is done.
  private leaveCpu(p: number): void {
    const { cpu, clock, depth } = this.threads[p]!;
    if (this.occupant.get(cpu) !== p) return;
    this.occupant.delete(cpu);
    this.cpuFree.set(cpu, { ns: clock, depth });
  }

  // After a step of `by`: who could not go on and now can, and whether `by` itself has to wait.
  private wake(by: number): void {
    const waker = this.threads[by]!;
    this.threads.forEach((thread, p) => {
      const was = thread.blocked;
      thread.blocked = !this.isReady(p);
      const step = this.executor.pending[p];
      if (p === by) {
        if (thread.blocked && step && this.spinlockOf(step) < 0) this.leaveCpu(p);
        return;
      }
      if (!was || thread.blocked || !step) return;
      const lock = this.spinlockOf(step);
      if (lock >= 0) {
        this.spin(thread, step, { ns: waker.clock, depth: waker.depth });
        return;
      }
      thread.depth = Math.max(thread.depth, waker.depth);
      // Workers are woken when their items are queued, although they take them off the queue in turn.
      const woken = thread.working || p < this.sim.kernel.tasks ? waker.clock : thread.queued;
      thread.clock = Math.max(thread.clock, waker.clock, woken + COST.wake.ns);
      thread.since = thread.clock;
    });
  }
}
