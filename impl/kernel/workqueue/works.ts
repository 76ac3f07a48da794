// SPDX-License-Identifier: GPL-2.0-only
//
// Work items, their queues and the threads that execute them: what is pending, what runs, and on whose thread.
// Knows nothing of what the items do. Source: kernel/workqueue.c (v6.6).
// ABSTRACTION: the pool of a CPU starts an item although another one of its items runs and does not sleep; risk: an
// interleaving that concurrency management would not start. Every such order occurs once the other one sleeps.
// ABSTRACTION: all unbound queues share one pool, as on a machine with one last-level cache; risk: with several pools
// items may start in another order than they were queued in.
// ABSTRACTION: once a worker cannot be created, none ever can; risk: memory that comes back in time is not seen, which
// only ends waits.

import { ALARM, EVENT } from "../../../spec/events.ts";
import { BOOT_PHASES, type BootPhase, type WorkerPlan } from "../../../spec/instance.ts";
import type { Gate, WaitReason } from "../../../explore/sync.ts";
import type { EventLog } from "../../heap/event-log.ts";
import type { Heap } from "../../heap/heap.ts";
import type { Faults } from "../faults.ts";
import type { Locks } from "../locks.ts";
import {
  PHASE,
  type QueueShape,
  SYSTEM_WQ,
  WORK_CPU_UNBOUND,
  type Workqueue,
  workqueuesOf,
} from "./queues.ts";

/** How the work items of a simulated kernel are executed. */
export interface WorksOptions {
  /** Number of items. */
  readonly count: number;
  readonly processes: number;
  readonly cpus: number;
  /** raw_smp_processor_id() of the running process. */
  readonly localCpu: () => number;
  /** Queues beside the system's own; without them, each item has a pool of its own. */
  readonly queues?: readonly QueueShape[] | undefined;
  readonly workers?: WorkerPlan | undefined;
  readonly boot?: BootPhase | undefined;
}

/** Whose thread executes an item. */
const BY = { NOBODY: 0, WORKER: 1, RESCUER: 2 } as const;

/** Choice of a start: no worker can be created, now or ever again. */
const NO_WORKER = 1;

/** Work items, by index. */
export class Works {
  readonly queues: readonly Workqueue[];
  /** Position in the pool's worklist, from 1; below 0, in the queue's inactive_works, from -1; 0 if not pending. */
  private readonly order: Int32Array;
  private readonly running: Int32Array;
  /** 1 while work->func is set. */
  private readonly func: Int32Array;
  /** While pending or running: the pool, and the queue plus one; INIT_WORK() makes an item forget its queue. */
  private readonly pool: Int32Array;
  private readonly queueOf: Int32Array;
  /** Workers that could execute an item at once, where their number is limited. */
  private readonly idle: Int32Array;
  /** Of each queue: the item on its rescuer, plus one. */
  private readonly rescued: Int32Array;
  /** Of each process: what its flush waits for, as 2 * item + 1 for the pending instance and + 2 for the running one. */
  private readonly barrier: Int32Array;
  /** PHASE, and 1 once no worker can be created. */
  private readonly machine: Int32Array;
  private readonly names: string[] = [];
  private readonly classes: number[] = [];
  private readonly workers: number[] = [];
  private readonly options: WorksOptions;
  private readonly events: EventLog;
  private readonly locks: Locks;
  private readonly faults: Faults | undefined;

  constructor(heap: Heap, options: WorksOptions, events: EventLog, locks: Locks, faults?: Faults) {
    const { count, cpus, processes, queues } = options;
    const shared = queues !== undefined;
    this.options = options;
    this.queues = workqueuesOf(queues ?? []);
    this.order = heap.words("work.pending", count);
    this.running = heap.words("work.running", count);
    this.func = heap.words("work.func", count);
    this.pool = heap.words("work.pool", shared ? count : 0);
    this.queueOf = heap.words("work.queue", shared ? count : 0);
    this.idle = heap.words("pool.idle", shared ? cpus + 1 : 0);
    this.rescued = heap.words("wq.rescuer", shared ? this.queues.length : 0);
    this.barrier = heap.words("flush.barrier", shared ? processes : 0);
    this.machine = heap.words("wq.machine", shared ? 2 : 0);
    this.events = events;
    this.locks = locks;
    this.faults = faults;
  }

