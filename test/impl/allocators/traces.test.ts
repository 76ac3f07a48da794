// SPDX-License-Identifier: GPL-2.0-only
// SC-01, SC-02 and SC-12 step by step, for each design. A line that appears, goes or moves is a change of a port.
import { describe, expect, it } from "vitest";
import type { AllocatorId } from "../../../spec/instance.ts";
import { instanceOf } from "../../properties/small-instance.ts";
import { traceOf } from "./trace-of.ts";

// First fit: c gets the page that a gave back.
const sc01 = (allocator: AllocatorId): string =>
  traceOf(
    instanceOf(allocator, "a=alloc(2); b=alloc(2); free(a); purge; c=alloc(1)", {
      spacePages: 8,
      cpus: 1,
      nodes: 1,
      lazyMaxPages: 8,
    }),
  );

// Merging with the neighbours on both sides: in the end one record covers the space.
const sc02 = (allocator: AllocatorId): string =>
  traceOf(
    instanceOf(allocator, "a=alloc(2); b=alloc(2); c=alloc(2); free(a); free(c); purge; free(b); purge", {
      spacePages: 8,
      cpus: 1,
      nodes: 1,
      lazyMaxPages: 8,
    }),
  );

// One allocation on each of two nodes: both nodes' blocks go back to the global heap.
const sc12 = (allocator: AllocatorId): string =>
  traceOf(instanceOf(allocator, "a=alloc(1); free(a)\nb=alloc(1); free(b); purge", { lazyMaxPages: 8 }));

describe("global-tree", () => {
  it("SC-01", () =>
    expect(sc01("global-tree")).toMatchInlineSnapshot(`
    "
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 preload_this_cpu_lock: allocate a spare record
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 vfree: take the address
    0 find_unlink_vmap_area: under the busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    0 mutex_lock: take vmap_purge_lock
    0 __purge_vmap_area_lazy: under the lazy lock: detach the lazy tree
    0 __purge_vmap_area_lazy: flush_tlb_kernel_range over the collected areas
    0 __purge_vmap_area_lazy: under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
    0 mutex_unlock: release vmap_purge_lock
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    done
    free: [1,2) [4,8)
    busy 0: [0,1) [2,4)
    "
  `));
  it("SC-02", () =>
    expect(sc02("global-tree")).toMatchInlineSnapshot(`
    "
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 preload_this_cpu_lock: allocate a spare record
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 vfree: take the address
    0 find_unlink_vmap_area: under the busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    0 vfree: take the address
    0 find_unlink_vmap_area: under the busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    0 mutex_lock: take vmap_purge_lock
    0 __purge_vmap_area_lazy: under the lazy lock: detach the lazy tree
    0 __purge_vmap_area_lazy: flush_tlb_kernel_range over the collected areas
    0 __purge_vmap_area_lazy: under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
    0 __purge_vmap_area_lazy: under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
    0 mutex_unlock: release vmap_purge_lock
    0 vfree: take the address
    0 find_unlink_vmap_area: under the busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    0 mutex_lock: take vmap_purge_lock
    0 __purge_vmap_area_lazy: under the lazy lock: detach the lazy tree
    0 __purge_vmap_area_lazy: flush_tlb_kernel_range over the collected areas
    0 __purge_vmap_area_lazy: under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
    0 mutex_unlock: release vmap_purge_lock
    done
    free: [0,8)
    "
  `));
});

describe("node-index", () => {
  it("SC-01", () =>
    expect(sc01("node-index")).toMatchInlineSnapshot(`
    "
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 preload_this_cpu_lock: allocate a spare record
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 vfree: take the address
    0 find_unlink_vmap_area: under a node's busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    0 mutex_lock: take vmap_purge_lock
    0 __purge_vmap_area_lazy: lockless: is this node's lazy tree empty?
    0 __purge_vmap_area_lazy: under the node's lazy lock: detach its lazy tree
    0 __purge_vmap_area_lazy: flush_tlb_kernel_range if any node was marked
    0 purge_vmap_node: under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
    0 __purge_vmap_area_lazy: add up the purged areas
    0 mutex_unlock: release vmap_purge_lock
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    done
    free: [1,2) [4,8)
    busy 0: [0,1) [2,4)
    "
  `));
  it("SC-12", () =>
    expect(sc12("node-index")).toMatchInlineSnapshot(`
    "
    0 alloc_vmap_area: allocate the vmap_area record
    0 preload_this_cpu_lock: read this CPU's preload slot
    0 preload_this_cpu_lock: allocate a spare record
    0 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 vfree: take the address
    0 find_unlink_vmap_area: under a node's busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    1 alloc_vmap_area: allocate the vmap_area record
    1 preload_this_cpu_lock: read this CPU's preload slot
    1 preload_this_cpu_lock: allocate a spare record
    1 __alloc_vmap_area: under free_vmap_area_lock: preload, search, clip
    1 alloc_vmap_area: under the busy lock: insert into the busy tree
    1 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    1 vfree: take the address
    1 find_unlink_vmap_area: under a node's busy lock: find and unlink
    1 remove_vm_area: clear the page-table entries, no flush
    1 free_vmap_area_noflush: vmap_lazy_nr += pages
    1 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    1 mutex_lock: take vmap_purge_lock
    1 __purge_vmap_area_lazy: lockless: is this node's lazy tree empty?
    1 __purge_vmap_area_lazy: under the node's lazy lock: detach its lazy tree
    1 __purge_vmap_area_lazy: lockless: is this node's lazy tree empty?
    1 __purge_vmap_area_lazy: flush_tlb_kernel_range if any node was marked
    1 purge_vmap_node: under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages
    1 __purge_vmap_area_lazy: add up the purged areas
    1 mutex_unlock: release vmap_purge_lock
    done
    free: [0,16)
    "
  `));
});

