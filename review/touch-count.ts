// SPDX-License-Identifier: GPL-2.0-only
//
// Touches of range trees, told apart by what they are made for: a touch is one mas_* call on one tree, where
// mas_preallocate with its mas_store_prealloc is one, and a walk over k entries is k, and one that finds no more.

import { MapleNodes } from "../impl/allocators/maple-nodes.ts";
import { OPERATION_KINDS, type OperationCounts } from "../impl/structures/range-index/operation-counts.ts";
import type { Instance, PageRange } from "../spec/instance.ts";
import { OperationRun, type OperationRunOptions, TASK } from "../properties/operation-run.ts";

/** Touches, and the nodes that were read or written for them. */
export interface Touches {
  /** On the trees of free and of occupied ranges. */
  hot: number;
  /** On all trees. */
  all: number;
  hotNodes: number;
  allNodes: number;
}

/** What touches are made for: a purge and what it gives back is part of freeing, wherever it runs. */
type Purpose = "alloc" | "free";

/** No touches. */
export const NOTHING: Touches = { hot: 0, all: 0, hotNodes: 0, allNodes: 0 };

/** A design with range trees at work, with the touches of what it does. */
export class TouchRun {
  readonly run: OperationRun;
  /** Of allocations that were served, and of those that failed. */
  readonly served: Touches = { ...NOTHING };
  readonly failed: Touches = { ...NOTHING };
  readonly freed: Touches = { ...NOTHING };
  allocs = 0;
  failures = 0;
  frees = 0;
  /** Fewest and most touches on the hot trees of an allocation that was served. */
  least = Infinity;
  most = 0;
  private readonly counter: TouchCounter;
  private purpose: Purpose = "free";
  private task: Purpose = "free";
  private now: Touches = { ...NOTHING };
  // Of the allocation at work.
  private alloc: Touches = { ...NOTHING };

  constructor(instance: Instance, options: OperationRunOptions) {
    this.run = new OperationRun(instance, { ...options, beforeStep: (process) => this.attribute(process) });
    const { allocator } = this.run;
    if (!(allocator instanceof MapleNodes)) throw new Error(`${instance.allocator} has no range trees`);
    this.counter = new TouchCounter(allocator);
  }

  /** vmalloc(). */
  allocate(size: number, align: number, window: PageRange): number {
    this.alloc = { ...NOTHING };
    this.task = "alloc";
    const page = this.run.alloc(size, align, window);
    this.settle();
    this.task = "free";
    if (page < 0) {
      this.failures++;
      addTouches(this.failed, this.alloc);
      return page;
    }
    this.allocs++;
    addTouches(this.served, this.alloc);
    this.least = Math.min(this.least, this.alloc.hot);
    this.most = Math.max(this.most, this.alloc.hot);
    return page;
  }

  /** vfree(). */
  free(page: number): void {
    this.frees++;
    this.run.free(page);
    this.settle();
  }

  /** Purges what is lazy; part of freeing. */
  purge(): void {
    this.run.aliases();
    this.settle();
  }

  /** Forgets what was counted so far. */
  begin(): void {
    this.settle();
    for (const touches of [this.served, this.failed, this.freed]) Object.assign(touches, NOTHING);
    this.allocs = this.failures = this.frees = this.most = 0;
    this.least = Infinity;
  }

  // What was touched before this step belongs to what the steps before it were made for.
  private attribute(process: number): void {
    const { locks } = this.run.sim.kernel;
    const purges = locks.owner[this.run.allocator.purgeLock.id] !== 0;
    const purpose = process !== TASK || purges ? "free" : this.task;
    if (purpose === this.purpose) return;
    this.settle();
    this.purpose = purpose;
  }

  private settle(): void {
    const total = this.counter.total();
    const since = { ...total };
    addTouches(since, this.now, -1);
    this.now = total;
    addTouches(this.purpose === "alloc" ? this.alloc : this.freed, since);
  }
}

/** Counts the touches of a design from its beginning on. */
export class TouchCounter {
  private readonly counts: OperationCounts;
  private readonly hot: readonly number[];
  private readonly others: readonly number[];

  constructor({ busy, free, lazy, trees }: MapleNodes) {
    this.counts = trees.ranges.counts;
    this.hot = [trees.tree(free)!, trees.occupied];
    this.others = [...busy, ...lazy].map((container) => trees.tree(container)!);
  }

  /** All touches so far. */
  total(): Touches {
    const hot = this.sum(this.hot);
    const others = this.sum(this.others);
    return {
      hot: hot.operations,
      all: hot.operations + others.operations,
      hotNodes: hot.nodes,
      allNodes: hot.nodes + others.nodes,
    };
  }

  private sum(trees: readonly number[]): { readonly operations: number; readonly nodes: number } {
    const { counts } = this;
    let operations = 0;
    let nodes = 0;
    for (const tree of trees) {
      for (const kind of OPERATION_KINDS) {
        operations += counts.operations(tree, kind);
        nodes += counts.nodes(tree, kind);
      }
    }
    return { operations, nodes };
  }
}

/** Adds one sum to another, or takes it away. */
export function addTouches(to: Touches, what: Touches, sign = 1): void {
  to.hot += sign * what.hot;
  to.all += sign * what.all;
  to.hotNodes += sign * what.hotNodes;
  to.allNodes += sign * what.allNodes;
}
