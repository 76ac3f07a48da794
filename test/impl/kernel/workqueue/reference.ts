// SPDX-License-Identifier: GPL-2.0-only
//
// The rules of the workqueue as a judge: told of each call and its result, it says which rule was broken. Knows no list:
// what comes before what follows from numbers that grow. All that it remembers lies in the heap.

import {
  type QueueShape,
  WORK_CPU_UNBOUND,
  type Workqueue,
  workqueuesOf,
} from "../../../../impl/kernel/workqueue/queues.ts";
import type { Heap } from "../../../../impl/heap/heap.ts";

/** The rules. */
export const RULES = {
  "queue-result": "queue_work() is false if the item is pending, and otherwise true",
  "boot-queue": "nothing can be queued before workqueue_init_early(), everything after it",
  "boot-run": "nothing runs before workqueue_init()",
  pending: "only what was queued, and not taken back by INIT_WORK, runs; once, and one instance at a time",
  "max-active": "no more items of a queue in a pool are active than max_active",
  order: "items of a pool start in the order in which they became active",
  worker: "nothing runs without an idle worker of the pool that the item belongs to, or a rescuer",
  "rescuer-single": "a rescuer runs one item at a time",
  "rescuer-last": "a rescuer runs items only while no worker is idle",
  progress: "an item that may start is not kept waiting",
  "flush-waits": "flush_work() waits for the instance that was queued last",
  "flush-later": "flush_work() does not wait for an instance that was queued after the call",
  "flush-idle": "flush_work() of an idle item is false at once",
  "flush-warn":
    "flush_work() warns before workqueue_init() and for an item without a function, and does not wait",
  "init-work": "INIT_WORK() makes an item not pending and gives it its function",
  "flush-dependency": "an item of a queue for memory reclaim that flushes one of another queue is warned of",
  "flush-recursion": "a flush touches the map of a queue that one item can stall",
  lockdep: "lock analysis knows which items and queues run, and what is waited for",
  manager: "a worker is created with a stack only, and for a pool that needs one only",
} as const;

/** Name of a rule. */
export type RuleId = keyof typeof RULES;

const IDS = Object.keys(RULES) as RuleId[];

/** What the reference needs to know of the machine. */
export interface ReferenceShape {
  readonly count: number;
  readonly processes: number;
  readonly cpus: number;
  readonly queues: readonly QueueShape[];
  /** raw_smp_processor_id() of a process that executes nothing. */
  readonly cpuOf: (process: number) => number;
  readonly isOnline: (cpu: number) => boolean;
  /** The process that executes an item. */
  readonly executor: (work: number) => number;
}

/** State of one case, as the rules see it. */
export class Reference {
  readonly queues: readonly Workqueue[];
  /** What lock analysis must hear in this step. */
  readonly hears: string[] = [];
  // Plus 1: queue * pools + pool.
  private readonly pendingOn: Int32Array;
  private readonly runsOn: Int32Array;
  // When the item was queued, and became active; 0 if it is not.
  private readonly queuedAt: Int32Array;
  private readonly activeAt: Int32Array;
  private readonly rescued: Int32Array;
  private readonly found: Int32Array;
  private readonly func: Int32Array;
  private readonly finished: Int32Array;
  // Of each process: the item that it flushes, and the number of instances that must have finished.
  private readonly target: Int32Array;
  private readonly targetCount: Int32Array;
  private readonly idle: Int32Array;
  // Moment, phase, whether workers are limited, the rule that is broken plus 1, stacks without a worker.
  private readonly machine: Int32Array;
  private readonly shape: ReferenceShape;
  /** One for each CPU, and the one of unbound queues. */
  readonly pools: number;

  constructor(heap: Heap, shape: ReferenceShape) {
    const { count, processes, cpus } = shape;
    const words = (name: string, length: number): Int32Array => heap.words(`reference.${name}`, length);
    this.shape = shape;
    this.queues = workqueuesOf(shape.queues);
    this.pools = cpus + 1;
    this.pendingOn = words("pendingOn", count);
    this.runsOn = words("runsOn", count);
    this.queuedAt = words("queuedAt", count);
    this.activeAt = words("activeAt", count);
    this.rescued = words("rescued", count);
    this.found = words("found", count);
    this.func = words("func", count);
    this.finished = words("finished", count);
    this.target = words("target", processes);
    this.targetCount = words("targetCount", processes);
    this.idle = words("idle", this.pools);
    this.machine = words("machine", 5);
  }

