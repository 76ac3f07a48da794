// SPDX-License-Identifier: GPL-2.0-only
// The bench of the trace reader at a toy size: both readers come to the same events (else it throws). No times.
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { benchTraceRead, formatTraceRead } from "../../bench/trace-read.ts";

it("reads the fixture twice, by both readers", () => {
  const report = benchTraceRead({ bytes: 70_000, chunk: 1000, runs: 2 });
  expect([report.events, report.bytes]).toEqual([398, 62_028]);
  expect(report.rows.map(({ toPeer, who }) => [who, toPeer === null])).toEqual([
    ["reader", false],
    ["regular expressions", true],
  ]);
  const [title, , ...rows] = formatTraceRead(report).split("\n");
  expect(title).toBe("(i) trace-read; 398 events in 62,028 bytes, 1,000 at a time, median of 2 runs");
  expect(rows.map((row) => row.split("  ")[0])).toEqual(["program", "reader", "regular expressions"]);
});

it("reads a packed file, and refuses a text without events", () => {
  const name = "../trace/fixtures/k6.12-4cpu-lossy.trace_pipe.txt.gz";
  const file = fileURLToPath(new URL(name, import.meta.url));
  expect(benchTraceRead({ file, bytes: 1, runs: 1 }).events).toBe(524);
  const other = fileURLToPath(new URL("../trace/fixtures/README.md", import.meta.url));
  expect(() => benchTraceRead({ file: other, bytes: 1, runs: 1 })).toThrow("no event of the vmalloc trace");
});