  /** Sets the initial state. */
  begin(): void {
    if (!this.shared) return;
    const { boot, workers } = this.options;
    this.machine[0] = boot === undefined ? PHASE.ONLINE : BOOT_PHASES.indexOf(boot);
    this.machine[1] = workers ? 1 : 0;
    for (let pool = 0; pool < this.idle.length; pool++) this.idle[pool] = workers?.idle ?? 0;
  }

  /** Declares a work item that the process `worker` executes; items of one class run the same function. */
  declare(name: string, workClass: number, worker: number): number {
    this.names.push(name);
    this.classes.push(workClass);
    this.workers.push(worker);
    return this.names.length - 1;
  }

  /** Whether items share pools, as in the kernel. */
  get shared(): boolean {
    return this.options.queues !== undefined;
  }

  /** Number of declared items. */
  get count(): number {
    return this.names.length;
  }

  /** Name of an item, for reports. */
  name(work: number): string {
    return this.names[work]!;
  }

  /** The PHASE of the machine. */
  get phase(): number {
    return this.shared ? this.machine[0]! : PHASE.ONLINE;
  }

  /** workqueue_init_early(), then workqueue_init(). */
  advance(): void {
    this.machine[0] = this.machine[0]! + 1;
    this.events.emit(EVENT.BOOT, this.machine[0]);
  }

  /** INIT_WORK(): clears pending, whatever the item is doing; a flush no longer finds what runs. */
  init(work: number): void {
    this.events.emit(EVENT.INIT_WORK, work, this.order[work] === 0 ? 0 : 1, this.running[work] === 0 ? 0 : 1);
    this.takeOff(work);
    this.func[work] = 1;
    if (this.shared) this.queueOf[work] = 0;
  }

  /** work->func = NULL. */
  clearFunc(work: number): void {
    this.func[work] = 0;
  }

  /** Whether work->func is set. */
  hasFunc(work: number): boolean {
    return this.func[work] !== 0;
  }

  /** queue_work_on(): false if the item is already pending. */
  queue(work: number, cpu: number, queue: number = SYSTEM_WQ): boolean {
    if (this.phase === PHASE.NONE) {
      this.events.emit(EVENT.OOPS, ALARM.NULL_QUEUE);
      return false;
    }
    const queued = this.order[work] === 0;
    if (queued) this.enqueue(work, cpu, queue);
    this.events.emit(EVENT.QUEUE_WORK, work, queued ? 1 : 0, cpu);
    return queued;
  }

  /** Whether the item waits for a worker. */
  isPending(work: number): boolean {
    return this.order[work] !== 0;
  }

  /** Open while an item with a pool of its own waits for its worker. */
  pendingGate(work: number): Gate {
    return { words: this.order, index: work, value: 1 };
  }

  /** Whether neither queued nor executing. */
  isIdle(work: number): boolean {
    return this.order[work] === 0 && this.running[work] === 0;
  }

  /** Whether a thread can execute the item now: it is the next of its pool, and there is a worker or a rescuer. */
  canStart(work: number): boolean {
    return this.isNext(work) && this.phase === PHASE.ONLINE && this.hasThread(work);
  }

  /** Outcomes of a start: with a worker, or none can be created any more. */
  readonly startChoices = (): number =>
    this.machine[1] === 0 ? (this.faults?.choices("worker")?.() ?? 1) : 1;

  /** Worker: takes the item off the queue; its function runs next. False if no worker could be created. */
  start(work: number, choice = 0): boolean {
    if (choice === NO_WORKER) {
      this.faults!.spend();
      this.machine[1] = 1;
      this.events.emit(EVENT.NO_WORKER);
      return false;
    }
    this.takeOff(work);
    let by: number = BY.WORKER;
    if (this.shared) {
      if (this.machine[1] !== 0) {
        const pool = this.pool[work]!;
        if (this.idle[pool]! > 0) this.idle[pool] = this.idle[pool]! - 1;
        else by = BY.RESCUER;
      }
      if (by === BY.RESCUER) this.rescued[this.queueOf[work]! - 1] = work + 1;
      this.passBarriers(2 * work + 1, 2 * work + 2);
    }
    this.running[work] = by;
    this.events.emit(EVENT.WORK_START, work, by === BY.RESCUER ? 1 : 0);
    this.tellRuns(work, this.events.process, true);
    return true;
  }

