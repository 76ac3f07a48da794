// SPDX-License-Identifier: GPL-2.0-only
//
// Lock analysis beside a run, as lockdep does it: an order between lock classes, taken once, must never be taken
// the other way round, also when the wait for a work item stands between. And no sleeping under a spinlock.
// Source: Documentation/locking/lockdep-design.rst; maps of work queues and of works: kernel/workqueue.c,
// process_one_work, start_flush_work, check_flush_dependency.

import type { LockObserver } from "./sync.ts";

/** What lock analysis can find. `flush`: of what a work queue takes part in. */
export interface LockFinding {
  readonly kind: "order" | "recursion" | "sleep" | "flush";
  readonly message: string;
}

/** Names of classes, given by the system under test. Without a name, a queue or a work has a number. */
export interface ClassNames {
  readonly lock: (lockClass: number) => string;
  readonly queue?: ((queueClass: number) => string) | undefined;
  readonly work?: ((workClass: number) => string) | undefined;
}

/** One numbering of at most 32 classes: first those of locks, then of work queues, then of works. */
const CLASSES = 32;
const QUEUE_BASE = 20;
const WORK_BASE = 24;
const QUEUES = (1 << WORK_BASE) - (1 << QUEUE_BASE);

/** Watches one run. */
export class LockAnalysis implements LockObserver {
  /** The first finding of each kind in the run. */
  readonly findings: LockFinding[] = [];
  /** While it is true, what is told of has begun before: it is held, and no order follows from when it is told. */
  announcing = false;
  /** Number of acquisitions, by class; kept across runs. */
  readonly acquisitions: Float64Array = new Float64Array(CLASSES);
  /** Whether an order was seen for the first time since `noteOrders`. */
  hasNewOrder = false;
  private readonly classNames: ClassNames;
  /** before[a] has bit b if a was held when b was taken. */
  private readonly before: Int32Array = new Int32Array(CLASSES);
  private held: Int32Array;

  /** Of at least so many processes: a system may find out how many it has while it is made. */
  constructor(processes: number, classNames: ClassNames | ClassNames["lock"]) {
    this.held = new Int32Array(processes);
    this.classNames = typeof classNames === "function" ? { lock: classNames } : classNames;
  }

  /** The first finding of the run. */
  get finding(): LockFinding | undefined {
    return this.findings[0];
  }

  /** Forgets what was found, but no order. */
  forgetFindings(): void {
    if (this.findings.length > 0) this.findings.length = 0;
  }

  /** Makes room for so many processes. */
  watch(processes: number): void {
    if (processes <= this.held.length) return;
    const held = new Int32Array(processes);
    held.set(this.held);
    this.held = held;
  }

  /** A new run begins. */
  reset(): void {
    this.forgetFindings();
    this.before.fill(0);
    this.held.fill(0);
  }

  acquired(process: number, lockClass: number): void {
    if (lockClass >= QUEUE_BASE) throw tooMany("lock", lockClass, QUEUE_BASE);
    this.acquisitions[lockClass]!++;
    this.take(process, lockClass);
  }

  released(process: number, lockClass: number): void {
    this.held[process]! &= ~(1 << lockClass);
  }

  mightSleep(process: number): void {
    this.find("sleep", () => `may sleep while it ${this.holding(this.held[process]!)}`);
  }

  waitedForWork(process: number, workClass: number): void {
    this.order(process, workBit(workClass));
  }

  workRuns(process: number, workClass: number, begins: boolean): void {
    const bit = workBit(workClass);
    if (begins) this.take(process, bit);
    else this.held[process]! &= ~(1 << bit);
  }

  queueRuns(process: number, queueClass: number, begins: boolean): void {
    const bit = queueBit(queueClass);
    if (begins) this.take(process, bit);
    else this.held[process]! &= ~(1 << bit);
  }

  waitedForQueue(process: number, queueClass: number): void {
    this.order(process, queueBit(queueClass));
  }

