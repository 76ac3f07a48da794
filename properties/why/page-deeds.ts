// SPDX-License-Identifier: GPL-2.0-only
//
// What a step did to pages: where they were and where they are now, as records and hands tell, and what its events say.

import { PLACE } from "../../impl/heap/areas.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { EVENT, EVENT_WORDS } from "../../spec/events.ts";
import { limboCode, placeCodes } from "../checks/places.ts";

/** Something done to `[start, end)`. */
export interface PageDeed {
  readonly start: number;
  readonly end: number;
  /** In words, behind the range: "is busy". */
  readonly did: string;
  /** The event that said it; absent if only the state shows it. */
  readonly event?: number | undefined;
}

/** Events with a range of pages that they change, and what they do to it. */
const DEEDS: Readonly<Partial<Record<number, string>>> = {
  [EVENT.GRANT]: "granted",
  [EVENT.BIND]: "made busy",
  [EVENT.MAP]: "mapped",
  [EVENT.UNLINK]: "unlinked",
  [EVENT.UNMAP]: "unmapped",
  [EVENT.LAZY]: "put on the lazy list",
  [EVENT.FLUSH]: "TLBs flushed",
  [EVENT.RELEASE]: "released for reuse",
  [EVENT.BLOCK_TAKEN]: "taken as a block",
  [EVENT.BLOCK_PLACED]: "made a block of a node",
  [EVENT.BLOCK_RETURNED]: "returned as a block",
  [EVENT.POOL_ADD]: "put into a pool",
  [EVENT.POOL_TAKEN]: "taken from a pool",
  [EVENT.UNGRANT]: "given back unused",
  [EVENT.WITHDRAW]: "withdrawn",
  [EVENT.RETRY]: "kept for another try",
  [EVENT.OCCUPIED_TWICE]: "stored as occupied a second time",
  [EVENT.FREE_TREE_READ]: "taken for free by the free tree",
};

/** Follows one run. */
export class PageDeeds {
  private readonly sim: Simulation;
  private readonly codes: ReturnType<typeof placeCodes>;
  // What each process held outside all records before the step.
  private readonly held: { kind: number; start: number; end: number }[];

  constructor(sim: Simulation) {
    this.sim = sim;
    this.codes = placeCodes(sim);
    this.held = Array.from({ length: sim.kernel.processes }, () => ({ kind: 0, start: 0, end: 0 }));
  }

  /** What the step that was just taken by `process` did. O(what it did). */
  of(process: number): readonly PageDeed[] {
    const said = this.said();
    // Events are the better words; places fill in where there are none.
    const moved = [...this.left(process), ...this.moved()].filter(
      (deed) => !said.some(({ start, end }) => start < deed.end && deed.start < end),
    );
    return [...said, ...moved];
  }

  private said(): PageDeed[] {
    const { rows, count } = this.sim.kernel.events;
    const deeds: PageDeed[] = [];
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_WORDS;
      const did = DEEDS[rows[at]!];
      const start = rows[at + 2]!;
      const end = rows[at + 3]!;
      if (did !== undefined && start < end) deeds.push({ start, end, did, event: rows[at]! });
    }
    return deeds;
  }

  private moved(): PageDeed[] {
    const { areas } = this.sim.kernel;
    const { changes } = areas;
    const gone: PageDeed[] = [];
    const come: PageDeed[] = [];
    for (let i = 0; i < changes.count; i++) {
      const va = changes.record[i]!;
      const was = changes.oldPlace[i]!;
      const is = areas.place[va]!;
      const oldStart = changes.oldStart[i]!;
      const oldEnd = changes.oldEnd[i]!;
      const start = areas.start[va]!;
      const end = areas.end[va]!;
      const samePlace = this.codes.names[was] === this.codes.names[is];
      if (samePlace && oldStart === start && oldEnd === end) continue;
      if (was >= PLACE.LIMBO && oldStart < oldEnd) {
        gone.push({ start: oldStart, end: oldEnd, did: `out of "${this.codes.names[was]!}"` });
      }
      if (is >= PLACE.LIMBO && start < end) {
        come.push({ start, end, did: `into "${this.codes.names[is]!}"` });
      }
    }
    return [...gone, ...come];
  }

  private left(process: number): PageDeed[] {
    const { limboKind, limboStart, limboEnd } = this.sim.kernel;
    const before = this.held[process]!;
    const now = { kind: limboKind[process]!, start: limboStart[process]!, end: limboEnd[process]! };
    this.held[process] = now;
    if (before.kind === now.kind && before.start === now.start && before.end === now.end) return [];
    const name = (kind: number): string => this.codes.names[limboCode(this.codes, kind)]!;
    const deeds: PageDeed[] = [];
    if (before.start < before.end) deeds.push({ ...range(before), did: `out of "${name(before.kind)}"` });
    if (now.start < now.end) deeds.push({ ...range(now), did: `into "${name(now.kind)}"` });
    return deeds;
  }
}

function range({ start, end }: { readonly start: number; readonly end: number }): {
  start: number;
  end: number;
} {
  return { start, end };
}
