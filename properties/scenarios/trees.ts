// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of the trees, the lazy lists and the purge, for every design that has them (SC-01 to SC-11).

import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { POOLED } from "./pools.ts";
import { type Scenario, scenarioOf as scenario } from "./scenario.ts";

const TREES = ["global-tree", "node-index", ...POOLED] as const;

/** Scenarios of the trees. */
export const TREE_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-01",
    "first fit: a purged hole at the lowest address is used again",
    TREES,
    { space: 8, cpus: 1, lazyMax: 8 },
    ["a=alloc(2); b=alloc(2); free(a); purge; c=alloc(1)"],
    { kind: "holds", pages: { a: 0, b: 2, c: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-02",
    "merge with both neighbours: all space is one free area in the end",
    TREES,
    { space: 8, cpus: 1, lazyMax: 8 },
    ["a=alloc(2); b=alloc(2); c=alloc(2); free(a); free(c); purge; free(b); purge; d=alloc(8)"],
    { kind: "holds", pages: { a: 0, b: 2, c: 4, d: 0 } },
  ),
  scenario(
    "SC-03",
    "a split without a record: the index stays as it was, the retry behind the purge succeeds",
    TREES,
    { space: 8, cpus: 1, faults: ["split", "preload"], faultBudget: 2 },
    ["a=alloc(1,window=3..5)"],
    { kind: "holds", pages: { a: 3 }, reaches: ["SPLIT-REFUSED"] },
  ),
  scenario(
    "SC-04",
    "migration between the look at the preload slot and its use: overflow path, no corruption",
    ["global-tree", "node-index"],
    { space: 8, cpus: 2, faults: ["split"], migrations: 1 },
    ["a=alloc(1); b=alloc(1,window=3..5); free(a)"],
    { kind: "holds", reaches: ["SPLIT-REFUSED"] },
  ),
  scenario(
    "SC-05",
    "the padded search misses an aligned fit (DEF-B1): [4,8) fits and is refused",
    ["global-tree"],
    { space: 22, cpus: 1, lazyMax: 30 },
    ["f=alloc(4); a=alloc(4); m=alloc(12); free(a); purge; x=alloc(4,align=4)"],
    { kind: "holds", pages: { a: 4, x: "failed" }, reaches: ["ALLOC-REFUSED"] },
  ),
  scenario(
    "SC-06",
    "a window of exactly the size is searched without padding: the same [4,8) is found",
    TREES,
    { space: 22, cpus: 1, lazyMax: 30 },
    ["f=alloc(4); a=alloc(4); m=alloc(12); free(a); purge; x=alloc(4,align=4,window=4..8)"],
    { kind: "holds", pages: { a: 4, x: 4 } },
  ),
  scenario(
    "SC-07",
    "no page is granted again before the flush, in whatever order free, allocation and drain run",
    ALLOCATOR_IDS,
    { space: 8, block: 4, lazyMax: 1 },
    ["a=alloc(2); free(a)", "b=alloc(2); free(b)", "c=alloc(4); purge"],
    { kind: "holds", reaches: ["DRAIN-RAN"] },
  ),
  scenario(
    "SC-08",
    "vmap_lazy_nr is never below what is lazy, and equal to it when all is quiet",
    ALLOCATOR_IDS,
    { space: 16, lazyMax: 2 },
    ["a=alloc(1); free(a); b=alloc(1); free(b)", "c=alloc(1); free(c); d=alloc(1); free(d)"],
    { kind: "holds", reaches: ["DRAIN-RAN"] },
  ),
  scenario(
    "SC-09",
    "a free that finds the drain pending or just finishing is still followed by a purge",
    ALLOCATOR_IDS,
    { space: 16, lazyMax: 0 },
    ["a=alloc(1); free(a)", "b=alloc(1); free(b)", "c=alloc(1); free(c)"],
    { kind: "holds", reaches: ["DRAIN-RAN"] },
  ),
  scenario(
    "SC-10",
    "overflow asks the notifier chain: an area that a subsystem gives back is used",
    TREES,
    { space: 4, cpus: 1, lazyMax: 8 },
    ["a=cache(2); b=alloc(2); c=alloc(2)"],
    { kind: "holds", pages: { a: 0, b: 2, c: 0 } },
  ),
  scenario(
    "SC-10b",
    "overflow with a notifier chain that has nothing to give ends",
    TREES,
    { space: 4, cpus: 1, lazyMax: 8 },
    ["a=cache(2); b=alloc(2); c=alloc(2); d=alloc(1)"],
    { kind: "holds", pages: { c: 0, d: "failed" } },
  ),
  scenario(
    "SC-11",
    "reclaim, vm_unmap_aliases and the drain work at once: each area is released once",
    ALLOCATOR_IDS,
    { space: 16, lazyMax: 0 },
    ["a=alloc(1); free(a); purge", "b=alloc(2); free(b); aliases"],
    { kind: "holds", reaches: ["DRAIN-RAN", "PURGED"] },
  ),
];
