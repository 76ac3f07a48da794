// SPDX-License-Identifier: GPL-2.0-only
//
// Invariants of range trees: what the trees of free and of occupied ranges say of each other, and of the areas.

import { HOLDS, type InvariantEntry, storeFails, treeDesigns, TREES_HOLD, violatedWhere } from "./entry.ts";

/** Invariants of the designs with range trees. */
export const TREE_INVARIANTS = [
  {
    id: "INV-INDEX",
    kind: "structure",
    when: "lock",
    statement: "A range tree leads to just the areas that are in it, to each from the whole of its range.",
    designs: treeDesigns(storeFails("DEF-O17", "DEF-O18"), storeFails("DEF-O17")),
    source: "insert_vmap_area_busy_locked and the like; mas_store_gfp",
  },
  {
    id: "INV-OCC-EQ",
    kind: "safety",
    when: "lock",
    statement:
      "Once the occupied tree says what is free, no gap of it holds a page that is live, lazily freed, on its way or " +
      "in a pool, in any window.",
    designs: { "occupied-index": violatedWhere(["DEF-O1", "DEF-O15", "DEF-O2", "C1-2"], "flip", "pcpu") },
    source: "RFC 07/12: the occupied tree is the source of truth for in-use ranges",
  },
  {
    id: "INV-OCC-DUAL",
    kind: "structure",
    when: "lock",
    statement:
      "In perf mode, a page of the vmalloc window is in the free tree exactly if the occupied tree has a gap there.",
    designs: { "dual-index": violatedWhere(["DEF-O15", "DEF-O9"], "flip", "maple-fault") },
    source: "RFC 06/12: both trees are maintained in lock-step",
  },
  {
    id: "INV-OCC-STORE",
    kind: "safety",
    when: "step",
    statement: "What is stored as occupied for a new area was all a gap before.",
    designs: treeDesigns(
      violatedWhere(["DEF-O21", "DEF-O9"], "flip", "maple-fault"),
      violatedWhere(["DEF-O2", "C1-5"], "pcpu"),
    ),
    source: "occupied_mt_store_range_locked",
  },
  {
    id: "INV-OCC-FREEMT",
    kind: "safety",
    when: "step",
    statement:
      "A range that the free tree gives to a path which takes it for free is all a gap of the occupied tree.",
    designs: { "occupied-index": violatedWhere(["DEF-O2", "C1-14"], "pcpu") },
    source: "RFC 07/12: free_mt out of sync is harmless",
  },
  {
    id: "INV-OCC-RETRY",
    kind: "safety",
    when: "step",
    statement: "No range that waits on the retry list is granted, also while the list is being drained.",
    designs: treeDesigns(HOLDS, violatedWhere(["DEF-O2"], "pcpu")),
    source: "RFC 05/12: the retry list as an exclusion set",
  },
  {
    id: "INV-RETRY-DRAIN",
    kind: "progress",
    when: "quiet",
    statement: "In a quiet state nothing waits on the retry list.",
    designs: TREES_HOLD,
    source: "RFC 05/12: whoever puts an area onto the retry list schedules the drain",
  },
  {
    id: "INV-OCC-BOOT",
    kind: "completeness",
    when: "quiet",
    statement: "In perf mode, every page that was given back can be allocated again, whenever that was.",
    designs: treeDesigns(storeFails("DEF-O9"), violatedWhere(["DEF-O16", "DEF-O2"], "flip", "pcpu")),
    source: "vmap_enable_occupied_perf_mode, occupied_mt_seed_from_free_locked",
  },
  {
    id: "INV-OCC-PAD",
    kind: "completeness",
    when: "step",
    statement:
      "While nothing waits on the retry list, an aligned request is served from the first gap that is found for it.",
    designs: { "occupied-index": HOLDS },
    source: "RFC 07/12: the padding of occupied_mt_find_hole_window_locked",
  },
] as const satisfies readonly InvariantEntry[];
