// SPDX-License-Identifier: GPL-2.0-only
//
// Traces of real kernels: what is in them, in pieces of any size, and in the form of trace-cmd.

import { describe, expect, test } from "vitest";
import { parseVmallocinfo } from "../../../trace/reader/vmallocinfo.ts";
import { KIND } from "../../../trace/trace-event.ts";
import { fixture, fixtureText, readText, type ReadEvent, type ReadText } from "./read-text.ts";

const FAILED_ALLOC = "k6.12-2cpu-failed-alloc.trace.txt";
const LOSSY = "k6.12-4cpu-lossy.trace_pipe.txt.gz";

function kinds({ events }: ReadText): number[] {
  return [KIND.ALLOC, KIND.FREE, KIND.PURGE].map((kind) => events.filter((e) => e.kind === kind).length);
}

test.each([
  ["k6.12-1cpu-small.trace.txt", [92, 92, 15], 1],
  ["k7.2-2cpu-small.trace.txt", [93, 91, 31], 2],
  [FAILED_ALLOC, [125, 119, 18], 2],
])("%s", (name, counts, cpus) => {
  const text = readText(fixture(name), { strict: true });
  expect(kinds(text)).toEqual(counts);
  const all = text.events.length;
  expect(text.summary).toMatchObject({ format: "ftrace", cpus, events: all, otherLines: 12, losses: 0 });
  expect(text.summary.entries).toEqual({ inBuffer: all, written: all });
});

test("failures", () => {
  const failed = readText(fixture(FAILED_ALLOC)).events.filter((event) => event.failed);
  expect(failed.map(({ size }) => size)).toEqual([1_099_511_631_872, 1_099_511_631_872]);
});

test("losses of trace_pipe", () => {
  const { losses, summary } = readText(fixture(LOSSY), { strict: true });
  expect(losses.map(({ cpu, events, kind, line }) => [line, cpu, events, kind])).toEqual([
    [157, 1, 411, "lost"],
    [224, 3, 673, "lost"],
    [330, 2, 417, "lost"],
    [416, 0, 1360, "lost"],
    [501, 3, 1614, "lost"],
    [524, 1, 1691, "lost"],
  ]);
  expect(summary).toMatchObject({ format: "trace_pipe", events: 524, otherLines: 6, losses: 6 });
});

describe("pieces", () => {
  test("of each size up to 600 bytes", () => {
    const bytes = fixture(LOSSY).subarray(0, 60_000);
    const whole = readText(bytes);
    for (let chunk = 1; chunk <= 600; chunk += chunk < 20 ? 1 : 29)
      expect(readText(bytes, { chunk })).toEqual(whole);
  });

  test("cut in two at each byte", () => {
    const lines = fixtureText(FAILED_ALLOC).split("\n");
    const text = [
      ...lines.slice(0, 3),
      ...lines.slice(11, 15),
      "CPU:1 [LOST 411 EVENTS]",
      "no\r",
      lines[16],
    ].join("\n");
    const whole = readText(text);
    expect(whole.summary).toMatchObject({ events: 4, malformed: 1, losses: 1 });
    for (let chunk = 1; chunk < text.length; chunk++) expect(readText(text, { chunk })).toEqual(whole);
  });
});

test("in the form of trace-cmd, with carriage returns, and with thread groups: the same events", () => {
  const text = fixtureText(FAILED_ALLOC);
  const { events } = readText(text);
  const withoutFlags = events.map((event) => ({ ...event, inInterrupt: undefined }));
  const report = text
    .replace(/^(?:#.*\n)+/u, "cpus=2\n")
    .replaceAll(/\] \S{5} /gu, "] ")
    .replaceAll(/(_area:|_noflush:|_lazy:)/gu, (name) => name.padEnd(12));
  const read = readText(report, { strict: true });
  expect(read.summary).toMatchObject({ format: "trace-cmd", cpus: 2, events: 262 });
  expect(read.events).toEqual(withoutFlags.map((event) => ({ ...event, line: event.line - 11 })));
  expect(readText(text.replaceAll("\n", "\r\n")).events).toEqual(events);
  expect(readText(text.replaceAll(/ \[(?=\d+\] \S{5} )/gu, " (   1234) ["), { strict: true }).events).toEqual(
    events,
  );
});

test("areas from before a trace and the trace come to the areas from after it", () => {
  const [before = [], after = []] = ["before", "after"].map((when) => {
    const name = `k6.12-2cpu-failed-alloc.vmallocinfo-${when}.txt`;
    return parseVmallocinfo(fixtureText(name), name).filter((area) => !area.isLazy);
  });
  const live = new Map(before.map(({ page, pages }) => [page, pages]));
  const unknown: ReadEvent[] = [];
  for (const event of readText(fixture(FAILED_ALLOC)).events) {
    const { address, failed, kind, size } = event;
    const page = Number(address / 4096n);
    if (kind === KIND.ALLOC && !failed) live.set(page, size / 4096);
    else if (kind === KIND.FREE && !live.delete(page)) unknown.push(event);
  }
  expect(unknown).toEqual([]);
  const byPage = (a: readonly number[], b: readonly number[]): number => (a[0] ?? 0) - (b[0] ?? 0);
  expect([...live].sort(byPage)).toEqual(after.map(({ page, pages }) => [page, pages]).sort(byPage));
});