  /** Worker: the function returned. */
  finish(work: number): void {
    this.tellRuns(work, this.events.process, false);
    const by = this.running[work]!;
    this.running[work] = BY.NOBODY;
    this.events.emit(EVENT.WORK_END, work);
    if (!this.shared) return;
    if (by === BY.RESCUER) this.leaveRescuer(work);
    else if (this.machine[1] !== 0) this.idle[this.pool[work]!] = this.idle[this.pool[work]!]! + 1;
    this.passBarriers(2 * work + 2, 0);
    const queue = this.queueOf[work]! - 1;
    if (this.order[work] === 0) {
      this.queueOf[work] = 0;
      this.pool[work] = 0;
    }
    if (queue >= 0) this.activate(this.queues[queue]!);
  }

  /** Tells the observer what runs now, as if it had just begun: for a search, which jumps from state to state. */
  announceRunning(): void {
    for (let work = 0; work < this.count; work++) {
      if (this.running[work] !== 0) this.tellRuns(work, this.workers[work]!, true);
    }
  }

  /**
   * start_flush_work(): inserts a barrier behind the pending instance, or else the running one. Returns the number of
   * the process plus one if it has to wait, and 0 if the item is idle, as a flush that waits does not know its process.
   */
  beginFlush(work: number): number {
    this.locks.mightSleep();
    const { process } = this.events;
    if (this.phase !== PHASE.ONLINE || this.func[work] === 0) {
      this.events.emit(EVENT.WARN, ALARM.BAD_FLUSH, work);
      return 0;
    }
    if (this.queueOf[work] === 0) return 0;
    this.barrier[process] = 2 * work + (this.order[work] === 0 ? 2 : 1);
    this.tellFlush(work, this.queues[this.queueOf[work]! - 1]!);
    return process + 1;
  }

  /** Whether the barrier of a flush has been passed. */
  isFlushed(process: number): boolean {
    return this.barrier[process] === 0;
  }

  /** flush_work() of an item with a worker of its own has come back: the item was idle. */
  flushed(work: number): void {
    this.locks.mightSleep();
    this.locks.observer?.waitedForWork(this.events.process, this.classes[work]!);
  }

  /** Whom a flush waits for. */
  waitsFor(work: number): WaitReason {
    return { resource: `work ${this.names[work]!}`, holder: this.workers[work]! };
  }

  /** What keeps a pending item from being executed. */
  startWaitsFor(work: number): WaitReason {
    const queue = this.queues[this.queueOf[work]! - 1];
    if (this.phase !== PHASE.ONLINE) return { resource: "workqueue_init()", holder: -1, kind: "worker" };
    const first = this.firstOf(this.pool[work]!);
    if (this.order[work]! < 0 || first !== work) {
      const before = this.order[work]! < 0 ? this.names.findIndex((_, w) => this.isActive(w, queue!)) : first;
      return { resource: `its turn in ${queue!.name}`, holder: this.workers[before]!, kind: "worker" };
    }
    const rescued = queue ? this.rescued[queue.id]! - 1 : -1;
    if (rescued >= 0) {
      return { resource: `the rescuer of ${queue!.name}`, holder: this.workers[rescued]!, kind: "worker" };
    }
    return { resource: `a worker for ${queue?.name ?? "no queue"}`, holder: -1, kind: "worker" };
  }

  /** First pool whose next item has no thread but perhaps a rescuer: need_to_create_worker(). -1 if there is none. */
  poolInNeed(): number {
    for (let pool = 0; pool < this.idle.length; pool++) {
      if (this.idle[pool] === 0 && this.phase === PHASE.ONLINE && this.firstOf(pool) >= 0) return pool;
    }
    return -1;
  }

  /** create_worker() has succeeded. */
  addWorker(pool: number): void {
    this.idle[pool] = this.idle[pool]! + 1;
  }

  private enqueue(work: number, cpu: number, queue: number): void {
    if (!this.shared) {
      this.order[work] = 1;
      return;
    }
    const wq = this.queues[queue]!;
    const active = this.countActive(wq);
    this.queueOf[work] = queue + 1;
    const { cpus, localCpu } = this.options;
    this.pool[work] = wq.unbound ? cpus : cpu === WORK_CPU_UNBOUND ? localCpu() : cpu;
    this.order[work] =
      active < wq.maxActive ? this.worklistLength(this.pool[work]!) + 1 : -1 - this.inactive(wq);
  }

