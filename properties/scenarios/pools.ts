// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of pools (SC-23 to SC-26, SC-48) and those of the shrinker, hotplug and overflow with pools (SC-62 on).

import type { AllocatorId } from "../../spec/instance.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { type Expectation, type Scenario, scenarioOf } from "./scenario.ts";

/** The designs with pools. */
export const POOLED = [
  "size-pools",
  "unbound-drain",
  "unbound-drain-v3",
] as const satisfies readonly AllocatorId[];

function scenario(
  id: string,
  title: string,
  machine: Machine,
  programs: readonly string[],
  expect: Expectation,
  designs: Scenario["designs"] = POOLED,
): Scenario {
  return scenarioOf(id, title, designs, machine, programs, expect);
}

const FIVE = "a=alloc(1); b=alloc(1); c=alloc(1); d=alloc(1); e=alloc(1)";
const FREE_FIVE = "free(a); free(b); free(c); free(d); free(e)";
/** Two areas of two pages in one pool; the first one to be looked at begins at page 2. */
const ODD_FIRST = "f=alloc(2); a=alloc(2); b=alloc(2); free(b); aliases; free(a); aliases";

/** Scenarios of pools. */
export const POOL_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-23",
    "every page of an area that crosses into the zone of another node is found, nodes backwards",
    { space: 8, block: 4, cpus: 1, lazyMax: 8 },
    ["a=alloc(6); find(a+0); find(a+1); find(a+2); find(a+3); find(a+4); find(a+5); free(a)"],
    { kind: "holds", pages: { a: 0 } },
  ),
  scenario(
    "SC-24",
    "a purged area comes back from the pool, although the global heap has a lower hole",
    { space: 8, cpus: 1, lazyMax: 8 },
    ["h=alloc(1,window=0..1); a=alloc(1); free(h); free(a); aliases; b=alloc(1); c=alloc(1)"],
    { kind: "holds", pages: { a: 1, b: 1, c: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-25",
    "a misaligned first area moves to the tail, the global heap serves; the next request finds the aligned one",
    { space: 12, cpus: 1, lazyMax: 16 },
    [`${ODD_FIRST}; c=alloc(2,align=4); d=alloc(2,align=4)`],
    { kind: "holds", pages: { a: 2, b: 4, c: 8, d: 4 } },
  ),
  scenario(
    "SC-26",
    "of five areas in a pool a partial decay releases one and keeps four",
    { space: 5, cpus: 1, lazyMax: 16 },
    [`${FIVE}; ${FREE_FIVE}; aliases; aliases; p=alloc(1); q=alloc(1); r=alloc(1); s=alloc(1); t=alloc(1)`],
    { kind: "holds", pages: { p: 3, q: 2, r: 1, s: 0, t: 4 } },
  ),
  scenario(
    "SC-26b",
    "of fewer than four areas in a pool a partial decay releases none",
    { space: 4, cpus: 1, lazyMax: 16 },
    ["a=alloc(1); b=alloc(1); c=alloc(1); free(a); free(b); free(c); aliases; aliases; p=alloc(1)"],
    { kind: "holds", pages: { p: 2 } },
  ),
  scenario(
    "SC-48",
    "an area of the modules window is in no pool: a request of its size for the full window is refused",
    { space: 8, vmalloc: { start: 0, end: 1 }, modules: { start: 4, end: 8 }, cpus: 1, lazyMax: 16 },
    ["a=alloc(1); m=alloc(1,window=modules); free(m); aliases; b=alloc(1)"],
    { kind: "holds", pages: { a: 0, m: 4, b: "failed" }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-62",
    "the shrinker decays a pool while a purge fills it: len no longer counts the list (DEF-P1)",
    { space: 4, block: 4, cpus: 1, lazyMax: 8 },
    ["a=alloc(1); free(a); aliases; shrink", "b=alloc(1); free(b); aliases"],
    { kind: "finding", id: "INV-POOL-LEN" },
  ),
  scenario(
    "SC-62b",
    "the shrinker decays without vmap_purge_lock, which the decay takes for granted (DEF-P1)",
    { space: 4, block: 4, cpus: 1, lazyMax: 8 },
    ["a=alloc(1); free(a); aliases; shrink"],
    { kind: "finding", id: "INV-PURGE-SERIAL" },
  ),
  scenario(
    "SC-65",
    "a CPU goes between two purges: the helper of its node runs elsewhere",
    { space: 8, block: 4, lazyMax: 1 },
    [
      "a=alloc(1); b=alloc(1,window=4..5); free(a); free(b); purge; offline(0); " +
        "c=alloc(1,window=0..1); d=alloc(1,window=4..5); free(c); free(d); purge; e=alloc(8)",
    ],
    { kind: "holds", pages: { e: 0 }, reaches: ["HELPER-RAN"] },
  ),
  scenario(
    "SC-66",
    "overflow empties the pools and populates none, so that a request for all of the space is served",
    { space: 4, cpus: 1, lazyMax: 8 },
    ["a=alloc(1); b=alloc(1); free(a); aliases; free(b); c=alloc(4)"],
    { kind: "holds", pages: { c: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-67",
    "a misaligned first area hides the aligned one behind it: only the overflow's full decay finds it (DEF-P4)",
    { space: 6, cpus: 1, lazyMax: 16 },
    [`${ODD_FIRST}; c=alloc(2,align=4)`],
    { kind: "holds", pages: { c: 4 } },
  ),
];
