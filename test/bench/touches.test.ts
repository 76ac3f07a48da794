// SPDX-License-Identifier: GPL-2.0-only
// The bench of touches at a toy size: designs come to the same pages (else it throws), every line is there, and the touches
// are those of the measure. No times.
import { describe, expect, it } from "vitest";
import { benchTouches, CONTESTANTS, formatTouches, REQUESTS } from "../../bench/touches.ts";

describe("bench of touches", () => {
  const report = benchTouches({ sizes: [60, 200], runs: 1, rounds: 200 });

  it("has a line for each kind of request, size and design", () => {
    const lines = report.rows.map(({ requests, live, design }) => `${requests}, ${live}, ${design}`);
    expect(lines).toEqual(
      Object.keys(REQUESTS).flatMap((requests) =>
        [60, 200].flatMap((live) => CONTESTANTS.map((design) => `${requests}, ${live}, ${design}`)),
      ),
    );
  });

  it("counts two touches of the hot trees per allocation after the patch, at every size, and one per free", () => {
    const after = report.rows.filter(({ design }) => design === "occupied-index");
    for (const { alloc, free } of after) {
      expect(alloc!.hot).toBe(2);
      expect(free!.hot).toBeCloseTo(1, 0);
    }
  });

  it("counts more of them before it, the more so where a walk goes past free areas; and none in mainline", () => {
    const hot = (requests: string): number[] =>
      report.rows
        .filter((row) => row.design === "dual-index" && row.requests === requests)
        .map(({ alloc }) => alloc!.hot);
    for (const each of hot("align 1")) expect(each).toBeCloseTo(4, 0);
    const [few, many] = hot("1/16 align 8");
    expect(many).toBeGreaterThan(few!);
    expect(report.rows.filter(({ alloc }) => alloc === null).map(({ design }) => design)).toEqual(
      Array.from({ length: 4 }, () => "size-pools"),
    );
  });

  it("prints its parameters, what a touch is, the claims, and a row for each line within 100 columns", () => {
    const nsPerOp = { median: 12_345, min: 12_345, max: 12_345 };
    const rows = report.rows.map((row) => ({ ...row, nsPerOp }));
    const lines = formatTouches({ ...report, rows }).split("\n");
    expect(lines[0]).toBe(
      "(h) touches; seed 12345, median of 1 runs of 200 rounds after 2 for each live area; CPU time",
    );
    expect(lines.filter((line) => /^C1-(4|11): "/.test(line))).toHaveLength(2);
    expect(lines.filter((line) => /^(align|1.16) /.test(line))).toHaveLength(report.rows.length);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
