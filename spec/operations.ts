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

/**
 * pcpu_get_vm_areas: areas at the given offsets from one base, which is the highest page where all of them fit, and
 * their mapping. Pages; offsets and sizes are multiples of the alignment.
 */
export interface PcpuOperation {
  readonly op: "pcpu";
  /** Name of the areas as a whole, unique within the instance. */
  readonly name: string;
  readonly offsets: readonly number[];
  /** As many as offsets. */
  readonly sizes: readonly number[];
  /** A power of two. */
  readonly align: number;
}

/** pcpu_free_vm_areas: remove_vm_area of each of them. Waits until the allocation has returned. */
export interface PcpuFreeOperation {
  readonly op: "pfree";
  readonly name: string;
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

/** late_initcall of the maple-tree series: the perf mode is switched on. At most once in an instance. */
export interface FlipOperation {
  readonly op: "flip";
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
  | PcpuOperation
  | PcpuFreeOperation
  | ShrinkOperation
  | FlipOperation
  | HotplugOperation;

/**
 * The areas that an operation allocates. Those of `p=pcpu(...)` are called p[0], p[1], ...; they are freed together, by
 * the name of the whole.
 */
export function areasOf(op: Operation): readonly AllocOperation[] {
  if (op.op === "alloc") return [op];
  if (op.op !== "pcpu") return [];
  const { name, sizes, align } = op;
  return sizes.map((size, i) => ({ op: "alloc", name: `${name}[${i}]`, size, align, window: "vmalloc" }));
}

/** A request for congruent areas, whatever it is called. */
export type PcpuRequest = Pick<PcpuOperation, "offsets" | "sizes" | "align">;

/** The requests for congruent areas in some programs, each once, in the order in which they come first. */
export function pcpuRequests(programs: readonly (readonly Operation[])[]): readonly PcpuRequest[] {
  const found: PcpuRequest[] = [];
  for (const op of programs.flat()) {
    if (op.op === "pcpu" && !found.some((each) => isSameRequest(each, op))) found.push(op);
  }
  return found;
}

/** Whether some program asks for congruent areas. */
export function hasPcpu(programs: readonly (readonly Operation[])[]): boolean {
  return programs.some((program) => program.some(({ op }) => op === "pcpu"));
}

/** Whether two requests are for the same areas, in the same order. */
export function isSameRequest(a: PcpuRequest, b: PcpuRequest): boolean {
  return (
    a.align === b.align &&
    a.offsets.length === b.offsets.length &&
    a.offsets.every((offset, i) => offset === b.offsets[i] && a.sizes[i] === b.sizes[i])
  );
}
