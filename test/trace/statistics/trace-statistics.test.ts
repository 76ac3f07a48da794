// SPDX-License-Identifier: GPL-2.0-only
// Statistics of traces whose numbers can be counted by hand, and of random ones beside a model of each page.
import fc from "fast-check";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { TraceStatistics } from "../../../trace/statistics/trace-statistics.ts";
import type { TraceEvent } from "../../../trace/trace-event.ts";
import { allocation, free, purge } from "../handwritten-events.ts";

type Initial = Parameters<TraceStatistics["initial"]>[0];

function statisticsOf(events: readonly TraceEvent[], initial: Initial = []): TraceStatistics {
  const observer = new TraceStatistics();
  observer.initial(initial);
  const checker = new TraceChecker({
    initial: initial.map((area) => ({ ...area, isChunk: false })),
    observer,
  });
  for (const event of events) checker.event(event);
  return observer;
}

const MODULES = 2 ** 41;

/** Two tasks on two CPUs, from line 11 on, one line for each 10 us. */
const EVENTS = [
  allocation({ page: 100, size: 8192, align: 1 }),
  allocation({ page: 110, size: 4096, align: 4096, pid: 2, cpu: 1, comm: "other" }),
  free({ page: 100, nrLazy: 2, nrLazyMax: 8, pid: 2, cpu: 1 }),
  allocation({ page: 120, size: 4096 }),
  purge({ fromPage: 100, toPage: 102, numPurged: 1 }),
  allocation({ page: 101, size: 4096, align: 1 }),
  free({ page: 110, nrLazy: 9, nrLazyMax: 8, cpu: 3 }),
  allocation({ failed: true, size: 2 ** 40, align: 4096, pid: 2, comm: "other" }),
  purge({ fromPage: 2 ** 52, toPage: 0, numPurged: 0 }),
  allocation({ page: MODULES + 5, size: 12288, fromPage: MODULES, toPage: MODULES + 1000 }),
  purge({ fromPage: 0, toPage: 2 ** 51, numPurged: 1 }),
].map((event, i) => ({ ...event, line: 11 + i, time: 10 * i }));

const spreadOf = (...values: readonly number[]): object => ({
  count: values.length,
  sum: values.reduce((a, b) => a + b),
  min: Math.min(...values),
  max: Math.max(...values),
});

