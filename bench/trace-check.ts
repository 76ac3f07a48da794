// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (k): how fast a long trace is read and checked, and in how much memory. The trace of a kernel is repeated; between
// two repetitions all that it left live is freed and purged, so that the whole is clean again.

import { type Column, grouped, table } from "../review/render/text-layout.ts";
import { TraceReader } from "../trace/reader/trace-reader.ts";
import { TraceStatistics } from "../trace/statistics/trace-statistics.ts";
import { KIND, type TraceEvent } from "../trace/trace-event.ts";
import { TraceSession } from "../trace/trace-session.ts";
import { median, type Sample } from "./statistics.ts";
import { traceFixture, traceText } from "./trace-text.ts";

export interface TraceCheckOptions {
  /** A trace, packed by gzip or not; a small one of a real kernel if it is left out. */
  readonly file?: string;
  /** Events at least. */
  readonly events: number;
  readonly runs: number;
}

const DEFAULTS: TraceCheckOptions = { events: 10_000_000, runs: 3 };
const CHUNK = 1 << 18;
// Of more than one CPU: on one, each count would be compared, which a repetition does not keep.
const SMALL = "k7.2-2cpu-small";

const MODES = ["read", "read and check", "read, check, statistics"] as const;

/** What is done with the text. */
export type TraceCheckMode = (typeof MODES)[number];

/** One line of the table. */
export interface TraceCheckRow {
  readonly mode: TraceCheckMode;
  readonly nsPerEvent: Sample;
  readonly eventsPerSecond: number;
  /** Bytes of the heap that are in use after a tenth of the events, and after all of them; null without --expose-gc. */
  readonly heap: readonly [tenth: number, all: number] | null;
}

export interface TraceCheckReport {
  readonly options: TraceCheckOptions;
  readonly events: number;
  readonly rows: readonly TraceCheckRow[];
}

/** Runs everything. Throws if the check finds anything, or if there are no events. */
export function benchTraceCheck(overrides: Partial<TraceCheckOptions> = {}): TraceCheckReport {
  const o = { ...DEFAULTS, ...overrides };
  const text = traceText(o.file ?? traceFixture(SMALL));
  const { closing, events: once } = closed(text);
  const times = Math.ceil(o.events / once);
  const runs = Array.from({ length: o.runs }, () => MODES.map((mode) => run(mode, [text, closing], times)));
  const events = once * times;
  const rows = MODES.map((mode, m): TraceCheckRow => {
    const nsPerEvent = median(runs.map((each) => each[m]!.ns / events));
    return { mode, nsPerEvent, eventsPerSecond: 1e9 / nsPerEvent.median, heap: runs.at(-1)![m]!.heap };
  });
  return { options: o, events, rows };
}

/** The report as a plain text table. */
export function formatTraceCheck({ events, options: o, rows }: TraceCheckReport): string {
  const titles = ["what", "ns/event", "min-max", "events/s", "heap at 1/10", "at the end"];
  const mib = (bytes: number | undefined): string =>
    bytes === undefined ? "-" : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const body = rows.map(({ eventsPerSecond, heap, mode, nsPerEvent }) => [
    mode,
    nsPerEvent.median.toFixed(0),
    `${nsPerEvent.min.toFixed(0)}-${nsPerEvent.max.toFixed(0)}`,
    grouped(Math.round(eventsPerSecond)),
    mib(heap?.[0]),
    mib(heap?.[1]),
  ]);
  return [
    `(k) trace-check; ${grouped(events)} events, median of ${o.runs} runs`,
    "",
    ...table(
      titles.map((title, i): Column => ({ title, align: i === 0 ? "left" : "right" })),
      body,
    ),
  ].join("\n");
}

interface Listener {
  write(bytes: Uint8Array): void;
  end(): unknown;
}

function listener(mode: TraceCheckMode): Listener {
  const file = "bench";
  if (mode === "read") return new TraceReader({ event: () => undefined, loss: () => undefined }, { file });
  const observer = mode === "read and check" ? undefined : new TraceStatistics();
  const session = new TraceSession({ file, observer });
  return {
    write: (bytes) => session.write(bytes),
    end: () => {
      const { byRule, outcome } = session.end();
      if (outcome !== "held") throw new Error(`the trace is not clean: ${JSON.stringify(byRule)}`);
    },
  };
}

/** CPU time in nanoseconds, and the heap. */
function run(
  mode: TraceCheckMode,
  texts: readonly Uint8Array[],
  times: number,
): { readonly ns: number; readonly heap: TraceCheckRow["heap"] } {
  const listening = listener(mode);
  const heaps: number[] = [];
  let ns = 0;
  for (let i = 0; i < times; i++) {
    const from = process.cpuUsage();
    for (const text of texts) {
      for (let at = 0; at < text.length; at += CHUNK) listening.write(text.subarray(at, at + CHUNK));
    }
    const { system, user } = process.cpuUsage(from);
    ns += (user + system) * 1000;
    if (globalThis.gc && (i === Math.floor(times / 10) || i === times - 1)) {
      globalThis.gc();
      heaps.push(process.memoryUsage().heapUsed);
    }
  }
  listening.end();
  const [tenth, all] = heaps;
  return { ns, heap: tenth === undefined || all === undefined ? null : [tenth, all] };
}

/** Lines that free and purge what a trace leaves live, and the number of all events with them. */
function closed(text: Uint8Array): { readonly closing: Uint8Array; readonly events: number } {
  const live = new Map<number, TraceEvent>();
  const event = (each: TraceEvent): void => {
    if (each.kind === KIND.ALLOC && !each.failed) live.set(each.page, each);
    else if (each.kind === KIND.FREE) live.delete(each.page);
  };
  const reader = new TraceReader({ event, loss: () => undefined }, { file: "bench" });
  reader.write(text);
  const { events } = reader.end();
  if (events === 0) throw new Error("no event of the vmalloc trace is in the text");
  const head = "           close-1       [000] .....  9999.000000: ";
  const lines = [...live.keys()].map(
    (page) => `${head}free_vmap_area_noflush: va_start=0x${page.toString(16)}000 nr_lazy=1 nr_lazy_max=8192`,
  );
  // Frees of areas that are older than the trace come again in each repetition.
  lines.push(
    `${head}purge_vmap_area_lazy: start=0x0 end=0xfffffffffffff000 num_purged=${live.size + 100_000}`,
  );
  return { closing: new TextEncoder().encode(`${lines.join("\n")}\n`), events: events + lines.length };
}
