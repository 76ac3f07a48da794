// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (i): how fast the text of a vmalloc trace is read, beside a reader as one writes it first, by regular expressions.
// Both must come to the same events.

import { type Column, grouped, table } from "../review/render/text-layout.ts";
import { TraceReader } from "../trace/reader/trace-reader.ts";
import { PAGE_BYTES, type TraceEvent } from "../trace/trace-event.ts";
import { median, type Sample } from "./statistics.ts";
import { traceFixture, traceText } from "./trace-text.ts";

export interface TraceReadOptions {
  /** A trace, packed by gzip or not; a small one of a real kernel if it is left out. */
  readonly file?: string;
  /** The text is repeated until it has so many bytes. */
  readonly bytes: number;
  /** Bytes that the reader gets at a time. */
  readonly chunk: number;
  readonly runs: number;
}

const DEFAULTS: TraceReadOptions = { bytes: 40_000_000, chunk: 65_536, runs: 5 };

/** One line of the table. */
export interface TraceReadRow {
  readonly who: "reader" | "regular expressions";
  readonly nsPerEvent: Sample;
  readonly eventsPerSecond: number;
  /** Millions of bytes. */
  readonly megabytesPerSecond: number;
  /** Its time against that of the regular expressions, run by run. */
  readonly toPeer: number | null;
}

export interface TraceReadReport {
  readonly options: TraceReadOptions;
  readonly bytes: number;
  readonly events: number;
  readonly rows: readonly TraceReadRow[];
}

/** What a run comes to: depends on every event and its numbers. */
class Checksum {
  events = 0;
  private sum = 0;

  add(page: number, size: number, count: number): void {
    this.events++;
    this.sum = (Math.imul(this.sum, 31) + (page % 65_521) + (size % 65_521) + count) | 0;
  }

  toString(): string {
    return `${this.events} ${this.sum}`;
  }
}

/** Runs everything. Throws if the two come to different events, or if there are none. */
export function benchTraceRead(overrides: Partial<TraceReadOptions> = {}): TraceReadReport {
  const o = { ...DEFAULTS, ...overrides };
  const text = repeated(traceText(o.file ?? traceFixture("k6.12-1cpu-small")), o.bytes);
  const pairs = Array.from({ length: o.runs }, () => {
    const ours = timed((checksum) => readChunks(text, o.chunk, checksum));
    const peer = timed((checksum) => readLines(text, checksum));
    if (String(ours.checksum) !== String(peer.checksum)) {
      throw new Error(`checksum ${ours.checksum.toString()}, expressions ${peer.checksum.toString()}`);
    }
    return { ours, peer };
  });
  const events = pairs[0]?.ours.checksum.events ?? 0;
  if (events === 0) throw new Error("no event of the vmalloc trace is in the text");
  const row = (who: TraceReadRow["who"], times: readonly number[], toPeer: number | null): TraceReadRow => {
    const nsPerEvent = median(times.map((ns) => ns / events));
    const seconds = (nsPerEvent.median * events) / 1e9;
    return {
      who,
      nsPerEvent,
      eventsPerSecond: events / seconds,
      megabytesPerSecond: text.length / 1e6 / seconds,
      toPeer,
    };
  };
  const ours = pairs.map((pair) => pair.ours.ns);
  const peer = pairs.map((pair) => pair.peer.ns);
  const ratio = median(pairs.map((pair) => pair.ours.ns / pair.peer.ns)).median;
  return {
    options: o,
    bytes: text.length,
    events,
    rows: [row("reader", ours, ratio), row("regular expressions", peer, null)],
  };
}

/** The report as a plain text table. */
export function formatTraceRead({ bytes, events, options: o, rows }: TraceReadReport): string {
  const titles = ["program", "ns/event", "min-max", "events/s", "MB/s", "to peer"];
  const body = rows.map(({ eventsPerSecond, megabytesPerSecond, nsPerEvent, toPeer, who }) => [
    who,
    nsPerEvent.median.toFixed(0),
    `${nsPerEvent.min.toFixed(0)}-${nsPerEvent.max.toFixed(0)}`,
    grouped(Math.round(eventsPerSecond)),
    megabytesPerSecond.toFixed(0),
    toPeer === null ? "-" : `${toPeer.toFixed(2)}x`,
  ]);
  return [
    `(i) trace-read; ${grouped(events)} events in ${grouped(bytes)} bytes, ${grouped(o.chunk)} at a time, median of ${o.runs} runs`,
    "",
    ...table(
      titles.map((title, i): Column => ({ title, align: i === 0 ? "left" : "right" })),
      body,
    ),
  ].join("\n");
}

function repeated(text: Uint8Array, bytes: number): Uint8Array {
  const times = text.length === 0 ? 1 : Math.max(1, Math.floor(bytes / text.length));
  const all = new Uint8Array(times * text.length);
  for (let i = 0; i < times; i++) all.set(text, i * text.length);
  return all;
}

/** CPU time in nanoseconds. */
function timed(run: (checksum: Checksum) => void): { readonly ns: number; readonly checksum: Checksum } {
  const checksum = new Checksum();
  const from = process.cpuUsage();
  run(checksum);
  const spent = process.cpuUsage(from);
  return { ns: (spent.user + spent.system) * 1000, checksum };
}

function readChunks(text: Uint8Array, chunk: number, checksum: Checksum): void {
  const sink = {
    event: (event: TraceEvent) => checksum.add(event.page, event.size, event.nrLazy + event.numPurged),
    loss: () => undefined,
  };
  const reader = new TraceReader(sink, { file: "bench" });
  for (let at = 0; at < text.length; at += chunk) reader.write(text.subarray(at, at + chunk));
  reader.end();
}

const ANY = /-(\d+) +\[(\d+)\] (?:\S+ )? *([\d.]+): (\w+): +(.*)$/;
const BODIES: Readonly<Record<string, RegExp>> = {
  alloc_vmap_area:
    /^va_start: (\d+) size=(\d+) align=(\d+) vstart=(0x[0-9a-f]+) vend=(0x[0-9a-f]+) failed=(\d)$/,
  free_vmap_area_noflush: /^va_start=(0x[0-9a-f]+) nr_lazy=(\d+) nr_lazy_max=(\d+)$/,
  purge_vmap_area_lazy: /^start=(0x[0-9a-f]+) end=(0x[0-9a-f]+) num_purged=(\d+)$/,
};

/** The peer: lines of text, an expression for the line and one for what it says. */
function readLines(text: Uint8Array, checksum: Checksum): void {
  const decoder = new TextDecoder();
  let rest = "";
  for (let at = 0; at < text.length; at += 1 << 20) {
    const lines = (rest + decoder.decode(text.subarray(at, at + (1 << 20)), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) readLine(line, checksum);
  }
  readLine(rest, checksum);
}

function readLine(line: string, checksum: Checksum): void {
  const [, , , , name = "", body = ""] = ANY.exec(line) ?? [];
  const found = BODIES[name]?.exec(body);
  if (!found) return;
  const [, first = "0", second = "0", third = "0"] = found;
  if (name === "purge_vmap_area_lazy") checksum.add(0, 0, Number(third));
  else {
    const page = Number(BigInt(first) / BigInt(PAGE_BYTES));
    const isFree = name === "free_vmap_area_noflush";
    checksum.add(page, isFree ? 0 : Number(second), isFree ? Number(second) : 0);
  }
}
