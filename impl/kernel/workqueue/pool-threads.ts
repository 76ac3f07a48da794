// SPDX-License-Identifier: GPL-2.0-only
//
// The threads that can execute items: idle workers of each pool, and the rescuer of each queue for memory reclaim.
// The worker that manages a pool is not counted: it waits for memory and executes nothing meanwhile. So `idle: n` of an
// instance is a pool of n + 1 kworkers.
// Source: kernel/workqueue.c: need_to_create_worker, manage_workers, maybe_create_worker, rescuer_thread.
// ABSTRACTION: once a worker could not be created, none can ever be; risk: memory that comes back in time is not seen,
// which only ends waits.
// ABSTRACTION: the rescuer comes as soon as no worker is idle, not when the mayday timer has run; risk: none, as the
// time that passes between two steps is not modelled.

import type { WorkerPlan } from "../../../spec/instance.ts";
import type { Heap } from "../../heap/heap.ts";
import type { Faults } from "../faults.ts";
import type { Workqueue } from "./queues.ts";

/** Choice of a start: no worker can be created, now or ever again. */
export const NO_WORKER = 1;

/** Threads of all pools and queues. */
export class PoolThreads {
  /** Workers that could execute an item at once, where their number is limited. */
  private readonly idle: Int32Array;
  /** Of each queue: the item on its rescuer, plus one. */
  private readonly rescued: Int32Array;
  /** 1 if the number of workers is limited. */
  private readonly limited: Int32Array;
  private readonly faults: Faults | undefined;

  constructor(heap: Heap, pools: number, queues: number, faults: Faults | undefined) {
    this.idle = heap.words("pool.idle", pools);
    this.rescued = heap.words("wq.rescuer", pools > 0 ? queues : 0);
    this.limited = heap.words("pool.limited", pools > 0 ? 1 : 0);
    this.faults = faults;
  }

  /** Sets the initial state. */
  begin(workers: WorkerPlan | undefined): void {
    this.limited[0] = workers ? 1 : 0;
    for (let pool = 0; pool < this.idle.length; pool++) this.idle[pool] = workers?.idle ?? 0;
  }

  /** Outcomes of the next start: a worker is created where there is none, or none can be created any more. */
  choices(): number {
    return this.isLimited ? 1 : (this.faults?.choices("worker")?.() ?? 1);
  }

  /** create_worker() has failed, for good. */
  runOut(): void {
    this.faults!.spend();
    this.limited[0] = 1;
  }

  /** create_worker() has succeeded. */
  addWorker(pool: number): void {
    this.idle[pool] = this.idle[pool]! + 1;
  }

  /** may_start_working(): a worker of the pool is idle, or can be created for the asking. */
  hasWorker(pool: number): boolean {
    return !this.isLimited || this.idle[pool]! > 0;
  }

  /** Whether the queue has a rescuer, and it executes nothing. */
  hasRescuer(queue: Workqueue): boolean {
    return queue.hasRescuer && this.rescued[queue.id] === 0;
  }

  /** The item that the rescuer of a queue executes, or -1. */
  rescuedBy(queue: Workqueue): number {
    return this.rescued[queue.id]! - 1;
  }

  /** A thread begins to execute an item: a worker, if there is one. Returns whether it is the rescuer. */
  take(work: number, pool: number, queue: Workqueue): boolean {
    const byRescuer = this.mustRescue(pool, queue);
    if (byRescuer) this.rescued[queue.id] = work + 1;
    else if (this.isLimited) this.idle[pool] = this.idle[pool]! - 1;
    return byRescuer;
  }

  /** The thread is done with the item. */
  give(work: number, pool: number, queue: Workqueue): void {
    if (this.rescued[queue.id] === work + 1) this.rescued[queue.id] = 0;
    else if (this.isLimited) this.idle[pool] = this.idle[pool]! + 1;
  }

  /** need_to_create_worker(), of a pool whose worklist is not empty. */
  protected mustRescue(pool: number, _queue: Workqueue): boolean {
    return !this.hasWorker(pool);
  }

  private get isLimited(): boolean {
    return this.limited[0] !== 0;
  }
}
