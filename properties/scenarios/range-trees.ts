// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of the designs with range trees, before and after the free tree is left behind: gaps and alignment (SC-06b,
// SC-39, SC-75), the perf mode (SC-35, SC-70 to SC-74).

import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { BootMended } from "../mutants/tree-repairs.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { type Scenario, scenarioOf as scenario } from "./scenario.ts";

const BOTH = ["dual-index", "occupied-index"] as const;
const BEFORE = ["dual-index"] as const;
const AFTER = ["occupied-index"] as const;

const SMALL: Machine = { space: 2, block: 2, cpus: 1, lazyMax: 8 };
const MODULES: Machine = {
  space: 24,
  block: 8,
  vmalloc: { start: 0, end: 8 },
  modules: { start: 16, end: 24 },
  cpus: 1,
  lazyMax: 30,
};
const BOOT = "a=alloc(2); free(a); purge; flip; b=alloc(2)";
const CYCLE = "a=alloc(1); free(a)";

/** The seeding of the occupied tree finds no memory. */
class NotSeeded extends OccupiedIndex {
  protected override seedOccupied(): boolean {
    return false;
  }
}

class NotSeededBefore extends DualIndex {
  protected override seedOccupied(): boolean {
    return false;
  }
}

/** Scenarios of gaps and of the perf mode. */
export const RANGE_TREE_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-06b",
    "after: a window of exactly the size, all of it free, is refused because of its alignment (DEF-O5)",
    AFTER,
    { space: 16, cpus: 1, lazyMax: 30 },
    ["x=alloc(4,align=4,window=8..12)"],
    { kind: "finding", id: "INV-COMPLETE-EXACT" },
  ),
  scenario(
    "SC-06c",
    "before: the same window is served by the walk over the free tree",
    BEFORE,
    { space: 16, cpus: 1, lazyMax: 30 },
    ["x=alloc(4,align=4,window=8..12)"],
    { kind: "holds", pages: { x: 8 } },
  ),
  scenario(
    "SC-35",
    "after: a module from before the perf mode lies in a gap, and is given to the next one (DEF-O1)",
    AFTER,
    MODULES,
    ["a=alloc(2,window=modules); flip; b=alloc(1,window=modules)"],
    { kind: "finding", id: "INV-DISJOINT" },
  ),
  scenario(
    "SC-35b",
    "before: the free tree does not have the module's pages, and the gap is remembered as occupied",
    BEFORE,
    MODULES,
    ["a=alloc(2,window=modules); flip; b=alloc(1,window=modules); c=alloc(1,window=modules)"],
    { kind: "holds", pages: { a: 16, b: 18, c: 19 } },
  ),
  scenario(
    "SC-39",
    "a request for three pages of an empty space of four is refused: padded for its alignment, it wants six",
    BOTH,
    { space: 4, cpus: 1, lazyMax: 8 },
    ["a=alloc(3,align=4)"],
    { kind: "holds", pages: { a: "failed" } },
  ),
  scenario(
    "SC-75",
    "a hole that is aligned and just long enough is passed by, before and after, until it is the whole window",
    BEFORE,
    { space: 4, cpus: 1, lazyMax: 8 },
    ["f=alloc(2); a=alloc(2,align=2); b=alloc(2,align=2,window=2..4)"],
    { kind: "holds", pages: { f: 0, a: "failed", b: 2 } },
  ),
  scenario(
    "SC-75b",
    "after: not even then",
    AFTER,
    { space: 4, cpus: 1, lazyMax: 8 },
    ["f=alloc(2); a=alloc(2,align=2); b=alloc(2,align=2,window=2..4)"],
    { kind: "holds", pages: { f: 0, a: "failed", b: "failed" } },
    { watched: ["INV-BOUNDS", "INV-OCC-PAD"] },
  ),
  scenario(
    "SC-70",
    "after: what is purged before the perf mode is on is in no index any more (DEF-O16)",
    AFTER,
    SMALL,
    [BOOT],
    { kind: "finding", id: "INV-CONSERVE" },
  ),
  scenario(
    "SC-70b",
    "after: and nobody gets it, ever (DEF-O16)",
    AFTER,
    SMALL,
    [BOOT],
    { kind: "finding", id: "INV-OCC-BOOT" },
    { watched: [] },
  ),
  scenario(
    "SC-70c",
    "before: it is in the free tree, from which the occupied tree is seeded",
    BEFORE,
    SMALL,
    [BOOT],
    { kind: "holds", pages: { a: 0, b: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-71",
    "after: an area is published while the perf mode is switched on, and granted before the flush (DEF-O15)",
    AFTER,
    { ...SMALL, space: 1 },
    [`${CYCLE}; b=alloc(1)`, "flip"],
    { kind: "finding", id: "INV-TLB" },
  ),
  scenario(
    "SC-71b",
    "before: the free tree does not have the range, so that it is not granted before its purge",
    BEFORE,
    SMALL,
    [CYCLE, "flip; b=alloc(1); purge; c=alloc(1)"],
    { kind: "holds", pages: { a: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-72",
    "after: the perf mode is switched on while a pool decays, whose areas stay occupied by nobody (DEF-O21)",
    AFTER,
    SMALL,
    [`${CYCLE}; aliases; purge`, "flip"],
    { kind: "finding", id: "INV-CONSERVE" },
    { design: BootMended },
  ),
  scenario(
    "SC-72b",
    "before: they are free and stay occupied, and the next one to get them stores them again (DEF-O21)",
    BEFORE,
    SMALL,
    [`${CYCLE}; aliases; purge; b=alloc(2)`, "flip"],
    { kind: "finding", id: "INV-OCC-STORE" },
  ),
  scenario(
    "SC-74",
    "after: the seeding fails, the perf mode stays off, and what is purged ever after is lost (DEF-O16)",
    AFTER,
    SMALL,
    ["flip; a=alloc(2); free(a); purge; b=alloc(2)"],
    { kind: "finding", id: "INV-CONSERVE" },
    { design: NotSeeded },
  ),
  scenario(
    "SC-74b",
    "before: the seeding fails, and all goes on as it was",
    BEFORE,
    SMALL,
    ["flip; a=alloc(2); free(a); purge; b=alloc(2)"],
    { kind: "holds", pages: { a: 0, b: 0 }, reaches: ["PURGED"] },
    { design: NotSeededBefore },
  ),
];
