// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of the designs with range trees in which stores find no memory (SC-40 to SC-42, SC-73, SC-76 on).

import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { ClipPrepared, RollbackErases } from "../mutants/tree-repairs.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { type Scenario, scenarioOf as scenario } from "./scenario.ts";

const BOTH = ["dual-index", "occupied-index"] as const;
const BEFORE = ["dual-index"] as const;
const AFTER = ["occupied-index"] as const;

const SMALL: Machine = { space: 2, block: 2, cpus: 1, lazyMax: 8 };
const STORE: Machine = { ...SMALL, faults: ["maple"] };
const CYCLE = "a=alloc(1); free(a)";

/** The store of an area that has taken in its neighbour finds no memory. */
class GrownNotStored extends DualIndex {
  protected override mergeOrAddVmapAreaFree(va: Va): boolean {
    if (this.rightNeighbour(this.areas.start[va]!, this.areas.end[va]!) === NONE) {
      return super.mergeOrAddVmapAreaFree(va);
    }
    const { ranges } = this.trees;
    const { fails } = ranges;
    let stores = 0;
    ranges.fails = () => ++stores === 2;
    const merged = super.mergeOrAddVmapAreaFree(va);
    ranges.fails = fails;
    return merged;
  }
}

/** Neither the store of a new area nor that of the free one in its place finds memory. */
class NeitherStored extends DualIndex {
  protected override occupiedMtStore(): boolean {
    return false;
  }

  protected override restoreAllocatedVmapRangeFree(start: number, end: number): void {
    const { ranges } = this.trees;
    const { fails } = ranges;
    ranges.fails = () => true;
    super.restoreAllocatedVmapRangeFree(start, end);
    ranges.fails = fails;
  }
}

