// SPDX-License-Identifier: GPL-2.0-only
//
// A system of a few shared cells and locks for tests of the engine. All state lies in one Int32Array; code that
// touches it between two steps is told off, as a strict heap would do.

import {
  call,
  type KernelCode,
  type KernelFunction,
  type LockObserver,
  site,
  type Step,
} from "../../explore/sync.ts";
import type { Monitor, ProcessSpec, System } from "../../explore/system.ts";

const S = {
  read: site("toy", "read"),
  write: site("toy", "write"),
  add: site("toy", "fetch and add"),
  swap: site("toy", "compare and swap"),
  lock: site("toy_lock", "lock"),
  unlock: site("toy_unlock", "unlock"),
  choose: site("toy", "choose"),
  wait: site("toy", "wait for a value"),
  stay: site("toy", "stay"),
  queue: site("toy_queue_work", "queue"),
  dequeue: site("toy_worker", "take the item"),
  done: site("toy_worker", "the item is done"),
  flush: site("toy_flush_work", "wait until the item is idle"),
};

/** States of a work item. */
const WORK = { IDLE: 0, PENDING: 1, RUNNING: 2 } as const;

/** How many of each thing a toy has. */
export interface ToySize {
  readonly cells: number;
  readonly locks?: number;
  readonly works?: number;
}

/** A system made of processes over shared cells. Locks are spinlocks unless `mutexes` names them. */
export class Toy implements System {
  readonly processes: readonly ProcessSpec[] = [];
  /** Told of lock operations; the class of a lock is its index. */
  observer: LockObserver | undefined;
  mutexes: readonly number[] = [];
  private readonly words: Int32Array;
  private readonly size: Required<ToySize>;
  private between = false;
  private rehearsed = false;
  private current = -1;

  constructor(size: ToySize) {
    this.size = { locks: 0, works: 0, ...size };
    this.words = new Int32Array(this.size.cells + this.size.locks + this.size.works);
  }

  /** Adds a process. */
  spawn(name: string, body: KernelFunction, ...args: number[]): this {
    return this.add({ name, entry: call(this, body, ...args), daemon: false });
  }

  /** Adds a process that may wait for ever in an idle step. */
  spawnDaemon(name: string, body: KernelFunction, ...args: number[]): this {
    return this.add({ name, entry: call(this, body, ...args), daemon: true });
  }

  /** Puts the processes in another order: before the first run only. */
  reorder(order: readonly number[]): this {
    const before = [...this.processes];
    (this.processes as ProcessSpec[]).splice(0, before.length, ...order.map((i) => before[i]!));
    return this;
  }

  /** Content of a cell. */
  get(cell: number): number {
    return this.memory()[cell]!;
  }

  /** Changes a cell. */
  set(cell: number, value: number): void {
    this.memory()[cell] = value;
  }

  // --- steps

  /** A step of any kind. */
  step(run: (choice: number) => number): Step {
    return { site: S.write, run };
  }

  read(cell: number): Step {
    return { site: S.read, run: () => this.get(cell) };
  }

  write(cell: number, value: number): Step {
    return this.step(() => {
      this.set(cell, value);
      return 0;
    });
  }

  /** Fetch-add: the value before. */
  fetchAdd(cell: number, by: number): Step {
    return {
      site: S.add,
      run: () => {
        const value = this.get(cell);
        this.set(cell, value + by);
        return value;
      },
    };
  }

  /** Compare and swap: 1 if it was done. */
  swap(cell: number, expected: number, value: number): Step {
    return {
      site: S.swap,
      run: () => {
        if (this.get(cell) !== expected) return 0;
        this.set(cell, value);
        return 1;
      },
    };
  }

  /** A choice of the environment between `n` outcomes: the one chosen. */
  choose(n: number): Step {
    return { site: S.choose, choices: () => n, run: (choice) => choice };
  }

