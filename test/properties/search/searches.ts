// SPDX-License-Identifier: GPL-2.0-only
//
// Searches with any fingerprint, and the state in which a run ends as a text of its own making: what there is where,
// whatever its records are numbered.

import type { InternedExecutor } from "../../../explore/positions.ts";
import { search, type SearchMonitor, type SearchResult } from "../../../explore/search/search.ts";
import { NONE } from "../../../impl/heap/areas.ts";
import type { Simulation } from "../../../impl/simulation.ts";
import type { Finding } from "../../../properties/finding.ts";
import { isQuiet } from "../../../properties/quiet.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import {
  type FingerprintMaker,
  Searched,
  type SearchedOptions,
} from "../../../properties/search/search-monitor.ts";
import type { Instance } from "../../../spec/instance.ts";

/** A search, and the states in which runs can end. */
export interface EndedSearch extends SearchResult {
  readonly finding: Finding | undefined;
  readonly ends: ReadonlySet<string>;
}

/** Lets every word of the heap count, and every result that a process has. */
export const everyWord: FingerprintMaker = (sim) => ({
  fingerprint: (executor, history, into) => {
    let low = 0;
    let high = 0x2545f491;
    const mix = (word: number): void => {
      low = Math.imul(low ^ word, 0x9e3779b1);
      low ^= low >>> 15;
      high = Math.imul(high ^ word, 0x85ebca6b);
      high ^= high >>> 13;
    };
    sim.kernel.heap.state.forEach(mix);
    history.words.forEach(mix);
    for (let p = 0; p < sim.processes.length; p++) mix(executor.at(p).id);
    into.low = low;
    into.high = high;
  },
});

/** Searches, and keeps the ends of all runs. */
export function searchWith(
  instance: Instance,
  options: SearchedOptions = {},
  statesMax = 100_000,
): EndedSearch {
  const searched = new Searched(instance, expectedToHold(instance.allocator, [instance]), options);
  const ends = new Set<string>();
  const monitor: SearchMonitor = {
    attach: (executor: InternedExecutor) => searched.attach(executor),
    enter: () => searched.enter(),
    checkStep: (process) => searched.checkStep(process),
    afterStep: (process, isNew) => searched.afterStep(process, isNew),
    atEnd: (deadlock) => {
      ends.add(endOf(searched.sim));
      return searched.atEnd(deadlock);
    },
  };
  const result = search(searched.system, monitor, { statesMax });
  return { ...result, finding: searched.finding, ends };
}

/** A search, and the states in which nothing goes on. */
export interface QuietSearch extends SearchResult {
  readonly finding: Finding | undefined;
  readonly quiet: ReadonlySet<string>;
}

/** Searches, and keeps the quiet states of a closed instance; which CPU has a spare record does not count. */
export function quietStates(instance: Instance, options: SearchedOptions = {}): QuietSearch {
  const searched = new Searched(instance, expectedToHold(instance.allocator, [instance]), options);
  const quiet = new Set<string>();
  let executor: InternedExecutor | undefined;
  const monitor: SearchMonitor = {
    attach: (attached: InternedExecutor) => {
      executor = attached;
      searched.attach(attached);
    },
    enter: () => {
      searched.enter();
      if (isQuiet(executor!.pending, instance.programs.length)) quiet.add(endOf(searched.sim, true));
    },
    checkStep: (process) => searched.checkStep(process),
    afterStep: (process, isNew) => searched.afterStep(process, isNew),
    atEnd: (deadlock) => searched.atEnd(deadlock),
  };
  const result = search(searched.system, monitor, { statesMax: 400_000, merge: options.merge });
  return { ...result, finding: searched.finding, quiet };
}

// Kept in records or beside them; tlb.range is ghost.
const NOT_WORDS = /^(vmap_area|container\.|ne_fit_preload_node|tlb\.range)/;
const NOT_ALIKE = /^(vmap_area|container\.|ne_fit_preload_node|tlb\.range|cpu\.of)/;

/**
 * The state in which nobody is on the way: ranges by container, spare records, all other words. With `alike`, whatever
 * CPU is which.
 */
export function endOf(sim: Simulation, alike = false): string {
  const { areas, containers, cpus, heap } = sim.kernel;
  const places = containers.all().map((info) => {
    const ranges: string[] = [];
    for (let va = containers.head[info.id]!; va !== NONE; va = areas.next[va]!) {
      const flags = info.kind === "busy" || info.kind === "lazy" ? `/${areas.flags[va]}` : "";
      ranges.push(`${areas.start[va]}-${areas.end[va]}${flags}`);
    }
    return `${info.kind}${info.node}: ${ranges.join(" ")}`;
  });
  const spares = Array.from({ length: cpus.count }, (_, cpu) => cpus.preloadOf(cpu) !== NONE);
  if (alike) spares.sort((a, b) => Number(a) - Number(b));
  const words = Array.from(heap.offsetsExcept(alike ? NOT_ALIKE : NOT_WORDS), (offset) => heap.state[offset]);
  return [...places, spares.join(), `${areas.live}`, words.join()].join("; ");
}
