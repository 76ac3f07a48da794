// SPDX-License-Identifier: GPL-2.0-only
//
// The places in the code of `global-tree`. Later designs keep most of them.

import { site } from "../../explore/sync.ts";

export const S = {
  record: site("alloc_vmap_area", "allocate the vmap_area record"),
  preempt: site("preload_this_cpu_lock", "preemptible: the task may migrate"),
  readSlot: site("preload_this_cpu_lock", "read this CPU's preload slot"),
  preload: site("preload_this_cpu_lock", "allocate a spare record"),
  search: site("__alloc_vmap_area", "under free_vmap_area_lock: preload, search, clip"),
  bind: site("alloc_vmap_area", "under the busy lock: insert into the busy tree"),
  kasan: site("alloc_vmap_area", "populate the KASAN shadow"),
  giveUp: site("alloc_vmap_area", "free the record, return -EBUSY"),
  unbind: site("free_vmap_area", "under the busy lock: unlink"),
  mergeFree: site("free_vmap_area", "merge into the free tree under its lock"),
  setup: site("setup_vmalloc_vm", "under the busy lock: bind vm_struct; map the pages"),
  findUnlink: site("find_unlink_vmap_area", "under the busy lock: find and unlink"),
  unmap: site("remove_vm_area", "clear the page-table entries, no flush"),
  lazyAdd: site("free_vmap_area_noflush", "vmap_lazy_nr += pages"),
  lazyInsert: site("free_vmap_area_noflush", "under the lazy lock: merge into the lazy tree"),
  schedule: site("free_vmap_area_noflush", "schedule_work(&drain_vmap_work)"),
  find: site("find_vmap_area", "under the busy lock: look up an address"),
  collect: site("__purge_vmap_area_lazy", "under the lazy lock: detach the lazy tree"),
  flush: site("__purge_vmap_area_lazy", "flush_tlb_kernel_range over the collected areas"),
  purgeOne: site("__purge_vmap_area_lazy", "under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages"),
  recheck: site("drain_vmap_area_work", "read vmap_lazy_nr: go on while it is above the limit"),
};
