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
const WORK_BASE = 24;

/** Watches one run. Names are given by the system under test. */
export class LockAnalysis implements LockObserver {
  /** The first finding of the run. */
  finding: LockFinding | undefined;
  /** Number of acquisitions, by class; kept across runs. */
  readonly acquisitions: Float64Array = new Float64Array(CLASSES);
  /** Whether an order was seen for the first time since `noteOrders`. */
  hasNewOrder = false;
  private readonly className: (lockClass: number) => string;
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
    if (lockClass >= WORK_BASE) throw new Error(`lock class ${lockClass}: at most ${WORK_BASE} are numbered`);
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
    this.order(process, workBit(workClass));
  }

  workRuns(process: number, workClass: number, begins: boolean): void {
    const bit = 1 << workBit(workClass);
    if (begins) this.held[this.known(process)]! |= bit;
    else this.held[process]! &= ~bit;
  }

  /** Sets `orders[a * CLASSES + b]` to 1 if class a was held when class b was taken. */
  noteOrders(orders: Float64Array): void {
    this.hasNewOrder = false;
    for (let a = 0; a < CLASSES; a++) {
      for (let b = 0; b < CLASSES; b++) if ((this.before[a]! >>> b) & 1) orders[a * CLASSES + b] = 1;
    }
  }

  /** Writes what each process holds now, as masks: for a search, which jumps from state to state. */
  saveHeld(masks: Int32Array): void {
    masks.set(this.held);
  }

  /** Sets what each process holds, to masks that `saveHeld` gave. */
  restoreHeld(masks: Int32Array): void {
    this.held.set(masks);
  }

  // Notes "held before taken" for everything held, and looks for the opposite order.
  private order(process: number, taken: number): void {
    const held = this.held[this.known(process)]!;
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
      this.hasNewOrder = true;
      if (this.reaches(taken, first)) {
        this.finding ??= { kind: "order", message: this.inversion(this.path(taken, first)) };
      }
    }
  }

  private reaches(from: number, to: number): boolean {
    let seen = 1 << from;
    for (let todo = seen; todo !== 0;) {
      const at = 31 - Math.clz32(todo & -todo);
      todo &= todo - 1;
      const next = this.before[at]!;
      if ((next >>> to) & 1) return true;
      todo |= next & ~seen;
      seen |= next;
    }
    return false;
  }

  // A shortest chain of orders from one class to another that it reaches, both included.
  private path(from: number, to: number): number[] {
    const paths = [[from]];
    let seen = 1 << from;
    for (const path of paths) {
      const next = this.before[path.at(-1)!]! & ~seen;
      if ((next >>> to) & 1) return [...path, to];
      seen |= next;
      for (let c = 0; c < CLASSES; c++) if ((next >>> c) & 1) paths.push([...path, c]);
    }
    throw new Error(`no order from class ${from} to class ${to}`);
  }

  private inversion(before: readonly number[]): string {
    const taken = this.name(before[0]!);
    const held = this.name(before.at(-1)!);
    const chain = before.length > 2 ? `: ${before.map((c) => this.name(c)).join(", then ")}` : "";
    return `takes ${taken} while it holds ${held}; the opposite order was taken before${chain}`;
  }

  private known(process: number): number {
    if (process >= this.held.length)
      throw new Error(`process ${process}: only ${this.held.length} are watched`);
    return process;
  }

  private names(mask: number): string {
    const names: string[] = [];
    for (let c = 0; c < CLASSES; c++) if ((mask >>> c) & 1) names.push(this.name(c));
    return names.join(", ");
  }

  private name(lockClass: number): string {
    return lockClass < WORK_BASE
      ? this.className(lockClass)
      : `work class ${lockClass - WORK_BASE} (wait for work)`;
  }
}

/** Pairs of classes, for `noteOrders`. */
export const LOCK_PAIRS: number = CLASSES * CLASSES;

/** Whether orders, noted by any number of observers and added up, lead from a class back to it. */
export function hasCircle(orders: Float64Array): boolean {
  const reaches = Uint8Array.from(orders, (seen) => (seen > 0 ? 1 : 0));
  for (let by = 0; by < CLASSES; by++) {
    for (let a = 0; a < CLASSES; a++) {
      if (reaches[a * CLASSES + by] === 0) continue;
      for (let b = 0; b < CLASSES; b++) if (reaches[by * CLASSES + b] === 1) reaches[a * CLASSES + b] = 1;
    }
  }
  return Array.from({ length: CLASSES }, (_, c) => c).some((c) => reaches[c * CLASSES + c] === 1);
}

function workBit(workClass: number): number {
  const bit = WORK_BASE + workClass;
  if (bit >= CLASSES) throw new Error(`work class ${workClass}: at most ${CLASSES - WORK_BASE} are numbered`);
  return bit;
}
