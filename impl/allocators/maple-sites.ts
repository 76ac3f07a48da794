// SPDX-License-Identifier: GPL-2.0-only
//
// The places in the code of the designs with range trees.

import { site } from "../../explore/sync.ts";

/** Places that every instance has. */
export const MAPLE_SITES = {
  search: site("__alloc_vmap_area", "under free_vmap_area_lock: preload, search, take the range"),
  bind: site("alloc_vmap_area", "under the busy lock: store the area into busy.mt"),
  unbind: site("free_vmap_area", "under the busy lock: erase the area from busy.mt"),
  mergeFree: site("free_vmap_area", "under free_vmap_area_lock: give the range back"),
  size: site("free_vmap_area_noflush", "list_empty(&va->list); nr_pages"),
  publish: site("publish_vmap_area_lazy", "under the lazy lock: store the area into lazy.mt"),
  lazyAdd: site("free_vmap_area_noflush", "vmap_lazy_nr += nr_pages, after the area is lazy"),
  splice: site("drain_vmap_retry_queue", "under free_vmap_area_lock: splice vmap_retry_list"),
  collect: site(
    "__purge_vmap_area_lazy",
    "under the lazy lock: is lazy.mt empty? move its areas to purge_list",
  ),
  reclaim: site("reclaim_list_global", "under free_vmap_area_lock: give local_list back"),
  reclaimDecayed: site("reclaim_list_global", "under free_vmap_area_lock: give decay_list back"),
  nextFailed: site("purge_vmap_node", "the next entry of local_failed"),
};

/** Places behind a store that found no memory. */
export const STORE_FAILED_SITES = {
  rollback: site(
    "rollback_busy_insert_failed_alloc_locked",
    "under free_vmap_area_lock: undo the allocation",
  ),
  scheduleRetry: site("schedule_work", "queue the drain, so that vmap_retry_list is looked at"),
  retry: site("free_vmap_area_noflush", "under free_vmap_area_lock: onto vmap_retry_list"),
  next: site("drain_vmap_retry_queue", "the next entry of local_retry"),
  node: site("drain_vmap_retry_queue", "addr_to_node(va->va_start)"),
  retryAdd: site("drain_vmap_retry_queue", "vmap_lazy_nr += pages of an area that is lazy now"),
  retryAgain: site("drain_vmap_retry_queue", "under free_vmap_area_lock: back onto vmap_retry_list"),
  failedNode: site("purge_vmap_node", "the lazy list of an area of local_failed"),
  failedAdd: site("purge_vmap_node", "atomic_long_add(nr_failed_pages, &vmap_lazy_nr)"),
  retryFailed: site("purge_vmap_node", "under free_vmap_area_lock: onto vmap_retry_list"),
  repopulate: site("decay_va_pool_node", "node_pool_add_va() of an area of decay_failed"),
};

/** Places of the change of modes, of the shrinker, and of what must never happen. */
export const OTHER_MAPLE_SITES = {
  publishErase: site("publish_vmap_area_lazy", "under free_vmap_area_lock as well: without perf mode, erase"),
  supported: site("decay_va_pool_node", "without a lock: is the perf mode on?"),
  perfMode: site("vmap_enable_occupied_perf_mode", "under free_vmap_area_lock: seed the occupied tree"),
  lockScan: site("vmap_node_shrink_scan", "mutex_lock(&vmap_purge_lock)"),
  unlockScan: site("vmap_node_shrink_scan", "mutex_unlock(&vmap_purge_lock)"),
  badGrant: site("alloc_vmap_area", "BUG_ON: the address is not aligned, or outside the window"),
};
