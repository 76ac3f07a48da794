// SPDX-License-Identifier: GPL-2.0-only
//
// Lock analysis beside a run, as lockdep does it: an order between lock classes, taken once, must never be taken
// the other way round, also when the wait for a work item stands between. And no sleeping under a spinlock.
// Source: Documentation/locking/lockdep-design.rst; flush dependencies: kernel/workqueue.c, start_flush_work.

import type { LockObserver } from "./sync.ts";

/** What lock analysis can find. */
export interface LockFinding {
  readonly kind: "order" | "recursion" | "sleep";
  readonly message: string;
}

/** Work classes follow the lock classes in one numbering of at most 32 classes. */
const CLASSES = 32;

/** Watches one run. Names are given by the system under test. */
export class LockAnalysis implements LockObserver {
  /** The first finding of the run. */
  finding: LockFinding | undefined;
  /** Number of acquisitions, by class; kept across runs. */
  readonly acquisitions: Float64Array = new Float64Array(CLASSES);
  private readonly className: (lockClass: number) => string;
  private readonly workBase = 24;
  /** before[a] has bit b if a was held when b was taken. */
  private readonly before: Int32Array = new Int32Array(CLASSES);
  private readonly held: Int32Array;

  constructor(processes: number, className: (lockClass: number) => string) {
    this.held = new Int32Array(processes);
    this.className = className;
  }

  /** A new run begins. */
  reset(): void {
    this.finding = undefined;
    this.before.fill(0);
    this.held.fill(0);
  }

  acquired(process: number, lockClass: number): void {
    this.acquisitions[lockClass]!++;
    this.order(process, lockClass);
    this.held[process]! |= 1 << lockClass;
  }

  released(process: number, lockClass: number): void {
    this.held[process]! &= ~(1 << lockClass);
  }

  mightSleep(process: number): void {
    this.finding ??= {
      kind: "sleep",
      message: `may sleep while it holds ${this.names(this.held[process]!)}`,
    };
  }

  waitedForWork(process: number, workClass: number): void {
    this.order(process, this.workBase + workClass);
  }

  workRuns(process: number, workClass: number, begins: boolean): void {
    const bit = 1 << (this.workBase + workClass);
    if (begins) this.held[process]! |= bit;
    else this.held[process]! &= ~bit;
  }

  // Notes "held before taken" for everything held, and looks for the opposite order.
  private order(process: number, taken: number): void {
    const held = this.held[process]!;
    if (held === 0) return;
    if ((held >>> taken) & 1) {
      this.finding ??= {
        kind: "recursion",
        message: `takes a second ${this.name(taken)} while it holds ${this.names(held)}`,
      };
      return;
    }
    for (let rest = held; rest !== 0; rest &= rest - 1) {
      const first = 31 - Math.clz32(rest & -rest);
      if ((this.before[first]! >>> taken) & 1) continue;
      this.before[first]! |= 1 << taken;
      if (this.reaches(taken, first)) {
        this.finding ??= {
          kind: "order",
          message: `takes ${this.name(taken)} while it holds ${this.name(first)}; the opposite order was taken before`,
        };
      }
    }
  }

  private reaches(from: number, to: number): boolean {
    let seen = 1 << from;
    for (let todo = seen; todo !== 0; ) {
      const at = 31 - Math.clz32(todo & -todo);
      todo &= todo - 1;
      const next = this.before[at]!;
      if ((next >>> to) & 1) return true;
      todo |= next & ~seen;
      seen |= next;
    }
    return false;
  }

  private names(mask: number): string {
    const names: string[] = [];
    for (let c = 0; c < CLASSES; c++) if ((mask >>> c) & 1) names.push(this.name(c));
    return names.join(", ");
  }

  private name(lockClass: number): string {
    return lockClass < this.workBase
      ? this.className(lockClass)
      : `work class ${lockClass - this.workBase} (wait for work)`;
  }
}
