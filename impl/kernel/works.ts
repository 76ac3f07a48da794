// SPDX-License-Identifier: GPL-2.0-only
//
// Work items on the per-CPU system workqueue, as far as the drain work and the purge helpers need it.
// Source: kernel/workqueue.c: queue_work, flush_work, INIT_WORK, process_one_work.
// ABSTRACTION: each work item has a worker of its own, so items of one CPU may interleave at any step; risk:
// an interleaving that concurrency management would not start. Every such order occurs once a worker sleeps.

import { EVENT } from "../../spec/events.ts";
import type { Gate, WaitReason } from "../../explore/sync.ts";
import type { EventLog } from "../heap/event-log.ts";
import type { Heap } from "../heap/heap.ts";
import type { Locks } from "./locks.ts";

/** CPU number of schedule_work(): any. */
export const WORK_CPU_UNBOUND = -1;

/** Work items, by index. */
export class Works {
  /** Set by queue_work, cleared just before the function runs. */
  private readonly pending: Int32Array;
  private readonly running: Int32Array;
  /** 1 while work->func is set. */
  private readonly func: Int32Array;
  private readonly names: string[] = [];
  private readonly classes: number[] = [];
  private readonly workers: number[] = [];
  private readonly events: EventLog;
  private readonly locks: Locks;

  constructor(heap: Heap, count: number, events: EventLog, locks: Locks) {
    this.pending = heap.words("work.pending", count);
    this.running = heap.words("work.running", count);
    this.func = heap.words("work.func", count);
    this.events = events;
    this.locks = locks;
  }

  /** Declares a work item that the process `worker` executes; items of one class run the same function. */
  declare(name: string, workClass: number, worker: number): number {
    this.names.push(name);
    this.classes.push(workClass);
    this.workers.push(worker);
    return this.names.length - 1;
  }

  /** Number of declared items. */
  get count(): number {
    return this.names.length;
  }

  /** Name of an item, for reports. */
  name(work: number): string {
    return this.names[work]!;
  }

  /** INIT_WORK(): clears pending, whatever the item is doing. */
  init(work: number): void {
    this.events.emit(EVENT.INIT_WORK, work, this.pending[work], this.running[work]);
    this.pending[work] = 0;
    this.func[work] = 1;
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
  queue(work: number, cpu: number): boolean {
    const queued = this.pending[work] === 0;
    this.pending[work] = 1;
    this.events.emit(EVENT.QUEUE_WORK, work, queued ? 1 : 0, cpu);
    return queued;
  }

  /** Whether the item waits for a worker. */
  isPending(work: number): boolean {
    return this.pending[work] !== 0;
  }

  /** Open while the item waits for a worker. */
  pendingGate(work: number): Gate {
    return { words: this.pending, index: work, value: 1 };
  }

  /** Whether neither queued nor executing. */
  isIdle(work: number): boolean {
    return this.pending[work] === 0 && this.running[work] === 0;
  }

  /** Worker: takes the item off the queue; its function runs next. */
  start(work: number): void {
    this.pending[work] = 0;
    this.running[work] = 1;
    this.events.emit(EVENT.WORK_START, work);
    this.locks.observer?.workRuns(this.events.process, this.classes[work]!, true);
  }

  /** Worker: the function returned. */
  finish(work: number): void {
    this.running[work] = 0;
    this.events.emit(EVENT.WORK_END, work);
    this.locks.observer?.workRuns(this.events.process, this.classes[work]!, false);
  }

  /** Tells the observer what runs now, as if it had just begun: for a search, which jumps from state to state. */
  announceRunning(): void {
    for (let work = 0; work < this.count; work++) {
      if (this.running[work] !== 0) {
        this.locks.observer?.workRuns(this.workers[work]!, this.classes[work]!, true);
      }
    }
  }

  /** flush_work() has come back: the item was idle. */
  flushed(work: number): void {
    this.locks.mightSleep();
    this.locks.observer?.waitedForWork(this.events.process, this.classes[work]!);
  }

  /** Whom a flush waits for. */
  waitsFor(work: number): WaitReason {
    return { resource: `work ${this.names[work]!}`, holder: this.workers[work]! };
  }
}