  /** The initial state: `idle` workers in each pool, any number if it is absent. */
  begin(phase: number, idle: number | undefined): void {
    this.machine[1] = phase;
    this.machine[2] = idle === undefined ? 0 : 1;
    for (let pool = 0; pool < this.pools; pool++) this.idle[pool] = idle ?? 0;
    for (let work = 0; work < this.shape.count; work++) this.func[work] = 1;
  }

  /** The rule that is broken. */
  get broken(): RuleId | undefined {
    return IDS[this.machine[3]! - 1];
  }

  /** Notes a broken rule, unless there is one. */
  breaks(rule: RuleId): void {
    if (this.machine[3] === 0) this.machine[3] = IDS.indexOf(rule) + 1;
  }

  /** Whether nothing is pending or runs. */
  get isIdle(): boolean {
    return this.works().every((work) => this.pendingOn[work] === 0 && this.runsOn[work] === 0);
  }

  /** queue_work_on() has returned. */
  queued(process: number, work: number, cpu: number, queue: number, result: boolean, oops: boolean): void {
    const possible = this.machine[1] !== 0;
    if (oops === possible || (!possible && result)) this.breaks("boot-queue");
    const expected = possible && this.pendingOn[work] === 0;
    if (result !== expected) this.breaks("queue-result");
    if (!expected) return;
    const same =
      this.runsOn[work] !== 0 && this.found[work] !== 0 && this.queueOf(this.runsOn[work]!).id === queue;
    this.pendingOn[work] = same
      ? this.runsOn[work]!
      : 1 + queue * this.pools + this.poolFor(process, queue, cpu);
    const on = this.pendingOn[work];
    this.queuedAt[work] = this.now();
    if (this.activeOn(on) < this.queueOf(on).maxActive) this.activeAt[work] = this.now();
  }

  /** Why an item may not start; undefined if it may. */
  whyNot(work: number): RuleId | undefined {
    const on = this.pendingOn[work]!;
    if (on === 0 || this.runsOn[work] !== 0) return "pending";
    if (this.machine[1] !== 2) return "boot-run";
    if (this.activeAt[work] === 0) return "max-active";
    const before = this.works().filter(
      (w) => this.activeAt[w] !== 0 && this.activeAt[w]! < this.activeAt[work]! && this.runsOn[w] === 0,
    );
    if (this.hasWorker(on))
      return before.some((w) => this.poolOf(w) === this.poolOf(work)) ? "order" : undefined;
    const queue = this.queueOf(on);
    if (!queue.hasRescuer) return "worker";
    const busy = this.works().some((w) => this.rescued[w] !== 0 && this.queueOf(this.runsOn[w]!) === queue);
    if (busy) return "rescuer-single";
    return before.some((w) => this.pendingOn[w] === on) ? "order" : undefined;
  }

  /** A thread begins to execute an item. */
  starts(process: number, work: number, byRescuer: boolean): void {
    const why = this.whyNot(work);
    if (why) this.breaks(why);
    const on = this.pendingOn[work]!;
    if (on === 0) return;
    if (byRescuer === this.hasWorker(on)) this.breaks(byRescuer ? "rescuer-last" : "worker");
    if (byRescuer) this.rescued[work] = 1;
    else if (this.machine[2] !== 0) this.idle[this.poolOf(work)] = this.idle[this.poolOf(work)]! - 1;
    this.runsOn[work] = on;
    this.forget(work);
    this.found[work] = 1;
    this.hears.push(`${process} runs queue ${this.queueOf(on).id}`, `${process} runs ${work}`);
  }

  /** Its function has returned. */
  finishes(process: number, work: number): void {
    const on = this.runsOn[work]!;
    if (on === 0) return;
    this.hears.push(`${process} ran ${work}`, `${process} ran queue ${this.queueOf(on).id}`);
    if (this.rescued[work] === 0 && this.machine[2] !== 0) {
      const pool = (on - 1) % this.pools;
      this.idle[pool] = this.idle[pool]! + 1;
    }
    this.rescued[work] = 0;
    this.runsOn[work] = 0;
    this.found[work] = 0;
    this.finished[work] = this.finished[work]! + 1;
    const waiting = this.works().filter((w) => this.pendingOn[w] === on && this.activeAt[w] === 0);
    const next = waiting.sort((a, b) => this.queuedAt[a]! - this.queuedAt[b]!)[0];
    if (next !== undefined && this.activeOn(on) < this.queueOf(on).maxActive)
      this.activeAt[next] = this.now();
  }

