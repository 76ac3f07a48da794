// SPDX-License-Identifier: GPL-2.0-only
//
// Named instances of the design with blocks per node. A node serves requests up to a quarter of a block, and two pages
// of it are edges: a block of 4 has room for two requests of a page, one of 8 for three requests of two pages.

import { entriesOf, type EventWitness, type Unreachable } from "./entry.ts";
import {
  ALWAYS_ROOM,
  NEVER_DRAINED,
  NO_KASAN_FAULT_IN_NODES,
  NO_MIGRATION_OF_NODES,
  NO_NODE_FIND,
  NO_RECOVERY,
} from "./out-of-reach.ts";

const RETURNED: EventWitness = { event: "BLOCK_RETURNED", text: "a block went back to the global heap" };
const HELPED: EventWitness = { event: "INIT_WORK", text: "a purge handed a node to a helper" };

const NODES_SUFFICE: Unreachable = {
  steps: [
    "preload_this_cpu_lock: read this CPU's preload slot",
    "preload_this_cpu_lock: allocate a spare record",
    "__alloc_vmap_area: under free_vmap_area_lock: preload, search, clip",
    "alloc_vmap_area: free the record, return -EBUSY",
    "node_alloc_fill: no block to be had: free the record",
    "free_vmap_area: merge into the free tree under its lock",
  ],
  why: "there is a block for each node, and so all requests are served by nodes",
};

