// SPDX-License-Identifier: GPL-2.0-only
// Touches of range trees before and after: what they are, that they are those of runs under all checks, and that designs
// that touch more or less get other verdicts.
import { describe, expect, it } from "vitest";
import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { MeasureResult } from "../../review/measure-result.ts";
import { measureTable } from "../../review/render/measure-text.ts";
import { runWorkload, touchesPerAllocation, touchesPerCycle } from "../../review/touch-measures.ts";
import { TOUCH_WORKLOADS } from "../../review/touch-workloads.ts";

/** The verdict, the text, and the table that is shown. */
function shown({ verdict, text, rows, title }: MeasureResult): string {
  return [`${verdict}: ${text}`, ...measureTable(rows, title!)].join("\n");
}

/** Looks `n` things up in the free tree for each area that is given back. */
function givingBackWith(n: number): typeof OccupiedIndex {
  return class extends OccupiedIndex {
    protected override releaseDrainedVmapArea(va: Va, list?: number): void {
      for (let i = 0; i < n; i++) this.trees.findExceed(this.free, 0);
      super.releaseDrainedVmapArea(va, list);
    }
  };
}

/** Looks `n` things up in the free tree for each search. */
function allocatingWith(n: number): typeof OccupiedIndex {
  return class extends OccupiedIndex {
    protected override allocVmapAreaLocked(
      size: number,
      align: number,
      vstart: number,
      vend: number,
    ): number {
      for (let i = 0; i < n; i++) this.trees.findExceed(this.free, 0);
      return super.allocVmapAreaLocked(size, align, vstart, vend);
    }
  };
}

/** Hands out what it has handed out before. */
class StoresNothing extends OccupiedIndex {
  protected override occupiedMtStore(): boolean {
    return true;
  }
}

