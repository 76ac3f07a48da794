// SPDX-License-Identifier: GPL-2.0-only
//
// A whole text through a reader, with all that its sink hears; and the fixtures.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TraceReader, type ReaderSummary } from "../../../trace/reader/trace-reader.ts";
import type { TraceEvent, TraceLoss } from "../../../trace/trace-event.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);

/** An event as plain data; addresses are whole again. */
export interface ReadEvent {
  readonly kind: number;
  readonly line: number;
  readonly comm: string;
  readonly pid: number;
  readonly cpu: number;
  readonly inInterrupt: boolean | undefined;
  readonly time: number;
  readonly address: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly size: number;
  readonly align: number;
  readonly failed: boolean;
  readonly nrLazy: number;
  readonly nrLazyMax: number;
  readonly numPurged: number;
}

export interface ReadText {
  readonly events: ReadEvent[];
  readonly losses: TraceLoss[];
  readonly summary: ReaderSummary;
}

/** The event, copied. */
export function copied(event: TraceEvent): ReadEvent {
  const { kind, line, pid, cpu, inInterrupt, time, size, align, failed, nrLazy, nrLazyMax, numPurged } =
    event;
  return {
    kind,
    line,
    comm: event.comm(),
    pid,
    cpu,
    inInterrupt,
    time,
    address: address(event.page, event.offset),
    from: address(event.fromPage, event.fromOffset),
    to: address(event.toPage, event.toOffset),
    size,
    align,
    failed,
    nrLazy,
    nrLazyMax,
    numPurged,
  };
}

function address(page: number, offset: number): bigint {
  return BigInt(page) * 4096n + BigInt(offset);
}

/** Reads a text in pieces of so many bytes. */
export function readText(
  text: string | Uint8Array,
  { strict = false, chunk = 1 << 20 }: { strict?: boolean; chunk?: number } = {},
): ReadText {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const events: ReadEvent[] = [];
  const losses: TraceLoss[] = [];
  const sink = {
    event: (event: TraceEvent) => void events.push(copied(event)),
    loss: (loss: TraceLoss) => void losses.push(loss),
  };
  const reader = new TraceReader(sink, { file: "t", strict });
  for (let at = 0; at < bytes.length; at += chunk) {
    const piece = Uint8Array.from(bytes.subarray(at, at + chunk));
    reader.write(piece);
    piece.fill(0);
  }
  return { events, losses, summary: reader.end() };
}

/** The bytes of a file in test/trace/fixtures, unpacked. */
export function fixture(name: string): Uint8Array {
  const bytes = readFileSync(new URL(name, FIXTURES));
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The same as text. */
export function fixtureText(name: string): string {
  return new TextDecoder().decode(fixture(name));
}