/** From one block that two nodes want to two blocks under purges, drains, helpers and faults. */
export const NODE_BLOCKS_INSTANCES = entriesOf("node-blocks", [
  {
    name: "closed-tiny",
    statement:
      "two nodes want the only block for ever, which a synchronous free may leave with the first one",
    machine: { space: 4, block: 4, lazyMax: 4, faults: ["kasan"], liveMax: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(1)"],
    states: 10_192,
    unreachable: [NO_MIGRATION_OF_NODES, NEVER_DRAINED],
    events: [RETURNED],
  },
  {
    name: "closed-tiny-fill",
    statement: "two tasks on one node for ever: the race to fill it, and the one that loses it",
    machine: { space: 4, block: 4, nodes: 1, lazyMax: 4, liveMax: 2 },
    programs: ["a=alloc(1)", "b=alloc(1); free(b)"],
    states: 44_954,
    unreachable: [NO_MIGRATION_OF_NODES, NEVER_DRAINED, NO_KASAN_FAULT_IN_NODES, NO_NODE_FIND],
    events: [RETURNED],
  },
  {
    name: "closed-tiny-drain",
    statement: "one task frees into its node for ever, and each free schedules the drain work beside it",
    machine: { space: 4, block: 4, nodes: 1, cpus: 1, lazyMax: 0, liveMax: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)"],
    states: 48_979,
    unreachable: [NO_MIGRATION_OF_NODES, NO_KASAN_FAULT_IN_NODES, ALWAYS_ROOM],
    events: [RETURNED],
  },
  {
    name: "closed-tiny-pcpu",
    statement:
      "one task wants a page of its node, or two congruent ones of the global heap, for ever: the block is in their way",
    machine: { space: 4, block: 4, nodes: 1, cpus: 1, lazyMax: 4, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(1); p=pcpu(0:1,2:1); free(a)"],
    states: 2_498,
    unreachable: [NO_MIGRATION_OF_NODES, NEVER_DRAINED, NO_NODE_FIND, NO_RECOVERY],
    events: [RETURNED],
  },
  {
    name: "bounded-tiny-pcpu",
    statement: "congruent areas beside an area of a node, any one allocation of the kernel's own fails",
    machine: {
      space: 4,
      block: 4,
      nodes: 1,
      cpus: 1,
      lazyMax: 1,
      faults: ["kasan", "split", "pcpu-record"],
    },
    programs: ["a=alloc(1); find(a+0); free(a)", "p=pcpu(2:1,0:1); pfree(p)"],
    states: 4_271,
    unreachable: [NO_MIGRATION_OF_NODES, ALWAYS_ROOM],
  },
  {
    name: "bounded-tiny-pcpu-stranded",
    statement: "a page of a node keeps the block from the per-CPU allocator, and a purge does not help",
    machine: { space: 4, block: 4, nodes: 1, cpus: 1, lazyMax: 4 },
    programs: ["a=alloc(1); p=pcpu(0:1)"],
    states: 17,
    violates: { invariant: "INV-PCPU-COMPLETE", by: "DEF-N16", steps: 17 },
    unreachable: [],
  },
  {
    name: "closed-tiny-migration",
    statement:
      "one task that may change its CPU once, and with it the node that serves it or the preloaded record",
    machine: { space: 4, block: 4, lazyMax: 4, migrations: 1, liveMax: 2 },
    programs: ["a=alloc(1); free(a); purge"],
    states: 8408,
    unreachable: [NEVER_DRAINED, NO_KASAN_FAULT_IN_NODES, NO_NODE_FIND],
    events: [RETURNED],
  },
  {
    name: "bounded-tiny",
    statement: "two nodes want the only block, and any one allocation of the kernel's own fails: every step",
    machine: { space: 4, block: 4, lazyMax: 0, faults: "all", migrations: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(1); free(b)"],
    states: 38_032,
    unreachable: [],
    events: [RETURNED],
  },
  {
    name: "bounded-tiny-helpers",
    statement:
      "both nodes have lazily freed areas, so that a purge takes on one node and a helper the other one",
    machine: { space: 9, block: 4, lazyMax: 0, faults: ["kasan"] },
    programs: ["a=alloc(1); free(a); purge", "b=alloc(1); free(b)"],
    states: 6631,
    unreachable: [NO_MIGRATION_OF_NODES, NO_NODE_FIND, NODES_SUFFICE],
    events: [RETURNED, HELPED],
  },
  {
    name: "bounded-small",
    statement:
      "one block and a page beside it, so that nodes purge what is not theirs, and any one allocation fails: every step",
    machine: { space: 5, block: 4, lazyMax: 0, faults: "all", migrations: 1 },
    programs: ["a=alloc(1); b=alloc(1); find(b+0); free(a)", "c=alloc(1); free(c); purge"],
    states: 346_212,
    unreachable: [],
    events: [RETURNED, HELPED],
  },
  {
    name: "bounded-small-helpers",
    statement:
      "three tasks, blocks of both nodes that touch, and a purge that shares the nodes with a helper",
    machine: { space: 9, block: 4, lazyMax: 0, faults: ["kasan"] },
    programs: ["a=alloc(1); free(a)", "b=alloc(1); free(b)", "c=alloc(3); find(c+0); free(c); purge"],
    states: 764_060,
    unreachable: [NO_MIGRATION_OF_NODES],
    events: [RETURNED, HELPED],
  },
  {
    name: "closed-small",
    statement:
      "requests that a node serves, that it takes a block for and that the global heap refuses, while another task " +
      "and the drain work purge: every step but migrations",
    machine: { space: 8, block: 8, lazyMax: 0, faults: ["kasan"], liveMax: 1 },
    programs: ["a=alloc(2); b=alloc(8); find(a+0); free(a)", "purge"],
    states: 1_167_889,
    unreachable: [NO_MIGRATION_OF_NODES],
    events: [RETURNED],
  },
  {
    name: "closed-small-helpers",
    statement:
      "one block and a page of the other node's zone beside it: each purge of both starts a helper, for ever",
    machine: { space: 5, block: 4, cpus: 1, lazyMax: 0, faults: ["kasan"], liveMax: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)"],
    states: 710_062,
    unreachable: [NO_MIGRATION_OF_NODES, ALWAYS_ROOM],
    events: [RETURNED, HELPED],
  },
  {
    name: "closed-small-migration",
    statement:
      "as closed-small, but one task that changes its CPU once, so that both nodes want the block: every step",
    machine: { space: 8, block: 8, lazyMax: 2, faults: ["kasan"], migrations: 1, liveMax: 1 },
    programs: ["a=alloc(2); b=alloc(8); find(a+0); free(a)"],
    states: 1_204_274,
    unreachable: [],
    events: [RETURNED],
  },
  {
    name: "closed-medium",
    statement: "tasks of both nodes want the only block, beside the drain work: every step but migrations",
    machine: { space: 4, block: 4, lazyMax: 1, faults: ["kasan"], liveMax: 1 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(1)"],
    states: 3_130_749,
    unreachable: [NO_MIGRATION_OF_NODES],
    events: [RETURNED],
  },
]);
