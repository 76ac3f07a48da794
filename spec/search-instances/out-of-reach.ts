// SPDX-License-Identifier: GPL-2.0-only
//
// Why instances cannot come to certain steps: the reasons that several of them share.

import type { Unreachable } from "./entry.ts";

/** No task moves to another CPU while it allocates. */
export const NO_MIGRATION: Unreachable = {
  steps: ["preload_this_cpu_lock: preemptible: the task may migrate"],
  why: "no migration is allowed here",
};

/** No shadow fails, so nothing is freed that was never mapped. */
export const NO_KASAN_FAULT: Unreachable = {
  steps: [
    "alloc_vmap_area: populate the KASAN shadow",
    "free_vmap_area: under the busy lock: unlink",
    "free_vmap_area: merge into the free tree under its lock",
  ],
  why: "the KASAN shadow cannot fail here",
};

/** Every request finds room, after a purge at the latest. */
export const ALWAYS_ROOM: Unreachable = {
  steps: ["alloc_vmap_area: free the record, return -EBUSY"],
  why: "after a purge there is always room",
};

/** Nothing is looked up, in the designs with one busy tree. */
export const NO_FIND: Unreachable = {
  steps: ["find_vmap_area: under the busy lock: look up an address"],
  why: "no task looks an address up",
};

/** Nothing is looked up, in the designs with a busy tree per node. */
export const NO_NODE_FIND: Unreachable = {
  ...NO_FIND,
  steps: ["find_vmap_area: under a node's busy lock: look up an address"],
};

/** No task moves to another CPU, which node-blocks asks for the node as well. */
export const NO_MIGRATION_OF_NODES: Unreachable = {
  ...NO_MIGRATION,
  steps: [...NO_MIGRATION.steps, "alloc_vmap_area: preemptible: the task may migrate"],
};

/** Nothing is freed into a node without having been mapped. */
export const NO_KASAN_FAULT_IN_NODES: Unreachable = {
  ...NO_KASAN_FAULT,
  steps: [...NO_KASAN_FAULT.steps, "free_vmap_area: under vn->free.lock: merge into the node"],
};

/** Every clip of congruent areas that is needed can be made. */
export const NO_RECOVERY: Unreachable = {
  steps: ["pcpu_get_vm_areas: allocate the records that the recovery gave away"],
  why: "no split is refused here, so no clip is undone",
};

/** No shadow of congruent areas fails. */
export const NO_AREA_SHADOW_FAULT: Unreachable = {
  steps: [
    "pcpu_get_vm_areas: populate the KASAN shadow of an area",
    "pcpu_get_vm_areas: under free_vmap_area_lock: merge all areas back, as a shadow failed",
  ],
  why: "the KASAN shadow cannot fail here",
};

/** The lazily freed pages never exceed the limit; only tasks purge. */
export const NEVER_DRAINED: Unreachable = {
  steps: [
    "process_one_work: take the work item, clear pending",
    "process_one_work: the work function has returned",
    "free_vmap_area_noflush: schedule_work(&drain_vmap_work)",
  ],
  why: "no more pages are lazily freed than the limit",
};