  /** Waits until the cell is not 0: its value. */
  waitFor(cell: number): Step {
    return {
      site: S.wait,
      ready: () => this.get(cell) !== 0,
      waitsFor: () => ({ resource: `cell ${cell}`, holder: -1 }),
      run: () => this.get(cell),
    };
  }

  /** The end of a daemon whose locals still count: waits idly for ever. */
  stay(): Step {
    return { site: S.stay, idle: true, ready: () => false, run: () => 0 };
  }

  lock(lock: number): Step {
    const at = this.size.cells + lock;
    return {
      site: S.lock,
      ready: () => this.get(at) === 0,
      waitsFor: () => ({ resource: `lock ${lock}`, holder: this.get(at) - 1 }),
      run: () => {
        if (this.mutexes.includes(lock)) this.mightSleep();
        this.set(at, this.current + 1);
        this.listener?.acquired(this.current, lock);
        return 0;
      },
    };
  }

  unlock(lock: number): Step {
    return {
      site: S.unlock,
      run: () => {
        this.set(this.size.cells + lock, 0);
        this.listener?.released(this.current, lock);
        return 0;
      },
    };
  }

  /** Queues a work item, unless it is queued or runs. */
  queueWork(work: number): Step {
    return {
      site: S.queue,
      run: () => {
        if (this.get(this.work(work)) === WORK.IDLE) this.set(this.work(work), WORK.PENDING);
        return 0;
      },
    };
  }

  /** Waits until the work item is neither queued nor running. */
  flushWork(work: number): Step {
    return {
      site: S.flush,
      ready: () => this.get(this.work(work)) === WORK.IDLE,
      waitsFor: () => ({ resource: `work ${work}`, holder: -1 }),
      run: () => {
        this.listener?.waitedForWork(this.current, work);
        return 0;
      },
    };
  }

  /** Adds the worker of an item, which does `body` each time. */
  spawnWorker(work: number, body: KernelFunction): this {
    const at = this.work(work);
    const move = (from: Step["site"], to: number, idle: boolean): Step => ({
      site: from,
      idle,
      ready: () => !idle || this.get(at) === WORK.PENDING,
      run: () => {
        this.set(at, to);
        this.listener?.workRuns(this.current, work, to === WORK.RUNNING);
        return 0;
      },
    });
    return this.spawnDaemon(`worker ${work}`, function* worker(this: Toy): KernelCode {
      for (;;) {
        yield move(S.dequeue, WORK.RUNNING, true);
        yield call(this, body);
        yield move(S.done, WORK.IDLE, false);
      }
    });
  }

  // --- System

  reset(): void {
    this.words.fill(0);
  }

  begin(process: number): void {
    this.current = process;
  }

  betweenSteps(now: boolean): void {
    this.between = now;
  }

  rehearse(now: boolean): void {
    this.rehearsed = now;
  }

  snapshot(): Int32Array {
    return this.words.slice();
  }

  restore(snapshot: Int32Array): void {
    this.words.set(snapshot);
  }

  equals(snapshot: Int32Array): boolean {
    return this.words.every((word, i) => word === snapshot[i]);
  }

  digest(): string {
    return this.words.join();
  }

  private add(process: ProcessSpec): this {
    (this.processes as ProcessSpec[]).push(process);
    return this;
  }

  private memory(): Int32Array {
    if (this.between) throw new Error("access between two steps");
    return this.words;
  }

  private get listener(): LockObserver | undefined {
    return this.rehearsed ? undefined : this.observer;
  }

  private work(work: number): number {
    return this.size.cells + this.size.locks + work;
  }

  private mightSleep(): void {
    const spins = (lock: number): boolean =>
      !this.mutexes.includes(lock) && this.get(this.size.cells + lock) === this.current + 1;
    if (Array.from({ length: this.size.locks }, (_, i) => i).some(spins)) {
      this.listener?.mightSleep(this.current);
    }
  }
}

/** A monitor that finds a violation as soon as `wrong` says so. */
export function monitor(wrong: () => boolean = () => false): Monitor {
  return { reset: () => {}, afterStep: wrong, atQuiescence: wrong };
}
