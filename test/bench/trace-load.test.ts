// SPDX-License-Identifier: GPL-2.0-only
//
// The bench of a kernel's load, one interleaving of each design: every line is there. No times.

import { expect, test } from "vitest";
import { benchTraceLoad, formatTraceLoad } from "../../bench/trace-load.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";

test("every design does the load of the kept program", () => {
  const report = benchTraceLoad({ runs: 1 });
  expect(report.operations).toBe(189);
  expect(report.rows.map(({ design }) => design)).toEqual(ALLOCATOR_IDS);
  for (const { stepsPerOperation } of report.rows) expect(stepsPerOperation).toBeGreaterThan(1);
  const lines = formatTraceLoad(report).split("\n");
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  for (const design of ALLOCATOR_IDS)
    expect(lines.filter((line) => line.startsWith(`${design} `))).toHaveLength(1);
});
