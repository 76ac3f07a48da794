// SPDX-License-Identifier: GPL-2.0-only
//
// Work items: what queue_work, INIT_WORK and flush_work do to them, and when a thread may execute one. Knows nothing of
// what the items do. Source: kernel/workqueue.c (v6.6).
// ABSTRACTION: in designs that declare no queues each item has a pool and a worker of its own, and a flush waits until
// the item is idle; risk: an item that waits for a thread, and a flush that outlasts a later instance. No design flushes
// an item there that somebody else queues.
// ABSTRACTION: the pool of a CPU starts an item although another one of its items runs and does not sleep; risk: an
// interleaving that concurrency management would not start. Every such order occurs once the other one sleeps.
// ABSTRACTION: all unbound queues share one pool, as on a machine with one last-level cache; risk: with several pools
// items may start in another order than they were queued in.
// ABSTRACTION: queue_work sets the pending bit and puts the item on its list in one step; risk: of two who queue an
// item, the second is told that it is pending, and a flush of the second that falls between the two does not wait.
// ABSTRACTION: INIT_WORK of a pending item takes it off its list; risk: the list that the kernel leaves corrupt is not
// seen, and what comes of it. INV-INITWORK sees the call.
// ABSTRACTION: an item never executes twice at one time; risk: queued on another queue while it runs, or on another
// pool after INIT_WORK while it ran, the kernel may do so, and that overlap is not seen.

import { ALARM, EVENT } from "../../../spec/events.ts";
import { BOOT_PHASES, type BootPhase, type WorkerPlan } from "../../../spec/instance.ts";
import type { Gate, WaitReason } from "../../../explore/sync.ts";
import type { EventLog } from "../../heap/event-log.ts";
import type { Heap } from "../../heap/heap.ts";
import type { Faults } from "../faults.ts";
import type { Locks } from "../locks.ts";
import { FlushBarriers } from "./flush-barriers.ts";
import { LockdepMaps } from "./lockdep-maps.ts";
import { NO_WORKER, PoolThreads } from "./pool-threads.ts";
import {
  PHASE,
  type QueueShape,
  SYSTEM_WQ,
  WORK_CPU_UNBOUND,
  type Workqueue,
  workqueuesOf,
} from "./queues.ts";
import { NOWHERE, Worklists } from "./worklists.ts";

/** How the work items of a simulated kernel are executed. */
export interface WorksOptions {
  /** Number of items. */
  readonly count: number;
  readonly processes: number;
  readonly cpus: number;
  /** raw_smp_processor_id() of the running process, if it executes no item of a CPU's pool. */
  readonly localCpu: () => number;
  /** cpu_online(); without it, all are. */
  readonly isOnline?: ((cpu: number) => boolean) | undefined;
  /** Queues beside the system's own; without them, each item has a pool of its own. */
  readonly queues?: readonly QueueShape[] | undefined;
  readonly workers?: WorkerPlan | undefined;
  readonly boot?: BootPhase | undefined;
}

/** Work items, by index. */
export class Works {
  readonly queues: readonly Workqueue[];
  protected readonly lists: Worklists;
  protected readonly threads: PoolThreads;
  protected readonly barriers: FlushBarriers;
  protected readonly maps: LockdepMaps;
  /** 1 while work->func is set. */
  private readonly func: Int32Array;
  /** 1 while an item executes and work->data still says where. */
  private readonly found: Int32Array;
  /** The PHASE of the machine. */
  private readonly online: Int32Array;
  private readonly names: string[] = [];
  private readonly classes: number[] = [];
  private readonly workers: number[] = [];
  private readonly options: WorksOptions;
  private readonly events: EventLog;
  private readonly locks: Locks;

  constructor(heap: Heap, options: WorksOptions, events: EventLog, locks: Locks, faults?: Faults) {
    const { count, cpus, processes, queues } = options;
    const shared = queues !== undefined;
    this.options = options;
    this.queues = workqueuesOf(queues ?? []);
    this.lists = this.makeLists(heap, count, shared ? cpus + 1 : 0);
    this.threads = this.makeThreads(heap, shared ? cpus + 1 : 0, faults);
    this.barriers = this.makeBarriers(heap, shared ? processes : 0);
    this.maps = this.makeMaps(locks);
    this.func = heap.words("work.func", count);
    this.found = heap.words("work.data", shared ? count : 0);
    this.online = heap.words("wq_online", shared ? 1 : 0);
    this.events = events;
    this.locks = locks;
  }

  /** Sets the initial state. */
  begin(): void {
    if (!this.shared) return;
    const { boot, workers } = this.options;
    this.online[0] = boot === undefined ? PHASE.ONLINE : BOOT_PHASES.indexOf(boot);
    this.threads.begin(workers);
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
    return this.shared ? this.online[0]! : PHASE.ONLINE;
  }

