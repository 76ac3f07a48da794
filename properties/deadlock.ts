// SPDX-License-Identifier: GPL-2.0-only
//
// What is said of processes that wait for ever: the invariant that it violates, one line, and the scene for a rendering.

import { type Waiting, waitChain, type WaitChain, waitText } from "../explore/wait-cycle.ts";
import type { Simulation } from "../impl/simulation.ts";
import type { InvariantId } from "../spec/invariants.ts";
import type { Finding } from "./finding.ts";

/** One process of a circle or chain of waits. */
export interface WaitingProcess {
  readonly name: string;
  /** What it holds or runs, the one that the process before it waits for included: "holds A", "runs work B". */
  readonly has: readonly string[];
  /** Kernel function in which it waits. */
  readonly fn: string;
  readonly resource: string;
  /** Absent if nobody holds it. */
  readonly holder?: string | undefined;
}

/** A circle or chain of waits. */
export interface WaitScene {
  readonly processes: readonly WaitingProcess[];
  readonly end: WaitChain["end"];
}

/** Whether a finding is one of `deadlockOf`. */
export function isDeadlock(finding: Finding | undefined): boolean {
  return finding?.id === "INV-DEADLOCK" || finding?.id === "INV-WQ-NODEADLOCK";
}

/** A deadlock as the violation of an invariant. */
export function deadlockOf(
  waiting: readonly Waiting[],
  sim: Simulation,
): { readonly id: InvariantId; readonly message: string } {
  const isUnserved = waitChain(waiting)?.waits.some(({ reason }) => reason?.kind === "worker");
  return {
    id: isUnserved ? "INV-WQ-NODEADLOCK" : "INV-DEADLOCK",
    message: waitText(waiting, sim.processes),
  };
}

/** What a rendering needs of the waits; undefined if nobody waits. */
export function waitScene(waiting: readonly Waiting[], sim: Simulation): WaitScene | undefined {
  const chain = waitChain(waiting);
  if (!chain) return undefined;
  const { waits, end } = chain;
  const processes = waits.map((wait, i) => {
    const before = waits[i - 1] ?? (end === "circle" ? waits.at(-1) : undefined);
    const holder = wait.reason && sim.processes[wait.reason.holder];
    return {
      name: wait.name,
      has: hasOf(wait, before, sim),
      fn: wait.site.fn,
      resource: resourceOf(wait),
      ...(holder && { holder: holder.name }),
    };
  });
  return { processes, end };
}

function resourceOf({ reason }: Waiting): string {
  return reason?.resource ?? "its turn";
}

function hasOf({ process, reason }: Waiting, before: Waiting | undefined, { kernel }: Simulation): string[] {
  const { heap, locks } = kernel;
  const held = heap.racy(() => locks.all.filter(({ id }) => locks.owner[id] === process + 1));
  const names = held.map(({ name }) => name);
  const has = names.length === 0 ? [] : [`holds ${names.join(", ")}`];
  if (!before || names.includes(resourceOf(before))) return has;
  const wanted = resourceOf(before);
  const verb = !wanted.startsWith("work ") ? "holds" : reason?.kind === "worker" ? "is to run" : "runs";
  return [`${verb} ${wanted}`, ...has];
}
