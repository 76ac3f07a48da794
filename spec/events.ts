// SPDX-License-Identifier: GPL-2.0-only
//
// Events: what a step of a simulated kernel says about itself, at the moment the effect becomes true. They are
// rows of numbers, so that a million of them make no garbage. Addresses are page numbers, ends are exclusive.

/** Event kinds. The comment names the operands a, b, c, ... */
export const EVENT = {
  /** A range left the free space for a caller: start, end, align, vstart, vend, node id that served it or -1. */
  GRANT: 1,
  /** A granted range is in the busy index: start, end, node. */
  BIND: 2,
  /** The caller mapped pages into a range: start, end. */
  MAP: 3,
  /** The owner gave a busy range up (find_unlink, free_vmap_area): start, end. */
  UNLINK: 4,
  /** Page-table entries were cleared; translations may linger in every CPU's TLB: start, end. */
  UNMAP: 5,
  /** vmap_lazy_nr was raised: pages, new value, 1 if that is above the limit and the area is lazy already. */
  LAZY_ADD: 6,
  /** A range is on a lazy container: start, end, node, nr seen by the free, 1 if above the limit. */
  LAZY: 7,
  /** A TLB flush finished: start, end, mask of CPUs that took part. */
  FLUSH: 8,
  /** A freed range may be used again: start, end, node that takes it or -1 for the global heap. */
  RELEASE: 9,
  /** An allocation failed for good: size, align, vstart, vend, errno. */
  ALLOC_FAILED: 10,
  /** A node took a block from the global heap: start, end, node. */
  BLOCK_TAKEN: 11,
  /** The block, shrunken at both edges, is in the node's free tree: start, end, node. */
  BLOCK_PLACED: 12,
  /** A block got its edges back and leaves its node: start, end, node. */
  BLOCK_RETURNED: 13,
  /** A purge begins, vmap_purge_lock held. */
  PURGE_BEGIN: 14,
  /** A node's lazy list was detached: first start, last end, node. */
  PURGE_COLLECTED: 15,
  /** Helpers computed: allowed helpers, nodes with work, vmap_lazy_nr as read. */
  PURGE_HELPERS: 16,
  /** A purge ends: areas purged. */
  PURGE_END: 17,
  /** INIT_WORK: work item, 1 if it was pending, 1 if it was running. */
  INIT_WORK: 18,
  /** queue_work: work item, returned value. */
  QUEUE_WORK: 19,
  /** A work function starts: work item. */
  WORK_START: 20,
  /** A work function returned: work item. */
  WORK_END: 21,
  /** fill_in_progress was taken: node. */
  FILL_BEGIN: 22,
  /** fill_in_progress was reset: node. */
  FILL_END: 23,
  /** A free index was searched without success: container, size, align, vstart, vend. */
  SEARCH_FAILED: 24,
  /** A free record was clipped: container, fit type, old start, old end, start, end. */
  CLIP: 25,
  /** A clip failed for want of a record: container. */
  CLIP_FAILED: 26,
  /** A kernel WARN fired: code. */
  WARN: 27,
  /** The kernel would have died here (NULL dereference, BUG): code. */
  OOPS: 28,
  /** A record went back to the slab although it was linked or not allocated: record. */
  BAD_RECORD_FREE: 29,
  /** find_vmap_area came back: address, start found or -1. */
  FOUND: 30,
  /** An operation of a task ended: task, index, result. */
  OP_END: 32,
  /** free_vmap_area_noflush returned: nothing more to come from this free. */
  FREE_DONE: 31,
  /** A task calls vm_unmap_aliases. */
  ALIASES_BEGIN: 33,
  /** vm_unmap_aliases returned to its caller. */
  ALIASES_END: 34,
  /** A subsystem on the notifier chain gives an area back: its first page. */
  NOTIFIED: 35,
  /** A purged area went into a pool: start, end, node, size class. */
  POOL_ADD: 36,
  /** A pooled area was taken for a request: start, end, node, size class. */
  POOL_TAKEN: 37,
  /** A pool was detached for its decay: node, size class, areas. */
  POOL_DETACHED: 38,
  /** A detached pool has decayed: node, size class, areas released, areas left over. */
  POOL_DECAYED: 39,
  /** The boot goes on: phase. */
  BOOT: 40,
  /** CPU hotplug: CPU, 1 if it is online now. */
  HOTPLUG: 41,
  /** flush_work returned: work item, 1 if it has waited. */
  FLUSHED_WORK: 42,
  /** A kworker could not be created, and none can be from now on. */
  NO_WORKER: 43,
  /** A free above the limit asked for a drain, and nobody took the request. */
  DRAIN_DROPPED: 44,
  /** The rest of a decayed pool was put back: node, size class, areas put back, areas of the pool that this replaces. */
  POOL_ATTACHED: 45,
  /** alloc_workqueue returned, and its result was stored: queue, 1 if it is not NULL. */
  ALLOC_WORKQUEUE: 46,
  /** pcpu_get_vm_areas searched the free space from the top: number of the request, base found or -1. */
  PCPU_SEARCHED: 47,
  /** A granted range that was never mapped is free space again: start, end. */
  UNGRANT: 48,
  /** pcpu_get_vm_areas found no base, not even after a purge: number of the request. */
  PCPU_FAILED: 49,
  /** Free pages were taken back, not to be allocated before the next purge: start, end. */
  WITHDRAW: 60,
  /** An area waits on vmap_retry_list for the next purge: start, end. */
  RETRY: 61,
  /** vmap_enable_occupied_perf_mode ran: 1 if the mode is on now. */
  PERF_MODE: 62,
  /** A range of the occupied tree was stored that was not all free before: start, end. */
  OCCUPIED_TWICE: 63,
  /** A hole of the occupied tree was looked for and not found in the first gap: gaps looked at, align. */
  HOLE_SCAN: 64,
  /** The free tree was asked by a path that takes its answer for free: start, end, 1 if the occupied tree has a gap there. */
  FREE_TREE_READ: 65,
} as const;

