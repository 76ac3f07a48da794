// SPDX-License-Identifier: GPL-2.0-only
//
// What a line of a vmalloc trace says: the events alloc_vmap_area, free_vmap_area_noflush and purge_vmap_area_lazy.
// Source: include/trace/events/vmalloc.h.

/** Kinds of events. */
export const KIND = { ALLOC: 0, FREE: 1, PURGE: 2 } as const;

/** Bytes of a page of the trace's arithmetic: the smallest page of any kernel, whatever the traced one has. */
export const PAGE_BYTES = 4096;

/**
 * One event. A reader hands out the same object for every line: keep nothing of it. Addresses have up to 64 bits, which no
 * number holds, and are split into a page (`address / 4096`, at most 2^52) and an offset in it.
 */
export interface TraceEvent {
  /** One of KIND. */
  kind: number;
  /** Number of the line, from 1. */
  line: number;
  cpu: number;
  /** Process id; 0 is the idle task of each CPU. */
  pid: number;
  /** Whether it was printed in an interrupt, of either kind; undefined if the text does not say so. */
  inInterrupt: boolean | undefined;
  /** Microseconds, or ticks of another clock; line order is the better key. */
  time: number;
  /** va_start of an allocation and of a free. Without a meaning if the allocation failed. */
  page: number;
  offset: number;
  /** Bytes. Of allocations only, as are the next three. */
  size: number;
  /** Bytes. */
  align: number;
  failed: boolean;
  /** vstart of an allocation, or start of a purge. */
  fromPage: number;
  fromOffset: number;
  /** vend of an allocation, which is behind the window or its last byte; or end of a purge, which is behind its range. */
  toPage: number;
  toOffset: number;
  /** Lazy pages, of frees only, as is the next one. */
  nrLazy: number;
  nrLazyMax: number;
  /** Areas, of purges only. */
  numPurged: number;
  /** The task's name as the line has it. O(its length), and made anew each time. */
  comm(): string;
}

/** First page behind a window or a range of an event: one that ends within a page has that page. */
export function endPageOf({ toOffset, toPage }: Pick<TraceEvent, "toOffset" | "toPage">): number {
  return toOffset > 0 ? toPage + 1 : toPage;
}

/** A place at which events are missing. */
export interface TraceLoss {
  readonly line: number;
  /** The CPU whose buffer has the gap; undefined if the text does not say so. */
  readonly cpu: number | undefined;
  /** Events that are missing, or undefined if nobody knows. */
  readonly events: number | undefined;
  /**
   * overwritten: the header says that fewer entries are in the buffer than were written; some before `until` are missing.
   * started: "buffer started": events of this CPU before this line may be missing, those after it are not.
   * lost: "[LOST n EVENTS]" of trace_pipe, or "EVENTS DROPPED" of trace-cmd: between this line and the CPU's last event before it.
   * unreadable: this line may have been an event.
   */
  readonly kind: "overwritten" | "started" | "lost" | "unreadable";
}

/** Who hears of a trace, in the order of its lines. */
export interface TraceSink {
  event(event: TraceEvent): void;
  loss(loss: TraceLoss): void;
}
