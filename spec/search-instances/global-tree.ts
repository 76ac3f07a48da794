// SPDX-License-Identifier: GPL-2.0-only
//
// Named instances of the design with one tree of each kind.

import { entriesOf } from "./entry.ts";
import { ALWAYS_ROOM, NO_FIND, NO_KASAN_FAULT, NO_MIGRATION, NO_RECOVERY } from "./out-of-reach.ts";

/** From a page that two tasks fight for to three pages with everything that may fail. */
export const GLOBAL_TREE_INSTANCES = entriesOf("global-tree", [
  {
    name: "closed-tiny",
    statement:
      "two tasks want the only page for ever: overflow, refusal, synchronous free, drain, and a look-up beside a free",
    machine: { space: 1, lazyMax: 0, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(1)"],
    states: 162_153,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "closed-tiny-purge",
    statement:
      "one task allocates and frees two pages for ever while another one purges, beside the drain work",
    machine: { space: 2, lazyMax: 0, liveMax: 2 },
    programs: ["a=alloc(1); free(a)", "purge"],
    states: 43_883,
    unreachable: [NO_MIGRATION, NO_KASAN_FAULT, ALWAYS_ROOM, NO_FIND],
  },
  {
    name: "closed-tiny-migration",
    statement:
      "one task that may change its CPU once, between the preload of a record and its use: every step",
    machine: { space: 1, lazyMax: 0, faults: ["kasan"], migrations: 1, liveMax: 2 },
    programs: ["a=alloc(1); find(a+0); free(a)"],
    states: 17_235,
    unreachable: [],
  },
  {
    name: "bounded-tiny",
    statement:
      "two tasks that cannot both have their pages, any one allocation of the kernel's own fails: every step",
    machine: { space: 3, lazyMax: 1, faults: "all", migrations: 1 },
    programs: ["a=alloc(2); find(a+1); free(a)", "b=alloc(2); free(b)"],
    states: 26_048,
    unreachable: [],
  },
  {
    name: "closed-tiny-pcpu",
    statement:
      "one task wants a page, or two congruent ones, out of two for ever: refusals, retries, shadows that fail, and the drain work",
    machine: { space: 2, cpus: 1, lazyMax: 1, faults: ["kasan"], liveMax: 3 },
    programs: ["a=alloc(1); find(a+0); p=pcpu(0:1,1:1); free(a)"],
    states: 33_977,
    unreachable: [NO_MIGRATION, NO_RECOVERY],
  },
  {
    name: "bounded-tiny-pcpu",
    statement:
      "congruent areas beside an area that is in their way, any two allocations of the kernel's own fail: every step",
    machine: {
      space: 4,
      lazyMax: 1,
      faults: ["kasan", "split", "pcpu-record"],
      faultBudget: 2,
      migrations: 1,
    },
    programs: ["a=alloc(2); find(a+0); free(a)", "p=pcpu(2:1,0:1); pfree(p)"],
    states: 29_510,
    unreachable: [],
  },
  {
    name: "bounded-small",
    statement:
      "three tasks want two pages, two pages and one of three, and any one allocation of the kernel's own fails",
    machine: { space: 3, lazyMax: 1, faults: "all" },
    programs: ["a=alloc(2); find(a+1); free(a)", "b=alloc(2); free(b)", "c=alloc(1); purge"],
    states: 545_530,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "closed-small",
    statement: "requests of one page and of all pages, and purges by both the tasks and the drain work",
    machine: { space: 2, lazyMax: 1, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(2); purge"],
    states: 757_005,
    unreachable: [NO_MIGRATION],
  },
  {
    name: "closed-large",
    statement:
      "two tasks with requests of two sizes in three pages, where areas merge and free space is split",
    machine: { space: 3, lazyMax: 1, faults: ["kasan"], liveMax: 2 },
    programs: ["a=alloc(1); find(a+0); free(a)", "b=alloc(2); free(b); purge"],
    states: 9_081_116,
    unreachable: [NO_MIGRATION],
  },
]);
