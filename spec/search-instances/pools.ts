// SPDX-License-Identifier: GPL-2.0-only
//
// Named instances of the designs with pools: mainline's, and two versions of the workqueue patch. All three are searched
// on the very same ones, so that the results beside each other show what the patch changes.

import type { PinnedViolation, SearchInstance, Written } from "./entry.ts";
import { entriesOf } from "./entry.ts";
import {
  ALWAYS_ROOM,
  NO_AREA_SHADOW_FAULT,
  NO_KASAN_FAULT,
  NO_NODE_FIND,
  NO_RECOVERY,
} from "./out-of-reach.ts";
import {
  ALL_POOLED,
  NO_DECAY,
  NO_DECAYED_AREA,
  NO_FULL_WINDOW,
  NO_MIGRATION_OF_POOLS,
  NO_PARTIAL_DECAY,
  NO_POOL_HIT,
  noHelper,
} from "./out-of-reach-pools.ts";

/** The designs with pools, in the order of the counts below. */
const DESIGNS = ["size-pools", "unbound-drain", "unbound-drain-v3"] as const;

type Design = (typeof DESIGNS)[number];

const NO_HELPER = {
  "size-pools": noHelper(
    "__purge_vmap_area_lazy: nr_purged_areas += vn->nr_purged, for a node that a helper did",
  ),
  "unbound-drain": noHelper("__purge_vmap_area_lazy: nr_purged_areas += vn->nr_purged, after flush_work()"),
  "unbound-drain-v3": noHelper(
    "__purge_vmap_area_lazy: nr_purged_areas += vn->nr_purged, after flush_work()",
  ),
} as const;

type Row = Pick<Written, "name" | "statement" | "machine" | "programs" | "unreachable"> & {
  /** For each design, in their order. */
  readonly states: readonly [number, number, number];
  readonly violates?: Readonly<Partial<Record<Design, PinnedViolation>>>;
  readonly helpers?: boolean;
};

const PLAIN = [NO_MIGRATION_OF_POOLS, NO_KASAN_FAULT, NO_NODE_FIND] as const;

