// SPDX-License-Identifier: GPL-2.0-only
//
// From the numbers of transitions, as a search counts them in each state, to decisions: the way is gone once more.

import type { InternedExecutor } from "../positions.ts";
import { isReady } from "../sync.ts";
import type { System } from "../system.ts";
import type { Decision, Searchable, SearchMonitor } from "./contract.ts";
import { isAlone, isStuck } from "./expansion.ts";

/** Takes the named transitions from the initial state on; in the end, system and executor are where they lead to. */
export function decisionsOf(
  system: System,
  executor: InternedExecutor,
  path: readonly number[],
  merge: boolean,
): Decision[] {
  system.reset();
  executor.reset();
  return path.map((transition) => {
    const decision = decisionsNow(executor, merge)[transition];
    if (!decision) throw new Error("search: a state on the way has changed its transitions");
    take(system, executor, decision);
    return decision;
  });
}

/** Shows a trace to a monitor, as a search would; the last step, or the state behind it, is the one that is wrong. */
export function show(
  system: Searchable,
  executor: InternedExecutor,
  monitor: SearchMonitor,
  trace: readonly Decision[],
): void {
  system.reset();
  executor.reset();
  monitor.attach?.(executor);
  for (const decision of trace) {
    monitor.enter?.();
    take(system, executor, decision);
    if (!monitor.checkStep?.(decision.process)) monitor.afterStep(decision.process, true);
  }
  if (executor.pending.some((step) => step && isReady(step))) return;
  monitor.enter?.();
  monitor.atEnd(isStuck(system, executor));
}

function take(system: System, executor: InternedExecutor, { process, choice }: Decision): void {
  system.begin(process);
  executor.advance(process, executor.pending[process]!.run(choice));
}

function decisionsNow({ pending }: InternedExecutor, merge: boolean): Decision[] {
  const alone = merge ? pending.findIndex(isAlone) : -1;
  return pending.flatMap((step, process) => {
    if (!step || (alone >= 0 && process !== alone) || !isReady(step)) return [];
    return Array.from({ length: step.choices ? step.choices() : 1 }, (_, choice) => ({ process, choice }));
  });
}
