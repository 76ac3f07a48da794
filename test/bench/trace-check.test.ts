// SPDX-License-Identifier: GPL-2.0-only
// The bench of the trace checker at a toy size: a repeated trace is clean (else it throws). No times.
import { expect, it } from "vitest";
import { benchTraceCheck, formatTraceCheck } from "../../bench/trace-check.ts";

it("checks the small trace twice", () => {
  const report = benchTraceCheck({ events: 400, runs: 1 });
  // 215 events, a free of each area that is left live, and a purge.
  // 215 events, frees of two areas that are left live, and a purge.
  expect(report.events).toBe(2 * 218);
  expect(report.rows.map(({ mode }) => mode)).toEqual(["read", "read and check", "read, check, statistics"]);
  expect(formatTraceCheck(report).split("\n")[0]).toBe("(k) trace-check; 436 events, median of 1 runs");
});
