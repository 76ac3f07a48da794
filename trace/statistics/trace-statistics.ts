// SPDX-License-Identifier: GPL-2.0-only
//
// Statistics of a vmalloc trace, of one pass over it: memory is bounded by what is live and lazy, and by constants.

import type { TraceEvent } from "../trace-event.ts";
import type { AreaObserver, TracedArea } from "../traced-area.ts";
import { AddressWindows, type AddressWindow } from "./address-windows.ts";
import { BoundedSeries } from "./bounded-series.ts";
import { BusyTable } from "./busy-table.ts";
import { LogHistogram } from "./log-histogram.ts";
import { PAGE_STATE, PageStates } from "./page-states.ts";
import { shapeOf, type RangeShape } from "./range-shape.ts";
import { RecentFrees } from "./recent-frees.ts";
import type {
  FailedAllocation,
  SeriesPoint,
  TimeUnit,
  TraceStatisticsResult,
  WindowStatistics,
} from "./statistics-result.ts";
import { ValueCounts } from "./value-counts.ts";

/** Failed allocations that are kept one by one. */
const FAILURES_MAX = 16;
/** Rows of the tables. */
const COMMON_ROWS = 10;
const TASK_ROWS = 10;
const CPU_ROWS = 16;

const NO_SHAPE: RangeShape = { live: 0, lazy: 0, free: 0, liveRuns: 0, hull: 0, hole: 0, nextHole: 0 };

/** An area from before the trace. Pages of 4 KiB. */
export interface OlderArea {
  readonly page: number;
  readonly pages: number;
  readonly isLazy: boolean;
}

/** Hears of a trace and counts. Each call is O(log areas); a purge is so for each area that it releases. */
export class TraceStatistics implements AreaObserver {
  private readonly counts = {
    all: 0,
    allocations: 0,
    failed: 0,
    frees: 0,
    unknownFrees: 0,
    purges: 0,
    losses: 0,
  };
  private firstTime = 0;
  private lastTime = 0;
  private liveAreas = 0;
  private readonly states = new PageStates();
  private readonly peakLive = { pages: 0, line: 0 };
  private readonly peakLazy = { pages: 0, line: 0 };
  private readonly windows = new AddressWindows();
  private readonly sizes = new ValueCounts();
  private readonly sizeSpread = new LogHistogram();
  private readonly alignments = new ValueCounts();
  private readonly lifetime = new LogHistogram();
  private readonly lazyTime = new LogHistogram();
  private readonly recentFrees = new RecentFrees();
  private readonly reuse = { count: 0, far: 0 };
  private readonly reuseTime = new LogHistogram();
  private readonly reuseEvents = new LogHistogram();
  private readonly reuseFrees = new LogHistogram();
  private emptyPurges = 0;
  private readonly purgedAreas = new LogHistogram();
  private readonly purgeInterval = new LogHistogram();
  private lastPurge: number | undefined;
  private readonly highest = { nrLazy: 0, nrLazyMax: 1, line: 0 };
  private above = 0;
  private readonly failures: FailedAllocation[] = [];
  private readonly tasks = new BusyTable();
  private readonly cpus = new BusyTable();
  private readonly series = new BoundedSeries<SeriesPoint>((earlier, later) => ({
    ...later,
    nrLazy: Math.max(earlier.nrLazy, later.nrLazy),
  }));
  // Since the last point, and of the last free.
  private nrLazy = 0;
  private nrLazyMax = 0;

  /** The areas from before the trace; call it before any event. */
  initial(areas: readonly OlderArea[]): void {
    for (const { page, pages, isLazy } of areas) {
      this.states.set(page, pages, isLazy ? PAGE_STATE.LAZY : PAGE_STATE.LIVE);
      if (!isLazy) this.liveAreas++;
    }
    this.peakLive.pages = this.states.pages[PAGE_STATE.LIVE];
    this.peakLazy.pages = this.states.pages[PAGE_STATE.LAZY];
  }

  /** Events are missing: what was live, lazy or free is unknown from here on. Counts and times go on. */
  lost(): void {
    this.counts.losses++;
    this.states.clear();
    this.liveAreas = 0;
    this.lastPurge = undefined;
  }

  allocated(area: TracedArea, event: TraceEvent, reused: TracedArea | undefined): void {
    this.begin(event);
    this.counts.allocations++;
    const window = this.windows.of(event);
    window.allocations++;
    window.pages += area.pages;
    this.liveAreas++;
    this.states.set(area.page, area.pages, PAGE_STATE.LIVE);
    const live = this.states.pages[PAGE_STATE.LIVE];
    if (live > this.peakLive.pages) {
      this.peakLive.pages = live;
      this.peakLive.line = event.line;
    }
    this.sizes.add(event.size);
    this.sizeSpread.add(event.size);
    this.alignments.add(event.align);
    if (reused && reused.freeLine > 0) this.reused(reused, event);
    this.end(event, area.pages);
  }

  refused(event: TraceEvent): void {
    this.begin(event);
    this.counts.allocations++;
    this.counts.failed++;
    const window = this.windows.of(event);
    window.allocations++;
    window.failed++;
    if (this.failures.length < FAILURES_MAX) {
      const { line, size, align, pid } = event;
      this.failures.push({ line, size, align, pid, comm: event.comm() });
    }
    this.end(event);
  }

