// SPDX-License-Identifier: GPL-2.0-only
//
// What `trace` says of the statistics of a trace. Pure text: equal statistics give equal bytes.

import { PLAIN, type Paint } from "../../review/render/paint.ts";
import { count, grouped, hanging, table, WIDTH, wrap, type Column } from "../../review/render/text-layout.ts";
import type { BusyRows } from "../../trace/statistics/busy-table.ts";
import type { Spread } from "../../trace/statistics/log-histogram.ts";
import type { RangeShape } from "../../trace/statistics/range-shape.ts";
import type { TimeUnit, TraceStatisticsResult } from "../../trace/statistics/statistics-result.ts";
import type { CommonValues } from "../../trace/statistics/value-counts.ts";
import { PAGE_BYTES } from "../../trace/trace-event.ts";

/** Rows of the table over time. */
const TIME_ROWS = 12;
/** Longest name of a task that is shown whole. */
const NAME_MAX = 16;

/** All of the statistics, in lines of at most 100 characters; ends with a line feed. */
export function statisticsText(result: TraceStatisticsResult, paint: Paint = PLAIN): string {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ["", paint.heading(title), ...lines];
  return [
    paint.heading("statistics"),
    ...summary(result),
    ...section("pages over time", overTime(result)),
    ...section(spreadsTitle(result), spreads(result)),
    ...section("most frequent sizes (with any guard page)", common(result.sizes, "size")),
    ...section("most frequent alignments", common(result.alignments, "align")),
    ...section("windows, at the end", windows(result)),
    ...section("tasks", busy(result.tasks, "pid", true)),
    ...section("CPUs", busy(result.cpus, "cpu", false)),
    ...section("failed allocations", failures(result)),
    "",
  ].join("\n");
}