/** One of the codes in EVENT. */
export type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** Words per event row: kind, process, six operands. */
export const EVENT_WORDS = 8;

/** Kernel WARNs and deaths, by code. */
export const ALARMS = [
  "",
  "insert: overlaps a neighbour (WARN in find_va_links)",
  "unlink of a record that is in no tree (WARN in __unlink_va)",
  "free_vmap_area_noflush: record still linked (WARN_ON_ONCE)",
  "remove_vm_area: nothing found at the address (WARN)",
  "purge_vmap_node: va_size() of a NULL record (NULL dereference)",
  "alloc_vmap_area: address not aligned or outside its window (BUG_ON)",
  "adjust_va_to_fit_type: GFP_NOWAIT split allocation failed (WARN_ON_ONCE)",
  "merge: a neighbour that is not in this tree",
  "access to a NULL record (NULL dereference)",
  "node_pool_del_va: a pooled area of another size or outside the window (WARN_ON_ONCE)",
  "queue_work: the workqueue does not exist yet (NULL dereference)",
  "flush_work: no workqueue runs yet, or the item has no function (WARN_ON)",
  "encode_vn_id: there is no such node (WARN_ONCE)",
  "decode_vn_id: the flags name a node that does not exist (WARN_ONCE)",
  "a range tree leads to a vmap_area that was freed (use after free)",
  "list_first_entry of an empty purge_list",
  "decay_va_pool_node: an area that was not released fits no pool (WARN_ON_ONCE)",
  "retry_queue_add_va_locked: the area is on another list (WARN_ON_ONCE)",
  "pvm_determine_end_from_reverse: the walk comes back to the same area for ever, with free_vmap_area_lock held",
] as const;

/** Codes of ALARMS. */
export const ALARM = {
  OVERLAP: 1,
  UNLINK_UNLINKED: 2,
  STILL_LINKED: 3,
  NOT_FOUND: 4,
  NULL_SIZE: 5,
  BAD_GRANT: 6,
  SPLIT_FAILED: 7,
  FOREIGN_NEIGHBOUR: 8,
  NULL_RECORD: 9,
  POOL_SANITY: 10,
  NULL_QUEUE: 11,
  BAD_FLUSH: 12,
  BAD_ENCODE: 13,
  BAD_DECODE: 14,
  FREED_RECORD: 15,
  EMPTY_FIRST: 16,
  POOL_REFUSED: 17,
  RETRY_LINKED: 18,
  ENDLESS_WALK: 19,
} as const;