const ROWS: readonly Row[] = [
  {
    name: "closed-tiny",
    statement: "one task has and gives up the only page for ever, another one purges, beside the drain work",
    machine: { space: 1, block: 1, lazyMax: 0, liveMax: 1 },
    programs: ["a=alloc(1); free(a)", "purge"],
    states: [27_510, 27_510, 27_510],
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-find",
    statement: "one task on its own: look-ups, and pooled areas whose shadow fails",
    machine: { space: 1, block: 1, lazyMax: 0, cpus: 1, faults: ["kasan"], liveMax: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)"],
    states: [6_633, 6_633, 6_633],
    unreachable: [NO_MIGRATION_OF_POOLS, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-overflow",
    statement: "requests of one page and of all: an overflow must empty the pools, and populate none",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, liveMax: 2 },
    programs: ["a=alloc(1); b=alloc(2); free(a)"],
    states: [44_632, 44_632, 44_632],
    unreachable: PLAIN,
  },
  {
    name: "closed-tiny-helpers",
    statement: "a page of each node, freed for ever: purges with a helper, by the task and by the drain work",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, liveMax: 2 },
    programs: ["a=alloc(1,window=0..1); b=alloc(1,window=1..2); free(a); aliases"],
    states: [38_456, 35_064, 35_064],
    unreachable: [...PLAIN, NO_FULL_WINDOW, NO_POOL_HIT, NO_DECAY],
    helpers: true,
  },
  {
    name: "closed-tiny-pcpu",
    statement:
      "requests of a page and of two congruent ones: only an overflow gives these what the pools keep",
    machine: { space: 2, block: 2, lazyMax: 1, cpus: 1, liveMax: 3 },
    programs: ["a=alloc(1); p=pcpu(0:1,1:1); free(a)"],
    states: [96_394, 96_394, 96_394],
    unreachable: [...PLAIN, NO_RECOVERY, NO_AREA_SHADOW_FAULT],
  },
  {
    name: "bounded-tiny-pcpu",
    statement: "congruent areas in two nodes beside an area that is in their way, any one allocation fails",
    machine: { space: 4, block: 2, lazyMax: 1, faults: ["kasan", "split", "pcpu-record"] },
    programs: ["a=alloc(2); free(a)", "p=pcpu(2:1,0:1); pfree(p)"],
    states: [22_767, 21_258, 21_258],
    unreachable: [NO_MIGRATION_OF_POOLS, NO_NODE_FIND, NO_POOL_HIT],
    helpers: true,
  },
  {
    name: "closed-tiny-rescuer",
    statement: "as closed-tiny-helpers, and no worker is ever to be had: what there is of rescuers has to do",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, workers: { idle: 0 }, liveMax: 2 },
    programs: ["a=alloc(1,window=0..1); b=alloc(1,window=1..2); free(a)"],
    states: [432, 714, 30_293],
    violates: {
      "size-pools": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-N15", steps: 48 },
      "unbound-drain": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-U9", steps: 48 },
    },
    unreachable: [...PLAIN, NO_FULL_WINDOW, NO_POOL_HIT, NO_DECAY],
    helpers: true,
  },
  {
    name: "closed-tiny-boot",
    statement: "one task from before workers run: its requests for a drain while there is no queue for them",
    machine: { space: 2, block: 1, lazyMax: 0, cpus: 1, boot: "workqueue_init_early", liveMax: 2 },
    programs: ["a=alloc(1); free(a)"],
    states: [16_608, 71, 101],
    violates: {
      "unbound-drain": { invariant: "INV-DRAIN", by: "DEF-U3", steps: 17 },
      "unbound-drain-v3": { invariant: "INV-DRAIN", by: "DEF-U3", steps: 18 },
    },
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-tiny-shrink",
    statement: "one task allocates and frees for ever, and the shrinker runs whenever it likes",
    machine: { space: 2, block: 1, lazyMax: 0, cpus: 1, liveMax: 2 },
    programs: ["a=alloc(1); free(a)", "shrink"],
    states: [66_726, 11_737, 11_737],
    violates: {
      "size-pools": { invariant: "INV-CONSERVE", by: "DEF-P1", steps: 64 },
      "unbound-drain": { invariant: "INV-POOL-LEN", by: "DEF-P1", steps: 47 },
      "unbound-drain-v3": { invariant: "INV-POOL-LEN", by: "DEF-P1", steps: 47 },
    },
    unreachable: [],
  },
  {
    name: "bounded-tiny",
    statement:
      "two tasks and three requests that do not fit together, with helpers, and a shadow that may fail",
    machine: { space: 2, block: 1, lazyMax: 1, faults: ["kasan"] },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(1); free(b); c=alloc(2)"],
    states: [17_990, 14_119, 14_119],
    unreachable: [NO_MIGRATION_OF_POOLS, NO_POOL_HIT, NO_PARTIAL_DECAY],
    helpers: true,
  },
  {
    name: "bounded-tiny-migration",
    statement: "one task that may change its CPU once, and any one allocation of the kernel's own fails",
    machine: { space: 2, block: 1, lazyMax: 0, faults: "all", migrations: 1 },
    programs: ["a=alloc(1); find(a+0); free(a); b=alloc(2); c=alloc(1)"],
    states: [11_977, 11_354, 11_354],
    unreachable: [NO_PARTIAL_DECAY],
  },
  {
    name: "bounded-tiny-worker",
    statement: "two nodes above the limit, and from some moment on no worker can be created",
    machine: { space: 4, block: 2, lazyMax: 1, faults: ["worker"] },
    programs: ["a=alloc(1); free(a)", "b=alloc(1); free(b)"],
    states: [551, 1_213, 1_470],
    violates: {
      "size-pools": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-N15", steps: 28 },
      "unbound-drain": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-U1", steps: 47 },
    },
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT, NO_DECAY, ALL_POOLED],
    helpers: true,
  },
  {
    name: "bounded-tiny-stack",
    statement:
      "no worker at first, and the stack of each new one is a vmalloc allocation in a space that is short",
    machine: { space: 4, block: 2, lazyMax: 1, workers: { idle: 0, stackPages: 1 } },
    programs: ["a=alloc(2); free(a)", "b=alloc(2); free(b)"],
    states: [5_123, 33_601, 68_189],
    violates: {
      "size-pools": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-P7", steps: 56 },
      "unbound-drain": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-U10", steps: 55 },
    },
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT],
    helpers: true,
  },
  {
    name: "bounded-tiny-queue",
    statement: "two nodes above the limit, and queue_work() may be made to fail once",
    machine: { space: 4, block: 2, lazyMax: 1, faults: ["queue-work"] },
    programs: ["a=alloc(1); free(a); purge", "b=alloc(1); free(b)"],
    states: [5_342, 3_182, 5_208],
    violates: { "unbound-drain": { invariant: "INV-HELPERS-DONE", by: "DEF-U4", steps: 49 } },
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT, NO_PARTIAL_DECAY],
    helpers: true,
  },
  {
    name: "bounded-tiny-hotplug",
    statement: "a CPU goes and comes back while the helper that was to run on it is queued",
    machine: { space: 2, block: 1, lazyMax: 1 },
    programs: ["a=alloc(1); free(a); offline(1); online(1)", "b=alloc(1); free(b)"],
    states: [3_114, 2_311, 2_311],
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT, NO_DECAY, ALL_POOLED],
    helpers: true,
  },
  {
    name: "bounded-tiny-null",
    statement: "a free above the limit from before there is any workqueue",
    machine: { space: 2, block: 1, lazyMax: 0, cpus: 1, boot: "vmalloc_init" },
    programs: ["a=alloc(1); free(a)"],
    states: [39, 61, 78],
    violates: {
      "size-pools": { invariant: "INV-NOWARN", by: "DEF-P5", steps: 14 },
      "unbound-drain": { invariant: "INV-DRAIN", by: "DEF-U3", steps: 17 },
      "unbound-drain-v3": { invariant: "INV-DRAIN", by: "DEF-U3", steps: 18 },
    },
    unreachable: [],
  },
  {
    name: "bounded-tiny-early",
    statement: "two tasks purge two nodes above the limit from before workers run",
    machine: { space: 2, block: 1, lazyMax: 1, boot: "workqueue_init_early" },
    programs: ["a=alloc(1); free(a); purge", "b=alloc(1); free(b); purge"],
    states: [10_325, 16_136, 23_032],
    violates: { "size-pools": { invariant: "INV-HELPERS-DONE", by: "DEF-P6", steps: 50 } },
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT, NO_PARTIAL_DECAY],
    helpers: true,
  },
  {
    name: "closed-small-overflow",
    statement:
      "requests of one page and of two in three pages: pools of two sizes, emptied by every overflow",
    machine: { space: 3, block: 1, lazyMax: 1, cpus: 1, liveMax: 3 },
    programs: ["a=alloc(1); b=alloc(2); free(a)"],
    states: [321_465, 321_465, 321_465],
    unreachable: PLAIN,
  },
  {
    name: "closed-small-boot",
    statement:
      "two tasks for ever from before there is any workqueue, which may fail to be allocated for good",
    machine: { space: 2, block: 1, lazyMax: 0, boot: "vmalloc_init", faults: ["workqueue"], liveMax: 2 },
    programs: ["a=alloc(1); free(a)", "purge"],
    states: [203_594, 205_479, 548_845],
    unreachable: [...PLAIN, ALWAYS_ROOM],
  },
  {
    name: "closed-small-stack",
    statement:
      "as closed-tiny-rescuer, and new workers may come, each with a stack out of the space that is short",
    machine: { space: 2, block: 1, lazyMax: 1, cpus: 1, workers: { idle: 0, stackPages: 1 }, liveMax: 2 },
    programs: ["a=alloc(1,window=0..1); b=alloc(1,window=1..2); free(a)"],
    states: [1_119, 3_736, 505_366],
    violates: {
      "size-pools": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-N15", steps: 54 },
      "unbound-drain": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-U9", steps: 54 },
    },
    unreachable: [...PLAIN, NO_POOL_HIT, NO_DECAY],
    helpers: true,
  },
  {
    name: "bounded-small-three",
    statement: "three nodes above the limit and no worker: two helpers, one after the other on their rescuer",
    machine: { space: 3, block: 1, nodes: 3, cpus: 3, lazyMax: 1, workers: { idle: 0 } },
    programs: ["a=alloc(1); free(a)", "b=alloc(1); free(b)", "c=alloc(1); free(c)"],
    states: [59_586, 210_765, 370_672],
    violates: {
      "size-pools": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-N15", steps: 41 },
      "unbound-drain": { invariant: "INV-WQ-NODEADLOCK", by: "DEF-U1", steps: 64 },
    },
    unreachable: [...PLAIN, ALWAYS_ROOM, NO_POOL_HIT, NO_DECAYED_AREA, ALL_POOLED],
    helpers: true,
  },
  {
    name: "closed-medium",
    statement:
      "two tasks on two nodes want the two pages for ever: pools, overflows, helpers and the drain work",
    machine: { space: 2, block: 1, lazyMax: 1, liveMax: 2 },
    programs: ["a=alloc(1); free(a)", "b=alloc(1)"],
    states: [2_357_264, 2_243_745, 2_243_745],
    unreachable: PLAIN,
    helpers: true,
  },
  {
    name: "closed-medium-overflow",
    statement: "two tasks with requests of one page and of all, and purges by a task and the drain work",
    machine: { space: 2, block: 1, lazyMax: 1, liveMax: 2 },
    programs: ["a=alloc(1); free(a); purge", "b=alloc(2); free(b)"],
    states: [6_016_566, 3_027_947, 3_027_947],
    unreachable: PLAIN,
  },
];

function written({ states, violates, unreachable, helpers, ...row }: Row, design: Design): Written {
  const pinned = violates?.[design];
  return {
    ...row,
    states: states[DESIGNS.indexOf(design)]!,
    violates: pinned,
    unreachable: pinned ? [] : helpers ? unreachable : [...unreachable, NO_HELPER[design]],
  };
}

/** The instances of all three designs. */
export const POOL_INSTANCES: readonly SearchInstance[] = DESIGNS.flatMap((design) =>
  entriesOf(
    design,
    ROWS.map((row) => written(row, design)),
  ),
);