/** Scenarios of stores that find no memory. */
export const FAILING_STORE_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-40",
    "a store for a new area finds no memory: it is refused, or got after all, and nothing is lost",
    AFTER,
    STORE,
    ["a=alloc(1); b=alloc(1)"],
    { kind: "holds", pages: { a: 0, b: 1 }, undecided: ["a", "b"] },
  ),
  scenario(
    "SC-41",
    "an erasure finds no memory: the area is lazy again, counted again, and released by the next purge",
    AFTER,
    STORE,
    ["a=alloc(2); free(a); purge; purge; b=alloc(2)"],
    { kind: "holds", pages: { a: 0, b: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-42",
    "after: the roll-back of an allocation meets the stale entry of the free tree, and warns (DEF-O8)",
    AFTER,
    STORE,
    ["a=alloc(1)"],
    { kind: "finding", id: "INV-NOWARN" },
  ),
  scenario(
    "SC-42b",
    "before: the roll-back puts the range back and says nothing",
    BEFORE,
    STORE,
    ["a=alloc(1)"],
    { kind: "holds", pages: { a: 0 }, undecided: ["a"] },
    { watched: ["INV-NOWARN"] },
  ),
  scenario(
    "SC-73",
    "an area that could not be made lazy waits on the retry list, which a call for the aliases looks at as well",
    AFTER,
    { ...STORE, space: 1, block: 1 },
    [`${CYCLE}; aliases; b=alloc(1)`],
    { kind: "holds", pages: { a: 0, b: 0 }, reaches: ["DRAIN-RAN"] },
  ),
  scenario(
    "SC-76",
    "before: a store of a clip finds no memory, and the free record has been moved already (DEF-O9)",
    BEFORE,
    STORE,
    ["a=alloc(1)"],
    { kind: "finding", id: "INV-CLIP-ATOMIC" },
  ),
  scenario(
    "SC-76b",
    "before: what lies between the old record and the new one is lost (DEF-O9)",
    BEFORE,
    STORE,
    ["a=alloc(1)"],
    { kind: "finding", id: "INV-CONSERVE" },
  ),
  scenario("SC-77", "an area is lazy before it is counted (DEF-O14)", BOTH, SMALL, [CYCLE], {
    kind: "finding",
    id: "INV-LAZYNR-GE",
  }),
  scenario(
    "SC-77b",
    "a purge takes an area off the counter that is not counted yet (DEF-O14)",
    BOTH,
    SMALL,
    [CYCLE, "purge"],
    { kind: "finding", id: "INV-LAZYNR-POS" },
  ),
  scenario(
    "SC-78",
    "an area that is freed stays in the busy tree for want of memory (DEF-O17)",
    AFTER,
    STORE,
    [CYCLE],
    { kind: "finding", id: "INV-INDEX" },
    { watched: [] },
  ),
  scenario(
    "SC-78b",
    "the next area there is inserted over a record that was freed (DEF-O17)",
    BEFORE,
    STORE,
    [`${CYCLE}; purge; b=alloc(1)`],
    { kind: "finding", id: "INV-NOWARN" },
    { watched: [], design: ClipPrepared },
  ),
  scenario(
    "SC-79",
    "before: a free area that is used up stays in the free tree for want of memory (DEF-O18)",
    BEFORE,
    { ...STORE, space: 1, block: 1 },
    ["a=alloc(1)"],
    { kind: "finding", id: "INV-INDEX" },
    { watched: [] },
  ),
  scenario(
    "SC-80",
    "before: the roll-back of an allocation leaves free neighbours apart (DEF-O19)",
    BEFORE,
    STORE,
    ["a=alloc(1)"],
    { kind: "finding", id: "INV-COALESCED" },
  ),
  scenario(
    "SC-81",
    "nothing of a lazy tree can be erased, and the first entry of an empty purge list is read (DEF-O20)",
    BEFORE,
    STORE,
    [`${CYCLE}; purge`],
    { kind: "finding", id: "INV-NOWARN" },
    { watched: [], design: ClipPrepared },
  ),
  scenario(
    "SC-81b",
    "after: the same (DEF-O20)",
    AFTER,
    STORE,
    [`${CYCLE}; purge`],
    { kind: "finding", id: "INV-NOWARN" },
    { watched: [], design: RollbackErases },
  ),
  scenario(
    "SC-82",
    "an area stays lazy for want of memory, and the caller for the aliases is told that none is left (DEF-O22)",
    BOTH,
    STORE,
    [`${CYCLE}; aliases`],
    { kind: "finding", id: "INV-ALIASES" },
  ),
  scenario(
    "SC-82b",
    "a drain leaves an area behind for want of memory, and nobody asks for another one (DEF-O22)",
    BOTH,
    { ...STORE, lazyMax: 0 },
    [CYCLE],
    { kind: "finding", id: "INV-DRAIN" },
  ),
  scenario(
    "SC-83",
    "an area that is tried again goes to the node of its address, and into a pool of that node (DEF-O23)",
    BOTH,
    { ...STORE, block: 1 },
    ["a=alloc(1); b=alloc(1); free(b); aliases"],
    { kind: "finding", id: "INV-PURGE-NODE" },
  ),
  scenario(
    "SC-84",
    "what a decay cannot give back goes back into its pool, though the pools are to be emptied (DEF-O24)",
    BOTH,
    STORE,
    [`${CYCLE}; aliases; purge`],
    { kind: "finding", id: "INV-SKIP" },
  ),
  scenario(
    "SC-85",
    "before: a decayed area has grown by its neighbour, and no pool keeps it (DEF-O25)",
    BEFORE,
    SMALL,
    [`${CYCLE}; aliases; purge`],
    { kind: "finding", id: "INV-REC" },
    { watched: [], design: GrownNotStored },
  ),
  scenario(
    "SC-85b",
    "before: with the area its range is lost, and that of the neighbour (DEF-O25)",
    BEFORE,
    SMALL,
    [`${CYCLE}; aliases; purge`],
    { kind: "finding", id: "INV-CONSERVE" },
    { watched: [], design: GrownNotStored },
  ),
  scenario(
    "SC-85c",
    "before: or a pool of larger areas keeps it, with a page from behind the window (DEF-O25)",
    BEFORE,
    { ...SMALL, space: 3, vmalloc: { start: 0, end: 2 } },
    ["a=alloc(2); free(a); aliases; c=alloc(3,window=0..3)"],
    { kind: "finding", id: "INV-POOL-WINDOW" },
    { watched: [], design: GrownNotStored },
  ),
  scenario(
    "SC-83b",
    "after: without any store that fails, by a roll-back of what was granted twice (DEF-O15, DEF-O23)",
    AFTER,
    { space: 2, block: 1, lazyMax: 8 },
    ["a=alloc(1); free(a); c=alloc(1)", "flip; purge; b=alloc(2)"],
    { kind: "finding", id: "INV-PURGE-NODE" },
    { watched: [] },
  ),
  scenario(
    "SC-86",
    "before: what could be stored neither as occupied nor as free again is lost (DEF-O26)",
    BEFORE,
    SMALL,
    ["a=alloc(1)"],
    { kind: "finding", id: "INV-CONSERVE" },
    { watched: [], design: NeitherStored },
  ),
];
