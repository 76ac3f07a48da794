// SPDX-License-Identifier: GPL-2.0-only
//
// An instance: one finite configuration of one allocator, with the program that each CPU runs on it. All that
// decides a run except the schedule. Plain types; the schemas that decode them are in instance-schema.ts.

import type { FaultPoint } from "./faults.ts";
import type { Operation } from "./operations.ts";

/** The designs, oldest first. */
export const ALLOCATOR_IDS = [
  "global-tree",
  "node-index",
  "node-blocks",
  "size-pools",
  "unbound-drain",
  "unbound-drain-v3",
  "dual-index",
  "occupied-index",
] as const;

/** Name of a design. */
export type AllocatorId = (typeof ALLOCATOR_IDS)[number];

/** A half-open range of page numbers. */
export interface PageRange {
  /** First page. */
  readonly start: number;
  /** First page behind the range. */
  readonly end: number;
}

/** Which allocations of the kernel's own may fail, and how often in one run. */
export interface FaultPlan {
  /** How many failures the environment may choose in one run. */
  readonly budget: number;
  /** Where. */
  readonly points: readonly FaultPoint[];
}

/** What has been initialised when a run begins, by the last kernel function that has run. */
export const BOOT_PHASES = ["vmalloc_init", "workqueue_init_early", "workqueue_init"] as const;

/** A moment of the boot. */
export type BootPhase = (typeof BOOT_PHASES)[number];

/** The kernel's worker threads, where they are not to be had for the asking. */
export interface WorkerPlan {
  /** Workers that each pool has when a run begins, beside the one that manages it and executes nothing. */
  readonly idle: number;
  /**
   * Pages of a kernel stack. With it, a pool without an idle worker creates one, whose stack is a vmalloc allocation
   * (CONFIG_VMAP_STACK); without it, no worker can be created.
   */
  readonly stackPages?: number | undefined;
}

/** Bounds that keep a closed instance finite. */
export interface ClosedPlan {
  /** Most areas that are live or about to be. */
  readonly liveMax: number;
}

/** A configuration and its programs. */
export interface Instance {
  readonly allocator: AllocatorId;
  /** Size of the whole address space, pages; it starts as one free area `[0, spacePages)`. */
  readonly spacePages: number;
  /** The vmalloc window `[VMALLOC_START, VMALLOC_END)`. */
  readonly vmalloc: PageRange;
  /** The modules window, outside the vmalloc window; absent if the instance has none. */
  readonly modules?: PageRange | undefined;
  /** Online CPUs. Program i starts on CPU i modulo cpus. */
  readonly cpus: number;
  /** nr_nodes: vmap nodes, 1 to 255. The design `global-tree` has none and ignores it. */
  readonly nodes: number;
  /** node_size: pages of a block and of a zone. */
  readonly blockPages: number;
  /** lazy_max_pages(): a free that sees more lazily freed pages schedules the drain work. */
  readonly lazyMaxPages: number;
  /** PAGE_SIZE, bytes; 4096 if absent. Inside, all is counted in pages: only texts in bytes need it. */
  readonly pageSize?: number | undefined;
  /** MAX_VA_SIZE_PAGES: the largest areas that a pool keeps, pages; 256 if absent. Only designs with pools have it. */
  readonly poolPages?: number | undefined;
  /** If absent, a worker can always be had. */
  readonly workers?: WorkerPlan | undefined;
  /** If present, the boot goes on from here, at moments that the scheduler chooses; if absent, it is over. */
  readonly boot?: BootPhase | undefined;
  readonly faults: FaultPlan;
  /** How many migrations between CPUs the scheduler may choose in one run. */
  readonly migrations: number;
  /**
   * If present, the instance is closed: each program is a menu from which its task picks for ever, and a free takes
   * any live area. For exhaustive search only.
   */
  readonly closed?: ClosedPlan | undefined;
  /** Programs, one per task. */
  readonly programs: readonly (readonly Operation[])[];
}

/** Everything of an instance except its programs. */
export type Configuration = Omit<Instance, "programs">;
