// SPDX-License-Identifier: GPL-2.0-only
//
// The abstraction function: where a design keeps a page -> what that means for the reference model.
// One table per design; a place that a design does not have does not occur in its table.

import type { AllocatorId } from "../spec/instance.ts";

/** What a page is to the reference model. */
export const PAGE = {
  /** Nobody's. It may be handed out, or is kept by the allocator for that purpose. */
  FREE: 0,
  /** Handed out. */
  LIVE: 1,
  /** Given up by its owner, not yet fit for reuse. */
  FREED: 2,
} as const;

/** Where a page can be kept: in a kind of container, or in the hands of a running operation. */
export type Place =
  | "free"
  | "node-free"
  | "busy"
  | "lazy"
  | "purge"
  | "reclaim"
  /** Purged and flushed, kept by a node for the next request of its size. */
  | "pool"
  /** Purged, and could not be given back: to be lazy again. */
  | "failed"
  /** Freed, and in no index for want of memory: the next purge tries again. */
  | "retry"
  /** Taken out of a pool, on the way to the global heap. */
  | "decay"
  /** Clipped by pcpu_get_vm_areas, not yet in the busy tree. */
  | "pcpu"
  /** Edge page of a block that a node owns. */
  | "edge"
  /** Taken by a fill, not yet in the node's tree. */
  | "block-in-flight"
  /** Granted, not yet in the busy tree. */
  | "grant-in-flight"
  /** Unlinked from the busy tree, not yet on a lazy list or merged. */
  | "freed-in-flight";

/** Meaning of each place of a design. */
export type Abstraction = Readonly<Partial<Record<Place, number>>>;

const COMMON: Abstraction = {
  free: PAGE.FREE,
  "grant-in-flight": PAGE.LIVE,
  pcpu: PAGE.LIVE,
  busy: PAGE.LIVE,
  "freed-in-flight": PAGE.FREED,
  lazy: PAGE.FREED,
  purge: PAGE.FREED,
};

const POOLS: Abstraction = {
  ...COMMON,
  pool: PAGE.FREE,
  decay: PAGE.FREE,
  reclaim: PAGE.FREE,
};

// An area is given back when its range is, and not when it leaves its purge list.
const RANGE_TREES: Abstraction = {
  ...COMMON,
  pool: PAGE.FREE,
  decay: PAGE.FREE,
  reclaim: PAGE.FREED,
  failed: PAGE.FREED,
  retry: PAGE.FREED,
};

/** The abstraction function of each design. */
export const ABSTRACTIONS: Readonly<Record<AllocatorId, Abstraction>> = {
  "global-tree": COMMON,
  "node-index": COMMON,
  "node-blocks": {
    ...COMMON,
    // A block is the node's to hand out from the moment it is taken; its edges are set aside.
    "block-in-flight": PAGE.FREE,
    "node-free": PAGE.FREE,
    edge: PAGE.FREE,
    // Purged, flushed, on the way to the global heap.
    reclaim: PAGE.FREE,
  },
  "size-pools": POOLS,
  "unbound-drain": POOLS,
  "unbound-drain-v3": POOLS,
  "dual-index": RANGE_TREES,
  "occupied-index": RANGE_TREES,
};
