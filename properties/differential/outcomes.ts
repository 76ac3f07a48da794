// SPDX-License-Identifier: GPL-2.0-only
//
// All outcomes that a program can come to, over every interleaving and every choice: what its callers have seen when all
// is quiet. Two designs need not take the same steps for their sets of outcomes to be compared.

import { type SearchMonitor, search } from "../../explore/search/search.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import type { Instance } from "../../spec/instance.ts";
import { Searched } from "../search/search-monitor.ts";

/** What the callers of a program can have seen at its end. */
export interface Outcomes {
  /** By area, in order: whether its allocation succeeded; or that the program did not end. Sorted. */
  readonly answers: readonly string[];
  /** The same with addresses. Sorted. */
  readonly addresses: readonly string[];
  readonly states: number;
  /** False if a limit or a violation ended the search first: then nothing can be said of what is missing. */
  readonly complete: boolean;
}

/** Searches a bounded instance. */
export function outcomesOf(
  instance: Instance,
  design: AllocatorClass | undefined,
  statesMax: number,
): Outcomes {
  const searched = new Searched(instance, new Set(), { design, symmetry: false, past: false });
  const { tasks } = searched.sim;
  const answers = new Set<string>();
  const addresses = new Set<string>();
  const tell = (of: (slot: number, failed: boolean) => string): string =>
    tasks.operations
      .map(({ name }, slot) => `${name}: ${of(slot, tasks.state[slot] === SLOT.FAILED)}`)
      .join(", ");
  const monitor: SearchMonitor = {
    counts: searched.counts,
    attach: (executor) => searched.attach(executor),
    enter: () => searched.enter(),
    checkStep: (process) => searched.checkStep(process),
    afterStep: () => false,
    atEnd: (deadlock) => {
      const end = deadlock ? "does not end: " : "";
      answers.add(end + tell((_, failed) => (failed ? "fails" : "succeeds")));
      addresses.add(end + tell((slot, failed) => (failed ? "fails" : `page ${tasks.page[slot]!}`)));
      return false;
    },
  };
  const { end, states } = search(searched.system, monitor, { statesMax });
  return {
    answers: [...answers].sort(),
    addresses: [...addresses].sort(),
    states,
    complete: end === "exhausted",
  };
}