  /** flush_work() has looked at the item, and has warned or not; `waits` if it is going to wait. */
  flushes(process: number, work: number, warned: boolean, waits: boolean): void {
    const mustWarn = this.machine[1] !== 2 || this.func[work] === 0;
    if (warned !== mustWarn) this.breaks("flush-warn");
    if (mustWarn) {
      if (waits) this.breaks("flush-warn");
      return;
    }
    const pending = this.pendingOn[work] !== 0;
    const mustWait = pending || this.found[work] !== 0;
    if (waits !== mustWait) this.breaks(waits ? "flush-idle" : "flush-waits");
    if (!mustWait) return;
    this.target[process] = work;
    this.targetCount[process] = this.finished[work]! + (pending && this.runsOn[work] !== 0 ? 1 : 0) + 1;
    const queue = this.queueOf(pending ? this.pendingOn[work]! : this.runsOn[work]!);
    const own = this.executedBy(process);
    if (own >= 0 && this.queueOf(this.runsOn[own]!).hasRescuer && !queue.hasRescuer) {
      this.hears.push(`${process} depends ${this.queueOf(this.runsOn[own]!).name} ${queue.name}`);
    }
    this.hears.push(`${process} waits for ${work}`);
    if (queue.hasRescuer || queue.maxActive === 1) this.hears.push(`${process} waits for queue ${queue.id}`);
  }

  /** Whether what the flush of a process waits for has finished. */
  isFlushed(process: number): boolean {
    return this.finished[this.target[process]!]! >= this.targetCount[process]!;
  }

  /** INIT_WORK(). */
  inits(work: number): void {
    this.forget(work);
    this.found[work] = 0;
    this.func[work] = 1;
  }

  /** Whether the item is pending, and whether it runs. */
  isPending(work: number): boolean {
    return this.pendingOn[work] !== 0;
  }

  isRunning(work: number): boolean {
    return this.runsOn[work] !== 0;
  }

  /** work->func = NULL. */
  clears(work: number): void {
    this.func[work] = 0;
  }

  /** The boot goes on. */
  boots(phase: number): void {
    this.machine[1] = phase;
  }

  /** No worker can be created any more. */
  runsOut(): void {
    this.machine[2] = 1;
  }

  /** A stack for a new worker was allocated. */
  takesStack(): void {
    this.machine[4] = this.machine[4]! + 1;
  }

  /** A new worker is idle. */
  creates(pool: number): void {
    if (this.machine[4] === 0) this.breaks("manager");
    else this.machine[4] = this.machine[4]! - 1;
    this.idle[pool] = this.idle[pool]! + 1;
  }

  /** Whether a pool has work and no worker. */
  needs(pool: number): boolean {
    if (this.machine[1] !== 2 || this.machine[2] === 0 || this.idle[pool]! > 0) return false;
    return this.works().some(
      (w) => this.activeAt[w] !== 0 && this.runsOn[w] === 0 && this.poolOf(w) === pool,
    );
  }

  private works(): number[] {
    return Array.from({ length: this.shape.count }, (_, work) => work);
  }

  private forget(work: number): void {
    this.pendingOn[work] = 0;
    this.queuedAt[work] = 0;
    this.activeAt[work] = 0;
  }

  private now(): number {
    this.machine[0] = this.machine[0]! + 1;
    return this.machine[0];
  }

  private queueOf(on: number): Workqueue {
    return this.queues[Math.floor((on - 1) / this.pools)]!;
  }

  private poolOf(work: number): number {
    return (this.pendingOn[work]! - 1) % this.pools;
  }

  private poolFor(process: number, queue: number, cpu: number): number {
    if (this.queues[queue]!.unbound) return this.shape.cpus;
    if (cpu !== WORK_CPU_UNBOUND) return cpu;
    const own = this.executedBy(process);
    const pool = own < 0 ? this.shape.cpus : (this.runsOn[own]! - 1) % this.pools;
    return pool < this.shape.cpus && this.shape.isOnline(pool) ? pool : this.shape.cpuOf(process);
  }

  private hasWorker(on: number): boolean {
    return this.machine[2] === 0 || this.idle[(on - 1) % this.pools]! > 0;
  }

  private activeOn(on: number): number {
    const pending = this.works().filter((w) => this.pendingOn[w] === on && this.activeAt[w] !== 0);
    return pending.length + this.works().filter((w) => this.runsOn[w] === on).length;
  }

  private executedBy(process: number): number {
    return this.works().findIndex((w) => this.runsOn[w] !== 0 && this.shape.executor(w) === process);
  }
}
