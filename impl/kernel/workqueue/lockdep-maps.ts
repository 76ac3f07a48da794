// SPDX-License-Identifier: GPL-2.0-only
//
// What lock analysis hears of items: a function runs with the maps of its queue and of its item held, and a flush
// touches those that it waits for. Knows nothing of what is pending or idle.
// Source: kernel/workqueue.c: process_one_work, start_flush_work, check_flush_dependency.
// ABSTRACTION: no task has PF_MEMALLOC; risk: the warning about a task in memory reclaim that flushes a queue without
// WQ_MEM_RECLAIM is not seen. The one about a work item on such a queue is.

import type { Locks } from "../locks.ts";
import type { Workqueue } from "./queues.ts";

/** The maps of queues and items. */
export class LockdepMaps {
  protected readonly locks: Locks;

  constructor(locks: Locks) {
    this.locks = locks;
  }

  /** An item begins to execute; `queue` is absent where each item has a pool of its own. */
  begins(process: number, workClass: number, queue: Workqueue | undefined): void {
    const { observer } = this.locks;
    if (queue) observer?.queueRuns?.(process, queue.id, true);
    observer?.workRuns(process, workClass, true);
  }

  /** Its function has returned. */
  ends(process: number, workClass: number, queue: Workqueue | undefined): void {
    const { observer } = this.locks;
    observer?.workRuns(process, workClass, false);
    if (queue) observer?.queueRuns?.(process, queue.id, false);
  }

  /** A flush waits for an item of `queue`; `own` is the queue of the item that the process executes, if it does. */
  flushes(process: number, workClass: number, queue: Workqueue, own: Workqueue | undefined): void {
    if (own) this.checkFlushDependency(process, own, queue);
    this.waits(process, workClass);
    if (this.stallsAsOne(queue)) this.locks.observer?.waitedForQueue?.(process, queue.id);
  }

  /** A process waits until an item has run. */
  waits(process: number, workClass: number): void {
    this.locks.observer?.waitedForWork(process, workClass);
  }

  /** check_flush_dependency(). */
  protected checkFlushDependency(process: number, own: Workqueue, queue: Workqueue): void {
    if (!queue.hasRescuer && own.hasRescuer) {
      this.locks.observer?.flushDependency?.(process, own.name, queue.name);
    }
  }

  /** Whether one item that stalls may stall all others of the queue. */
  protected stallsAsOne(queue: Workqueue): boolean {
    return queue.hasRescuer || queue.maxActive === 1;
  }
}
