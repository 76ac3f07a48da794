// SPDX-License-Identifier: GPL-2.0-only
// Counts as a table: columns of rows that have them, whole and broken numbers, what the claim says; and their place in the
// text of a review.
import { describe, expect, it } from "vitest";
import type { MeasureRow } from "../../review/measure-result.ts";
import { measureTable } from "../../review/render/measure-text.ts";
import { reviewText } from "../../review/render/review-text.ts";
import { MEASURES } from "../../review/measures.ts";
import { OCCUPIED_INDEX_CLAIMS } from "../../spec/dossiers/occupied-index-claims.ts";
import { OCCUPIED_INDEX_DOSSIER } from "../../spec/dossiers/occupied-index.ts";

const ROWS: readonly MeasureRow[] = [
  { workload: "one", before: 10.25, after: 2, claimed: "half", more: { nodes: { before: 3, after: 12 } } },
  { workload: "another one", before: 4, after: 14.5, notes: { less: "3 %" } },
];

describe("a table of counts", () => {
  it("has a column for each count, note and claim, and a dash where a row has none", () => {
    expect(measureTable(ROWS, "cycle").join("\n")).toMatchInlineSnapshot(`
      "before > after        cycle   nodes  less  claim
      one             10.3 >  2.0  3 > 12     -   half
      another one      4.0 > 14.5       -   3 %      -"
    `);
  });

  it("has the rows' own counts at least, and no lines without rows", () => {
    expect(measureTable([{ workload: "w", before: 2, after: 1 }], "n").join("\n")).toMatchInlineSnapshot(`
      "before > after      n
      w               2 > 1"
    `);
    expect(measureTable([], "n")).toEqual([]);
  });

  it("is no wider than it is let", () => {
    const long = ROWS.map((row) => ({ ...row, workload: "of many words ".repeat(12).trim() }));
    expect(Math.max(...measureTable(long, "cycle", 80).map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("a measurement in a review", () => {
  const claim = OCCUPIED_INDEX_CLAIMS.find(({ id }) => id === "C1-8")!;
  const { verdict, text, unit, rows, title, rule } = MEASURES["gaps-per-search"]();

  it("stands below its claim, with its rule and its rows", () => {
    const judged = { verdict, text: `${unit}: ${text}`, runs: 0, rows, title, rule, asPinned: true, claim };
    const lines = reviewText(OCCUPIED_INDEX_DOSSIER, [judged]).split("\n");
    const from = lines.findIndex((line) => line.startsWith("C1-8, "));
    expect(lines.slice(from, lines.indexOf("Defects and suspects") - 1).join("\n")).toMatchInlineSnapshot(`
      "C1-8, cost, author, line 54
      > the loop has to scan past every page-aligned gap that is large enough
        for @size but too small
      RFC partly: calls of mas_empty_area per search: one with padding, more
                  than one for each narrow gap without; without padding the
                  fit is missed in 4 of 7 spaces, the smallest: a window of 4
                  with page 0 taken, 2 pages of align 2
          rule: holds if the search with padding looks at one gap, however
                many too narrow ones there are, and the one without looks at
                each of them, and finds what there is; partly if it does not
                find it; refuted if it need not look at each

      before > after                                         looks  found before  found after     claim
      8 narrow gaps, then space from an aligned page on      9 > 1       page 36      page 36  each > 1
      32 narrow gaps, then space from an aligned page on    33 > 1      page 132     page 132  each > 1
      128 narrow gaps, then space from an aligned page on  129 > 1      page 516     page 516  each > 1
      8 narrow gaps, then space from another page on        15 > 1       nothing      page 36  each > 1
      32 narrow gaps, then space from another page on       39 > 1       nothing     page 132  each > 1
      128 narrow gaps, then space from another page on     135 > 1       nothing     page 516  each > 1
      a window of 4 with page 0 taken, 2 pages of align 2    1 > 1       nothing       page 2         -

      defects: DEF-O6
      note: So it does. But the loop without padding was wrong as well:
            mas.last is not the end of the gap, so that it steps over fits in
            the gap that it has found."
    `);
  });

  it("is a text alone if its counts have no title, and a computation has its lines", () => {
    const judged = {
      verdict,
      text,
      runs: 0,
      rows,
      asPinned: true,
      claim,
      lines: ["line 1: this", "line 2: that"],
    };
    const lines = reviewText(OCCUPIED_INDEX_DOSSIER, [judged]).split("\n");
    expect(lines).toContain("    - line 2: that");
    expect(lines.some((line) => line.includes("narrow gaps, then"))).toBe(false);
  });
});
