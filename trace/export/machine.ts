// SPDX-License-Identifier: GPL-2.0-only
//
// The machine that an exported program runs on: as many CPUs as the lines have, and a space that is large enough for every
// order in which its tasks may run, as far as the limit allows. Addresses of the trace are not kept.

import type { Configuration } from "../../spec/instance.ts";
import { PROGRAMS_MAX } from "../../spec/program-rules.ts";
import { type ExportedStep, footprint } from "./exported-step.ts";
import type { WindowBounds, WindowPlace } from "./windows.ts";

/** Pages of a zone in mainline: vmap_zone_size (mm/vmalloc.c, v6.9 and later). */
const ZONE_PAGES = 16;

/** The drain work is scheduled about so often: a window is too short for the kernel's own limit to be reached. */
const DRAINS = 8;

/** Pages of a window for each page that may be live: free pages come in pieces. */
const SLACK = 1.5;

/**
 * Parts of the largest space: of each window at most, and of what may be live at once in the order of the lines, which
 * either window must be able to hold.
 */
const SHARE = { vmalloc: 5 / 8, modules: 3 / 8, live: 3 / 8 } as const;

/** Steps that a purge takes for each node: it looks at all of its pools. */
const STEPS_OF_PURGE = 270;

/** Steps of one run that are for the purges of a program. */
const STEPS_OF_PURGES = 15_000;

/** What a machine is made for. */
export interface MachineLoad {
  readonly steps: readonly ExportedStep[];
  readonly places: ReadonlyMap<WindowBounds, WindowPlace>;
  /** lazy_max_pages() of the traced kernel, pages; 0 if no line says so. */
  readonly lazyMaxPages: number;
  /** Largest space, pages. */
  readonly spacePagesMax: number;
}

/** The CPUs of the steps, in ascending order. */
export function cpusOf(steps: readonly ExportedStep[]): readonly number[] {
  return [...new Set(steps.map(({ cpu }) => cpu))].sort((a, b) => a - b);
}

/** Most pages that may be live at once in the order of the lines, if the space may have so many. */
export function livePagesMax(spacePagesMax: number): number {
  return Math.floor(spacePagesMax * SHARE.live);
}

/** Most purges that leave enough of the steps of one run to the rest. */
export function purgesMax(nodes: number): number {
  return Math.floor(STEPS_OF_PURGES / (STEPS_OF_PURGE * nodes));
}

/** The configuration. O(steps). */
export function machineFor(load: MachineLoad): Configuration {
  const { lazyMaxPages, places, spacePagesMax, steps } = load;
  const cpus = Math.max(1, Math.min(PROGRAMS_MAX, cpusOf(steps).length));
  const freed = steps.reduce((sum, step) => sum + (step.op === "free" ? step.area.size : 0), 0);
  const wanted = Math.max(1, Math.floor(freed / DRAINS));
  const lazyMax = Math.min(wanted, lazyMaxPages || wanted, livePagesMax(spacePagesMax) >> 2);
  const live = liveBounds(steps, places);
  const end = Math.min(wholeZones(SLACK * live.vmalloc + lazyMax), Math.floor(spacePagesMax * SHARE.vmalloc));
  const modules = Math.min(wholeZones(SLACK * live.modules), Math.floor(spacePagesMax * SHARE.modules));
  const hasModules = live.modules > 0;
  return {
    allocator: "size-pools",
    spacePages: end + (hasModules ? modules : 0),
    vmalloc: { start: 0, end },
    ...(hasModules ? { modules: { start: end, end: end + modules } } : {}),
    cpus,
    nodes: cpus,
    blockPages: Math.min(ZONE_PAGES, end),
    lazyMaxPages: lazyMax,
    faults: { budget: 0, points: [] },
    migrations: 0,
  };
}

// Most pages that can be live in any order of the tasks: each of them at its worst, and no help from others.
function liveBounds(
  steps: readonly ExportedStep[],
  places: ReadonlyMap<WindowBounds, WindowPlace>,
): { readonly vmalloc: number; readonly modules: number } {
  const bounds = { vmalloc: 0, modules: 0 };
  const now = new Map<string, { live: number; most: number }>();
  for (const step of steps) {
    if (step.op !== "alloc" && step.op !== "free") continue;
    const { area, cpu, op } = step;
    if (area.cpu !== cpu) continue;
    const window = places.get(area.window)?.window ?? "vmalloc";
    const key = `${window} ${cpu}`;
    const count = now.get(key) ?? { live: 0, most: 0 };
    now.set(key, count);
    count.live += op === "alloc" ? footprint(area) : -footprint(area);
    if (count.live <= count.most) continue;
    bounds[window] += count.live - count.most;
    count.most = count.live;
  }
  return bounds;
}

/** So many pages or some more: a multiple of a few zones, and at least that. */
function wholeZones(pages: number): number {
  const unit = 4 * ZONE_PAGES;
  return Math.max(1, Math.ceil(pages / unit)) * unit;
}