describe("touches per allocation and free", () => {
  it("are counted for each workload, before and after", () => {
    expect(shown(touchesPerCycle())).toMatchInlineSnapshot(`
      "partly: 2 of 10 workloads that no pool serves lose 40 to 60 %: 32 % to 85 % of the touches go; with pools 0 % to 40 %
      before > after                  cycle       alloc        free   hot cycle         nodes  less  claim
      fix_size                  20.1 > 13.0   7.0 > 5.0  13.1 > 8.0  10.1 > 3.0   30.3 > 23.2  35 %  ~half
      full_fit                  19.0 > 13.0   7.0 > 5.0  12.0 > 8.0   9.0 > 3.0   63.1 > 41.7  32 %  ~half
      long_busy_list            20.1 > 13.1   7.0 > 5.0  13.1 > 8.1  10.0 > 3.0   55.6 > 48.6  35 %  ~half
      random_size               20.3 > 13.1   7.1 > 5.0  13.2 > 8.1  10.2 > 3.0   20.3 > 13.1  35 %  ~half
      fix_align                 25.1 > 13.1  11.0 > 5.0  14.1 > 8.1  15.0 > 3.0   41.1 > 21.3  48 %  ~half
      random_size_align         21.3 > 13.1   7.6 > 5.0  13.6 > 8.1  11.2 > 3.0   25.1 > 16.2  38 %  ~half
      align_shift               21.9 > 13.0   8.5 > 5.0  13.5 > 8.0  11.9 > 3.0   34.3 > 22.8  40 %  ~half
      fix_align, 64 holes       89.0 > 13.1  74.9 > 5.0  14.1 > 8.1  78.9 > 3.0  302.7 > 46.7  85 %  ~half
      modules window            20.2 > 13.1   7.0 > 5.0  13.2 > 8.1  10.1 > 3.0   22.2 > 15.1  35 %  ~half
      part of the window        20.2 > 13.1   7.0 > 5.0  13.2 > 8.1  10.1 > 3.0   22.2 > 15.1  35 %  ~half
      fix_size, pools           10.1 > 10.1   3.0 > 3.0   7.1 > 7.0   0.1 > 0.0   15.7 > 15.7   0 %      -
      full_fit, pools           10.2 > 10.1   3.0 > 3.0   7.2 > 7.1   0.2 > 0.0   24.5 > 24.1   2 %      -
      long_busy_list, pools     10.1 > 10.1   3.0 > 3.0   7.1 > 7.1   0.0 > 0.0   22.5 > 22.5   0 %      -
      random_size, pools        10.2 > 10.1   3.0 > 3.0   7.2 > 7.1   0.1 > 0.0   12.0 > 11.9   1 %      -
      fix_align, pools          10.3 > 10.1   3.1 > 3.0   7.2 > 7.1   0.2 > 0.0   14.7 > 14.4   1 %      -
      random_size_align, pools  15.4 > 11.0   6.3 > 3.6   9.1 > 7.4   5.3 > 0.9   28.1 > 17.3  29 %      -
      align_shift, pools        21.9 > 13.0   8.5 > 5.0  13.5 > 8.0  11.9 > 3.0   34.3 > 22.8  40 %      -"
    `);
  });

  it("are fewer by far too little if the design before the patch is the one after it", () => {
    const { verdict, text } = touchesPerCycle({ "dual-index": OccupiedIndex });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"refuted: 0 of 10 workloads that no pool serves lose 40 to 60 %: 0 % to 0 % of the touches go; with pools 0 % to 0 %"`,
    );
  });

  it("are halved if what goes is as much as what stays, in every workload that no pool serves", () => {
    const { verdict, text } = touchesPerCycle({ "dual-index": givingBackWith(12) });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"holds: 10 of 10 workloads that no pool serves lose 40 to 60 %: 48 % to 48 % of the touches go; with pools 0 % to 48 %"`,
    );
  });

  it("are more than halved if all of them lose more", () => {
    const { verdict, text } = touchesPerCycle({ "dual-index": givingBackWith(24) });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"refuted: 0 of 10 workloads that no pool serves lose 40 to 60 %: 65 % to 65 % of the touches go; with pools 0 % to 65 %"`,
    );
  });

  it("are not decided if a design hands out what is live, or warns", () => {
    expect(touchesPerCycle({ "occupied-index": StoresNothing })).toMatchObject({
      verdict: "not-decided",
      rows: [],
      text: expect.stringMatching(/granted, of which pages are live already|WARN/) as string,
    });
  });
});

describe("touches per allocation", () => {
  it("are counted for each workload, before and after", () => {
    expect(shown(touchesPerAllocation())).toMatchInlineSnapshot(`
      "partly: of 10 workloads that no pool serves, 2 after the patch in 10 and 4 to 6 before it in 8; before it 3-77 for one allocation
      before > after             hot alloc   hot free     hot nodes  failed        each    claim
      fix_size                   4.0 > 2.0  6.0 > 1.0    6.8 >  4.7   0 > 0     4-5 > 2  4-6 > 2
      full_fit                   4.0 > 2.0  5.0 > 1.0   15.8 >  7.5   0 > 0       4 > 2  4-6 > 2
      long_busy_list             4.0 > 2.0  6.0 > 1.0   13.7 > 11.7   0 > 0       4 > 2  4-6 > 2
      random_size                4.1 > 2.0  6.1 > 1.0    4.1 >  2.0   0 > 0     4-5 > 2  4-6 > 2
      fix_align                  8.0 > 2.0  7.0 > 1.0   13.1 >  3.6   0 > 0    4-13 > 2  4-6 > 2
      random_size_align          4.6 > 2.0  6.5 > 1.0    5.3 >  2.5   0 > 0    3-10 > 2  4-6 > 2
      align_shift                5.5 > 2.0  6.4 > 1.0    8.5 >  4.1   8 > 8    3-12 > 2  4-6 > 2
      fix_align, 64 holes       71.9 > 2.0  7.0 > 1.0  243.4 > 11.3   0 > 0   67-77 > 2  4-6 > 2
      modules window             4.0 > 2.0  6.0 > 1.0    5.2 >  3.1   0 > 0     4-5 > 2  4-6 > 2
      part of the window         4.0 > 2.0  6.0 > 1.0    5.2 >  3.1   0 > 0     4-5 > 2  4-6 > 2
      fix_size, pools            0.0 > 0.0  0.0 > 0.0    0.1 >  0.0   0 > 0   0-4 > 0-2        -
      full_fit, pools            0.0 > 0.0  0.2 > 0.0    0.0 >  0.0   0 > 0       0 > 0        -
      long_busy_list, pools      0.0 > 0.0  0.0 > 0.0    0.0 >  0.0   0 > 0       0 > 0        -
      random_size, pools         0.0 > 0.0  0.1 > 0.0    0.1 >  0.1   0 > 0   0-4 > 0-2        -
      fix_align, pools           0.1 > 0.0  0.1 > 0.0    0.2 >  0.1   0 > 0  0-13 > 0-2        -
      random_size_align, pools   3.3 > 0.6  2.0 > 0.3    7.3 >  1.4   0 > 0  0-25 > 0-3        -
      align_shift, pools         5.5 > 2.0  6.4 > 1.0    8.5 >  4.1   8 > 8    3-12 > 2        -"
    `);
  });

  it("are as claimed if they are five at all times before, whatever the alignment", () => {
    const { verdict, text } = touchesPerAllocation({ "dual-index": allocatingWith(3) });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"holds: of 10 workloads that no pool serves, 2 after the patch in 10 and 4 to 6 before it in 10; before it 5 for one allocation"`,
    );
  });

  it("are not as claimed if there are three after the patch", () => {
    const { verdict, text } = touchesPerAllocation({ "occupied-index": allocatingWith(1) });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"refuted: of 10 workloads that no pool serves, 2 after the patch in 0 and 4 to 6 before it in 8; before it 3-77 for one allocation"`,
    );
  });

  it("are not as claimed if there are two before it already", () => {
    const { verdict, text } = touchesPerAllocation({ "dual-index": OccupiedIndex });
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"refuted: of 10 workloads that no pool serves, 2 after the patch in 10 and 4 to 6 before it in 0; before it 2 for one allocation"`,
    );
  });
});

