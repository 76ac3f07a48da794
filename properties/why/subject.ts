// SPDX-License-Identifier: GPL-2.0-only
//
// What a finding is about: the pages that its message names, and the words that its invariant judges.

import type { PageRange } from "../../spec/instance.ts";
import type { Finding } from "../finding.ts";
import type { TracedStep } from "./access-trace.ts";

/** Pages and words. */
export interface Subject {
  readonly pages: readonly PageRange[];
  /** Names of cells. */
  readonly cells: ReadonlySet<string>;
}

/** The words that invariants are about, by the beginnings of the names of both. */
const WORDS: readonly (readonly [invariant: string, cells: readonly string[]])[] = [
  ["INV-LAZYNR", ["vmap_lazy_nr"]],
  ["INV-DRAIN", ["vmap_lazy_nr", "work drain", "vn.work_queued", "drain_vmap_wq", "drain_wanted"]],
  ["INV-FILL", ["vn.fill_in_progress"]],
  ["INV-POOL-LEN", ["vn.pool.len"]],
  ["INV-POOL-NOLOSS", ["vn.pool.len", "pool of", "decay of"]],
  ["INV-SKIP", ["vn.skip_populate"]],
  ["INV-HELPER", ["nr_purge_nodes", "purge_nodes", "work "]],
  ["INV-INITWORK", ["work "]],
  ["INV-WQ", ["work ", "drain_vmap_wq", "wq_online"]],
  ["INV-PURGE-COUNT", ["vn.nr_purged", "the areas of the purge"]],
  ["INV-PURGE-SERIAL", ["vn.pool.len", "pool of"]],
  ["INV-OCC-BOOT", ["occupied_vmap_area_perf_mode"]],
];

/** What the finding is about, as far as the run touched it; where that is nothing, what its last steps wrote. */
export function subjectOf(finding: Finding, steps: readonly TracedStep[], blockPages: number): Subject {
  const named = pagesIn(finding.message, blockPages);
  const wanted = WORDS.filter(([id]) => finding.id.startsWith(id)).flatMap(([, cells]) => cells);
  const written = new Set(
    steps.flatMap(({ accesses }) => [...accesses.values()].flatMap((a) => (a.writes ? a.cell.name : []))),
  );
  const cells = new Set([...written].filter((name) => wanted.some((start) => name.startsWith(start))));
  const pages = named.filter((range) => steps.some((step) => touches(step, [range])));
  if (pages.length > 0 || cells.size > 0) return { pages, cells };
  return lastWritten(steps);
}

/** Whether a step did anything to any of the pages. */
export function touches({ deeds }: TracedStep, pages: readonly PageRange[]): boolean {
  return deeds.some((deed) => pages.some(({ start, end }) => deed.start < end && start < deed.end));
}

/** Whether a step wrote any of it. */
export function writesTo(step: TracedStep, { pages, cells }: Subject): boolean {
  if (touches(step, pages)) return true;
  for (const { writes, cell } of step.accesses.values()) if (writes && cells.has(cell.name)) return true;
  return false;
}

function pagesIn(message: string, blockPages: number): PageRange[] {
  const ranges: PageRange[] = [];
  const add = (start: number, end: number): void => {
    if (start < end && !ranges.some((r) => r.start === start && r.end === end)) ranges.push({ start, end });
  };
  for (const [, start, end] of message.matchAll(/\[(\d+),(\d+)\)/g)) add(Number(start), Number(end));
  for (const [, page] of message.matchAll(/\b(?:page|base) (\d+)/g)) add(Number(page), Number(page) + 1);
  for (const [, page] of message.matchAll(/\bblock at (\d+)/g)) {
    add(Number(page), Number(page) + Math.max(1, blockPages));
  }
  return ranges;
}

// Of a run in which nothing was written, nothing can be said.
function lastWritten(steps: readonly TracedStep[]): Subject {
  for (let i = steps.length - 1; i >= 0; i--) {
    const { accesses, deeds } = steps[i]!;
    const cells = new Set([...accesses.values()].filter(({ writes }) => writes).map(({ cell }) => cell.name));
    const pages = deeds.slice(0, 1).map(({ start, end }) => ({ start, end }));
    if (cells.size > 0 || pages.length > 0) return { pages, cells };
  }
  return { pages: [], cells: new Set() };
}
