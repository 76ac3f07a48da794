// SPDX-License-Identifier: GPL-2.0-only
//
// Invariants of the address space: who has which page, what the free indexes look like, what a search answers.

import {
  ALL_HOLD,
  AREAS_LOST,
  HOLDS,
  type InvariantEntry,
  poolDesigns,
  insertFails,
  storeFails,
  treeDesigns,
  violatedBy,
  violatedWhere,
} from "./entry.ts";

// The free tree of the patch is only used before its perf mode is on.
const BEFORE_FLIP = violatedWhere(["DEF-O9"], "store-before-flip");

/** Invariants of the address space. */
export const SPACE_INVARIANTS = [
  {
    id: "INV-DISJOINT",
    kind: "safety",
    when: "step",
    statement: "No two live allocations share a page, whatever windows they came from.",
    designs: {
      ...ALL_HOLD,
      ...treeDesigns(storeFails("DEF-O9"), violatedWhere(["DEF-O1", "DEF-O2", "DEF-O15"], "flip", "pcpu")),
    },
    source: "insert_vmap_area: the WARN about overlaps in find_va_links",
  },
  {
    id: "INV-OWN1",
    kind: "safety",
    when: "step",
    statement:
      "Every page is in at most one place: free index, node, busy index, lazy list, purge list, block edge or the " +
      "hands of one operation.",
    designs: {
      ...ALL_HOLD,
      ...treeDesigns(
        storeFails("DEF-O9"),
        violatedWhere(["DEF-O1", "DEF-O15", "DEF-O2", "DEF-O9"], "flip", "pcpu"),
      ),
    },
    source: "mm/vmalloc.c as a whole: an area is in one container at a time",
  },
  {
    id: "INV-CONSERVE",
    kind: "safety",
    when: "step",
    statement: "Every page of the space is in some place: none is ever lost.",
    designs: {
      ...AREAS_LOST,
      ...treeDesigns(
        violatedWhere(["DEF-O9", "DEF-O25", "DEF-O26", "DEF-P6"], "maple-fault", "early-boot"),
        violatedWhere(["DEF-O15", "DEF-O16", "DEF-O2", "DEF-O21", "DEF-O9", "DEF-P6"], "flip", "pcpu"),
      ),
    },
    source: "mm/vmalloc.c as a whole: no leak of address space",
  },
  {
    id: "INV-BOUNDS",
    kind: "safety",
    when: "step",
    statement:
      "A granted range has exactly the size asked for, the alignment asked for, and lies in the window.",
    designs: ALL_HOLD,
    source: "alloc_vmap_area: the BUG_ONs on address and window",
  },
  {
    id: "INV-SORTED",
    kind: "structure",
    when: "lock",
    statement:
      "In each free index the list is sorted by address, holds no empty record, and has the order of the tree.",
    designs: ALL_HOLD,
    source: "find_va_links, link_va",
  },
  {
    id: "INV-COALESCED",
    kind: "structure",
    when: "lock",
    statement: "In an index that merges on insertion, no two records touch.",
    designs: { ...ALL_HOLD, ...treeDesigns(storeFails("DEF-O19"), HOLDS) },
    source: "__merge_or_add_vmap_area",
  },
  {
    id: "INV-AUGMENT",
    kind: "structure",
    when: "lock",
    statement: "The largest size noted at each tree node is the largest size of any record below it.",
    designs: ALL_HOLD,
    source: "augment_tree_propagate_check",
  },
  {
    id: "INV-LOWEST",
    kind: "completeness",
    when: "step",
    statement: "A search for page alignment answers with the lowest fit of the index that it searches.",
    designs: {
      ...ALL_HOLD,
      ...treeDesigns(violatedWhere(["DEF-O21", "DEF-O9"], "flip", "maple-fault"), BEFORE_FLIP),
    },
    source: "find_vmap_lowest_match",
  },
  {
    id: "INV-COMPLETE",
    kind: "completeness",
    when: "step",
    statement: "A search for page alignment fails only if the index that it searches holds no fit.",
    designs: ALL_HOLD,
    source: "find_vmap_lowest_match",
  },
  {
    id: "INV-COMPLETE-EXACT",
    kind: "completeness",
    when: "step",
    statement:
      "A search of a window of exactly the size that is asked for, with an alignment above one page, fails only if the " +
      "index that it searches holds no fit.",
    designs: { ...ALL_HOLD, "occupied-index": violatedBy("DEF-O5") },
    source: "find_vmap_lowest_match; 9f531973dff3 (2021), 9333fe98d0a6 (2022)",
  },
  {
    id: "INV-COMPLETE-ALL",
    kind: "completeness",
    when: "op-end",
    statement:
      "A request for page alignment that runs alone and meets no injected fault fails only if nothing that is free, " +
      "in a node or lazily freed could serve it.",
    designs: {
      ...poolDesigns(HOLDS, HOLDS, HOLDS),
      "global-tree": HOLDS,
      "node-index": HOLDS,
      "node-blocks": { verdict: "violated", by: ["DEF-N13", "DEF-N2", "C2-2"] },
      ...treeDesigns(HOLDS, violatedWhere(["DEF-O16"], "flip")),
    },
    source: "alloc_vmap_area: the overflow path; the single free tree as the reference",
  },
  {
    id: "INV-CLIP",
    kind: "safety",
    when: "lock",
    statement:
      "A clip replaces a free record by the grant and what is left of the record: nothing, one piece at an edge, or " +
      "two pieces for a grant in the middle.",
    designs: ALL_HOLD,
    source: "adjust_va_to_fit_type (va_clip)",
  },
  {
    id: "INV-CLIP-ATOMIC",
    kind: "safety",
    when: "lock",
    statement: "A clip that fails leaves its index as it was.",
    designs: { ...ALL_HOLD, ...treeDesigns(storeFails("DEF-O9"), BEFORE_FLIP) },
    source: "adjust_va_to_fit_type (va_clip): the failing split",
  },
  {
    id: "INV-PCPU-CONGRUENT",
    kind: "safety",
    when: "op-end",
    statement:
      "The areas of a percpu request lie at their offsets from one base, and a request gets all of them or none; then " +
      "nothing of it is left.",
    designs: ALL_HOLD,
    source: "pcpu_get_vm_areas: the comment on congruent areas; its labels recovery and err_free_shadow",
  },
  {
    id: "INV-PCPU-HIGHEST",
    kind: "completeness",
    when: "lock",
    statement:
      "The search for congruent areas answers with the highest base at which the global free tree holds all of them, " +
      "and finds none only if there is none.",
    designs: { ...ALL_HOLD, ...treeDesigns(storeFails("DEF-O9"), insertFails("DEF-O9", "DEF-O19")) },
    source: "pcpu_get_vm_areas: the walk from the top; 5336e52c9e3e (2019)",
  },
  {
    id: "INV-PCPU-COMPLETE",
    kind: "completeness",
    when: "op-end",
    statement:
      "A request for congruent areas that runs alone and meets no injected fault fails only if at no base of the " +
      "window all of them are free, in a node or lazily freed.",
    designs: {
      ...ALL_HOLD,
      "node-blocks": violatedWhere(["DEF-N16"], "pcpu"),
      ...treeDesigns(HOLDS, violatedWhere(["DEF-O27"], "pcpu")),
    },
    source: "pcpu_get_vm_areas: its label overflow; 5336e52c9e3e (2019)",
  },
] as const satisfies readonly InvariantEntry[];
