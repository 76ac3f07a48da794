// SPDX-License-Identifier: GPL-2.0-only
//
// The points at which the environment may let a kernel function fail. Names follow the kernel's call sites.

/** Fault points, in a fixed order: the index is the fault's code in the heap. */
export const FAULT_POINTS = [
  "alloc",
  "preload",
  "split",
  "fill-record",
  "kasan",
  "worker",
  "workqueue",
  "queue-work",
  "pcpu-record",
  "maple",
] as const;

/** A place where an allocation of the kernel's may fail. */
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Those of vmalloc's own allocations: what "all" means. The others must be named. */
export const ALLOCATION_FAULTS = [
  "alloc",
  "preload",
  "split",
  "fill-record",
  "kasan",
] as const satisfies readonly FaultPoint[];

/** What each fault point stands for. */
export const FAULT_TEXT: Readonly<Record<FaultPoint, string>> = {
  alloc: "alloc_vmap_area: kmem_cache_alloc_node of the vmap_area",
  preload: "preload_this_cpu_lock: kmem_cache_alloc_node of the spare record (failure is tolerated)",
  split: "adjust_va_to_fit_type: GFP_NOWAIT record for a split inside a free area",
  "fill-record": "node_alloc_fill: kmem_cache_alloc_node of the block's record",
  kasan: "alloc_vmap_area: kasan_populate_vmalloc (leads to the synchronous free_vmap_area)",
  worker: "create_worker: no memory for a kworker, from then on for good",
  workqueue: "vmalloc_init_workqueue: alloc_workqueue of the drain's queue (NULL for good)",
  maple: "mas_store_gfp, mas_preallocate: no memory for the nodes of a range tree",
  "queue-work": "queue_work: false although the item is idle (fault injection; the kernel's own never does)",
  "pcpu-record":
    "pcpu_get_vm_areas: a vmap_area or vm_struct of one of the areas, before the search or before its retry",
};
