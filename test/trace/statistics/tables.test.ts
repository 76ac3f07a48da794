// SPDX-License-Identifier: GPL-2.0-only
// Histograms, counts of values, of tasks, of frees, address windows and series: right, and of bounded size.
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { AddressWindows, WINDOWS_MAX } from "../../../trace/statistics/address-windows.ts";
import { BoundedSeries, POINTS_MAX } from "../../../trace/statistics/bounded-series.ts";
import { BusyTable, ENTRIES_MAX } from "../../../trace/statistics/busy-table.ts";
import { LogHistogram } from "../../../trace/statistics/log-histogram.ts";
import { FREES_MAX, RecentFrees } from "../../../trace/statistics/recent-frees.ts";
import { ValueCounts, VALUES_MAX } from "../../../trace/statistics/value-counts.ts";
import { allocation, free, purge } from "../handwritten-events.ts";

describe("a histogram", () => {
  it("is exact below 16, and at most an eighth too high above", () => {
    const random = seedrandom("histogram");
    for (const highest of [15, 1000, 1e6, 2 ** 31, 2 ** 40, 2 ** 63]) {
      const values = Array.from({ length: 500 }, () => Math.floor(random() * (highest + 1)));
      const histogram = new LogHistogram();
      for (const value of values) histogram.add(value);
      const sorted = [...values].sort((a, b) => a - b);
      const spread = histogram.spread()!;
      expect([spread.count, spread.min, spread.max]).toEqual([500, sorted[0], sorted[499]]);
      for (const [quantile, part] of [
        [spread.p50, 0.5],
        [spread.p90, 0.9],
        [spread.p99, 0.99],
      ] as const) {
        const exact = sorted[Math.ceil(part * 500) - 1]!;
        expect(quantile).toBeGreaterThanOrEqual(exact);
        expect(quantile).toBeLessThanOrEqual(exact < 16 ? exact : exact * 1.125);
      }
    }
  });

  it("has no spread without values, and takes what is below 0 for 0", () => {
    const histogram = new LogHistogram();
    expect(histogram.spread()).toBeUndefined();
    histogram.add(-3);
    histogram.add(2 ** 70);
    expect(histogram.spread()).toMatchObject({ count: 2, min: 0, p50: 0, max: 2 ** 70 });
  });
});

describe("counts of values", () => {
  it("name the most frequent first, the smaller one among equals", () => {
    const counts = new ValueCounts();
    for (const value of [5, 7, 5, 3, 7, 9]) counts.add(value);
    expect(counts.common(3)).toEqual({
      common: [
        { value: 5, count: 2 },
        { value: 7, count: 2 },
        { value: 3, count: 1 },
      ],
      others: 1,
      distinct: 4,
      isFull: false,
    });
  });

  it("hold so many values and no more", () => {
    const counts = new ValueCounts();
    for (let value = 0; value < VALUES_MAX + 5; value++) counts.add(value);
    expect(counts.common(1)).toMatchObject({ others: VALUES_MAX + 4, distinct: VALUES_MAX, isFull: true });
  });
});

describe("a table of the busiest", () => {
  it("keeps the busiest of too many, and the sum of the others", () => {
    const table = new BusyTable();
    const total = 3 * ENTRIES_MAX;
    let largest = 0;
    for (let id = 1; id <= total; id++) {
      table.add(id, allocation({ comm: `t${id}` }), true, 2, false);
      table.add(7, free({ comm: "seven" }), true, 0, true);
      largest = Math.max(largest, table.size);
    }
    expect(largest).toBeLessThanOrEqual(ENTRIES_MAX);
    const { rows, leftOut, others } = table.rows(2);
    expect(rows[0]).toEqual({
      id: 7,
      name: "seven",
      events: total + 1,
      allocations: 1,
      failed: 0,
      frees: total,
      purges: 0,
      pages: 2,
      freesOfOthers: total,
    });
    expect(leftOut).toBe(total - 2);
    expect(others).toMatchObject({ events: total - 2, allocations: total - 2, pages: 2 * (total - 2) });
  });

  it("counts failures among the allocations, and purges", () => {
    const table = new BusyTable();
    table.add(3, allocation({ failed: true }), false, 0, false);
    table.add(3, purge({}), false, 0, false);
    expect(table.rows(1).rows).toEqual([
      {
        id: 3,
        name: "",
        events: 2,
        allocations: 1,
        failed: 1,
        frees: 0,
        purges: 1,
        pages: 0,
        freesOfOthers: 0,
      },
    ]);
  });
});