  /** workqueue_init_early(), then workqueue_init(). */
  advance(): void {
    this.online[0] = this.online[0]! + 1;
    this.events.emit(EVENT.BOOT, this.online[0]);
  }

  /** INIT_WORK(): clears pending, whatever the item is doing; a flush no longer finds what runs. */
  init(work: number): void {
    const { lists } = this;
    this.events.emit(EVENT.INIT_WORK, work, lists.isPending(work) ? 1 : 0, lists.isRunning(work) ? 1 : 0);
    lists.takeOff(work);
    this.func[work] = 1;
    if (this.shared) this.found[work] = 0;
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
    if (!this.canQueue()) {
      this.events.emit(EVENT.OOPS, ALARM.NULL_QUEUE);
      return false;
    }
    const queued = !this.isPending(work);
    if (queued) this.lists.add(work, this.pwqFor(work, cpu, queue));
    this.events.emit(EVENT.QUEUE_WORK, work, queued ? 1 : 0, cpu);
    return queued;
  }

  /** Whether the item waits for a worker. */
  isPending(work: number): boolean {
    return this.lists.isPending(work);
  }

  /** Open while an item with a pool of its own waits for its worker. */
  pendingGate(work: number): Gate {
    return { words: this.lists.pendingWords, index: work, value: 1 };
  }

  /** Whether neither queued nor executing. */
  isIdle(work: number): boolean {
    return !this.lists.isPending(work) && !this.lists.isRunning(work);
  }

  /**
   * Whether a thread can execute the item now. A worker takes the first item of its pool. Only where no worker is to be
   * had, a rescuer takes the first item of its own queue, whatever is before it.
   */
  canStart(work: number): boolean {
    const { lists, threads } = this;
    if (!lists.isPending(work) || !this.canRun()) return false;
    const pwq = lists.pendingOn(work);
    const pool = lists.poolOf(pwq);
    if (threads.hasWorker(pool)) return lists.next(pool) === work;
    return threads.hasRescuer(lists.queueOf(pwq)) && lists.next(pool, pwq) === work;
  }

  /** Outcomes of a start: with a worker, or none can be created any more. */
  readonly startChoices = (): number => this.threads.choices();

  /** Worker: takes the item off the queue; its function runs next. False if no worker could be created. */
  start(work: number, choice = 0): boolean {
    if (choice === NO_WORKER) {
      this.threads.runOut();
      this.events.emit(EVENT.NO_WORKER);
      return false;
    }
    const { lists } = this;
    const pwq = lists.begin(work);
    const byRescuer = this.shared && this.threads.take(work, lists.poolOf(pwq), lists.queueOf(pwq));
    this.barriers.begin(work);
    if (this.shared) this.found[work] = 1;
    this.events.emit(EVENT.WORK_START, work, byRescuer ? 1 : 0);
    this.maps.begins(this.events.process, this.classes[work]!, this.runningQueue(work));
    return true;
  }

  /** Worker: the function returned. */
  finish(work: number): void {
    const { lists } = this;
    this.maps.ends(this.events.process, this.classes[work]!, this.runningQueue(work));
    const pwq = lists.runsOn(work);
    lists.end(work);
    this.events.emit(EVENT.WORK_END, work);
    if (!this.shared) return;
    this.found[work] = 0;
    this.threads.give(work, lists.poolOf(pwq), lists.queueOf(pwq));
    this.barriers.end(work, lists.isPending(work));
    lists.activate(pwq);
  }

  /** Tells the observer what runs now, as if it had just begun: for a search, which jumps from state to state. */
  announceRunning(): void {
    for (let work = 0; work < this.count; work++) {
      if (!this.lists.isRunning(work)) continue;
      this.maps.begins(this.workers[work]!, this.classes[work]!, this.runningQueue(work));
    }
  }

  /**
   * start_flush_work(): inserts a barrier behind the pending instance, or else the running one. Returns the number of
   * the process plus one if it has to wait, and 0 if the item is idle, as a flush that waits does not know its process.
   */
  beginFlush(work: number): number {
    if (!this.canFlush(work)) {
      this.events.emit(EVENT.WARN, ALARM.BAD_FLUSH, work);
      return 0;
    }
    this.locks.mightSleep();
    const { lists } = this;
    const { process } = this.events;
    const pending = lists.isPending(work);
    if (!pending && this.found[work] === 0) {
      this.events.emit(EVENT.FLUSHED_WORK, work, 0);
      return 0;
    }
    this.barriers.insert(process, work, pending);
    const queue = lists.queueOf(pending ? lists.pendingOn(work) : lists.runsOn(work));
    const own = this.executedBy(process);
    this.maps.flushes(
      process,
      this.classes[work]!,
      queue,
      own === NOWHERE ? undefined : this.runningQueue(own),
    );
    return process + 1;
  }

