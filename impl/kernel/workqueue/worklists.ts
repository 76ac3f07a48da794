// SPDX-License-Identifier: GPL-2.0-only
//
// Where work items are: on the worklist of a pool, among the inactive ones of a pool_workqueue, in execution, or idle.
// A pool_workqueue, pwq for short, is what a queue has in a pool; here it is a number made of both. max_active is of
// each pwq (since v6.9, an unbound queue counts all CPUs of a NUMA node: the same where all share one pool).
// Source: kernel/workqueue.c: insert_work, pwq_activate_first_inactive, pwq_dec_nr_in_flight, assign_work.

import type { Heap } from "../../heap/heap.ts";
import type { Workqueue } from "./queues.ts";

/** No pwq, no item. */
export const NOWHERE = -1;

/** What does not change in a run. */
export interface WorklistShape {
  /** Number of items. */
  readonly count: number;
  readonly queues: readonly Workqueue[];
  /** Number of pools; 0 if each item has one of its own, and then nothing but this item is in it. */
  readonly pools: number;
}

/** All lists of a simulated kernel. */
export class Worklists {
  /** Place on the pool's worklist, from 1; among the pwq's inactive items, from -1 down; 0 if not pending. */
  private readonly order: Int32Array;
  /** Plus 1: the pwq that an item is pending on, and the one on which it executes. */
  private readonly pwq: Int32Array;
  private readonly currentPwq: Int32Array;
  protected readonly shape: WorklistShape;

  constructor(heap: Heap, shape: WorklistShape) {
    const shared = shape.pools > 0;
    this.shape = shape;
    this.order = heap.words("work.pending", shape.count);
    this.currentPwq = heap.words("work.current_pwq", shape.count);
    this.pwq = heap.words("work.pwq", shared ? shape.count : 0);
  }

  /** The pwq of a queue in a pool. */
  pwqOf(queue: number, pool: number): number {
    return queue * Math.max(1, this.shape.pools) + pool;
  }

  /** The queue of a pwq. */
  queueOf(pwq: number): Workqueue {
    return this.shape.queues[Math.floor(pwq / Math.max(1, this.shape.pools))]!;
  }

  /** The pool of a pwq. */
  poolOf(pwq: number): number {
    return pwq % Math.max(1, this.shape.pools);
  }

  /** WORK_STRUCT_PENDING. */
  isPending(work: number): boolean {
    return this.order[work] !== 0;
  }

  /** Word and value that say that an item with a pool of its own is pending. */
  get pendingWords(): Int32Array {
    return this.order;
  }

  /** Whether it is pending and counts towards max_active. */
  isActive(work: number): boolean {
    return this.order[work]! > 0;
  }

  /** Whether a thread executes the item. */
  isRunning(work: number): boolean {
    return this.currentPwq[work] !== 0;
  }

  /** What a pending item is queued on. */
  pendingOn(work: number): number {
    return this.pwq[work]! - 1;
  }

  /** worker->current_pwq of the thread that executes the item. */
  runsOn(work: number): number {
    return this.currentPwq[work]! - 1;
  }

  /** insert_work(), at the end of a list. */
  add(work: number, pwq: number): void {
    if (this.shape.pools === 0) {
      this.order[work] = 1;
      return;
    }
    const active = this.hasRoom(pwq);
    this.pwq[work] = pwq + 1;
    if (active) this.toWorklist(work);
    else this.order[work] = -1 - this.inactive(pwq);
  }

  /** list_del_init(): the items behind it move up. */
  takeOff(work: number): void {
    const at = this.order[work]!;
    this.order[work] = 0;
    if (this.shape.pools === 0 || at === 0) return;
    const pwq = this.pendingOn(work);
    for (let w = 0; w < this.shape.count; w++) {
      const order = this.order[w]!;
      if (at > 0 && order > at && this.isIn(w, this.poolOf(pwq))) this.order[w] = order - 1;
      if (at < 0 && order < at && this.pendingOn(w) === pwq) this.order[w] = order + 1;
    }
    this.pwq[work] = 0;
  }

  /** A thread takes the item: from now on it executes and is not pending. Returns its pwq. */
  begin(work: number): number {
    const pwq = this.shape.pools === 0 ? 0 : this.pendingOn(work);
    this.takeOff(work);
    this.currentPwq[work] = pwq + 1;
    return pwq;
  }

  /** The function has returned. */
  end(work: number): void {
    this.currentPwq[work] = 0;
  }

  /** pwq_dec_nr_in_flight(): one item less executes, so an inactive one may become active. */
  activate(pwq: number): void {
    if (!this.hasRoom(pwq)) return;
    const next = this.firstInactive(pwq);
    if (next === NOWHERE) return;
    this.takeOff(next);
    this.pwq[next] = pwq + 1;
    this.toWorklist(next);
  }

  /**
   * The next item of a pool, or of one pwq in it. One whose last instance still executes is passed over: assign_work()
   * leaves it to the thread that does.
   */
  next(pool: number, pwq = NOWHERE): number {
    let first = NOWHERE;
    for (let w = 0; w < this.shape.count; w++) {
      if (this.order[w]! <= 0 || !this.isIn(w, pool) || this.isRunning(w)) continue;
      if (pwq !== NOWHERE && this.pendingOn(w) !== pwq) continue;
      if (first === NOWHERE || this.isBefore(w, first)) first = w;
    }
    return first;
  }

  /** An item that keeps the inactive ones of a pwq waiting: one that executes, or else an active one. */
  before(pwq: number): number {
    for (let w = 0; w < this.shape.count; w++) if (this.runsOn(w) === pwq) return w;
    for (let w = 0; w < this.shape.count; w++) if (this.isActive(w) && this.pendingOn(w) === pwq) return w;
    return NOWHERE;
  }

  /** nr_active < max_active. */
  protected hasRoom(pwq: number): boolean {
    return this.active(pwq) < this.queueOf(pwq).maxActive;
  }

  /** Whether a pending item comes before another one of its pool. */
  protected isBefore(work: number, other: number): boolean {
    return this.order[work]! < this.order[other]!;
  }

  /** The item that has been inactive for longest. */
  protected firstInactive(pwq: number): number {
    for (let w = 0; w < this.shape.count; w++)
      if (this.order[w] === -1 && this.pendingOn(w) === pwq) return w;
    return NOWHERE;
  }

  // An item that executes and is queued again counts twice.
  private active(pwq: number): number {
    let n = 0;
    for (let w = 0; w < this.shape.count; w++) {
      if (this.isActive(w) && this.pendingOn(w) === pwq) n++;
      if (this.runsOn(w) === pwq) n++;
    }
    return n;
  }

  private inactive(pwq: number): number {
    let n = 0;
    for (let w = 0; w < this.shape.count; w++) if (this.order[w]! < 0 && this.pendingOn(w) === pwq) n++;
    return n;
  }

  private toWorklist(work: number): void {
    const pool = this.poolOf(this.pendingOn(work));
    let n = 0;
    for (let w = 0; w < this.shape.count; w++) if (w !== work && this.isActive(w) && this.isIn(w, pool)) n++;
    this.order[work] = n + 1;
  }

  private isIn(work: number, pool: number): boolean {
    return this.pwq[work] !== 0 && this.poolOf(this.pendingOn(work)) === pool;
  }
}
