// SPDX-License-Identifier: GPL-2.0-only
//
// How processes came to hold what others wait for: in a deadlock, where each took its lock; in an inversion, the two
// places that take the same two locks in opposite orders.

import type { WaitScene } from "../deadlock.ts";
import type { TracedStep } from "./access-trace.ts";

/** A lock that a process holds, and what it wants beside it. Steps are indices into the trace. */
export interface Holding {
  readonly process: number;
  readonly taken: number;
  readonly lock: string;
  readonly wants: string;
  /** The step that took what was wanted; absent if it still waits. */
  readonly at?: number | undefined;
}

/** Names that the trace gives to things. */
export interface LockNames {
  readonly processes: readonly string[];
  readonly locks: readonly string[];
  /** Class of each lock. */
  readonly classes: readonly number[];
}

/** What each process of the circle or chain holds, and since when. Work that runs holds as a lock does. */
export function deadlockHoldings(
  steps: readonly TracedStep[],
  scene: WaitScene,
  names: LockNames,
): readonly Holding[] {
  return scene.processes.flatMap(({ name, resource }) => {
    const process = names.processes.indexOf(name);
    const held = steps.findLast((step) => step.process === process)?.heldAfter ?? [];
    const locks = held.flatMap((lock) => {
      const taken = steps.findLastIndex((step) => step.process === process && step.taken.includes(lock));
      return taken < 0 ? [] : [{ process, taken, lock: names.locks[lock]!, wants: resource }];
    });
    const work = runningWork(steps, process);
    return work ? [...locks, { process, ...work, wants: resource }] : locks;
  });
}

function runningWork(
  steps: readonly TracedStep[],
  process: number,
): { readonly taken: number; readonly lock: string } | undefined {
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    if (step.process !== process) continue;
    for (const { kind, work } of step.works.toReversed()) {
      if (kind === "ended") return undefined;
      if (kind === "started") return { taken: i, lock: work };
    }
  }
  return undefined;
}

/** The last step's order of two classes, and the last earlier step with the opposite one. Empty if there is none. */
export function inversionHoldings(
  steps: readonly TracedStep[],
  { locks, classes }: LockNames,
): readonly Holding[] {
  const last = steps.length - 1;
  for (const [held, wanted] of steps[last] ? nestings(steps[last]) : []) {
    for (let i = last - 1; i >= 0; i--) {
      for (const [other, then] of nestings(steps[i]!)) {
        if (classes[other] !== classes[wanted] || classes[then] !== classes[held]) continue;
        return [
          { ...holding(steps, last, held), lock: locks[held]!, wants: locks[wanted]!, at: last },
          { ...holding(steps, i, other), lock: locks[other]!, wants: locks[then]!, at: i },
        ];
      }
    }
  }
  return [];
}

/** Pairs of locks: held, then taken, in one step. */
function nestings({ heldBefore, taken }: TracedStep): readonly (readonly [number, number])[] {
  const held = [...heldBefore];
  return taken.flatMap((lock) => {
    const pairs = held.map((before) => [before, lock] as const);
    held.push(lock);
    return pairs;
  });
}

function holding(
  steps: readonly TracedStep[],
  at: number,
  lock: number,
): { readonly process: number; readonly taken: number } {
  const { process } = steps[at]!;
  for (let i = at; i >= 0; i--) {
    if (steps[i]!.process === process && steps[i]!.taken.includes(lock)) return { process, taken: i };
  }
  return { process, taken: at };
}
