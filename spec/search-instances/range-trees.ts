// SPDX-License-Identifier: GPL-2.0-only
//
// Named instances of the designs with range trees: before and after the patch that leaves the free tree behind. Both are
// searched on the very same ones, so that the results beside each other show what the patch changes.

import type { PinnedViolation, SearchInstance, Unreachable, Written } from "./entry.ts";
import { entriesOf } from "./entry.ts";
import {
  ALWAYS_ROOM,
  NEVER_DRAINED,
  NO_AREA_SHADOW_FAULT,
  NO_NODE_FIND,
  NO_RECOVERY,
} from "./out-of-reach.ts";
import {
  NO_FULL_WINDOW,
  NO_MIGRATION_OF_POOLS,
  NO_PARTIAL_DECAY,
  NO_POOL_HIT,
} from "./out-of-reach-pools.ts";
import {
  ALL_TREE_POOLED,
  NO_DRAIN_ASKED,
  NO_TREE_DECAY,
  NO_TREE_DECAYED_AREA,
  NO_TREE_HELPER,
  NO_TREE_KASAN_FAULT,
} from "./out-of-reach-trees.ts";

/** Before and after, in the order of the counts below. */
const DESIGNS = ["dual-index", "occupied-index"] as const;

type Design = (typeof DESIGNS)[number];

type Row = Pick<Written, "name" | "statement" | "machine" | "programs"> & {
  readonly unreachable: readonly Unreachable[];
  /** If present, the other design is not searched on it: it would come to hardly any step. */
  readonly only?: Design;
  /** For each design, in their order. */
  readonly states: readonly [number, number];
  readonly violates?: Readonly<Partial<Record<Design, PinnedViolation>>>;
};

const PLAIN = [NO_MIGRATION_OF_POOLS, NO_TREE_KASAN_FAULT, NO_NODE_FIND, NO_TREE_HELPER] as const;

