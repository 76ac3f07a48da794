// SPDX-License-Identifier: GPL-2.0-only
//
// A real trace as data: its events, copied, and the lists from before and after it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ListedArea } from "../../../trace/check/final-state.ts";
import { TraceReader } from "../../../trace/reader/trace-reader.ts";
import { parseVmallocinfo } from "../../../trace/reader/vmallocinfo.ts";
import type { TraceEvent } from "../../../trace/trace-event.ts";

/** A complete trace. */
export interface RecordedTrace {
  readonly name: string;
  readonly cpus: number;
  readonly events: readonly TraceEvent[];
  readonly initial: readonly ListedArea[];
  /** Undefined if the events are not all of the trace. */
  readonly final: readonly ListedArea[] | undefined;
}

/** The complete traces of a folder, by name, each with at most so many events. */
export function recordedTraces(folder: string, eventsMax: number): readonly RecordedTrace[] {
  return readdirSync(folder)
    .filter((file) => /\.trace\.txt(?:\.gz)?$/.test(file) && !file.includes("lossy"))
    .sort()
    .map((file) => recordedTrace(folder, file, eventsMax));
}

function recordedTrace(folder: string, file: string, eventsMax: number): RecordedTrace {
  const name = file.replace(/\.trace\.txt(?:\.gz)?$/, "");
  const events: TraceEvent[] = [];
  const sink = {
    event: (event: TraceEvent): void => {
      if (events.length < eventsMax) events.push(copyOf(event));
    },
    loss: (): void => {
      throw new Error(`${file} is not complete`);
    },
  };
  const reader = new TraceReader(sink, { file, strict: true });
  reader.write(bytesOf(join(folder, file)));
  const { cpus, events: all } = reader.end();
  // A trace from the boot on has no list from before it: nothing was there.
  const initial = listOf(join(folder, `${name}.vmallocinfo-before.txt`)) ?? [];
  const final = all <= eventsMax ? listOf(join(folder, `${name}.vmallocinfo-after.txt`)) : undefined;
  return { name, cpus: cpus ?? 1, events, initial, final };
}

/** A copy of an event, with changes. */
export function copyOf(event: TraceEvent, changes: Partial<TraceEvent> = {}): TraceEvent {
  const name = event.comm();
  const { kind, line, cpu, pid, inInterrupt, time, page, offset, size, align, failed } = event;
  const { fromPage, fromOffset, toPage, toOffset, nrLazy, nrLazyMax, numPurged } = event;
  const head = { kind, line, cpu, pid, inInterrupt, time, page, offset, size, align, failed };
  const tail = { fromPage, fromOffset, toPage, toOffset, nrLazy, nrLazyMax, numPurged };
  return { ...head, ...tail, comm: () => name, ...changes };
}

function listOf(path: string): readonly ListedArea[] | undefined {
  const found = [path, `${path}.gz`].find((each) => existsSync(each));
  if (found === undefined) return undefined;
  return parseVmallocinfo(new TextDecoder().decode(bytesOf(found)), found);
}

function bytesOf(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
