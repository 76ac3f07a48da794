// SPDX-License-Identifier: GPL-2.0-only
//
// Operations: what a task of an instance asks of the allocator. Areas are named by the operation that
// allocates them; a free of an area whose allocation failed does nothing.

import type { PageRange } from "./instance.ts";

/** vmalloc: take a range, map it. Sizes and alignments in pages. */
export interface AllocOperation {
  readonly op: "alloc";
  /** Name of the area, unique within the instance. */
  readonly name: string;
  readonly size: number;
  /** A power of two; 1 is page alignment. */
  readonly align: number;
  /** Where: one of the instance's windows, or an explicit range. */
  readonly window: "vmalloc" | "modules" | PageRange;
  /** The area is handed to a subsystem that gives it back when vmap_notify_list is called. */
  readonly cached?: boolean | undefined;
}

/** vfree: remove_vm_area of a named area. Waits until the allocation has returned if another task makes it. */
export interface FreeOperation {
  readonly op: "free";
  readonly name: string;
}

/** find_vmap_area of an address inside a named area of the same task. */
export interface FindOperation {
  readonly op: "find";
  readonly name: string;
  /** Offset from the area's first page, in pages, below its size. */
  readonly offset: number;
}

/** reclaim_and_purge_vmap_areas, as the overflow path calls it. */
export interface PurgeOperation {
  readonly op: "purge";
}

/** vm_unmap_aliases. */
export interface AliasesOperation {
  readonly op: "aliases";
}

/** vmap_node_shrink_scan: the shrinker gives back what the pools keep. */
export interface ShrinkOperation {
  readonly op: "shrink";
}

/** CPU hotplug: a CPU goes, and its tasks move. The last one stays. */
export interface OfflineOperation {
  readonly op: "offline";
  readonly cpu: number;
}

/** CPU hotplug: a CPU comes back. */
export interface OnlineOperation {
  readonly op: "online";
  readonly cpu: number;
}

/** CPU hotplug. One that cannot be done does nothing. */
export type HotplugOperation = OfflineOperation | OnlineOperation;

/** One operation of a task. */
export type Operation =
  | AllocOperation
  | FreeOperation
  | FindOperation
  | PurgeOperation
  | AliasesOperation
  | ShrinkOperation
  | HotplugOperation;
