// SPDX-License-Identifier: GPL-2.0-only
//
// Invariants of pools: what they keep, how they decay, and what a purge says that it did.

import {
  HOLDS,
  type InvariantEntry,
  poolDesigns,
  POOLS_HOLD,
  SHRINKER_BREAKS,
  insertFails,
  storeFails,
  treeDesigns,
  TREES_HOLD,
  violatedWhere,
} from "./entry.ts";

/** Invariants of the designs with pools. */
export const POOL_INVARIANTS = [
  {
    id: "INV-POOL-CLASS",
    kind: "structure",
    when: "lock",
    statement: "Every area in a pool has the size of the pool's class and carries the id of the pool's node.",
    designs: {
      ...POOLS_HOLD,
      ...treeDesigns(
        storeFails("DEF-O23"),
        violatedWhere(["DEF-O2", "DEF-O23"], "maple-fault", "flip", "pcpu"),
      ),
    },
    source: "node_pool_add_va, size_to_va_pool",
  },
  {
    id: "INV-POOL-WINDOW",
    kind: "structure",
    when: "lock",
    statement: "Only areas that were granted for the full vmalloc window are in pools.",
    designs: { ...POOLS_HOLD, "dual-index": storeFails("DEF-O25") },
    source: "node_alloc: other windows get no id",
  },
  {
    id: "INV-POOL-LEN",
    kind: "accounting",
    when: "lock",
    statement: "While a pool does not decay, its len is the number of areas on its list.",
    designs: { ...SHRINKER_BREAKS, ...TREES_HOLD },
    source: "node_pool_add_va, node_pool_del_va, decay_va_pool_node",
  },
  {
    id: "INV-POOL-NOLOSS",
    kind: "accounting",
    when: "lock",
    statement: "What a decay detaches it releases or puts back, and it throws nothing out of the pool.",
    designs: { ...SHRINKER_BREAKS, ...TREES_HOLD },
    source: "decay_va_pool_node: list_replace_init of the rest",
  },
  {
    id: "INV-SKIP",
    kind: "discipline",
    when: "purge",
    statement: "A purge that empties the pools puts nothing into one.",
    designs: { ...POOLS_HOLD, ...treeDesigns(storeFails("DEF-O24"), insertFails("DEF-O24")) },
    source: "vn->skip_populate in __purge_vmap_area_lazy and purge_vmap_node",
  },
  {
    id: "INV-PURGE-COUNT",
    kind: "accounting",
    when: "purge",
    statement: "A purge reports as many areas as it detached from the lazy lists.",
    designs: {
      ...poolDesigns(violatedWhere(["DEF-P6"], "boot"), violatedWhere(["DEF-U4"], "queue-fault"), HOLDS),
      ...treeDesigns(violatedWhere(["DEF-P6"], "early-boot"), violatedWhere(["DEF-P6"], "early-boot")),
    },
    source: "nr_purged_areas in __purge_vmap_area_lazy",
  },
] as const satisfies readonly InvariantEntry[];
