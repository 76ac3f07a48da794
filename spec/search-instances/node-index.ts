// SPDX-License-Identifier: GPL-2.0-only
//
// Named instances of the design with busy and lazy areas per node. Zones are as small as they can be, so that the
// smallest areas lie across them.

import { entriesOf } from "./entry.ts";
import { ALWAYS_ROOM, NO_KASAN_FAULT, NO_MIGRATION, NO_NODE_FIND } from "./out-of-reach.ts";

/** From an area across two zones to three zones with everything that may fail. */
export const NODE_INDEX_INSTANCES = entriesOf("node-index", [
  {
    name: "closed-tiny",
    statement:
      "two tasks want the only two pages for ever, which lie in two zones: a look-up and a free that go back a node",
    machine: { space: 2, block: 1, lazyMax: 1, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(2); find(a+1); free(a)", "b=alloc(2)"],
    states: 123_305,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "closed-tiny-purge",
    statement:
      "one task allocates and frees a page of each node for ever while another one purges, beside the drain work",
    machine: { space: 2, block: 1, lazyMax: 0, liveMax: 2 },
    programs: ["a=alloc(1); free(a)", "purge"],
    states: 40_919,
    unreachable: [NO_MIGRATION, NO_KASAN_FAULT, ALWAYS_ROOM, NO_NODE_FIND],
  },
  {
    name: "closed-tiny-migration",
    statement:
      "one task that may change its CPU once, between the preload of a record and its use: every step",
    machine: { space: 2, block: 1, lazyMax: 0, faults: ["kasan"], migrations: 1, liveMax: 2 },
    programs: ["a=alloc(2); find(a+1); free(a)"],
    states: 13_413,
    unreachable: [],
  },
  {
    name: "bounded-tiny",
    statement:
      "two tasks that cannot both have their pages, any one allocation of the kernel's own fails: every step",
    machine: { space: 3, block: 1, lazyMax: 1, faults: "all", migrations: 1 },
    programs: ["a=alloc(2); find(a+1); free(a)", "b=alloc(2); free(b)"],
    states: 29_619,
    unreachable: [],
  },
  {
    name: "bounded-tiny-pcpu",
    statement:
      "congruent areas in two nodes beside an area that is in their way, any one allocation of the kernel's own fails",
    machine: { space: 4, block: 2, lazyMax: 1, faults: ["kasan", "split", "pcpu-record"] },
    programs: ["a=alloc(2); find(a+0); free(a)", "p=pcpu(2:1,0:1); pfree(p)"],
    states: 9_169,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "bounded-small",
    statement:
      "three tasks want two pages, two pages and one of three, and any one allocation of the kernel's own fails",
    machine: { space: 3, block: 1, lazyMax: 1, faults: "all" },
    programs: ["a=alloc(2); find(a+1); free(a)", "b=alloc(2); free(b)", "c=alloc(1); purge"],
    states: 705_015,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "closed-small",
    statement: "requests of one zone and of both, freed by two tasks, and purges by tasks and the drain work",
    machine: { space: 2, block: 1, lazyMax: 1, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(2); free(b); purge"],
    states: 1_488_871,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "closed-large",
    statement:
      "two tasks with requests of two sizes in three zones of two nodes, where areas merge across zones",
    machine: { space: 3, block: 1, lazyMax: 1, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(2); free(b); purge"],
    states: 8_864_106,
    unreachable: [NO_MIGRATION],
  },
]);
