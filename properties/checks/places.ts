// SPDX-License-Identifier: GPL-2.0-only
//
// Codes for the places where a page can be, and what they mean to the reference model: the abstraction function
// applied to the containers of a simulation.

import { FIRST_CONTAINER, PLACE } from "../../impl/heap/areas.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { ABSTRACTIONS, type Place } from "../../model/abstraction.ts";

/** Codes beyond the containers'. */
export interface PlaceCodes {
  /** PAGE state of each code; -1 for a place that the design cannot have. */
  readonly meaning: Int8Array;
  /** Name of each code, for messages. */
  readonly names: readonly string[];
  readonly grant: number;
  readonly block: number;
  readonly edge: number;
  /** What the occupied tree does not cover, in a design that goes by it. */
  readonly gap: number;
}

/** The codes of a simulation: `place` of a record below `grant`, then the places without a record. */
export function placeCodes(sim: Simulation): PlaceCodes {
  const { containers, instance } = sim.kernel;
  const abstraction = ABSTRACTIONS[instance.allocator];
  const first = Math.max(FIRST_CONTAINER, containers.info.length);
  const names: string[] = [];
  const meaning = new Int8Array(first + 4).fill(-1);
  const set = (code: number, place: Place, name: string): void => {
    names[code] = name;
    meaning[code] = abstraction[place] ?? -1;
  };
  names[PLACE.SLAB] = "slab";
  names[PLACE.BLANK] = "blank record";
  set(PLACE.LIMBO, "freed-in-flight", "in the hands of a free");
  for (const info of containers.all()) {
    set(info.id, info.kind, info.node < 0 ? info.kind : `${info.kind} of node ${info.node}`);
  }
  set(first, "grant-in-flight", "granted, not yet busy");
  set(first + 1, "block-in-flight", "block being fetched");
  set(first + 2, "edge", "block edge");
  set(first + 3, "free", "gap of the occupied tree");
  return { meaning, names, grant: first, block: first + 1, edge: first + 2, gap: first + 3 };
}

/** Code of what a process holds outside all records. */
export function limboCode(codes: PlaceCodes, kind: number): number {
  return kind === LIMBO.GRANT ? codes.grant : codes.block;
}
