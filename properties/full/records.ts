// SPDX-License-Identifier: GPL-2.0-only
//
// The census of records: each is in the slab, blank in somebody's hands, in limbo with a range, or in exactly the
// container that it names. And the counters that are kept beside the containers.

import { AREA_FIELDS } from "../../impl/heap/area-words.ts";
import { FIRST_CONTAINER, NONE, PLACE, type Va } from "../../impl/heap/areas.ts";
import type { Simulation } from "../../impl/simulation.ts";
import type { Finding } from "../finding.ts";
import { extent, handles, isHandle, walkList } from "./walk.ts";

/** The first record that is not where it says it is. O(records). */
export function recordProblem(sim: Simulation): Finding | undefined {
  const { areas, containers } = sim.kernel;
  const listed = new Map<number, number>();
  for (const info of containers.all()) {
    for (const va of walkList(areas, containers.head[info.id]!).records) {
      if (listed.has(va)) return rec(`${extent(areas, va)} is in two containers`);
      listed.set(va, info.id);
    }
  }
  let live = 0;
  for (const va of handles(areas)) {
    const place = areas.place[va]!;
    if (place !== PLACE.SLAB) live++;
    const wrong = placeProblem(sim, va, place, listed.get(va));
    if (wrong) return wrong;
  }
  if (live !== areas.live) return rec(`${areas.live} records are noted as allocated, ${live} are`);
  return preloadProblem(sim);
}

function placeProblem(
  sim: Simulation,
  va: Va,
  place: number,
  listed: number | undefined,
): Finding | undefined {
  const { areas } = sim.kernel;
  if (place >= FIRST_CONTAINER ? listed !== place : listed !== undefined) {
    return rec(`${extent(areas, va)} is noted as being in place ${place}, and found in ${listed ?? "none"}`);
  }
  if (place === PLACE.LIMBO && areas.start[va]! >= areas.end[va]!) return rec("a record in limbo is empty");
  if (place === PLACE.BLANK && areas.end[va] !== 0) return rec(`${extent(areas, va)} is noted as blank`);
  if (place !== PLACE.SLAB) return undefined;
  // Equal states must be equal words, or a search would tell them apart.
  const field = AREA_FIELDS.find((name) => areas[name][va] !== 0);
  return field === undefined ? undefined : rec(`a record in the slab has ${field} ${areas[field][va]!}`);
}

function preloadProblem(sim: Simulation): Finding | undefined {
  const { areas, cpus } = sim.kernel;
  const seen = new Set<number>();
  for (let cpu = 0; cpu < cpus.count; cpu++) {
    const va = cpus.preloadOf(cpu);
    if (va === NONE) continue;
    if (!isHandle(areas, va) || areas.place[va] !== PLACE.BLANK || seen.has(va)) {
      return rec(`the preload slot of CPU ${cpu} holds a record that is not its own`);
    }
    seen.add(va);
  }
  return undefined;
}

/** The counter of lazily freed pages, and the node of each busy area. O(records). */
export function counterProblem(sim: Simulation): Finding | undefined {
  const { areas, containers, instance } = sim.kernel;
  let lazy = 0;
  for (const info of containers.all()) {
    for (const va of walkList(areas, containers.head[info.id]!).records) {
      if (info.kind === "lazy" || info.kind === "purge") lazy += areas.size(va);
      const node = Math.floor(areas.start[va]! / instance.blockPages) % sim.allocator.nodes;
      if (info.kind === "busy" && node !== info.node) {
        return {
          id: "INV-BUSY-NODE",
          message: `${extent(areas, va)} is busy in node ${info.node}, not ${node}`,
        };
      }
    }
  }
  const nr = sim.allocator.lazyNr[0]!;
  if (nr < 0) return { id: "INV-LAZYNR-POS", message: `vmap_lazy_nr is ${nr}` };
  return nr >= lazy
    ? undefined
    : { id: "INV-LAZYNR-GE", message: `vmap_lazy_nr is ${nr}, ${lazy} pages are lazy` };
}

function rec(message: string): Finding {
  return { id: "INV-REC", message };
}
