// SPDX-License-Identifier: GPL-2.0-only
// Gaps that an aligned search looks at: one with padding, all without; and what becomes of the verdict if the search without
// padding found what there is, or the one with it looked at more.
import { describe, expect, it } from "vitest";
import { NO_ADDRESS } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { gapsPerSearch } from "../../review/gaps-per-search.ts";
import { measureTable } from "../../review/render/measure-text.ts";

/** Without padding, and on from the next page where a fit was too short: it steps over nothing. */
class PageByPage extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    const { occupied, ranges } = this.trees;
    for (let search = min; search <= max; search = ranges.index + 1) {
      if (ranges.emptyArea(occupied, search, max, size) !== 0) return NO_ADDRESS;
      if (ranges.index % align === 0) return ranges.index;
    }
    return NO_ADDRESS;
  }
}

describe("gaps per search", () => {
  it("are counted among 8, 32 and 128 that are too narrow, with what is found", () => {
    const { verdict, text, rows, title, rule } = gapsPerSearch();
    expect([`${verdict}: ${text}`, rule, ...measureTable(rows, title!)].join("\n")).toMatchInlineSnapshot(`
      "partly: one with padding, more than one for each narrow gap without; without padding the fit is missed in 4 of 7 spaces, the smallest: a window of 4 with page 0 taken, 2 pages of align 2
      holds if the search with padding looks at one gap, however many too narrow ones there are, and the one without looks at each of them, and finds what there is; partly if it does not find it; refuted if it need not look at each
      before > after                                         looks  found before  found after     claim
      8 narrow gaps, then space from an aligned page on      9 > 1       page 36      page 36  each > 1
      32 narrow gaps, then space from an aligned page on    33 > 1      page 132     page 132  each > 1
      128 narrow gaps, then space from an aligned page on  129 > 1      page 516     page 516  each > 1
      8 narrow gaps, then space from another page on        15 > 1       nothing      page 36  each > 1
      32 narrow gaps, then space from another page on       39 > 1       nothing     page 132  each > 1
      128 narrow gaps, then space from another page on     135 > 1       nothing     page 516  each > 1
      a window of 4 with page 0 taken, 2 pages of align 2    1 > 1       nothing       page 2         -"
    `);
  });

  it("are as claimed if the search without padding finds what there is", () => {
    const { verdict, text } = gapsPerSearch({ "dual-index": PageByPage });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"holds: one with padding, more than one for each narrow gap without; without padding the fit is missed in 0 of 7 spaces"`,
    );
  });

  it("are not as claimed if there is no need to look at each, or if padding does not help", () => {
    expect(gapsPerSearch({ "dual-index": OccupiedIndex }).verdict).toBe("refuted");
    expect(gapsPerSearch({ "occupied-index": PageByPage }).verdict).toBe("refuted");
  });
});
