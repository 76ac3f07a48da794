// SPDX-License-Identifier: GPL-2.0-only
//
// Why instances of the designs with range trees cannot come to certain steps.

import type { Unreachable } from "./entry.ts";
import { NO_DECAY, NO_DECAYED_AREA, noHelper } from "./out-of-reach-pools.ts";

/** No shadow fails, so that no area is freed at once. */
export const NO_TREE_KASAN_FAULT: Unreachable = {
  steps: [
    "alloc_vmap_area: populate the KASAN shadow",
    "free_vmap_area: under the busy lock: erase the area from busy.mt",
    "free_vmap_area: under free_vmap_area_lock: give the range back",
  ],
  why: "the shadow can always be populated",
};

/** A pool that decays keeps what it has. */
export const NO_TREE_DECAYED_AREA: Unreachable = {
  steps: ["reclaim_list_global: under free_vmap_area_lock: give decay_list back"],
  why: NO_DECAYED_AREA.why,
};

/** No purge finds a pool with anything in it. */
export const NO_TREE_DECAY: Unreachable = {
  steps: [
    ...NO_DECAY.steps.filter((step) => !NO_DECAYED_AREA.steps.includes(step)),
    ...NO_TREE_DECAYED_AREA.steps,
  ],
  why: NO_DECAY.why,
};

/** All purged areas go to pools. */
export const ALL_TREE_POOLED: Unreachable = {
  steps: [
    "reclaim_list_global: under free_vmap_area_lock: give local_list back",
    "purge_vmap_node: the next entry of local_failed",
  ],
  why: "no purge is a full one, and all areas carry the id of a node",
};

/** No purge has two nodes to process and twice the limit of lazy pages. */
export const NO_TREE_HELPER: Unreachable = noHelper(
  "__purge_vmap_area_lazy: nr_purged_areas += vn->nr_purged, for a node that a helper did",
);

/** The lazily freed pages never exceed the limit; a drain is asked for by the retry list only. */
export const NO_DRAIN_ASKED: Unreachable = {
  steps: ["free_vmap_area_noflush: schedule_work(&drain_vmap_work)"],
  why: "no more pages are lazily freed than the limit",
};