describe("statistics of a trace", () => {
  const result = statisticsOf(EVENTS, [{ page: 90, pages: 4, isLazy: false }]).result("ticks");

  it("count events, sizes and alignments", () => {
    expect(result).toMatchObject({
      timeUnit: "ticks",
      events: { all: 11, allocations: 6, failed: 1, frees: 2, unknownFrees: 0, purges: 3, losses: 0 },
      time: { first: 0, last: 100 },
      liveAreas: 4,
      sizeSpread: spreadOf(8192, 4096, 4096, 4096, 12288),
      sizes: { others: 0, distinct: 3 },
    });
    expect(result.sizes.common).toEqual([
      { value: 4096, count: 3 },
      { value: 8192, count: 1 },
      { value: 12288, count: 1 },
    ]);
    expect(result.alignments.common).toEqual([
      { value: 1, count: 4 },
      { value: 4096, count: 1 },
    ]);
    expect(result.failures).toEqual([{ line: 18, size: 2 ** 40, align: 4096, pid: 2, comm: "other" }]);
  });

  it("measure lives, the time on the lazy list, and what lies between a free and its reuse", () => {
    expect(result.lifetime).toMatchObject(spreadOf(20, 50));
    expect(result.lazyTime).toMatchObject(spreadOf(20, 40));
    expect(result.reuse).toMatchObject({
      count: 1,
      time: spreadOf(30),
      events: spreadOf(3),
      frees: spreadOf(0),
      far: 0,
    });
    expect(result.purges).toMatchObject({
      count: 3,
      empty: 1,
      areas: spreadOf(1, 1),
      interval: spreadOf(60),
    });
    expect(result.lazyLimit).toEqual({ highest: { nrLazy: 9, nrLazyMax: 8, line: 17 }, above: 1 });
  });

  it("know what is live, lazy and free after each event", () => {
    expect(result.series.map(({ live, lazy, free: released }) => [live, lazy, released])).toEqual([
      [6, 0, 0],
      [7, 0, 0],
      [5, 2, 0],
      [6, 2, 0],
      [6, 0, 2],
      [7, 0, 1],
      [6, 1, 1],
      [6, 1, 1],
      [6, 1, 1],
      [9, 1, 1],
      [9, 0, 2],
    ]);
    expect(result.series[6]).toEqual({
      event: 7,
      time: 60,
      live: 6,
      lazy: 1,
      free: 1,
      nrLazy: 9,
      nrLazyMax: 8,
      liveInWidest: 6,
      liveRuns: 3,
      hull: 31,
      // 111 to 119, then 102 to 109 and not 94 to 100.
      hole: 9,
      nextHole: 8,
    });
    expect(result.peakLive).toEqual({ pages: 9, line: 20 });
    expect(result.peakLazy).toEqual({ pages: 2, line: 13 });
  });

  it("tell windows, tasks and CPUs apart", () => {
    expect(result.windows).toMatchObject([
      { name: "vmalloc", start: 0, end: 2 ** 40, allocations: 5, failed: 1, frees: 2, allocatedPages: 5 },
      { name: "modules", start: MODULES, allocations: 1, frees: 0, allocatedPages: 3, live: 3, liveRuns: 1 },
    ]);
    expect(result.tasks.rows).toMatchObject([
      { id: 1, name: "task", events: 8, allocations: 4, failed: 0, frees: 1, purges: 3, freesOfOthers: 1 },
      { id: 2, name: "other", events: 3, allocations: 2, failed: 1, frees: 1, pages: 1, freesOfOthers: 1 },
    ]);
    expect(result.cpus.rows).toMatchObject([
      { id: 0, events: 8, freesOfOthers: 0 },
      { id: 1, events: 2, frees: 1, freesOfOthers: 1 },
      { id: 3, events: 1, frees: 1, freesOfOthers: 1 },
    ]);
  });

  it("are plain data, the same each time", () => {
    const again = statisticsOf(EVENTS, [{ page: 90, pages: 4, isLazy: false }]).result("ticks");
    expect(JSON.stringify(again)).toBe(JSON.stringify(result));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it("of nothing are empty", () => {
    const empty = new TraceStatistics().result();
    expect(empty).toMatchObject({ timeUnit: "us", liveAreas: 0, series: [], windows: [], failures: [] });
    expect([empty.time, empty.sizeSpread, empty.lazyLimit.highest]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("forget what is live where events are missing, and count on", () => {
    const statistics = new TraceStatistics();
    const checker = new TraceChecker({ observer: statistics });
    for (const event of EVENTS.slice(0, 5)) checker.event(event);
    checker.loss({ line: 16, cpu: undefined, events: undefined, kind: "lost" });
    for (const event of EVENTS.slice(5)) checker.event(event);
    const { events, liveAreas, series, reuse, purges } = statistics.result();
    expect(events).toMatchObject({ all: 11, frees: 2, unknownFrees: 1, losses: 1 });
    expect(liveAreas).toBe(2);
    expect(series.map(({ live }) => live)).toEqual([2, 3, 1, 2, 2, 1, 1, 1, 1, 4, 4]);
    expect(reuse.count).toBe(0);
    expect(purges.interval).toBeUndefined();
  });
});

/** A kernel with first fit in a space of so many pages, one CPU, and what it has in each page. */
function randomTrace(seed: string, length: number, spacePages: number) {
  const random = seedrandom(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const pages = Array.from({ length: spacePages }, () => "unseen");
  const live: { page: number; count: number }[] = [];
  const events: TraceEvent[] = [];
  const after: { live: number; lazy: number; free: number }[] = [];
  let lazyAreas = 0;
  const fill = (page: number, count: number, state: string): void => {
    pages.fill(state, page, page + count);
  };
  for (let line = 1; line <= length; line++) {
    const at = { line, time: line };
    const count = 1 + upTo(6);
    const page = pages.findIndex(
      (_, p) =>
        p + count <= spacePages &&
        pages.slice(p, p + count).every((state) => state === "unseen" || state === "free"),
    );
    const what = random();
    if (what < 0.1) {
      events.push(
        purge({ ...at, fromPage: lazyAreas > 0 ? 0 : 2 ** 52, toPage: spacePages, numPurged: lazyAreas }),
      );
      for (const [p, state] of pages.entries()) if (state === "lazy") pages[p] = "free";
      lazyAreas = 0;
    } else if (live.length > 0 && (page < 0 || what < 0.5)) {
      const [area] = live.splice(upTo(live.length), 1);
      fill(area!.page, area!.count, "lazy");
      lazyAreas++;
      events.push(free({ ...at, page: area!.page }));
    } else if (page >= 0) {
      fill(page, count, "live");
      live.push({ page, count });
      events.push(allocation({ ...at, page, size: 4096 * count, toPage: spacePages }));
    } else {
      events.push(allocation({ ...at, failed: true, toPage: spacePages }));
    }
    const of = (state: string, list: readonly string[]): number =>
      list.filter((each) => each === state).length;
    const hull = pages.slice(pages.indexOf("live"), pages.lastIndexOf("live") + 1);
    after.push({
      live: of("live", pages),
      lazy: of("lazy", pages),
      free: live.length > 0 ? of("free", hull) : 0,
    });
  }
  return { events, after };
}

describe("the series", () => {
  it("agrees with a model of each page", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.integer({ min: 10, max: 120 }), (seed, spacePages) => {
        const { events, after } = randomTrace(seed, 230, spacePages);
        const { series } = statisticsOf(events).result();
        expect(series.map(({ live, lazy, free: released }) => ({ live, lazy, free: released }))).toEqual(
          after,
        );
      }),
      { seed: 4, numRuns: 40 },
    );
  });
});

describe("the memory of the statistics", () => {
  it("does not grow with the events while the live areas do not", () => {
    const statistics = new TraceStatistics();
    const checker = new TraceChecker({ initial: [], observer: statistics });
    const random = seedrandom("bounded");
    const live: number[] = [];
    const used = new Set<number>();
    const sizes: ReturnType<typeof footprintOf>[] = [];
    const footprintOf = () => {
      const {
        series,
        sizes: { common },
        tasks,
        cpus,
        failures,
      } = statistics.result();
      const rows = [common, tasks.rows, cpus.rows, failures].map(({ length }) => length);
      return { ...statistics.footprint, isSeriesShort: series.length <= 256, rows };
    };
    let line = 0;
    let lazy = 0;
    for (let round = 0; round < 60_000; round++) {
      const at = { pid: 1 + (round % 300), cpu: round % 8 };
      // The lowest place, as a first fit finds it, of 200.
      let page = 0;
      while (used.has(page)) page++;
      used.add(page);
      live.push(page);
      checker.event(
        allocation({ ...at, line: ++line, page: 4 * page, size: 4096 * (1 + (page % 3)), toPage: 4000 }),
      );
      if (live.length <= 100) continue;
      const [freed] = live.splice(Math.floor(random() * live.length), 1);
      checker.event(free({ ...at, line: ++line, page: 4 * freed! }));
      lazy++;
      if (lazy < 50) continue;
      checker.event(purge({ ...at, line: ++line, fromPage: 0, toPage: 4000, numPurged: lazy }));
      lazy = 0;
      used.clear();
      for (const each of live) used.add(each);
      if (round % 10_000 > 9_940) sizes.push(footprintOf());
    }
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes.map(({ runs }) => runs))).toBeLessThan(500);
    for (const each of sizes) {
      expect(each).toMatchObject({ tasks: 300, windows: 1, isSeriesShort: true, rows: [3, 10, 8, 0] });
    }
  });
});
