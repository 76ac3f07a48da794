// SPDX-License-Identifier: GPL-2.0-only
//
// The address space as a strip of characters, one per page. Kept as runs of equal pages, so that a strip costs what
// is in the space and not what the space measures. Reads a simulation and never changes it.

import { FIRST_CONTAINER, PLACE, handleOf } from "../../impl/heap/areas.ts";
import { LIMBO } from "../../impl/kernel/kernel.ts";
import type { Simulation } from "../../impl/simulation.ts";
import type { PageRange } from "../../spec/instance.ts";
import { EDGE_CELL, FREE_CELL, FLIGHT_CELL, KIND_CELLS, LOST_CELL, TWICE_CELL } from "./strip-legend.ts";

/** Pages `[start, end)` that look alike. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly cell: string;
}

/** The whole space: runs in order, without gaps. */
export type Strip = readonly Run[];

/** What the simulation itself does not say. */
export interface StripContext {
  /** Character of the live area that begins at a page. */
  areaCell(start: number): string;
  /** Blocks that nodes own: their first and last page are set aside. */
  readonly blocks: readonly PageRange[];
}

/** The space as it is now. */
export function stripOf(sim: Simulation, context: StripContext): Strip {
  const { kernel } = sim;
  const cover = kernel.heap.racy(() => [...recordRuns(sim, context), ...gapRuns(sim), ...limboRuns(sim)]);
  for (const { start, end } of context.blocks) {
    cover.push({ start, end: start + 1, cell: EDGE_CELL }, { start: end - 1, end, cell: EDGE_CELL });
  }
  return overlay(cover, kernel.instance.spacePages);
}

function recordRuns(sim: Simulation, context: StripContext): Run[] {
  const { areas, containers } = sim.kernel;
  const found: Run[] = [];
  for (let slot = 1; slot < areas.capacity; slot++) {
    const va = handleOf(slot);
    const place = areas.place[va]!;
    if (place < PLACE.LIMBO) continue;
    const start = areas.start[va]!;
    if (place === sim.allocator.free && sim.allocator.gapsAreFree()) continue;
    const kind = place < FIRST_CONTAINER ? undefined : containers.info[place]?.kind;
    const cell = kind === "busy" ? context.areaCell(start) : kind ? KIND_CELLS[kind] : FLIGHT_CELL;
    found.push({ start, end: areas.end[va]!, cell });
  }
  return found;
}

// Where gaps of the occupied tree are the free space, the records of the free tree are not.
function gapRuns({ allocator }: Simulation): Run[] {
  const found: Run[] = [];
  if (!allocator.gapsAreFree()) return found;
  allocator.forEachFree((start, end) => found.push({ start, end, cell: FREE_CELL }));
  return found;
}

function limboRuns(sim: Simulation): Run[] {
  const { limboKind, limboStart, limboEnd, processes } = sim.kernel;
  const found: Run[] = [];
  for (let p = 0; p < processes; p++) {
    if (limboKind[p] === LIMBO.NONE) continue;
    found.push({ start: limboStart[p]!, end: limboEnd[p]!, cell: FLIGHT_CELL });
  }
  return found;
}

/** Lays runs over each other; a page that is covered twice, or not at all, is what a reader must see. */
function overlay(cover: readonly Run[], spacePages: number): Strip {
  const clip = (page: number): number => Math.min(Math.max(page, 0), spacePages);
  const cuts = new Set([0, spacePages]);
  for (const run of cover) cuts.add(clip(run.start)).add(clip(run.end));
  const points = [...cuts].sort((a, b) => a - b);
  const strip: { start: number; end: number; cell: string }[] = [];
  const sorted = cover.filter((run) => run.start < run.end).sort((a, b) => a.start - b.start);
  let active: Run[] = [];
  let next = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const start = points[i]!;
    while (next < sorted.length && sorted[next]!.start <= start) active.push(sorted[next++]!);
    active = active.filter((run) => run.end > start);
    const cell = active.length === 0 ? LOST_CELL : active.length > 1 ? TWICE_CELL : active[0]!.cell;
    const last = strip[strip.length - 1];
    if (last?.cell === cell) last.end = points[i + 1]!;
    else strip.push({ start, end: points[i + 1]!, cell });
  }
  return strip;
}

/** The pages of a window as characters. */
export function cells(strip: Strip, window: PageRange): string {
  return strip
    .map(({ start, end, cell }) =>
      cell.repeat(Math.max(0, Math.min(end, window.end) - Math.max(start, window.start))),
    )
    .join("");
}

/** The smallest range that holds all pages in which two strips differ; undefined if they are equal. */
export function changedPages(before: Strip, after: Strip): PageRange | undefined {
  const points = [...new Set([...before, ...after].flatMap(({ start, end }) => [start, end]))];
  points.sort((a, b) => a - b);
  let first: number | undefined;
  let last = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const page = points[i]!;
    if (cellAt(before, page) === cellAt(after, page)) continue;
    first ??= page;
    last = points[i + 1]!;
  }
  return first === undefined ? undefined : { start: first, end: last };
}

/** The pages that are not free, and those next to them; undefined if all are free. */
export function interestingPages(strip: Strip): PageRange | undefined {
  const taken = strip.filter((run) => run.cell !== FREE_CELL);
  return taken.length === 0 ? undefined : { start: taken[0]!.start, end: taken[taken.length - 1]!.end };
}

function cellAt(strip: Strip, page: number): string | undefined {
  return strip.find((run) => run.start <= page && page < run.end)?.cell;
}
