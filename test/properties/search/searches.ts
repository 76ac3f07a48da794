// SPDX-License-Identifier: GPL-2.0-only
//
// Searches with any fingerprint, and the state in which a run ends as a text of its own making: what there is where,
// whatever its records are numbered.

import type { InternedExecutor } from "../../../explore/positions.ts";
import { type Fingerprint, search, type SearchResult } from "../../../explore/search/search.ts";
import type { AllocatorClass } from "../../../impl/allocators/registry.ts";
import { NONE } from "../../../impl/heap/areas.ts";
import { Simulation } from "../../../impl/simulation.ts";
import type { Finding } from "../../../properties/finding.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { SimulationSearchMonitor } from "../../../properties/search/search-monitor.ts";
import type { Instance } from "../../../spec/instance.ts";

/** Makes the fingerprint of a simulation's states; undefined lets every word count. */
export type FingerprintMaker = (
  sim: Simulation,
) => ((executor: InternedExecutor, into: Fingerprint) => void) | undefined;

/** A search, and the states in which runs can end. */
export interface Searched extends SearchResult {
  readonly finding: Finding | undefined;
  readonly ends: ReadonlySet<string>;
}

/** Searches with a fingerprint of the caller's. */
export function searchWith(
  instance: Instance,
  make: FingerprintMaker,
  design?: AllocatorClass,
  statesMax = 100_000,
): Searched {
  const sim = new Simulation(instance, {}, design);
  const watching = new SimulationSearchMonitor(sim, expectedToHold(instance.allocator));
  const ends = new Set<string>();
  const monitor = {
    enter: () => watching.enter(),
    afterStep: (process: number, isNew: boolean) => watching.afterStep(process, isNew),
    atEnd: (deadlock: boolean) => {
      ends.add(endOf(sim));
      return watching.atEnd(deadlock);
    },
  };
  const fingerprint = make(sim);
  const system = Object.assign(Object.create(sim) as Simulation, fingerprint && { fingerprint });
  const result = search(system, monitor, { statesMax });
  return { ...result, finding: watching.finding, ends };
}

// Kept in records or beside them; tlb.range is ghost.
const NOT_WORDS = /^(vmap_area|container\.|ne_fit_preload_node|tlb\.range)/;

/** The state in which nobody is on the way: ranges by container, spare records, all other words. */
export function endOf(sim: Simulation): string {
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
  const words = Array.from(heap.offsetsExcept(NOT_WORDS), (offset) => heap.state[offset]);
  return [...places, spares.join(), `${areas.live}`, words.join()].join("; ");
}
