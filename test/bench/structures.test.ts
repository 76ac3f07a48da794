// SPDX-License-Identifier: GPL-2.0-only
// The bench of the structures at a toy size: every program hands out the same addresses (else it throws), every
// line is there, and what was left out is said. No times.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGES_PER_AREA, Workload } from "../../bench/first-fit-workload.ts";
import { SortedArrayFirstFit } from "../../bench/sorted-array-first-fit.ts";
import { benchStructures, formatStructures } from "../../bench/structures.ts";
import { TreeFirstFit } from "../../bench/tree-first-fit.ts";

describe("bench of the structures", () => {
  const report = benchStructures({ sizes: [40, 120], runs: 3, agingMin: 500, rounds: 300 });
  const hasC = !report.notes.some((note) => note.startsWith("C peer skipped"));

  it("has a line for each program, index and size", () => {
    const lines = report.rows.map(({ index, who, live }) => `${index}, ${who}, ${live}`);
    const expected = ["free tree", "free and busy tree"].flatMap((index) =>
      [40, 120].flatMap((live) => {
        const programs = ["tree, changes tracked", "tree"];
        if (hasC) programs.unshift("C");
        if (index === "free tree") programs.push("sorted array");
        return programs.map((who) => `${index}, ${who}, ${live}`);
      }),
    );
    expect(lines).toEqual(expected);
    const compared = report.rows.filter(({ toC }) => toC !== null).length;
    expect(compared).toBe(hasC ? 2 * (3 + 2) : 0);
  });

  it("needs less than 200 bytes per live area, tables included, even at a toy size", () => {
    const bytes = report.rows.flatMap((row) => (row.live === 120 && row.bytesPerArea) || []);
    expect(bytes).toHaveLength(4);
    expect(Math.max(...bytes)).toBeLessThan(200);
  });

  it("prints its parameters", () => {
    const text = formatStructures(report);
    expect(text).toContain(`Node ${process.version}, ${report.cpuCount} CPUs`);
    expect(text).toContain("seed 12345, median of 3 runs of\n300 rounds");
  });
});

describe("the workload", () => {
  it("draws what its seed says, and its checksum depends on every address", () => {
    const checksums = [1, 1, 2].map((seed) => {
      const tree = new TreeFirstFit(30, 30 * PAGES_PER_AREA, true, true);
      const workload = new Workload(30, seed);
      workload.populate(tree);
      workload.rounds(tree, 200);
      return workload.checksum;
    });
    expect(checksums[1]).toBe(checksums[0]);
    expect(checksums[2]).not.toBe(checksums[0]);
  });

  it("gets the same addresses from the tree and from the sorted array", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1, max: 40 }), (seed, live) => {
        const pages = live * PAGES_PER_AREA;
        const checksums = [
          new TreeFirstFit(live, pages, false, false),
          new TreeFirstFit(live, pages, true, true),
          new SortedArrayFirstFit([[0, pages]], live + 16),
        ].map((allocator) => {
          const workload = new Workload(live, seed);
          workload.populate(allocator);
          workload.rounds(allocator, 100);
          return workload.checksum;
        });
        expect(new Set(checksums).size).toBe(1);
      }),
    );
  });
});