  flushDependency(_process: number, from: string, to: string): void {
    this.find("flush", () => `WQ_MEM_RECLAIM ${from} flushes !WQ_MEM_RECLAIM ${to}`);
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

  private take(process: number, taken: number): void {
    this.watch(process + 1);
    if (!this.announcing) this.order(process, taken);
    this.held[process]! |= 1 << taken;
  }

  private find(kind: LockFinding["kind"], message: () => string): void {
    if (!this.findings.some((each) => each.kind === kind)) this.findings.push({ kind, message: message() });
  }

  // Notes "held before taken" for everything held, and looks for the opposite order.
  private order(process: number, taken: number): void {
    this.watch(process + 1);
    const held = this.held[process]!;
    if (held === 0) return;
    if ((held >>> taken) & 1) {
      if (isQueue(taken)) this.find("flush", () => this.ownQueue(taken));
      else this.find("recursion", () => `takes a second ${this.name(taken)} while it ${this.holding(held)}`);
      return;
    }
    for (let rest = held; rest !== 0; rest &= rest - 1) {
      const first = 31 - Math.clz32(rest & -rest);
      if ((this.before[first]! >>> taken) & 1) continue;
      this.before[first]! |= 1 << taken;
      this.hasNewOrder = true;
      this.lookForCircle(first, taken);
    }
  }

  // A circle through a queue and one that has none in it are different findings, also if one order closes both.
  private lookForCircle(first: number, taken: number): void {
    if (!this.reaches(taken, first, 0)) return;
    if (!isQueue(first) && !isQueue(taken) && this.reaches(taken, first, QUEUES)) {
      this.find("order", () => this.inversion(this.path(taken, first, QUEUES)));
    }
    for (let queue = QUEUE_BASE; queue < WORK_BASE; queue++) {
      const there = queue === taken || this.reaches(taken, queue, 0);
      if (!there || !(queue === first || this.reaches(queue, first, 0))) continue;
      this.find("flush", () =>
        this.inversion([...this.path(taken, queue, 0), ...this.path(queue, first, 0).slice(1)]),
      );
    }
  }

  // Whether orders lead from one class to another, through none of `closed`.
  private reaches(from: number, to: number, closed: number): boolean {
    let seen = 1 << from;
    for (let todo = seen; todo !== 0;) {
      const at = 31 - Math.clz32(todo & -todo);
      todo &= todo - 1;
      const next = this.before[at]! & ~closed;
      if ((next >>> to) & 1) return true;
      todo |= next & ~seen;
      seen |= next;
    }
    return false;
  }

  // A shortest chain of such orders, both classes included.
  private path(from: number, to: number, closed: number): number[] {
    if (from === to) return [from];
    const paths = [[from]];
    let seen = (1 << from) | closed;
    for (const path of paths) {
      const next = this.before[path.at(-1)!]! & ~seen;
      if ((next >>> to) & 1) return [...path, to];
      seen |= next;
      for (let c = 0; c < CLASSES; c++) if ((next >>> c) & 1) paths.push([...path, c]);
    }
    throw new Error(`no order from class ${from} to class ${to}`);
  }

  private inversion(before: readonly number[]): string {
    const chain = before.length > 2 ? `: ${before.map((c) => this.name(c)).join(", then ")}` : "";
    const taken = before[0]!;
    const takes = this.isWaitedFor(taken) ? "waits for" : "takes";
    const held = this.holding(1 << before.at(-1)!);
    return `${takes} ${this.name(taken)} while it ${held}; the opposite order was taken before${chain}`;
  }

  private ownQueue(queue: number): string {
    const name = this.name(queue);
    return `flushes a work of ${name} while it runs on ${name}, which has one rescuer or max_active 1`;
  }

  // What is held, as a predicate: a work whose class has a name is not held but run.
  private holding(mask: number): string {
    const texts = (wanted: (c: number) => boolean): string =>
      Array.from({ length: CLASSES }, (_, c) => c)
        .filter((c) => (mask >>> c) & 1 && wanted(c))
        .map((c) => this.name(c))
        .join(", ");
    const parts = [
      ["holds", texts((c) => !this.isWaitedFor(c))],
      ["runs", texts((c) => this.isWaitedFor(c) && !isQueue(c))],
      ["runs on", texts((c) => this.isWaitedFor(c) && isQueue(c))],
    ];
    return parts.flatMap(([verb, what]) => (what === "" ? [] : [`${verb!} ${what!}`])).join(" and ");
  }

  private isWaitedFor(c: number): boolean {
    return isQueue(c) || (c >= WORK_BASE && this.classNames.work !== undefined);
  }

  private name(c: number): string {
    const { lock, queue, work } = this.classNames;
    if (c < QUEUE_BASE) return lock(c);
    if (c < WORK_BASE) return `the queue ${queue?.(c - QUEUE_BASE) ?? c - QUEUE_BASE}`;
    return work ? `the work ${work(c - WORK_BASE)}` : `work class ${c - WORK_BASE} (wait for work)`;
  }
}

function isQueue(c: number): boolean {
  return c >= QUEUE_BASE && c < WORK_BASE;
}

/** Pairs of classes, for `noteOrders`. */
export const LOCK_PAIRS: number = CLASSES * CLASSES;

/**
 * Whether orders, noted by any number of observers and added up, lead from a class back to it; through queues of work
 * only if they count.
 */
export function hasCircle(orders: Float64Array, queuesCount = true): boolean {
  const left = (pair: number): boolean => !isQueue(pair % CLASSES) && !isQueue(Math.floor(pair / CLASSES));
  const reaches = Uint8Array.from(orders, (seen, pair) => (seen > 0 && (queuesCount || left(pair)) ? 1 : 0));
  for (let by = 0; by < CLASSES; by++) {
    for (let a = 0; a < CLASSES; a++) {
      if (reaches[a * CLASSES + by] === 0) continue;
      for (let b = 0; b < CLASSES; b++) if (reaches[by * CLASSES + b] === 1) reaches[a * CLASSES + b] = 1;
    }
  }
  return Array.from({ length: CLASSES }, (_, c) => c).some((c) => reaches[c * CLASSES + c] === 1);
}

function workBit(workClass: number): number {
  if (workClass >= CLASSES - WORK_BASE) throw tooMany("work", workClass, CLASSES - WORK_BASE);
  return WORK_BASE + workClass;
}

function queueBit(queueClass: number): number {
  if (queueClass >= WORK_BASE - QUEUE_BASE) throw tooMany("queue", queueClass, WORK_BASE - QUEUE_BASE);
  return QUEUE_BASE + queueClass;
}

function tooMany(kind: string, number: number, max: number): Error {
  return new Error(`${kind} class ${number}: at most ${max} are numbered`);
}