describe("node-blocks", () => {
  it("SC-01", () =>
    expect(sc01("node-blocks")).toMatchInlineSnapshot(`
    "
    0 alloc_vmap_area: allocate the vmap_area record
    0 alloc_vmap_area: this_node_id(): read the CPU number
    0 node_alloc: under vn->free.lock: search and clip, or try to become the one that fills
    0 node_alloc_fill: allocate the block's record
    0 node_alloc_fill: under free_vmap_area_lock: take a block
    0 node_alloc_fill: under vn->free.lock: insert the shrunken block, carve
    0 node_alloc: atomic_set(&vn->fill_in_progress, 0)
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 alloc_vmap_area: allocate the vmap_area record
    0 alloc_vmap_area: this_node_id(): read the CPU number
    0 node_alloc: under vn->free.lock: search and clip, or try to become the one that fills
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 vfree: take the address
    0 find_unlink_vmap_area: under a node's busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    0 mutex_lock: take vmap_purge_lock
    0 __purge_vmap_area_lazy: lockless: is this node's lazy tree empty?
    0 __purge_vmap_area_lazy: under the node's lazy lock: detach its lazy tree
    0 __purge_vmap_area_lazy: flush_tlb_kernel_range if any node was marked
    0 __purge_vmap_area_lazy: compute the number of helpers from vmap_lazy_nr
    0 __purge_vmap_area_lazy: hand a node to a helper, or take it on
    0 purge_vmap_node: under vn->free.lock: return an area to its node or to the global list
    0 __purge_vmap_area_lazy: hand a node to a helper, or take it on
    0 __purge_vmap_area_lazy: flush_work() of a helper
    0 __purge_vmap_area_lazy: add up the purged areas
    0 mutex_unlock: release vmap_purge_lock
    0 alloc_vmap_area: allocate the vmap_area record
    0 alloc_vmap_area: this_node_id(): read the CPU number
    0 node_alloc: under vn->free.lock: search and clip, or try to become the one that fills
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    done
    busy 0: [1,2) 0x100 [3,5) 0x100
    node-free 0: [2,3) [5,7)
    "
  `));
  it("SC-12", () =>
    expect(sc12("node-blocks")).toMatchInlineSnapshot(`
    "
    0 alloc_vmap_area: allocate the vmap_area record
    0 alloc_vmap_area: this_node_id(): read the CPU number
    0 node_alloc: under vn->free.lock: search and clip, or try to become the one that fills
    0 node_alloc_fill: allocate the block's record
    0 node_alloc_fill: under free_vmap_area_lock: take a block
    0 node_alloc_fill: under vn->free.lock: insert the shrunken block, carve
    0 node_alloc: atomic_set(&vn->fill_in_progress, 0)
    0 alloc_vmap_area: under the busy lock: insert into the busy tree
    0 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    0 vfree: take the address
    0 find_unlink_vmap_area: under a node's busy lock: find and unlink
    0 remove_vm_area: clear the page-table entries, no flush
    0 free_vmap_area_noflush: vmap_lazy_nr += pages
    0 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    1 alloc_vmap_area: allocate the vmap_area record
    1 alloc_vmap_area: this_node_id(): read the CPU number
    1 node_alloc: under vn->free.lock: search and clip, or try to become the one that fills
    1 node_alloc_fill: allocate the block's record
    1 node_alloc_fill: under free_vmap_area_lock: take a block
    1 node_alloc_fill: under vn->free.lock: insert the shrunken block, carve
    1 node_alloc: atomic_set(&vn->fill_in_progress, 0)
    1 alloc_vmap_area: under the busy lock: insert into the busy tree
    1 setup_vmalloc_vm: under the busy lock: bind vm_struct; map the pages
    1 vfree: take the address
    1 find_unlink_vmap_area: under a node's busy lock: find and unlink
    1 remove_vm_area: clear the page-table entries, no flush
    1 free_vmap_area_noflush: vmap_lazy_nr += pages
    1 free_vmap_area_noflush: under the lazy lock: merge into the lazy tree
    1 mutex_lock: take vmap_purge_lock
    1 __purge_vmap_area_lazy: lockless: is this node's lazy tree empty?
    1 __purge_vmap_area_lazy: under the node's lazy lock: detach its lazy tree
    1 __purge_vmap_area_lazy: lockless: is this node's lazy tree empty?
    1 __purge_vmap_area_lazy: under the node's lazy lock: detach its lazy tree
    1 __purge_vmap_area_lazy: flush_tlb_kernel_range if any node was marked
    1 __purge_vmap_area_lazy: compute the number of helpers from vmap_lazy_nr
    1 __purge_vmap_area_lazy: hand a node to a helper, or take it on
    1 purge_vmap_node: under vn->free.lock: return an area to its node or to the global list
    1 reclaim_list_global: under free_vmap_area_lock: merge the collected ranges
    1 __purge_vmap_area_lazy: hand a node to a helper, or take it on
    1 purge_vmap_node: under vn->free.lock: return an area to its node or to the global list
    1 reclaim_list_global: under free_vmap_area_lock: merge the collected ranges
    1 __purge_vmap_area_lazy: hand a node to a helper, or take it on
    1 __purge_vmap_area_lazy: flush_work() of a helper
    1 __purge_vmap_area_lazy: add up the purged areas
    1 mutex_unlock: release vmap_purge_lock
    done
    free: [0,16)
    "
  `));
});
