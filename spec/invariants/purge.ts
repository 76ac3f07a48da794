// SPDX-License-Identifier: GPL-2.0-only
//
// Invariants of lazy freeing: TLB flushes, the count of lazily freed pages, the drain work and the purge.

import {
  ALL_HOLD,
  HELPERS_HOLD,
  type InvariantEntry,
  NODES_HOLD,
  poolDesigns,
  SHRINKER_BREAKS,
  storeFails,
  treeDesigns,
  violatedBy,
  violatedWhere,
} from "./entry.ts";

// A purge that does not wait for its helpers: mainline's before workers run, v2's if queue_work() says false.
const NOT_AWAITED = violatedWhere(["DEF-P6"], "boot");
const NOT_QUEUED = violatedWhere(["DEF-U4"], "queue-fault");

const TREES_NOT_AWAITED = treeDesigns(
  violatedWhere(["DEF-P6"], "early-boot"),
  violatedWhere(["DEF-P6"], "early-boot"),
);

// The area is lazy before it is counted, and may be purged in between.
const COUNTED_LATE = treeDesigns(violatedBy("DEF-O14"), violatedBy("DEF-O14"));

/** Invariants of lazy freeing. */
export const PURGE_INVARIANTS = [
  {
    id: "INV-TLB",
    kind: "safety",
    when: "step",
    statement: "A page that some CPU may still translate is neither allocatable nor newly allocated.",
    designs: {
      ...ALL_HOLD,
      ...treeDesigns(storeFails("DEF-O9"), violatedWhere(["DEF-O15", "DEF-O2"], "flip", "pcpu")),
    },
    source: "__purge_vmap_area_lazy: the flush comes before any release",
  },
  {
    id: "INV-FLUSH-COVER",
    kind: "safety",
    when: "step",
    statement: "The flush of a purge covers every range that the purge then releases, and comes before it.",
    designs: { ...ALL_HOLD, "size-pools": NOT_AWAITED, ...TREES_NOT_AWAITED },
    source: "__purge_vmap_area_lazy: start and end from the first and last area of each sorted list",
  },
  {
    id: "INV-ALIASES",
    kind: "safety",
    when: "op-end",
    statement:
      "When vm_unmap_aliases returns, no CPU translates a page whose free had completed before the call.",
    designs: { ...ALL_HOLD, ...treeDesigns(storeFails("DEF-O22"), storeFails("DEF-O22")) },
    source: "_vm_unmap_aliases; fc1e0d980037 (2023)",
  },
  {
    id: "INV-LAZYNR-GE",
    kind: "accounting",
    when: "step",
    statement: "vmap_lazy_nr is never below the number of pages on lazy and purge lists.",
    designs: { ...ALL_HOLD, ...COUNTED_LATE },
    source: "free_vmap_area_noflush adds before it inserts; the purge subtracts after it has removed",
  },
  {
    id: "INV-LAZYNR-EQ",
    kind: "accounting",
    when: "quiet",
    statement: "In a quiet state vmap_lazy_nr is exactly the number of pages on lazy lists.",
    designs: {
      ...ALL_HOLD,
      "size-pools": NOT_AWAITED,
      ...TREES_NOT_AWAITED,
      "dual-index": violatedWhere(["DEF-O9", "DEF-P6"], "maple-fault", "early-boot"),
      "unbound-drain": NOT_QUEUED,
    },
    source: "free_vmap_area_noflush, __purge_vmap_area_lazy, purge_vmap_node",
  },
  {
    id: "INV-LAZYNR-POS",
    kind: "accounting",
    when: "step",
    statement: "vmap_lazy_nr is never negative.",
    designs: { ...ALL_HOLD, ...COUNTED_LATE },
    source: "c12cd77cb028 (2022): a wrapped counter kept the drain busy for ever",
  },
  {
    id: "INV-DRAIN",
    kind: "progress",
    when: "liveness",
    statement: "After a free that saw the limit exceeded, a purge begins later than its area became lazy.",
    designs: {
      ...ALL_HOLD,
      ...poolDesigns(
        violatedWhere(["DEF-P5", "DEF-P6"], "boot"),
        violatedWhere(["DEF-U3", "DEF-U4", "C0-4"], "boot", "queue-fault"),
        violatedWhere(["DEF-U3", "C0-4"], "boot"),
      ),
      ...treeDesigns(
        violatedWhere(["DEF-O22", "DEF-P5", "DEF-P6"], "maple-fault", "early-boot"),
        violatedWhere(["DEF-O22", "DEF-P5", "DEF-P6"], "maple-fault", "early-boot"),
      ),
    },
    source: "free_vmap_area_noflush: schedule_work(&drain_vmap_work)",
  },
  {
    id: "INV-DRAIN-NOLOST",
    kind: "progress",
    when: "step",
    statement: "When queueing the drain finds it pending already, that pending run has not begun yet.",
    designs: ALL_HOLD,
    source: "kernel/workqueue.c: PENDING is cleared just before the function runs",
  },
  {
    id: "INV-PURGE-SERIAL",
    kind: "discipline",
    when: "step",
    statement: "At most one task purges at any time, and it holds vmap_purge_lock.",
    designs: { ...ALL_HOLD, ...SHRINKER_BREAKS },
    source: "__purge_vmap_area_lazy: lockdep_assert_held(&vmap_purge_lock)",
  },
  {
    id: "INV-HELPERS-DONE",
    kind: "progress",
    when: "purge",
    statement: "When a purge ends, every purge list is empty and no helper work is pending or running.",
    designs: {
      ...HELPERS_HOLD,
      "size-pools": NOT_AWAITED,
      ...TREES_NOT_AWAITED,
      "unbound-drain": NOT_QUEUED,
    },
    source: "__purge_vmap_area_lazy: the flush_work loop",
  },
  {
    id: "INV-INITWORK",
    kind: "discipline",
    when: "step",
    statement: "A work item is initialised only while it is neither pending nor running.",
    designs: HELPERS_HOLD,
    source: "INIT_WORK in __purge_vmap_area_lazy; kernel/workqueue.c",
  },
  {
    id: "INV-HELPER-COUNT",
    kind: "accounting",
    when: "purge",
    statement:
      "A purge queues clamp(lazy / limit, 1, nodes with work) - 1 helpers, by the count that it read after detaching.",
    designs: { ...HELPERS_HOLD, ...treeDesigns(storeFails("DEF-O20"), storeFails("DEF-O20")) },
    source: "__purge_vmap_area_lazy: nr_purge_helpers",
  },
  {
    id: "INV-PURGE-NODE",
    kind: "structure",
    when: "purge",
    statement: "Every area with a node id that a purge takes from a node carries that node's id.",
    designs: {
      ...HELPERS_HOLD,
      ...treeDesigns(
        storeFails("DEF-O23"),
        violatedWhere(["DEF-O2", "DEF-O23"], "maple-fault", "flip", "pcpu"),
      ),
    },
    source: "free_vmap_area_noflush: the lazy list is that of the decoded node",
  },
  {
    id: "INV-BUSY-NODE",
    kind: "structure",
    when: "lock",
    statement:
      "An area is in a node's busy index exactly if it is busy and its first page belongs to that node.",
    designs: {
      ...NODES_HOLD,
      ...treeDesigns(storeFails("DEF-O9"), violatedWhere(["DEF-O9"], "store-before-flip")),
    },
    source: "addr_to_node(va->va_start) in alloc_vmap_area",
  },
  {
    id: "INV-BUSY-FIND",
    kind: "completeness",
    when: "step",
    statement: "A lookup finds an area that is live throughout, by any of its addresses, also across zones.",
    designs: ALL_HOLD,
    source: "find_vmap_area: the walk over the nodes",
  },
] as const satisfies readonly InvariantEntry[];
