// SPDX-License-Identifier: GPL-2.0-only
//
// Real traces from the first byte to the verdict. The numbers were counted by another program when the traces were made.

import { expect, test } from "vitest";
import { type InfoArea, parseVmallocinfo } from "../../trace/reader/vmallocinfo.ts";
import { TraceSession, type TraceReport } from "../../trace/trace-session.ts";
import { fixture, fixtureText } from "./reader/read-text.ts";

function listOf(file: string): readonly InfoArea[] {
  return parseVmallocinfo(fixtureText(file), file);
}

function reportOf(file: string, lists?: readonly [before: string, after: string]): TraceReport {
  const initial = lists ? listOf(lists[0]) : undefined;
  const final = lists ? listOf(lists[1]) : undefined;
  const session = new TraceSession({ file, strict: true, initial, final });
  const bytes = fixture(file);
  for (let at = 0; at < bytes.length; at += 4096) session.write(bytes.subarray(at, at + 4096));
  return session.end();
}

test.each([
  // name, packed trace, packed lists; allocations, failed ones, frees, purges, areas reused, of these in flight
  ["k6.12-1cpu-small", "", ".gz", 92, 0, 92, 15, 1, 0],
  ["k6.12-1cpu-medium", ".gz", ".gz", 2640, 0, 2639, 874, 2279, 0],
  ["k6.12-2cpu-failed-alloc", "", "", 125, 2, 119, 18, 8, 0],
  ["k6.12-4cpu-medium", ".gz", ".gz", 5928, 0, 5919, 906, 5188, 2],
  ["k7.2-2cpu-small", "", ".gz", 93, 0, 91, 31, 13, 0],
] as const)("%s is clean, and ends in the areas of its list", (name, packed, packedLists, ...expected) => {
  const list = (when: string): string => `${name}.vmallocinfo-${when}.txt${packedLists}`;
  const report = reportOf(`${name}.trace.txt${packed}`, [list("before"), list("after")]);
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ outcome: "held", completeFrom: 1 });
  const { allocations, failed, frees, inFlight, purges, reusedAreas } = report.counts;
  expect([allocations, failed, frees, purges, reusedAreas, inFlight]).toEqual(expected);
  expect(report.counts).toMatchObject({ open: 0, unknownFrees: 0, chunkFrees: 0, losses: 0 });
});

test("without lists nothing is accused either", () => {
  expect(reportOf("k6.12-4cpu-medium.trace.txt.gz")).toMatchObject({ outcome: "held", findings: [] });
});

test("a trace that has lost events accuses nobody", () => {
  const { byRule, completeFrom, counts, outcome } = reportOf("k6.12-4cpu-lossy.trace_pipe.txt.gz");
  expect(outcome).toBe("undecided");
  expect(counts.losses).toBe(6);
  expect(completeFrom).toBeGreaterThan(1);
  for (const [, { suspicious, violation }] of byRule) expect([violation, suspicious]).toEqual([0, 0]);
});
