// SPDX-License-Identifier: GPL-2.0-only
// What is said of the statistics of a trace: a small one whole, and any one within the width.
import { describe, expect, it } from "vitest";
import { bytesText, statisticsText, timeText } from "../../../cli/trace/statistics-text.ts";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import type { TraceEvent } from "../../../trace/trace-event.ts";
import type { TraceStatisticsResult } from "../../../trace/statistics/statistics-result.ts";
import { TraceStatistics } from "../../../trace/statistics/trace-statistics.ts";
import { allocation, free, purge } from "../../trace/handwritten-events.ts";

function resultOf(events: readonly TraceEvent[], timeUnit: "us" | "ticks"): TraceStatisticsResult {
  const observer = new TraceStatistics();
  const checker = new TraceChecker({ initial: [], observer });
  for (const [i, event] of events.entries()) checker.event({ ...event, line: i + 1, time: 1500 * i });
  return observer.result(timeUnit);
}

const EVENTS = [
  allocation({ page: 2 ** 20, size: 8192, comm: "insmod", fromPage: 2 ** 20 }),
  allocation({ page: 2 ** 20 + 4, size: 4096, align: 4096, cpu: 1, fromPage: 2 ** 20 }),
  free({ page: 2 ** 20, nrLazy: 2, nrLazyMax: 8192, pid: 2, cpu: 1, comm: "rm\u001b[2J" }),
  purge({ fromPage: 2 ** 20, toPage: 2 ** 20 + 2, numPurged: 1, pid: 2, comm: "rm\u001b[2J" }),
  allocation({ page: 2 ** 20 + 1, size: 4096, fromPage: 2 ** 20 }),
  allocation({ failed: true, size: 2 ** 40, fromPage: 2 ** 20 }),
];

describe("the text of the statistics", () => {
  it("tells a small trace in a page", () => {
    expect(statisticsText(resultOf(EVENTS, "us"))).toMatchInlineSnapshot(`
      "statistics
      events: 6 in 7.5 ms: 4 allocations (1 failed), 1 free (0 of unknown areas), 1 purge
      live: 2 areas at the end; at most 3 pages (12 KiB), line 2
      lazy: at most 2 pages (8 KiB), line 3
      lazy limit: nr_lazy was at most 0.0 % of nr_lazy_max (2 of 8,192 pages, line 3); above it at 0 of 1
                  free
      purges: 1, of which 0 purged nothing
      reuse: 1 allocation got pages of an area that was freed in the trace

      pages over time
      event    time  live  lazy  free  runs  live share   hole  next hole
          1    0 us     2     0     0     1     100.0 %    0 B        0 B
          2  1.5 ms     3     0     0     2     100.0 %  8 KiB        0 B
          3    3 ms     1     2     0     1     100.0 %    0 B        0 B
          4  4.5 ms     1     0     0     1     100.0 %    0 B        0 B
          5    6 ms     2     0     0     2     100.0 %  8 KiB        0 B
          6  7.5 ms     2     0     0     2     100.0 %  8 KiB        0 B
      Live, lazy and free in pages; free pages were released by a purge and not used again, and lie
      between the first and the last live one. Of the widest window: runs of live pages, the share of live
      pages from the first to the last of them without the longest hole, and the two longest holes, in
      which no page is live or lazy.

      spreads (empty purges left out; median, 90 % and 99 % may be an eighth too high)
                             count   least   median    90 %    99 %    most     mean
      size                       3   4 KiB  4.5 KiB   8 KiB   8 KiB   8 KiB  5.3 KiB
      allocation to free         1    3 ms     3 ms    3 ms    3 ms    3 ms     3 ms
      free to release            1  1.5 ms   1.5 ms  1.5 ms  1.5 ms  1.5 ms   1.5 ms
      free to reuse              1    3 ms     3 ms    3 ms    3 ms    3 ms     3 ms
      free to reuse, events      1       2        2       2       2       2        2
      areas freed between        1       0        0       0       0       0        0
      areas per purge            1       1        1       1       1       1        1

      most frequent sizes (with any guard page)
       size  count   share
      4 KiB      2  66.7 %
      8 KiB      1  33.3 %

      most frequent alignments
      align  count   share
        1 B      2  66.7 %
      4 KiB      1  33.3 %

      windows, at the end
               allocations  failed  frees  live  lazy  free  live share   hole
      vmalloc            4       1      1     2     0     0     100.0 %  8 KiB
      vmalloc: 0x100000000 to 0x10000000000000

      tasks
      pid  task    events  allocs  failed  frees  of others'  purges  allocated
        1  insmod       4       4       1      0           0       0     16 KiB
        2  rm?[2J       2       0       0      1           1       1        0 B

      CPUs
      cpu  events  allocs  failed  frees  of other CPUs'  purges  allocated
        0       4       3       1      0               0       1     12 KiB
        1       2       1       0      1               1       0      4 KiB

      failed allocations
      line   size  align  pid  task
         6  1 TiB    1 B    1  task
      "
    `);
  });

  it("is a few lines for no trace", () => {
    const text = statisticsText(new TraceStatistics().result());
    expect(text).toContain("events: 0: 0 allocations");
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text.split("\n").length).toBeLessThan(12);
  });

  it("keeps its width with the highest numbers, names and ticks", () => {
    const events = Array.from({ length: 64 }, (_, i) => [
      allocation({
        page: 2 ** 40 + 2 ** 36 * i,
        size: 2 ** 47 + 4096,
        align: 2 ** 40,
        pid: 4_194_303 - i,
        comm: "kworker/u256:12-events_unbound",
        toPage: 2 ** 52,
      }),
      free({ page: 2 ** 40 + 2 ** 36 * i, nrLazy: 2 ** 35, nrLazyMax: 2 ** 31, pid: 4_194_303 - i, cpu: i }),
      allocation({
        failed: true,
        size: 2 ** 64,
        align: 2 ** 63,
        pid: 4_194_303,
        comm: "kworker/u256:12-events_unbound",
        toPage: 2 ** 52,
      }),
    ]).flat();
    const small = resultOf(events, "ticks");
    const large = { ...small, series: small.series.map((point) => ({ ...point, event: 99_999_999 })) };
    for (const result of [large, { ...large, timeUnit: "us" as const }]) {
      const lines = statisticsText(result).split("\n");
      expect(lines.filter((each) => each.length > 100)).toEqual([]);
      expect(lines.filter((each) => each !== each.trimEnd())).toEqual([]);
    }
  });

  it("writes bytes and times with a unit", () => {
    expect([0, 1, 4096, 53_247, 1.5 * 2 ** 30, 2 ** 64].map(bytesText)).toEqual([
      "0 B",
      "1 B",
      "4 KiB",
      "52 KiB",
      "1.5 GiB",
      "16384 PiB",
    ]);
    expect([0, 999, 1500, 12_000_000].map((time) => timeText(time, "us"))).toEqual([
      "0 us",
      "999 us",
      "1.5 ms",
      "12 s",
    ]);
    expect(timeText(12_000, "ticks")).toBe("12,000 ticks");
  });
});
