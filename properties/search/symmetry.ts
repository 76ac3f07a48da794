// SPDX-License-Identifier: GPL-2.0-only
//
// Tasks that differ in nothing but their number: of the states that come out of each other by exchanging them, a search
// needs to see one. Nodes are never exchanged: a purge goes through them in order, and addresses belong to them.
// Source: symmetry reduction by canonical representatives, Clarke, Grumberg, Peled, Model Checking, chapter 14.

import { TRAITS } from "../../spec/design-traits.ts";
import type { Instance } from "../../spec/instance.ts";
import type { Operation } from "../../spec/operations.ts";

/** Tasks that may be exchanged for each other, ascending; at least two. */
export interface TaskClass {
  readonly tasks: readonly number[];
  /** Whether each runs on a CPU of its own, which is exchanged with it. */
  readonly withCpus: boolean;
}

/**
 * The classes of an instance. Only closed ones have any: the tasks of a program are told apart by the areas that they
 * allocate. Tasks with one menu are alike if they begin on one CPU, or each alone on one; there, where CPUs are dealt to
 * nodes, all must go to one node.
 */
export function taskClasses(instance: Instance): readonly TaskClass[] {
  const { closed, cpus, nodes, programs, allocator } = instance;
  // The lists of a decay, the pools of workers and the barriers of flushes belong to processes and CPUs by number.
  if (!closed || TRAITS[allocator].pools) return [];
  const groups = new Map<string, number[]>();
  programs.forEach((menu, task) => {
    const cpu = task % cpus;
    const alone = task < cpus && task + cpus >= programs.length;
    const node = allocator === "node-blocks" ? cpu % nodes : 0;
    const key = `${menuText(menu)} ${alone ? `node ${node}` : `CPU ${cpu}`}`;
    groups.set(key, [...(groups.get(key) ?? []), task]);
  });
  return [...groups.values()]
    .filter((tasks) => tasks.length > 1)
    .map((tasks) => ({ tasks, withCpus: tasks[0]! % cpus !== tasks[1]! % cpus }));
}

// What a menu offers, whatever its areas are called.
function menuText(menu: readonly Operation[]): string {
  return JSON.stringify(menu.map((operation) => ({ ...operation, name: "" })));
}

/** A way to rename tasks and CPUs. What is not exchanged keeps its number. */
export class Renaming {
  /** New number of each process. */
  readonly as: Int32Array;
  /** Which process gets each number. */
  readonly from: Int32Array;
  /** New number of each CPU, and which CPU gets each number. */
  readonly cpuAs: Int32Array;
  readonly cpuFrom: Int32Array;
  private readonly cpus: number;

  constructor(processes: number, cpus: number) {
    this.cpus = cpus;
    this.as = Int32Array.from({ length: processes }, (_, p) => p);
    this.from = this.as.slice();
    this.cpuAs = Int32Array.from({ length: cpus }, (_, c) => c);
    this.cpuFrom = this.cpuAs.slice();
  }

  /** The tasks of a class get its numbers in this order. */
  assign({ tasks, withCpus }: TaskClass, order: readonly number[]): void {
    for (let i = 0; i < tasks.length; i++) {
      const to = tasks[i]!;
      const task = order[i]!;
      this.as[task] = to;
      this.from[to] = task;
      if (!withCpus) continue;
      this.cpuAs[task % this.cpus] = to % this.cpus;
      this.cpuFrom[to % this.cpus] = task % this.cpus;
    }
  }

  /** A mask of processes, renamed. */
  mask(mask: number): number {
    return moveBits(mask, this.as);
  }

  /** A mask of CPUs, renamed. */
  cpuMask(mask: number): number {
    return moveBits(mask, this.cpuAs);
  }
}

function moveBits(mask: number, as: Int32Array): number {
  let moved = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const bit = 31 - Math.clz32(rest & -rest);
    moved |= 1 << (as[bit] ?? bit);
  }
  return moved;
}

/** Sorts tasks by their keys, in place; false if two have the same key. O(n^2), for a handful. */
export function sortByKey(tasks: number[], keys: Int32Array): boolean {
  let told = true;
  for (let i = 1; i < tasks.length; i++) {
    const task = tasks[i]!;
    let at = i;
    for (; at > 0 && keys[tasks[at - 1]!]! > keys[task]!; at--) tasks[at] = tasks[at - 1]!;
    tasks[at] = task;
    if (at > 0 && keys[tasks[at - 1]!] === keys[task]) told = false;
  }
  return told;
}

/** All orders of tasks that keep them sorted by their keys; `sorted` is one of them. */
export function* ordersOf(sorted: readonly number[], keys: Int32Array, at = 0): Iterable<readonly number[]> {
  if (at === sorted.length) {
    yield sorted;
    return;
  }
  for (let i = at; i < sorted.length && keys[sorted[i]!] === keys[sorted[at]!]; i++) {
    const next = [...sorted];
    next[at] = sorted[i]!;
    next[i] = sorted[at]!;
    yield* ordersOf(next, keys, at + 1);
  }
}
