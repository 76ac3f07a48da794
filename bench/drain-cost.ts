// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (f), the cost model: what a step of a port did, counted, and what each of these things is taken to cost on a
// machine. The constants are orders of magnitude, chosen before the first result and not fitted to any.

import type { LockObserver } from "../explore/sync.ts";
import type { Va } from "../impl/heap/areas.ts";
import { FreeSpace } from "../impl/structures/free-space.ts";
import type { Kernel } from "../impl/kernel/kernel.ts";
import { EVENT, EVENT_WORDS } from "../spec/events.ts";

/** A constant of the model, ns. */
export interface CostItem {
  readonly ns: number;
  readonly what: string;
  readonly source: string;
}

/** The model. */
export const COST = {
  step: { ns: 2, what: "a step of a port: the few instructions around it", source: "assumed" },
  cold: {
    ns: 80,
    what: "a record taken off a list: in memory, in no cache",
    source: "assumed; latency of DRAM",
  },
  list: { ns: 5, what: "list_add(), list_del(), list_replace_init()", source: "assumed" },
  visit: {
    ns: 10,
    what: "a node on the way down a tree, with the way back up",
    source: "bench (b), program C: 51-365 ns per operation in trees of depth 7 to 18",
  },
  rebalance: { ns: 30, what: "rb_insert_color(), rb_erase()", source: "assumed" },
  recordFree: { ns: 20, what: "kmem_cache_free() of a record that was merged away", source: "assumed" },
  lock: { ns: 20, what: "taking and releasing a free lock", source: "assumed; two locked instructions" },
  atomic: { ns: 10, what: "atomic_long_sub() on vmap_lazy_nr", source: "assumed; one locked instruction" },
  flush: { ns: 1000, what: "flush_tlb_kernel_range(): its own part", source: "assumed" },
  ipi: { ns: 200, what: "flush_tlb_kernel_range(): each other CPU", source: "assumed" },
  queue: { ns: 200, what: "queue_work()", source: "assumed" },
  wake: { ns: 3000, what: "from the wake-up of a sleeping thread to its running", source: "assumed" },
} as const satisfies Record<string, CostItem>;

/** wq_cpu_intensive_thresh_us (v6.5 and later, by default), ns. */
export const WATCHDOG_NS = 10_000_000;

/** The index of the ports, which counts what it is asked to do. */
export class CountingSpace extends FreeSpace {
  counting = false;
  cold = 0;
  lists = 0;
  visits = 0;
  rebalances = 0;

  clear(): void {
    this.cold = 0;
    this.lists = 0;
    this.visits = 0;
    this.rebalances = 0;
  }

  override insert(c: number, va: Va, process: number): boolean {
    if (this.counting) this.countVisits(c, va);
    return super.insert(c, va, process);
  }

  override mergeOrAdd(c: number, va: Va): Va {
    if (this.counting) this.countVisits(c, va);
    return super.mergeOrAdd(c, va);
  }

  override unlink(c: number, va: Va, process: number): void {
    this.cold++;
    super.unlink(c, va, process);
  }

  override linkListAfter(c: number, va: Va, previous: Va): void {
    this.lists++;
    if (this.isTree(c)) this.rebalances++;
    super.linkListAfter(c, va, previous);
  }

  override unlinkList(c: number, va: Va, process: number): void {
    this.lists++;
    // A record that a merge takes out of a tree has just been looked at.
    if (this.isTree(c)) this.rebalances++;
    else this.cold++;
    super.unlinkList(c, va, process);
  }

  override moveAll(from: number, to: number, process: number): void {
    this.lists++;
    super.moveAll(from, to, process);
  }

  private isTree(c: number): boolean {
    return this.containers.info[c]!.sorted;
  }

  // As find_va_links() goes down.
  private countVisits(c: number, va: Va): void {
    const { start, left, right } = this.areas;
    const page = start[va]!;
    for (let at = this.containers.root[c]!; at !== 0; at = page < start[at]! ? left[at]! : right[at]!) {
      this.visits++;
    }
  }
}

/** What the running step did; told by the index, the locks and the events. */
export class Meter {
  /** Classes of the locks that the step took and released, in order. */
  readonly acquired: number[] = [];
  readonly released: number[] = [];
  private readonly lazyNr: Int32Array;
  private readonly kernel: Kernel;
  private readonly index: CountingSpace;
  private lazyBefore = 0;
  private liveBefore = 0;

  constructor(kernel: Kernel, lazyNr: Int32Array) {
    this.kernel = kernel;
    this.lazyNr = lazyNr;
    if (!(kernel.index instanceof CountingSpace)) throw new Error("the simulation does not count");
    this.index = kernel.index;
    this.index.counting = true;
    kernel.locks.observer = this.observer();
  }

  /** Before a step. */
  begin(): void {
    this.index.clear();
    this.acquired.length = 0;
    this.released.length = 0;
    this.lazyBefore = this.lazyNr[0]!;
    this.liveBefore = this.kernel.areas.live;
  }

  /** After a step: what it is taken to cost, ns. */
  cost(): number {
    const { cold, lists, visits, rebalances } = this.index;
    const freed = Math.max(0, this.liveBefore - this.kernel.areas.live);
    return (
      COST.step.ns +
      COST.cold.ns * cold +
      COST.list.ns * lists +
      COST.visit.ns * visits +
      COST.rebalance.ns * rebalances +
      COST.recordFree.ns * freed +
      COST.lock.ns * this.acquired.length +
      (this.lazyNr[0] === this.lazyBefore ? 0 : COST.atomic.ns) +
      this.eventCost()
    );
  }

  private eventCost(): number {
    const { events, instance } = this.kernel;
    let ns = 0;
    for (let at = 0; at < events.count * EVENT_WORDS; at += EVENT_WORDS) {
      const kind = events.rows[at];
      if (kind === EVENT.FLUSH) ns += COST.flush.ns + COST.ipi.ns * (instance.cpus - 1);
      if (kind === EVENT.QUEUE_WORK) ns += COST.queue.ns;
    }
    return ns;
  }

  private observer(): LockObserver {
    return {
      acquired: (_, lockClass) => void this.acquired.push(lockClass),
      released: (_, lockClass) => void this.released.push(lockClass),
      mightSleep: () => undefined,
      waitedForWork: () => undefined,
      workRuns: () => undefined,
    };
  }
}
