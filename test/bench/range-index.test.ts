// SPDX-License-Identifier: GPL-2.0-only
// The bench of the range index at a toy size: both programs come to the same pages (else it throws), and every line is
// there. No times.
import { describe, expect, it } from "vitest";
import { Workload } from "../../bench/first-fit-workload.ts";
import { RangeIndexSpace, TreeSpace } from "../../bench/range-index-spaces.ts";
import { benchRangeIndex, formatRangeIndex, MEASURED } from "../../bench/range-index.ts";

describe("bench of the range index", () => {
  const report = benchRangeIndex({ sizes: [40, 120], runs: 3, agingMin: 500, operations: 300 });

  it("has a line for each operation, program and size, and a ratio for the range index", () => {
    const lines = report.rows.map((row) => `${row.operation}, ${row.who}, ${row.live}`);
    expect(lines).toEqual(
      [40, 120].flatMap((live) =>
        MEASURED.flatMap((operation) =>
          ["range index", "trees"].map((who) => `${operation}, ${who}, ${live}`),
        ),
      ),
    );
    expect(report.rows.every(({ who, toTrees }) => (who === "trees") === (toTrees === null))).toBe(true);
  });

  it("prints its parameters, and one table row for each line", () => {
    const lines = formatRangeIndex(report).split("\n");
    expect(lines[0]).toBe("(g) range index; seed 12345, median of 3 runs of 300 operations");
    expect(lines.filter((line) => /^(search|find|store|allocate) /.test(line))).toHaveLength(
      report.rows.length,
    );
  });
});

describe("the spaces of the bench", () => {
  it.each([
    ["range index", RangeIndexSpace],
    ["trees", TreeSpace],
  ])("%s: searches, finds and replaces", (_, Space) => {
    const space = new Space(10, 160);
    expect([space.allocate(3), space.allocate(2), space.allocate(4)]).toEqual([0, 3, 5]);
    space.free(3, 2);
    expect([space.search(0, 2), space.search(4, 1), space.search(0, 3), space.search(155, 6)]).toEqual([
      3, 4, 9, -1,
    ]);
    space.replace(5, 4);
    expect([0, 2, 3, 5, 8, 9].map((page) => space.find(page))).toEqual([0, 0, -1, 5, 5, -1]);
  });

  it("hand out the same pages", () => {
    const checksums = [new RangeIndexSpace(50, 800), new TreeSpace(50, 800)].map((space) => {
      const workload = new Workload(50, 7);
      workload.populate(space);
      workload.rounds(space, 400);
      return workload.checksum;
    });
    expect(checksums[0]).toBe(checksums[1]);
  });
});
