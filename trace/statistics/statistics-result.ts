// SPDX-License-Identifier: GPL-2.0-only
//
// What the statistics of a trace come to: plain data. Sizes and alignments are in bytes, places and sums in pages of
// 4 KiB, times in the unit of the trace's clock. What is undefined has not come in the trace.

import type { WindowName } from "./address-windows.ts";
import type { BusyRows } from "./busy-table.ts";
import type { Spread } from "./log-histogram.ts";
import type { RangeShape } from "./range-shape.ts";
import type { CommonValues } from "./value-counts.ts";

/** Unit of all times: microseconds, or ticks of a clock that does not tell time. */
export type TimeUnit = "us" | "ticks";

/** Counts of events. */
export interface EventCounts {
  readonly all: number;
  /** Failed ones included. */
  readonly allocations: number;
  readonly failed: number;
  readonly frees: number;
  /** Frees of areas that nobody knows. */
  readonly unknownFrees: number;
  readonly purges: number;
  /** Places at which events are missing. What was live or lazy there is unknown afterwards. */
  readonly losses: number;
}

/** The most that there was at once, and the line at which that was so for the first time. */
export interface Peak {
  readonly pages: number;
  readonly line: number;
}

/** Reuses: allocations that got pages of an area that was freed in the trace. */
export interface ReuseStatistics {
  readonly count: number;
  /** Time from the free. */
  readonly time: Spread | undefined;
  /** How many events later it was; 1 if it was the next one. */
  readonly events: Spread | undefined;
  /** Areas freed in between. */
  readonly frees: Spread | undefined;
  /** Reuses of what was freed so long ago that the two distances are unknown. */
  readonly far: number;
}

/** Purges of the lazy list. */
export interface PurgeStatistics {
  readonly count: number;
  /** Those that purged nothing. */
  readonly empty: number;
  /** Areas per purge, without the empty ones. */
  readonly areas: Spread | undefined;
  /** Time between the lines of two that were not empty. */
  readonly interval: Spread | undefined;
}

/** The kernel's own count of lazy pages beside the one above which it purges, at each free. */
export interface LazyLimit {
  /** The highest share; undefined without frees. */
  readonly highest:
    { readonly nrLazy: number; readonly nrLazyMax: number; readonly line: number } | undefined;
  /** Frees that found more than nr_lazy_max. */
  readonly above: number;
}

/** An allocation that failed. */
export interface FailedAllocation {
  readonly line: number;
  readonly size: number;
  readonly align: number;
  readonly pid: number;
  readonly comm: string;
}

/** An address range in which allocations look for a place, and its state at the end. */
export interface WindowStatistics extends RangeShape {
  readonly name: WindowName;
  /** First page, and the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** Failed ones included. */
  readonly allocations: number;
  readonly failed: number;
  readonly frees: number;
  /** Pages of all its allocations. */
  readonly allocatedPages: number;
}

/** The state after some event. */
export interface SeriesPoint {
  /** Number of the event, from 1. */
  readonly event: number;
  readonly time: number;
  /** Pages, in all windows. */
  readonly live: number;
  readonly lazy: number;
  /** Pages of all windows that a purge has released and nobody uses, between the first and the last live page. */
  readonly free: number;
  /** The highest nr_lazy since the point before, 0 without frees; and the nr_lazy_max of the last free so far. */
  readonly nrLazy: number;
  readonly nrLazyMax: number;
  /** Of the widest window, as in RangeShape. */
  readonly liveInWidest: number;
  readonly liveRuns: number;
  readonly hull: number;
  readonly hole: number;
  readonly nextHole: number;
}

/** All of it. */
export interface TraceStatisticsResult {
  readonly timeUnit: TimeUnit;
  readonly events: EventCounts;
  /** Times of the first and the last event. */
  readonly time: { readonly first: number; readonly last: number } | undefined;
  /** Areas that are live at the end, as far as they are known. */
  readonly liveAreas: number;
  readonly peakLive: Peak;
  readonly peakLazy: Peak;
  /** Bytes, of allocations that did not fail; any guard page is included. */
  readonly sizes: CommonValues;
  readonly sizeSpread: Spread | undefined;
  readonly alignments: CommonValues;
  /** Time from an allocation to its free. */
  readonly lifetime: Spread | undefined;
  /** Time from a free to the line of the purge behind which the area was not lazy. */
  readonly lazyTime: Spread | undefined;
  readonly reuse: ReuseStatistics;
  readonly purges: PurgeStatistics;
  readonly lazyLimit: LazyLimit;
  /** The first ones. */
  readonly failures: readonly FailedAllocation[];
  /** By address. */
  readonly windows: readonly WindowStatistics[];
  /** What an interrupt did is its task's. The idle tasks of all CPUs are one. */
  readonly tasks: BusyRows;
  readonly cpus: BusyRows;
  /** Free pages were forgotten so often, since they lay in too many pieces: too few are counted as free. */
  readonly timesFreeForgotten: number;
  /** Events from one point to the next; the last one may have come earlier. */
  readonly seriesStep: number;
  readonly series: readonly SeriesPoint[];
}
