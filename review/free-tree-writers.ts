// SPDX-License-Identifier: GPL-2.0-only
//
// What stores into the free tree in perf mode: each path that the patch names is run, and what the tree covers is compared
// before and after every step. An entry that is cut or split covers no more than before, which is no maintenance.

import { OccupiedIndex } from "../impl/allocators/occupied-index.ts";
import { Session } from "../properties/session.ts";
import { RUN_TO_COMPLETION } from "../spec/schedule.ts";
import { instanceOf } from "../spec/small-machine.ts";
import type { Designs } from "./campaigns.ts";
import { count } from "./render/text-layout.ts";
import type { StaticResult } from "./report.ts";

/** A path that is said to maintain the free tree. */
export interface WriterPath {
  /** The kernel function. */
  readonly fn: string;
  /** A program that comes through it; absent if it is run before any program is. */
  readonly program?: string;
  /** Functions that show that the path was run; absent where it cannot be missed. */
  readonly steps?: readonly string[];
}

/** The paths that the patch names. */
export const WRITER_PATHS: readonly WriterPath[] = [
  { fn: "vmap_init_free_space" },
  {
    fn: "decay_va_pool_node",
    // Two areas come into a pool, then all pools are emptied.
    program: "a=alloc(1); b=alloc(2); free(a); free(b); aliases; shrink",
    steps: ["decay_va_pool_node", "reclaim_list_global"],
  },
  {
    fn: "pcpu_get_vm_areas",
    // One call is served, one refused after its purge; what the first one had is given back.
    program: "p=pcpu(0:2,4:2); q=pcpu(0:5); pfree(p); aliases",
    steps: ["pcpu_get_vm_areas"],
  },
];

/** What became of the free tree on a path. */
interface Written {
  readonly fn: string;
  /** Functions of the path that were come to. */
  readonly reached: readonly string[];
  /** Pages that it did not cover and then did, and the reverse. */
  readonly stored: readonly number[];
  readonly removed: readonly number[];
}

/** C1-3. */
export function freeTreeWriters(
  designs?: Designs,
  paths: readonly WriterPath[] = WRITER_PATHS,
): StaticResult {
  const written = paths.map((path) => writtenOn(path, designs));
  const vacuous = written.find(({ fn, reached }) => {
    const steps = paths.find((path) => path.fn === fn)?.steps ?? [];
    return steps.some((step) => !reached.includes(step));
  });
  if (vacuous) return { verdict: "not-decided", text: `the program for ${vacuous.fn}() did not come to it` };
  const storing = written.filter(({ stored }) => stored.length > 0);
  const verdict = storing.length === written.length ? "holds" : storing.length === 0 ? "refuted" : "partly";
  const names = (of: readonly Written[]): string => of.map(({ fn }) => `${fn}()`).join(", ") || "none";
  const others = written.filter((each) => !storing.includes(each));
  return {
    verdict,
    text:
      `of ${count(written.length, "path")} that were run, these store into the free tree: ${names(storing)}; these do not: ` +
      names(others),
    lines: written.map(
      ({ fn, stored, removed }) => `${fn}(): stores ${pagesText(stored)}, removes ${pagesText(removed)}`,
    ),
  };
}

// The machine has one pool and nothing outside the vmalloc window; the perf mode is on.
function writtenOn({ fn, program }: WriterPath, designs: Designs | undefined): Written {
  const instance = instanceOf("occupied-index", { space: 8, cpus: 1, nodes: 2, lazyMax: 8 }, program ?? "-");
  const stored = new Set<number>();
  const removed = new Set<number>();
  const reached = new Set<string>();
  let before = new Set<number>();
  const compare = (session: Session): void => {
    const now = pagesOf(session);
    for (const each of now) if (!before.has(each)) stored.add(each);
    for (const each of before) if (!now.has(each)) removed.add(each);
    before = now;
  };
  const session: Session = new Session(instance, {
    design: designs?.["occupied-index"],
    watched: new Set(),
    onStep: (_, step) => {
      reached.add(step.site.fn);
      compare(session);
    },
  });
  // What the boot has stored is there before the first step.
  if (program === undefined) compare(session);
  else {
    before = pagesOf(session);
    session.replay(RUN_TO_COMPLETION);
  }
  return { fn, reached: [...reached], stored: [...stored], removed: [...removed] };
}

/** The pages that the free tree covers. */
function pagesOf({ sim }: Session): Set<number> {
  const { allocator } = sim;
  if (!(allocator instanceof OccupiedIndex)) throw new Error("no design with a free tree of this kind");
  const { free, trees } = allocator;
  const pages = new Set<number>();
  trees.ranges.forEach(trees.tree(free)!, (first, last) => {
    for (let page = first; page <= last; page++) pages.add(page);
  });
  return pages;
}

function pagesText(pages: readonly number[]): string {
  return pages.length === 0 ? "nothing" : count(pages.length, "page");
}