  // list_del_init(): the others move up.
  private takeOff(work: number): void {
    const at = this.order[work]!;
    this.order[work] = 0;
    if (!this.shared || at === 0) return;
    for (let w = 0; w < this.order.length; w++) {
      const order = this.order[w]!;
      if (at > 0 && order > at && this.pool[w] === this.pool[work]) this.order[w] = order - 1;
      if (at < 0 && order < at && this.queueOf[w] === this.queueOf[work]) this.order[w] = order + 1;
    }
  }

  // pwq_activate_first_inactive(): one more item of the queue may execute.
  private activate(wq: Workqueue): void {
    if (this.countActive(wq) >= wq.maxActive) return;
    for (let w = 0; w < this.order.length; w++) {
      if (this.order[w] !== -1 || this.queueOf[w] !== wq.id + 1) continue;
      this.takeOff(w);
      this.order[w] = this.worklistLength(this.pool[w]!) + 1;
      return;
    }
  }

  private leaveRescuer(work: number): void {
    for (let q = 0; q < this.rescued.length; q++) if (this.rescued[q] === work + 1) this.rescued[q] = 0;
  }

  // Items before it that execute already do not count: a worker that meets one leaves it to the one that executes it.
  private isNext(work: number): boolean {
    return this.firstOf(this.pool[work]!) === work && this.order[work]! > 0;
  }

  private firstOf(pool: number): number {
    let first = -1;
    for (let w = 0; w < this.order.length; w++) {
      if (this.pool[w] !== pool || this.order[w]! <= 0 || this.running[w] !== 0) continue;
      if (first < 0 || this.order[w]! < this.order[first]!) first = w;
    }
    return first;
  }

  private hasThread(work: number): boolean {
    if (this.machine[1] === 0 || this.idle[this.pool[work]!]! > 0) return true;
    const wq = this.queues[this.queueOf[work]! - 1]!;
    return wq.hasRescuer && this.rescued[wq.id] === 0;
  }

  private isActive(work: number, wq: Workqueue): boolean {
    return this.queueOf[work] === wq.id + 1 && (this.order[work]! > 0 || this.running[work] !== 0);
  }

  private countActive(wq: Workqueue): number {
    let n = 0;
    for (let w = 0; w < this.order.length; w++) if (this.isActive(w, wq)) n++;
    return n;
  }

  private inactive(wq: Workqueue): number {
    let n = 0;
    for (let w = 0; w < this.order.length; w++) if (this.queueOf[w] === wq.id + 1 && this.order[w]! < 0) n++;
    return n;
  }

  private worklistLength(pool: number): number {
    let n = 0;
    for (let w = 0; w < this.order.length; w++) if (this.pool[w] === pool && this.order[w]! > 0) n++;
    return n;
  }

  private passBarriers(from: number, to: number): void {
    const { barrier } = this;
    for (let p = 0; p < barrier.length; p++) if (barrier[p] === from) barrier[p] = to;
  }

  // Lockdep: the function runs with the maps of its item and of its queue held.
  private tellRuns(work: number, process: number, begins: boolean): void {
    const { observer } = this.locks;
    if (!observer) return;
    const queue = this.shared ? this.queues[this.queueOf[work]! - 1] : undefined;
    if (queue && begins) observer.queueRuns?.(process, queue.id, true);
    observer.workRuns(process, this.classes[work]!, begins);
    if (queue && !begins) observer.queueRuns?.(process, queue.id, false);
  }

  // Lockdep: a flush touches the item's map, and the queue's if one stalled item stalls all of it. And
  // check_flush_dependency().
  private tellFlush(work: number, wq: Workqueue): void {
    const { observer } = this.locks;
    if (!observer) return;
    const { process } = this.events;
    if (!wq.hasRescuer) {
      const mine = this.workers.findIndex((p, w) => p === process && this.running[w] !== 0);
      const own = mine < 0 ? undefined : this.queues[this.queueOf[mine]! - 1];
      if (own?.hasRescuer) observer.flushDependency?.(process, own.name, wq.name);
    }
    if (wq.hasRescuer || wq.maxActive === 1) observer.waitedForQueue?.(process, wq.id);
    observer.waitedForWork(process, this.classes[work]!);
  }
}