describe("what is counted", () => {
  it("says in its rule what a touch is, and how the verdict follows", () => {
    expect(touchesPerCycle().rule).toMatchInlineSnapshot(
      `"a touch is one mas_* call on one range tree: mas_preallocate with its mas_store_prealloc is one, a walk over k entries is k, and one more if it goes on to find no further one; "~half" is 40 to 60 % of the touches of all trees per allocation and free; holds if every workload that no pool serves is within, refuted if none is, else partly"`,
    );
    expect(touchesPerAllocation().rule).toMatchInlineSnapshot(
      `"a touch is one mas_* call on one range tree: mas_preallocate with its mas_store_prealloc is one, a walk over k entries is k, and one more if it goes on to find no further one; on the trees of free and of occupied ranges: after the patch 2 for each allocation, before it 4 to 6 on average; holds if that is so in every workload that no pool serves, refuted if in none, else partly"`,
    );
  });

  it("is the same each time, and the same under all checks", { timeout: 120_000 }, () => {
    for (const workload of TOUCH_WORKLOADS.filter(({ name }) => /^(fix_size|random_size_align)/.test(name))) {
      for (const design of ["dual-index", "occupied-index"] as const) {
        const [once, again, checked] = [false, false, true].map((each) =>
          runWorkload(design, workload, undefined, each),
        );
        for (const run of [again!, checked!]) {
          const { served, freed, failed, allocs, frees, failures } = run;
          expect({ served, freed, failed, allocs, frees, failures }).toEqual({
            served: once!.served,
            freed: once!.freed,
            failed: once!.failed,
            allocs: once!.allocs,
            frees: once!.frees,
            failures: once!.failures,
          });
        }
      }
    }
  });

  it("is the same if the port stands in for itself, and nothing in a design without range trees", () => {
    expect(touchesPerCycle({ "dual-index": DualIndex })).toEqual(touchesPerCycle());
    expect(touchesPerCycle({ "dual-index": SizePools })).toMatchObject({
      verdict: "not-decided",
      text: "dual-index has no range trees",
      rows: [],
    });
  });

  it("fits into a hundred columns", () => {
    for (const { rows, title } of [touchesPerCycle(), touchesPerAllocation()]) {
      const widest = Math.max(...measureTable(rows, title!).map((line) => line.length));
      expect(widest).toBeLessThanOrEqual(100);
    }
  });
});