describe("recent frees", () => {
  it("are found as far back as they are remembered", () => {
    const frees = new RecentFrees();
    expect(frees.distance(1, 1)).toBeUndefined();
    const last = FREES_MAX + 10;
    // The nth free is event 2n, in line 3n.
    for (let n = 1; n <= last; n++) frees.add(3 * n, 2 * n);
    const now = 2 * last + 1;
    for (const n of [last, last - 1, last - 2, last - 1000, 12, 11]) {
      expect(frees.distance(3 * n, now)).toEqual({ frees: last - n, events: now - 2 * n });
    }
    for (const line of [3 * 10, 3 * 5000 + 1, 3 * last + 1])
      expect(frees.distance(line, now)).toBeUndefined();
  });
});

describe("address windows", () => {
  const window = (fromPage: number, toPage: number): ReturnType<typeof allocation> =>
    allocation({ fromPage, toPage });

  it("are one where they overlap, and add up", () => {
    const windows = new AddressWindows();
    for (const [from, to] of [
      [100, 200],
      [300, 400],
      [150, 180],
      [190, 310],
    ] as const) {
      windows.of(window(from, to)).allocations++;
    }
    expect(windows.all).toEqual([{ start: 100, end: 400, allocations: 4, failed: 0, pages: 0, frees: 0 }]);
    expect([99, 100, 399, 400].map((page) => windows.at(page)?.start)).toEqual([
      undefined,
      100,
      100,
      undefined,
    ]);
  });

  it("have names by their width", () => {
    const windows = new AddressWindows();
    const modules = windows.of(window(0xffffffffc0000, 0xfffffffffefff));
    expect(windows.nameOf(modules)).toBe("modules");
    const vmalloc = windows.of(
      allocation({ fromPage: 0xffffc90000000, toPage: 0xffffe8fffffff, toOffset: 0xfff }),
    );
    expect(vmalloc.end).toBe(0xffffe90000000);
    const other = windows.of(window(0xffff000000000, 0xffff000100000));
    expect([vmalloc, modules, other].map((each) => windows.nameOf(each))).toEqual([
      "vmalloc",
      "modules",
      "other",
    ]);
    const narrow = new AddressWindows();
    expect(narrow.nameOf(narrow.of(window(0xf0000, 0xff000)))).toBe("vmalloc");
  });

  it("are a few at most", () => {
    const windows = new AddressWindows();
    for (let i = 0; i < 100; i++) windows.of(window(1000 * i, 1000 * i + 10)).allocations++;
    expect(windows.all).toHaveLength(WINDOWS_MAX);
    expect(windows.all[0]!.allocations).toBe(100 - WINDOWS_MAX + 1);
  });
});

describe("a series", () => {
  it("keeps equal distances and all that is merged, in bounded space", () => {
    const series = new BoundedSeries<{ at: number; sum: number }>((a, b) => ({
      at: b.at,
      sum: a.sum + b.sum,
    }));
    let sum = 0;
    for (let at = 1; at <= 100_003; at++) {
      sum++;
      if (!series.tick()) continue;
      series.close({ at, sum });
      sum = 0;
    }
    const points = series.points(() => ({ at: 100_003, sum }));
    expect(series.step).toBe(512);
    expect(points.length).toBeLessThanOrEqual(POINTS_MAX);
    expect(points.slice(0, -1).every(({ at }, i) => at === 512 * (i + 1))).toBe(true);
    expect(points.reduce((total, point) => total + point.sum, 0)).toBe(100_003);
    expect(points.at(-1)!.at).toBe(100_003);
  });
});