/** A number of bytes: "4 KiB", "1.5 MiB". */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${short(value)} ${units[unit]!}`;
}

/** A time: "250 us", "1.5 ms", "12 s"; ticks as they are. */
export function timeText(time: number, unit: TimeUnit): string {
  if (unit === "ticks") return count(time, "tick");
  if (time < 1000) return `${Math.round(time)} us`;
  return time < 1e6 ? `${short(time / 1000)} ms` : `${short(time / 1e6)} s`;
}

// Long ones in millions and so on.
function numberText(value: number): string {
  if (value < 1e7) return grouped(value);
  const [factor, letter] = value < 1e9 ? [1e6, "M"] : value < 1e12 ? [1e9, "G"] : [1e12, "T"];
  return `${short(value / factor)} ${letter}`;
}

// At most one digit behind the point.
function short(value: number): string {
  const digits = value.toFixed(1);
  return digits.endsWith(".0") ? digits.slice(0, -2) : digits;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
}

function summary(result: TraceStatisticsResult): readonly string[] {
  const { events, time, timeUnit, lazyLimit, purges, reuse } = result;
  const duration = time === undefined ? "" : ` in ${timeText(time.last - time.first, timeUnit)}`;
  const pages = (n: number): string => `${count(n, "page")} (${bytesText(n * PAGE_BYTES)})`;
  const { highest, above } = lazyLimit;
  const lines: [label: string, text: string][] = [
    [
      "events: ",
      `${grouped(events.all)}${duration}: ${count(events.allocations, "allocation")} (${grouped(events.failed)} failed), ` +
        `${count(events.frees, "free")} (${grouped(events.unknownFrees)} of unknown areas), ` +
        count(events.purges, "purge"),
    ],
    [
      "live: ",
      `${count(result.liveAreas, "area")} at the end; at most ${pages(result.peakLive.pages)}${atLine(result.peakLive.line)}`,
    ],
    ["lazy: ", `at most ${pages(result.peakLazy.pages)}${atLine(result.peakLazy.line)}`],
  ];
  if (highest) {
    const share = percent(highest.nrLazy, highest.nrLazyMax);
    lines.push([
      "lazy limit: ",
      `nr_lazy was at most ${share} of nr_lazy_max (${grouped(highest.nrLazy)} of ${count(highest.nrLazyMax, "page")}` +
        `, line ${grouped(highest.line)}); above it at ${grouped(above)} of ${count(events.frees, "free")}`,
    ]);
  }
  lines.push(
    ["purges: ", `${grouped(purges.count)}, of which ${grouped(purges.empty)} purged nothing`],
    [
      "reuse: ",
      `${count(reuse.count, "allocation")} got pages of an area that was freed in the trace` +
        (reuse.far === 0
          ? ""
          : `; for ${grouped(reuse.far)} of them the free is too long ago to count what lies between`),
    ],
  );
  if (events.losses > 0) {
    lines.push([
      "losses: ",
      `events are missing at ${count(events.losses, "place")}; what was live or lazy before each is not counted behind it`,
    ]);
  }
  if (result.timesFreeForgotten > 0) {
    lines.push([
      "free: ",
      "some free pages were forgotten, since they lay in too many pieces; there are more",
    ]);
  }
  return lines.flatMap(([label, text]) => hanging(label, text, WIDTH));
}

function atLine(line: number): string {
  return line === 0 ? " before the trace" : `, line ${grouped(line)}`;
}

// A choice of points at equal distances, the last one included.
function overTime({ series, time, timeUnit }: TraceStatisticsResult): readonly string[] {
  const rows = Math.min(TIME_ROWS, series.length);
  const chosen = Array.from(
    { length: rows },
    (_, i) => series[Math.ceil(((i + 1) * series.length) / rows) - 1]!,
  );
  if (chosen.length === 0) return [];
  return [
    ...table(
      numbers([
        "event",
        timeUnit === "us" ? "time" : "ticks",
        "live",
        "lazy",
        "free",
        "runs",
        "live share",
        "hole",
        "next hole",
      ]),
      chosen.map((point) => [
        grouped(point.event),
        timeUnit === "us"
          ? timeText(point.time - (time?.first ?? 0), timeUnit)
          : numberText(point.time - (time?.first ?? 0)),
        ...[point.live, point.lazy, point.free, point.liveRuns].map(numberText),
        liveShare({ ...point, live: point.liveInWidest }),
        ...[point.hole, point.nextHole].map((pages) => bytesText(pages * PAGE_BYTES)),
      ]),
    ),
    ...wrap(
      "Live, lazy and free in pages; free pages were released by a purge and not used again, and lie between the first " +
        "and the last live one. Of the widest window: runs of live pages, the share of live pages from the first to the last " +
        "of them without the longest hole, and the two longest holes, in which no page is live or lazy.",
      WIDTH,
    ),
  ];
}

// Per-CPU chunks lie at the far end of the vmalloc range, so that the largest hole says nothing of what is before it.
function liveShare({ live, hull, hole }: Pick<RangeShape, "live" | "hull" | "hole">): string {
  return percent(live, hull - hole);
}

function spreadsTitle({ timeUnit }: TraceStatisticsResult): string {
  const ticks = timeUnit === "ticks" ? "times in ticks; " : "";
  return `spreads (${ticks}empty purges left out; median, 90 % and 99 % may be an eighth too high)`;
}

function spreads(result: TraceStatisticsResult): readonly string[] {
  const { timeUnit, reuse, purges } = result;
  const time = (value: number): string => (timeUnit === "us" ? timeText(value, timeUnit) : numberText(value));
  const all: readonly [string, Spread | undefined, (value: number) => string][] = [
    ["size", result.sizeSpread, bytesText],
    ["allocation to free", result.lifetime, time],
    ["free to release", result.lazyTime, time],
    ["free to reuse", reuse.time, time],
    ["free to reuse, events", reuse.events, numberText],
    ["areas freed between", reuse.frees, numberText],
    ["areas per purge", purges.areas, numberText],
    ["between purges", purges.interval, time],
  ];
  const rows = all.flatMap(([name, spread, text]) =>
    spread === undefined
      ? []
      : [
          [
            name,
            grouped(spread.count),
            ...[spread.min, spread.p50, spread.p90, spread.p99, spread.max, spread.sum / spread.count].map(
              text,
            ),
          ],
        ],
  );
  if (rows.length === 0) return [];
  return table(
    [{ title: "" }, ...numbers(["count", "least", "median", "90 %", "99 %", "most", "mean"])],
    rows,
  );
}

function common(values: CommonValues, title: string): readonly string[] {
  const total = values.others + values.common.reduce((sum, each) => sum + each.count, 0);
  if (total === 0) return [];
  const rows = values.common.map(({ value, count: n }) => [bytesText(value), grouped(n), percent(n, total)]);
  const left = values.distinct - values.common.length;
  const more = values.isFull ? "at least " : "";
  if (values.others > 0) {
    rows.push([`${more}${count(left, "other")}`, grouped(values.others), percent(values.others, total)]);
  }
  return table(numbers([title, "count", "share"]), rows);
}

function windows(result: TraceStatisticsResult): readonly string[] {
  if (result.windows.length === 0) return [];
  const titles = ["allocations", "failed", "frees", "live", "lazy", "free", "live share", "hole"];
  return [
    ...table(
      [{ title: "" }, ...numbers(titles)],
      result.windows.map((window) => [
        window.name,
        ...[window.allocations, window.failed, window.frees, window.live, window.lazy, window.free].map(
          numberText,
        ),
        liveShare(window),
        bytesText(window.hole * PAGE_BYTES),
      ]),
    ),
    ...result.windows.map(({ name, start, end }) => `${name}: ${addressText(start)} to ${addressText(end)}`),
  ];
}

function addressText(page: number): string {
  return `0x${(BigInt(page) * BigInt(PAGE_BYTES)).toString(16)}`;
}

function busy({ rows, leftOut, others }: BusyRows, title: string, isTask: boolean): readonly string[] {
  if (rows.length === 0) return [];
  const titles = [
    "events",
    "allocs",
    "failed",
    "frees",
    isTask ? "of others'" : "of other CPUs'",
    "purges",
    "allocated",
  ];
  const cells = (each: typeof others): readonly string[] => [
    ...[each.events, each.allocations, each.failed, each.frees, each.freesOfOthers, each.purges].map(grouped),
    bytesText(each.pages * PAGE_BYTES),
  ];
  const name = (text: string): string[] => (isTask ? [text] : []);
  const body = rows.map((row) => [String(row.id), ...name(printable(row.name)), ...cells(row)]);
  if (leftOut > 0) body.push([isTask ? "" : "others", ...name(count(leftOut, "other")), ...cells(others)]);
  const columns: Column[] = [
    { title, align: "right" },
    ...(isTask ? [{ title: "task" }] : []),
    ...numbers(titles),
  ];
  return table(columns, body);
}

function failures({ failures: list, events }: TraceStatisticsResult): readonly string[] {
  if (list.length === 0) return [];
  const rows = list.map(({ line, size, align, pid, comm }) => [
    grouped(line),
    bytesText(size),
    bytesText(align),
    String(pid),
    printable(comm),
  ]);
  const left = events.failed - list.length;
  return [
    ...table([...numbers(["line", "size", "align", "pid"]), { title: "task" }], rows),
    ...(left > 0 ? [`and ${count(left, "more", "more")}`] : []),
  ];
}

function numbers(titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title, align: "right" }));
}

// A trace may say anything; what is not plain text would move the cursor of a terminal.
function printable(name: string): string {
  const plain = name.replace(/[^ -~]/g, "?");
  return plain.length <= NAME_MAX ? plain : `${plain.slice(0, NAME_MAX - 3)}...`;
}