  /** Whether the barrier of a flush has been passed. */
  isFlushed(process: number): boolean {
    return this.barriers.isPassed(process);
  }

  /** flush_work() of an item with a worker of its own has come back: the item was idle. */
  flushed(work: number): void {
    this.locks.mightSleep();
    this.maps.waits(this.events.process, this.classes[work]!);
  }

  /** Whom a flush waits for. */
  waitsFor(work: number): WaitReason {
    return { resource: `work ${this.names[work]!}`, holder: this.workers[work]! };
  }

  /** What keeps a pending item from being executed. */
  startWaitsFor(work: number): WaitReason {
    const { lists, threads } = this;
    if (!this.canRun()) return { resource: "workqueue_init()", holder: -1, kind: "worker" };
    const pwq = lists.pendingOn(work);
    const pool = lists.poolOf(pwq);
    const queue = lists.queueOf(pwq);
    const first = lists.next(pool, threads.hasWorker(pool) ? NOWHERE : pwq);
    if (!lists.isActive(work) || first !== work) {
      const before = lists.isActive(work) ? first : lists.before(pwq);
      return { resource: `its turn in ${queue.name}`, holder: this.workers[before] ?? -1, kind: "worker" };
    }
    const rescued = threads.rescuedBy(queue);
    if (rescued !== NOWHERE) {
      return { resource: `the rescuer of ${queue.name}`, holder: this.workers[rescued]!, kind: "worker" };
    }
    return { resource: `a worker for ${queue.name}`, holder: -1, kind: "worker" };
  }

  /** Pools whose next item has no thread but perhaps a rescuer: need_to_create_worker(). */
  poolsInNeed(): readonly number[] {
    if (!this.shared || !this.canRun()) return [];
    const pools = Array.from({ length: this.options.cpus + 1 }, (_, pool) => pool);
    return pools.filter((pool) => !this.threads.hasWorker(pool) && this.lists.next(pool) !== NOWHERE);
  }

  /** create_worker() has succeeded. */
  addWorker(pool: number): void {
    this.threads.addWorker(pool);
  }

  /** Whether workqueue_init_early() has run. */
  protected canQueue(): boolean {
    return this.phase !== PHASE.NONE;
  }

  /** wq_online: whether workqueue_init() has run. */
  protected canRun(): boolean {
    return this.phase === PHASE.ONLINE;
  }

  /** What flush_work() wants to be so. */
  protected canFlush(work: number): boolean {
    return this.phase === PHASE.ONLINE && this.func[work] !== 0;
  }

  /**
   * Where __queue_work() puts an item. While one executes on the same queue, that is where it executes, so that it never
   * does so twice at one time. A CPU may be offline: its pool is then not bound to it, and its workers go on elsewhere.
   */
  protected pwqFor(work: number, cpu: number, queue: number): number {
    const { lists } = this;
    if (!this.shared) return 0;
    if (this.found[work] !== 0 && lists.queueOf(lists.runsOn(work)).id === queue) return lists.runsOn(work);
    return lists.pwqOf(queue, this.poolFor(this.queues[queue]!, cpu));
  }

  protected makeLists(heap: Heap, count: number, pools: number): Worklists {
    return new Worklists(heap, { count, queues: this.queues, pools });
  }

  protected makeThreads(heap: Heap, pools: number, faults: Faults | undefined): PoolThreads {
    return new PoolThreads(heap, pools, this.queues.length, faults);
  }

  protected makeBarriers(heap: Heap, processes: number): FlushBarriers {
    return new FlushBarriers(heap, processes);
  }

  protected makeMaps(locks: Locks): LockdepMaps {
    return new LockdepMaps(locks);
  }

  // Pools of CPUs come first, then the one of all unbound queues.
  private poolFor(queue: Workqueue, cpu: number): number {
    if (queue.unbound) return this.options.cpus;
    return cpu === WORK_CPU_UNBOUND ? this.localCpu() : cpu;
  }

  // A worker of a CPU's pool runs on that CPU, unless it is offline.
  private localCpu(): number {
    const { cpus, isOnline, localCpu } = this.options;
    const own = this.executedBy(this.events.process);
    if (own === NOWHERE) return localCpu();
    const pool = this.lists.poolOf(this.lists.runsOn(own));
    return pool < cpus && (isOnline?.(pool) ?? true) ? pool : localCpu();
  }

  private executedBy(process: number): number {
    return this.workers.findIndex((worker, work) => worker === process && this.lists.isRunning(work));
  }

  private runningQueue(work: number): Workqueue | undefined {
    return this.shared ? this.lists.queueOf(this.lists.runsOn(work)) : undefined;
  }
}