const ROWS: readonly Row[] = [
  {
    name: "closed-tiny",
    statement: "one task has and gives up the only page for ever, another one purges, beside the drain work",
    machine: { space: 1, block: 1, lazyMax: 0, liveMax: 1 },
    programs: ["a=alloc(1); free(a)", "purge"],
    states: [34_293, 34_293],
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-find",
    statement: "one task on its own: look-ups, and pooled areas whose shadow fails",
    machine: { space: 1, block: 1, lazyMax: 0, cpus: 1, faults: ["kasan"], liveMax: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)"],
    states: [7_569, 7_569],
    unreachable: [NO_MIGRATION_OF_POOLS, NO_TREE_HELPER, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-overflow",
    statement: "requests of one page and of all: an overflow must empty the pools, and populate none",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, liveMax: 2 },
    programs: ["a=alloc(1); b=alloc(2); free(a)"],
    states: [44_461, 44_359],
    unreachable: PLAIN,
  },
  {
    name: "closed-tiny-helpers",
    statement: "a page of each node, freed for ever: purges with a helper, by the task and by the drain work",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, liveMax: 2 },
    programs: ["a=alloc(1,window=0..1); b=alloc(1,window=1..2); free(a); aliases"],
    states: [51_987, 51_987],
    unreachable: [
      NO_MIGRATION_OF_POOLS,
      NO_TREE_KASAN_FAULT,
      NO_NODE_FIND,
      NO_FULL_WINDOW,
      NO_POOL_HIT,
      NO_TREE_DECAY,
    ],
  },
  {
    name: "closed-tiny-aligned",
    statement: "requests for one page and for an aligned one in two pages, beside the drain work",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, liveMax: 1 },
    programs: ["a=alloc(1); b=alloc(1,align=2); free(a)"],
    states: [18_501, 18_466],
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-shrink",
    statement: "one task allocates and frees for ever, and the shrinker runs whenever it likes",
    machine: { space: 2, block: 1, lazyMax: 0, cpus: 1, liveMax: 2 },
    programs: ["a=alloc(1); free(a)", "shrink"],
    states: [138_708, 136_810],
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-flip",
    statement: "one task allocates and frees for ever, and at some moment the perf mode is switched on",
    machine: { space: 2, block: 1, lazyMax: 0, cpus: 1, boot: "workqueue_init", liveMax: 2 },
    programs: ["a=alloc(1); free(a)"],
    states: [85_531, 238],
    violates: { "occupied-index": { invariant: "INV-TLB", by: "DEF-O15", steps: 24 } },
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-modules",
    statement: "one task allocates modules for ever, and at some moment the perf mode is switched on",
    machine: {
      space: 3,
      block: 1,
      lazyMax: 1,
      cpus: 1,
      vmalloc: { start: 0, end: 1 },
      modules: { start: 1, end: 3 },
      boot: "workqueue_init",
      liveMax: 2,
    },
    programs: ["a=alloc(1,window=modules); free(a)"],
    states: [115_898, 12],
    violates: { "occupied-index": { invariant: "INV-OCC-EQ", by: "DEF-O1", steps: 6 } },
    unreachable: [
      NO_MIGRATION_OF_POOLS,
      NO_TREE_KASAN_FAULT,
      NO_NODE_FIND,
      NO_FULL_WINDOW,
      NO_POOL_HIT,
      NO_TREE_DECAY,
      ALWAYS_ROOM,
    ],
  },
  {
    name: "closed-tiny-store",
    statement: "one task allocates and frees for ever, and one store into a range tree finds no memory",
    machine: { space: 2, block: 1, lazyMax: 0, cpus: 1, faults: ["maple"], liveMax: 2 },
    programs: ["a=alloc(1); free(a)"],
    states: [8, 21],
    violates: {
      "dual-index": { invariant: "INV-CONSERVE", by: "DEF-O9", steps: 7 },
      "occupied-index": { invariant: "INV-INDEX", by: "DEF-O17", steps: 11 },
    },
    unreachable: [],
  },
  {
    name: "closed-tiny-pcpu",
    statement: "requests of a page and of two congruent ones, for ever, beside the drain work",
    machine: { space: 2, block: 2, lazyMax: 1, cpus: 1, liveMax: 3 },
    programs: ["a=alloc(1); p=pcpu(0:1,1:1); free(a)"],
    states: [110_146, 36],
    violates: { "occupied-index": { invariant: "INV-DISJOINT", by: "DEF-O2", steps: 12 } },
    unreachable: [...PLAIN, NO_RECOVERY, NO_AREA_SHADOW_FAULT],
  },
  {
    name: "closed-tiny-chunks",
    statement: "one task asks for a chunk of the per-CPU allocator and gives it back, for ever",
    machine: { space: 2, block: 2, lazyMax: 4, cpus: 1, liveMax: 1 },
    programs: ["p=pcpu(0:1); pfree(p); purge"],
    states: [1, 262],
    violates: { "occupied-index": { invariant: "INV-PCPU-COMPLETE", by: "DEF-O27", steps: 50 } },
    only: "occupied-index",
    unreachable: [],
  },
  {
    name: "bounded-tiny-pcpu",
    statement: "congruent areas in two nodes beside an area that is in their way, any one allocation fails",
    machine: { space: 4, block: 2, lazyMax: 1, faults: ["kasan", "split", "pcpu-record"] },
    programs: ["a=alloc(2); free(a)", "p=pcpu(2:1,0:1); pfree(p)"],
    states: [29_842, 123],
    violates: { "occupied-index": { invariant: "INV-OCC-FREEMT", by: "DEF-O2", steps: 8 } },
    unreachable: [NO_MIGRATION_OF_POOLS, NO_NODE_FIND, NO_POOL_HIT],
  },
  {
    name: "bounded-tiny-pcpu-flip",
    statement: "per-CPU areas that are undone, as a shadow fails, while the perf mode is switched on",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, faults: ["kasan"], boot: "workqueue_init" },
    programs: ["p=pcpu(0:1)"],
    states: [1, 10],
    violates: { "occupied-index": { invariant: "INV-CONSERVE", by: "DEF-O16", steps: 4 } },
    only: "occupied-index",
    unreachable: [],
  },
  {
    name: "bounded-tiny-store",
    statement: "two tasks allocate, free and purge, and one store into a range tree finds no memory",
    machine: { space: 2, block: 1, lazyMax: 4, faults: ["maple"] },
    programs: ["a=alloc(1); free(a)", "aliases"],
    violates: { "dual-index": { invariant: "INV-CONSERVE", by: "DEF-O9", steps: 6 } },
    states: [28, 3_745],
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_DRAIN_ASKED, NO_POOL_HIT, NO_TREE_DECAYED_AREA, ALL_TREE_POOLED],
  },
  {
    name: "bounded-tiny-lost",
    statement: "one area comes and goes, and at some moment the perf mode is switched on",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, boot: "workqueue_init" },
    programs: ["a=alloc(1); free(a); purge"],
    states: [87, 94],
    violates: { "occupied-index": { invariant: "INV-CONSERVE", by: "DEF-O16", steps: 29 } },
    unreachable: [...PLAIN, ALWAYS_ROOM, NEVER_DRAINED, NO_POOL_HIT, NO_TREE_DECAY],
  },
  {
    name: "bounded-tiny-decay",
    statement: "a pool decays while the perf mode is switched on",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, boot: "workqueue_init" },
    programs: ["a=alloc(1); free(a); aliases; purge"],
    states: [140, 154],
    violates: { "occupied-index": { invariant: "INV-CONSERVE", by: "DEF-O21", steps: 44 } },
    unreachable: [...PLAIN, ALWAYS_ROOM, NEVER_DRAINED, NO_POOL_HIT, NO_PARTIAL_DECAY, ALL_TREE_POOLED],
  },
  {
    name: "bounded-tiny-modules",
    statement: "a module from before the perf mode is switched on, and another one from after that",
    machine: {
      space: 3,
      block: 1,
      lazyMax: 1,
      cpus: 1,
      vmalloc: { start: 0, end: 1 },
      modules: { start: 1, end: 3 },
    },
    programs: ["a=alloc(1,window=modules); flip; b=alloc(1,window=modules)"],
    states: [1, 11],
    violates: { "occupied-index": { invariant: "INV-DISJOINT", by: "DEF-O1", steps: 11 } },
    only: "occupied-index",
    unreachable: [],
  },
  {
    name: "bounded-tiny-exact",
    statement: "an aligned request for a window of just its size",
    machine: { space: 4, block: 2, lazyMax: 0, cpus: 1 },
    programs: ["a=alloc(2,align=2,window=2..4); free(a); b=alloc(1)"],
    states: [213, 4],
    violates: { "occupied-index": { invariant: "INV-COMPLETE-EXACT", by: "DEF-O5", steps: 4 } },
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT, NO_TREE_DECAY],
  },
  {
    name: "bounded-tiny",
    statement:
      "two tasks and three requests that do not fit together, with helpers, and a shadow that may fail",
    machine: { space: 2, block: 1, lazyMax: 1, faults: ["kasan"] },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(1); free(b); c=alloc(2)"],
    states: [15_257, 14_290],
    unreachable: [NO_MIGRATION_OF_POOLS, NO_POOL_HIT, NO_PARTIAL_DECAY],
  },
  {
    name: "bounded-tiny-migration",
    statement: "one task that may change its CPU once, and any one allocation of the kernel's own fails",
    machine: { space: 2, block: 1, lazyMax: 0, faults: "all", migrations: 1 },
    programs: ["a=alloc(1); find(a+0); free(a); b=alloc(2); c=alloc(1)"],
    states: [12_921, 12_525],
    unreachable: [NO_PARTIAL_DECAY, NO_TREE_HELPER],
  },
];

function written({ states, violates, unreachable, only: _only, ...row }: Row, design: Design): Written {
  const pinned = violates?.[design];
  return {
    ...row,
    states: states[DESIGNS.indexOf(design)]!,
    violates: pinned,
    unreachable: pinned ? [] : unreachable,
  };
}

/** The instances of both designs. */
export const RANGE_TREE_INSTANCES: readonly SearchInstance[] = DESIGNS.flatMap((design) =>
  entriesOf(
    design,
    ROWS.filter(({ only }) => only === undefined || only === design).map((row) => written(row, design)),
  ),
);
