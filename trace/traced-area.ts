// SPDX-License-Identifier: GPL-2.0-only
//
// An area of virtual addresses as a trace knows it, and who hears what becomes of it. Pages of 4 KiB.

import type { TraceEvent } from "./trace-event.ts";

/** One area, from its allocation until its addresses are used again. */
export interface TracedArea {
  /** First page. */
  readonly page: number;
  /** Pages, any guard page included. */
  readonly pages: number;
  /** Bytes, 0 if only the address is known. */
  readonly size: number;
  /** Bytes; 0 if nobody said. */
  readonly align: number;
  /** Line of the allocation; 0 if it is older than the trace or had no event. */
  readonly allocLine: number;
  readonly allocTime: number;
  readonly allocPid: number;
  readonly allocCpu: number;
  /** Line of the free; 0 while it is live, and for what was lazy before the trace. */
  freeLine: number;
  freeTime: number;
  freePid: number;
  freeCpu: number;
  /** The last line behind which it was surely put on the lazy list: its allocation, or what its task printed before. */
  freeAfter: number;
}

/** Hears what a trace comes to, in the order of its lines. */
export interface AreaObserver {
  /** An area is live. `reused` was the last one of which it has a page, if that was freed in the trace. */
  allocated(area: TracedArea, event: TraceEvent, reused: TracedArea | undefined): void;
  /** An allocation failed. */
  refused(event: TraceEvent): void;
  /** An area is lazy; undefined if nobody knows an area at the address. */
  freed(area: TracedArea | undefined, event: TraceEvent): void;
  /** A purge has ended. `released` are the areas that are surely off the lazy list now, and were not before. */
  purged(event: TraceEvent, released: readonly TracedArea[]): void;
  /** Events are missing: nothing is known any more of what is live or lazy. */
  lost(): void;
}
