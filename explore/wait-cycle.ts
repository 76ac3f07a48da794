// SPDX-License-Identifier: GPL-2.0-only
//
// Who waits for whom: the circle of processes that wait for what the next one holds, or the chain that ends at nobody
// or at one that does not wait. Source: the wait-for graph of one-unit resources, Holt, "Some Deadlock Properties of
// Computer Systems" (1972); each process waits for one thing, so each has one way to go.

import { isIdle, type Site, type Step, type WaitReason } from "./sync.ts";
import type { ProcessSpec } from "./system.ts";

/** One process that cannot go on. */
export interface Waiting {
  readonly process: number;
  readonly name: string;
  readonly site: Site;
  readonly reason: WaitReason | undefined;
}

/** A circle or a chain: each waits for what the next one holds. */
export interface WaitChain {
  readonly waits: readonly Waiting[];
  /**
   * `circle`: the last one waits for the first one. `nobody`: the last one waits for what nobody holds. `other`: for what
   * a process holds that does not wait.
   */
  readonly end: "circle" | "nobody" | "other";
}

/** Whether a process may wait for ever: only a daemon, and only where it has nothing to do. */
export function mayWait(step: Step, { daemon }: ProcessSpec): boolean {
  return daemon && isIdle(step);
}

/** The processes that are not done, those left out that have nothing to do. */
export function waitingIn(
  processes: readonly ProcessSpec[],
  pending: readonly (Step | undefined)[],
): Waiting[] {
  return pending.flatMap((step, process) => {
    const spec = processes[process]!;
    if (!step || mayWait(step, spec)) return [];
    return [{ process, name: spec.name, site: step.site, reason: step.waitsFor?.() }];
  });
}

/**
 * The circle that is reached from the process of lowest number, begun at its lowest; if there is none, the chain that
 * begins at the lowest. Undefined if nobody waits. `waiting` is in order of process numbers.
 */
export function waitChain(waiting: readonly Waiting[]): WaitChain | undefined {
  const chains = waiting.map((first) => chainFrom(first, waiting));
  return chains.find(({ end }) => end === "circle") ?? chains[0];
}

/** The chain that begins with one of the waiting ones, or the circle that it leads to. */
export function chainFrom(first: Waiting, waiting: readonly Waiting[]): WaitChain {
  const waits: Waiting[] = [];
  for (let at: Waiting | undefined = first; at;) {
    const again = waits.indexOf(at);
    if (again >= 0) return { waits: fromLowest(waits.slice(again)), end: "circle" };
    waits.push(at);
    const holder: number = at.reason?.holder ?? -1;
    if (holder < 0) return { waits, end: "nobody" };
    at = waiting.find(({ process }) => process === holder);
  }
  return { waits, end: "other" };
}

function fromLowest(circle: readonly Waiting[]): readonly Waiting[] {
  const lowest = Math.min(...circle.map(({ process }) => process));
  const at = circle.findIndex(({ process }) => process === lowest);
  return [...circle.slice(at), ...circle.slice(0, at)];
}

/** The waiting ones in one line, those of the circle or chain first. */
export function waitText(waiting: readonly Waiting[], processes: readonly ProcessSpec[]): string {
  const first = waitChain(waiting)?.waits ?? [];
  const rest = waiting.filter((each) => !first.includes(each));
  return [...first, ...rest].map((each) => oneWait(each, processes)).join("; ");
}

function oneWait({ process, name, site, reason }: Waiting, processes: readonly ProcessSpec[]): string {
  const holder = reason && reason.holder >= 0 ? processes[reason.holder]!.name : "nobody";
  const self = reason?.holder === process ? " (itself)" : "";
  return `${name} waits in ${site.fn} for ${reason?.resource ?? "its turn"}, held by ${holder}${self}`;
}
