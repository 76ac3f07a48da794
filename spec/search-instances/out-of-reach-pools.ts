// SPDX-License-Identifier: GPL-2.0-only
//
// Why instances of the designs with pools cannot come to certain steps.

import type { Unreachable } from "./entry.ts";
import { NO_MIGRATION } from "./out-of-reach.ts";

/** No task moves to another CPU, which the pools ask for the node as well. */
export const NO_MIGRATION_OF_POOLS: Unreachable = {
  ...NO_MIGRATION,
  steps: [...NO_MIGRATION.steps, "node_alloc: preemptible: the task may migrate"],
};

/** No purge has two nodes to process and twice the limit of lazy pages; `helped` is where a helper's count is added. */
export function noHelper(helped: string): Unreachable {
  return {
    steps: [
      "flush_work: insert a barrier behind the last queued instance",
      "flush_work: wait for the barrier",
      helped,
    ],
    why: "a purge never has two nodes to process and so many lazy pages",
  };
}

/** Requests name their window, and such ones look at no pool. */
export const NO_FULL_WINDOW: Unreachable = {
  steps: [
    "node_alloc: raw_smp_processor_id() % nr_vmap_nodes",
    "node_pool_del_va: lockless: is the pool of this size empty?",
  ],
  why: "only requests for the full window look at pools",
};

/** No request finds an area of its size in a pool. */
export const NO_POOL_HIT: Unreachable = {
  steps: [
    "node_pool_del_va: under pool_lock: take the first area if it is aligned, else move it to the tail",
    "node_alloc: *addr = va->va_start",
  ],
  why: "no request comes behind a purge that has filled a pool of its size",
};

/** A pool that decays is emptied. */
export const NO_PARTIAL_DECAY: Unreachable = {
  steps: ["decay_va_pool_node: under pool_lock: replace the pool's list by the rest, set its len"],
  why: "only purges for want of space come behind one that has filled a pool",
};

/** A pool that decays keeps what it has. */
export const NO_DECAYED_AREA: Unreachable = {
  steps: ["reclaim_list_global: under free_vmap_area_lock: merge the decayed areas"],
  why: "no purge is a full one, and a quarter of so few areas is none",
};

/** No purge finds a pool with anything in it. */
export const NO_DECAY: Unreachable = {
  steps: [
    "decay_va_pool_node: under pool_lock: detach the pool's list",
    "decay_va_pool_node: without pool_lock: read the pool's len",
    "decay_va_pool_node: without pool_lock: len = 0; move areas to decay_list",
    ...NO_PARTIAL_DECAY.steps,
    ...NO_DECAYED_AREA.steps,
  ],
  why: "nothing is purged behind a purge that has filled a pool",
};

/** All purged areas go to pools. */
export const ALL_POOLED: Unreachable = {
  steps: ["reclaim_list_global: under free_vmap_area_lock: merge the collected ranges"],
  why: "no purge is a full one, and all areas carry the id of a node",
};
