// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of congruent areas (SC-43 and its kin): where they come to lie, what a call does that finds no base, and
// how it undoes what it has done.

import { ALLOCATOR_IDS, type AllocatorId } from "../../spec/instance.ts";
import { POOLED } from "./pools.ts";
import { type Scenario, scenarioOf as scenario } from "./scenario.ts";

/** The designs in which a purge gives everything to the global heap. */
const TREES: readonly AllocatorId[] = ["global-tree", "node-index", ...POOLED];

/** The designs whose global free tree has all that is globally free: occupied-index leaves it behind (DEF-O2). */
const KEPT: readonly AllocatorId[] = ALLOCATOR_IDS.filter((id) => id !== "occupied-index");

/** Leaves [0,4) and [6,12) free, of 12 pages. */
const TWO_HOLES = "f=alloc(4,window=0..4); m=alloc(2,window=4..6); free(f); purge";

/** Scenarios of congruent areas. */
export const PCPU_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-43",
    "two holes: one base for both areas, the highest at which both fit",
    KEPT,
    { space: 12, cpus: 1, lazyMax: 12 },
    [`${TWO_HOLES}; p=pcpu(0:2,6:2,align=2); q=pcpu(0:2,6:2,align=2); pfree(p); pfree(q)`],
    { kind: "holds", pages: { "p[0]": 2, "p[1]": 8, "q[0]": 0, "q[1]": 6 } },
  ),
  scenario(
    "SC-43b",
    "no record for the split of an area: those before it are merged back, the retry behind the purge finds its base",
    ALLOCATOR_IDS,
    { space: 12, cpus: 1, lazyMax: 12, faults: ["split"] },
    [`p=pcpu(6:2,3:1,0:2); pfree(p); purge; b=alloc(12)`],
    { kind: "holds", pages: { "p[0]": 10, "p[1]": 7, "p[2]": 4, b: 0 }, reaches: ["SPLIT-REFUSED"] },
  ),
  scenario(
    "SC-43c",
    "neither a split nor a record for the retry: the call fails, and nothing of it is left",
    ALLOCATOR_IDS,
    { space: 12, cpus: 1, lazyMax: 12, faults: ["split", "pcpu-record"], faultBudget: 2 },
    ["p=pcpu(6:2,0:2); pfree(p); purge; b=alloc(12)"],
    { kind: "holds", pages: { "p[0]": 10, "p[1]": 4, b: 0 }, undecided: ["p[0]", "p[1]"] },
  ),
  scenario(
    "SC-43d",
    "no base while pages are lazily freed: the purge makes room, and the areas fit exactly",
    KEPT,
    { space: 8, cpus: 1, lazyMax: 12 },
    ["a=alloc(8); free(a); p=pcpu(0:2,2:6); pfree(p)"],
    { kind: "holds", pages: { "p[0]": 0, "p[1]": 2 }, reaches: ["PCPU-SHORT", "PURGED"] },
  ),
  scenario(
    "SC-43e",
    "no base at all: refused after one purge, and the free space is as it was",
    KEPT,
    { space: 8, cpus: 1, lazyMax: 12 },
    ["m=alloc(2,window=3..5); p=pcpu(0:2,2:2); pfree(p); b=alloc(3); c=alloc(3)"],
    {
      kind: "holds",
      pages: { "p[0]": "failed", "p[1]": "failed", b: 0, c: 5 },
      reaches: ["PCPU-REFUSED"],
    },
  ),
  scenario(
    "SC-43f",
    "the shadow of the first or of the second area fails: both are free again at once, without a purge",
    ALLOCATOR_IDS,
    { space: 6, cpus: 1, lazyMax: 12, faults: ["kasan"] },
    ["p=pcpu(0:2,4:2); b=alloc(6)"],
    { kind: "holds", pages: { "p[0]": 0, "p[1]": 4 }, undecided: ["p[0]", "b"], reaches: ["PCPU-UNDONE"] },
  ),
  scenario(
    "SC-43g",
    "two calls at once, whose areas lie between each other",
    ALLOCATOR_IDS,
    { space: 4, block: 4, lazyMax: 0 },
    ["p=pcpu(0:1,2:1); pfree(p)", "q=pcpu(0:1,2:1); pfree(q)"],
    { kind: "holds", pages: { "p[0]": 1, "p[1]": 3 }, reaches: ["DRAIN-RAN"] },
  ),
  scenario(
    "SC-43h",
    "only one of two calls finds its base, the other one is refused whole",
    TREES,
    { space: 4, block: 4, lazyMax: 8 },
    ["p=pcpu(0:2,2:1)", "q=pcpu(0:1,1:2)"],
    { kind: "holds", undecided: ["p[0]", "p[1]", "q[0]", "q[1]"], reaches: ["PCPU-REFUSED"] },
  ),
  scenario(
    "SC-43i",
    "a window that begins and ends between two aligned pages: free pages below it and at its ends do not count",
    KEPT,
    { space: 16, vmalloc: { start: 3, end: 15 }, cpus: 1, lazyMax: 16 },
    [
      "p=pcpu(0:4,4:4,align=4); m=alloc(1,window=11..12); q=pcpu(0:4,align=4); pfree(p); q2=pcpu(0:4,4:4,align=4)",
    ],
    { kind: "holds", pages: { "p[0]": 4, "p[1]": 8, m: "failed", "q[0]": "failed", "q2[0]": 4 } },
  ),
  scenario(
    "SC-43j",
    "free space above VMALLOC_END is passed by, whether its record begins there or below",
    ALLOCATOR_IDS,
    { space: 12, vmalloc: { start: 0, end: 8 }, modules: { start: 8, end: 12 }, cpus: 1, lazyMax: 16 },
    ["p=pcpu(0:1,2:1); a=alloc(3,window=5..8); b=alloc(4,window=4..8); q=pcpu(0:1,2:1)"],
    { kind: "holds", pages: { "p[0]": 5, "p[1]": 7, a: "failed", b: "failed", "q[0]": 4, "q[1]": 6 } },
  ),
  scenario(
    "SC-43k",
    "the record that begins at VMALLOC_END has no room in the window: the walk goes on below it",
    KEPT,
    { space: 12, vmalloc: { start: 0, end: 8 }, modules: { start: 8, end: 12 }, cpus: 1, lazyMax: 16 },
    ["a=alloc(4,window=4..8); p=pcpu(2:1,0:1)"],
    { kind: "holds", pages: { a: 4, "p[0]": 3, "p[1]": 1 } },
  ),
  scenario(
    "SC-43l",
    "the base itself must lie in the window, although no area begins there: free pages at its start are refused",
    KEPT,
    { space: 6, vmalloc: { start: 2, end: 6 }, cpus: 1, lazyMax: 8 },
    ["a=alloc(2,window=4..6); p=pcpu(2:2)"],
    { kind: "holds", pages: { a: 4, "p[0]": "failed" }, reaches: ["PCPU-REFUSED"] },
  ),
  scenario(
    "SC-43m",
    "what pools keep is found by the retry, as its purge empties them; congruent areas themselves get into none",
    POOLED,
    { space: 8, cpus: 1, lazyMax: 16 },
    [
      "a=alloc(2); free(a); aliases; p=pcpu(0:2,2:6); pfree(p); aliases; b=alloc(2); q=pcpu(0:2); pfree(q); aliases; c=alloc(2)",
    ],
    { kind: "holds", pages: { "p[0]": 0, b: 0, "q[0]": 6, c: 2 }, reaches: ["PCPU-SHORT"] },
  ),
  scenario(
    "SC-43n",
    "what is free in the blocks of nodes is lost to the per-CPU allocator (DEF-N16)",
    ["node-blocks"],
    { space: 4, block: 4, cpus: 1, nodes: 1, lazyMax: 8 },
    ["a=alloc(1); p=pcpu(0:1)"],
    { kind: "finding", id: "INV-PCPU-COMPLETE" },
  ),
  scenario(
    "SC-43o",
    "an area that reaches above a free record may fit lower in that very record (5336e52c9e3e)",
    KEPT,
    { space: 5, cpus: 1, lazyMax: 8 },
    ["m=alloc(2,window=2..4); p=pcpu(0:1,1:1)"],
    { kind: "holds", pages: { m: 2, "p[0]": 0, "p[1]": 1 } },
  ),
  scenario(
    "SC-43p",
    "a call in the middle of which another task frees, purges and allocates: all or none of its areas",
    ALLOCATOR_IDS,
    { space: 6, block: 4, lazyMax: 1, faults: ["split", "kasan", "pcpu-record"], faultBudget: 2 },
    ["p=pcpu(3:1,0:2); a=alloc(1)", "b=alloc(2,window=0..6); free(b); purge; pfree(p); c=alloc(1)"],
    { kind: "holds", reaches: ["PCPU-UNDONE"] },
  ),
];
