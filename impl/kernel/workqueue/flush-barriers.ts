// SPDX-License-Identifier: GPL-2.0-only
//
// What flushes wait for. A barrier stands behind the instance of an item that was queued last when the flush began:
// behind the pending one if there is one, else behind the one that executes.
// Source: kernel/workqueue.c: insert_wq_barrier, start_flush_work.

import type { Heap } from "../../heap/heap.ts";

/** Where a barrier stands. */
const BEHIND = { PENDING: 1, RUNNING: 2 } as const;

/** One barrier at most for each process, as a process that flushes waits. */
export class FlushBarriers {
  /** Of each process: 2 * item plus BEHIND, or 0. */
  private readonly barrier: Int32Array;

  constructor(heap: Heap, processes: number) {
    this.barrier = heap.words("flush.barrier", processes);
  }

  /** insert_wq_barrier(). */
  insert(process: number, work: number, pending: boolean): void {
    this.barrier[process] = 2 * work + (pending ? BEHIND.PENDING : BEHIND.RUNNING);
  }

  /** A thread begins to execute an item, and takes the barriers behind it along. */
  begin(work: number): void {
    this.pass(2 * work + BEHIND.PENDING, 2 * work + BEHIND.RUNNING);
  }

  /** The item's function has returned; the barriers behind it come next on the same thread. */
  end(work: number, _pending: boolean): void {
    this.pass(2 * work + BEHIND.RUNNING, 0);
  }

  /** wq_barrier_func() has run. */
  isPassed(process: number): boolean {
    return this.barrier[process] === 0;
  }

  private pass(from: number, to: number): void {
    const { barrier } = this;
    for (let p = 0; p < barrier.length; p++) if (barrier[p] === from) barrier[p] = to;
  }
}
