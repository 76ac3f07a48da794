// SPDX-License-Identifier: GPL-2.0-only
//
// What is kept of an event until the machine is known that it runs on.

import type { WindowBounds } from "./windows.ts";

/** An allocation of the trace. */
export interface ExportedArea {
  /** The line of the allocation, which names the area. */
  readonly line: number;
  readonly cpu: number;
  /** Pages. */
  readonly size: number;
  /** Pages, a power of two. */
  readonly align: number;
  readonly window: WindowBounds;
}

/** One operation, in the order of the lines. */
export type ExportedStep =
  | { readonly op: "alloc" | "free"; readonly cpu: number; readonly area: ExportedArea }
  | { readonly op: "purge" | "aliases"; readonly cpu: number };

/** Pages that an area needs at most, wherever free pages begin: what its alignment skips is counted. */
export function footprint({ align, size }: Pick<ExportedArea, "align" | "size">): number {
  return size + align - 1;
}