  freed(area: TracedArea | undefined, event: TraceEvent): void {
    this.begin(event);
    this.counts.frees++;
    this.recentFrees.add(event.line, this.counts.all);
    if (area) this.wasLive(area, event);
    else this.counts.unknownFrees++;
    const { nrLazy, nrLazyMax } = event;
    if (nrLazy > this.nrLazy) this.nrLazy = nrLazy;
    this.nrLazyMax = nrLazyMax;
    if (nrLazy > nrLazyMax) this.above++;
    if (nrLazyMax > 0 && nrLazy * this.highest.nrLazyMax > this.highest.nrLazy * nrLazyMax) {
      this.highest.nrLazy = nrLazy;
      this.highest.nrLazyMax = nrLazyMax;
      this.highest.line = event.line;
    }
    const isKnown = area !== undefined && area.allocLine > 0;
    this.end(event, 0, isKnown && area.allocPid !== event.pid, isKnown && area.allocCpu !== event.cpu);
  }

  purged(event: TraceEvent, released: readonly TracedArea[]): void {
    this.begin(event);
    this.counts.purges++;
    if (event.numPurged === 0) this.emptyPurges++;
    else {
      this.purgedAreas.add(event.numPurged);
      if (this.lastPurge !== undefined) this.purgeInterval.add(event.time - this.lastPurge);
      this.lastPurge = event.time;
    }
    for (const area of released) {
      this.states.set(area.page, area.pages, PAGE_STATE.FREE, PAGE_STATE.LAZY);
      if (area.freeLine > 0) this.lazyTime.add(event.time - area.freeTime);
    }
    this.end(event);
  }

  /** What it has come to so far. O(runs of pages + entries of the tables). */
  result(timeUnit: TimeUnit = "us"): TraceStatisticsResult {
    const { counts, highest } = this;
    return {
      timeUnit,
      events: { ...counts },
      time: counts.all === 0 ? undefined : { first: this.firstTime, last: this.lastTime },
      liveAreas: this.liveAreas,
      peakLive: { ...this.peakLive },
      peakLazy: { ...this.peakLazy },
      sizes: this.sizes.common(COMMON_ROWS),
      sizeSpread: this.sizeSpread.spread(),
      alignments: this.alignments.common(COMMON_ROWS),
      lifetime: this.lifetime.spread(),
      lazyTime: this.lazyTime.spread(),
      reuse: {
        count: this.reuse.count,
        time: this.reuseTime.spread(),
        events: this.reuseEvents.spread(),
        frees: this.reuseFrees.spread(),
        far: this.reuse.far,
      },
      purges: {
        count: counts.purges,
        empty: this.emptyPurges,
        areas: this.purgedAreas.spread(),
        interval: this.purgeInterval.spread(),
      },
      lazyLimit: { highest: highest.line === 0 ? undefined : { ...highest }, above: this.above },
      failures: [...this.failures],
      windows: this.windows.all
        .map((window) => this.windowStatistics(window))
        .sort((a, b) => a.start - b.start),
      tasks: this.tasks.rows(TASK_ROWS),
      cpus: this.cpus.rows(CPU_ROWS),
      timesFreeForgotten: this.states.timesForgotten,
      seriesStep: this.series.step,
      series: this.series.points(() => this.point()),
    };
  }

  /** Sizes of all that grows with a trace, for tests. */
  get footprint(): { readonly runs: number; readonly tasks: number; readonly windows: number } {
    return { runs: this.states.runs, tasks: this.tasks.size, windows: this.windows.all.length };
  }

  private begin({ time }: TraceEvent): void {
    if (this.counts.all++ === 0) this.firstTime = time;
    this.lastTime = time;
  }

  private end(event: TraceEvent, pages = 0, isOtherTask = false, isOtherCpu = false): void {
    this.tasks.add(event.pid, event, true, pages, isOtherTask);
    this.cpus.add(event.cpu, event, false, pages, isOtherCpu);
    if (!this.series.tick()) return;
    this.series.close(this.point());
    this.nrLazy = 0;
  }

  private reused(area: TracedArea, event: TraceEvent): void {
    this.reuse.count++;
    this.reuseTime.add(event.time - area.freeTime);
    const distance = this.recentFrees.distance(area.freeLine, this.counts.all);
    if (!distance) {
      this.reuse.far++;
      return;
    }
    this.reuseEvents.add(distance.events);
    this.reuseFrees.add(distance.frees);
  }

  private wasLive(area: TracedArea, event: TraceEvent): void {
    if (this.liveAreas > 0) this.liveAreas--;
    const window = this.windows.at(area.page);
    if (window) window.frees++;
    this.states.set(area.page, area.pages, PAGE_STATE.LAZY);
    const lazy = this.states.pages[PAGE_STATE.LAZY];
    if (lazy > this.peakLazy.pages) {
      this.peakLazy.pages = lazy;
      this.peakLazy.line = event.line;
    }
    if (area.allocLine > 0) this.lifetime.add(event.time - area.allocTime);
  }

  private point(): SeriesPoint {
    const { counts, lastTime, nrLazy, nrLazyMax, states, windows } = this;
    const widest = windows.widest();
    let shape = NO_SHAPE;
    let free = 0;
    for (const window of windows.all) {
      const each = shapeOf(states, window.start, window.end);
      free += each.free;
      if (window === widest) shape = each;
    }
    return {
      event: counts.all,
      time: lastTime,
      live: states.pages[PAGE_STATE.LIVE],
      lazy: states.pages[PAGE_STATE.LAZY],
      free,
      nrLazy,
      nrLazyMax,
      liveInWidest: shape.live,
      liveRuns: shape.liveRuns,
      hull: shape.hull,
      hole: shape.hole,
      nextHole: shape.nextHole,
    };
  }

  private windowStatistics(window: AddressWindow): WindowStatistics {
    const { start, end, allocations, failed, frees, pages } = window;
    const name = this.windows.nameOf(window);
    const shape = shapeOf(this.states, start, end);
    return { name, start, end, allocations, failed, frees, allocatedPages: pages, ...shape };
  }
}
