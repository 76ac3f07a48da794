// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of the per-CPU allocator beside range trees: a free tree that the hot path keeps (before) or has left (after).

import type { Machine } from "../../spec/small-machine.ts";
import { type Scenario, scenarioOf as scenario } from "./scenario.ts";

const BEFORE = ["dual-index"] as const;
const AFTER = ["occupied-index"] as const;

const SMALL: Machine = { space: 5, block: 5, cpus: 1, lazyMax: 8 };
const FROM_BOTH_ENDS = "a=alloc(1); p=pcpu(0:1,4:1)";
const TWO_CHUNKS = "p=pcpu(0:2); pfree(p); aliases; q=pcpu(0:2)";

/** Scenarios of congruent areas in the designs with range trees. */
export const PCPU_TREE_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-36",
    "after: congruent areas are given pages of a live area, which the free tree still has (DEF-O2)",
    AFTER,
    SMALL,
    [FROM_BOTH_ENDS],
    { kind: "finding", id: "INV-DISJOINT" },
  ),
  scenario(
    "SC-36b",
    "before: they are refused, as both trees know of the area",
    BEFORE,
    SMALL,
    [FROM_BOTH_ENDS],
    {
      kind: "holds",
      pages: { a: 0, "p[0]": "failed" },
    },
  ),
  scenario(
    "SC-43q",
    "before: after a clip that failed, the walk from the top never ends, under free_vmap_area_lock (DEF-O28)",
    BEFORE,
    { space: 4, block: 4, cpus: 1, lazyMax: 8, faults: ["maple"] },
    ["a=alloc(2); p=pcpu(0:4)"],
    { kind: "finding", id: "INV-NOWARN" },
  ),
  scenario(
    "SC-43r",
    "after: what congruent areas have had is lost to them for good, although all of it is free again (DEF-O27)",
    AFTER,
    { ...SMALL, space: 2, block: 2 },
    [TWO_CHUNKS],
    { kind: "finding", id: "INV-PCPU-COMPLETE" },
  ),
  scenario(
    "SC-43s",
    "before: the same is served again",
    BEFORE,
    { ...SMALL, space: 2, block: 2 },
    [TWO_CHUNKS],
    { kind: "holds", pages: { "p[0]": 0, "q[0]": 0 } },
  ),
];
