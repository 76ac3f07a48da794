// SPDX-License-Identifier: GPL-2.0-only
// The padded search for a gap against the tree of mainline: how often they differ and how, the smallest example of each, and
// that a search that answers as mainline does is found to do so.
import { describe, expect, it } from "vitest";
import { NO_ADDRESS } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { NO_FIT, searchesIn } from "../../review/free-space-answers.ts";
import { paddedAnswers } from "../../review/padded-answers.ts";
import type { PageRange } from "../../spec/instance.ts";

/** Asks mainline's tree. */
class AsMainline extends OccupiedIndex {
  private readonly mainline = searchesIn(this.kernel.instance.spacePages).mainline;

  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    const free: PageRange[] = [];
    this.trees.forEachGap(this.kernel.instance.spacePages, (start, end) => free.push({ start, end }));
    this.mainline.set(free);
    const at = this.mainline.ask(size, align, min, max + 1);
    return at === NO_FIT ? NO_ADDRESS : at;
  }
}

describe("padded answers", () => {
  it("differ from mainline's, from those of the walk, and from the lowest fit", () => {
    const { verdict, text, lines } = paddedAnswers();
    expect([`${verdict}: ${text}`, ...lines!].join("\n")).toMatchInlineSnapshot(`
      "refuted: 503,808 requests, 1, 2, 3, 4 pages with align 1, 2, 4, in all windows of all sets of free pages of a space of 10: the search for a gap has nothing where the red-black tree finds space in 39,403, the reverse in 0, another page in 2,339
      the search for a gap has nothing, the red-black tree finds space: 39,403; free [0,1), window [0,1), 1 of align 2: nothing and page 0
      the search for a gap and the red-black tree find different pages: 2,339; free [0,1) [2,4), window [0,4), 1 of align 2: page 2 and page 0
      the search for a gap has nothing, the walk over the free tree finds space: 7,296; free [0,1), window [0,1), 1 of align 2: nothing and page 0
      the walk over the free tree has nothing, the red-black tree finds space: 32,107; free [0,1), window [0,2), 1 of align 2: nothing and page 0
      the walk over the free tree and the red-black tree find different pages: 2,339; free [0,1) [2,4), window [0,4), 1 of align 2: page 2 and page 0
      the search for a gap has nothing, the model finds space: 60,296; free [0,1), window [0,1), 1 of align 2: nothing and page 0
      the search for a gap and the model find different pages: 3,536; free [0,1) [2,4), window [0,4), 1 of align 2: page 2 and page 0
      the walk over the free tree has nothing, the model finds space: 53,000; free [0,1), window [0,2), 1 of align 2: nothing and page 0
      the walk over the free tree and the model find different pages: 3,536; free [0,1) [2,4), window [0,4), 1 of align 2: page 2 and page 0
      the red-black tree has nothing, the model finds space: 20,893; free [0,1) [2,3), window [1,3), 1 of align 2: nothing and page 2
      the red-black tree and the model find different pages: 3,414; free [0,1) [2,3) [4,5), window [0,3), 1 of align 2: page 2 and page 0"
    `);
  });

  it("are mainline's if mainline's tree is asked", () => {
    const { verdict, text } = paddedAnswers({ "occupied-index": AsMainline }, 6);
    expect(`${verdict}: ${text}`).toMatchInlineSnapshot(
      `"holds: 9,984 requests, 1, 2, 3, 4 pages with align 1, 2, 4, in all windows of all sets of free pages of a space of 6: the search for a gap has nothing where the red-black tree finds space in 0, the reverse in 0, another page in 0"`,
    );
  });

  const only = (start: number, end: number): PageRange => ({ start, end });

  it.each([
    // DEF-O5: a window of exactly the size, and one in which the padded length does not fit.
    [[only(8, 12)], 4, only(8, 12), { finder: NO_FIT, walk: 8, mainline: 8, lowest: 8 }],
    [[only(0, 4)], 3, only(0, 4), { finder: NO_FIT, walk: NO_FIT, mainline: 0, lowest: 0 }],
    // DEF-B1: what lies below a node that is pruned.
    [
      [only(1, 4), only(7, 12)],
      3,
      only(7, 12),
      { finder: NO_FIT, walk: NO_FIT, mainline: NO_FIT, lowest: 8 },
    ],
  ])("known cases, align 4: free %j, %d pages in %j", (free, size, { start, end }, expected) => {
    const searches = searchesIn(12);
    const found = (["finder", "walk", "mainline", "lowest"] as const).map((name) => {
      searches[name].set(free);
      return [name, searches[name].ask(size, 4, start, end)];
    });
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it("are those of one kind of design only", () => {
    expect(() => searchesIn(4, { "occupied-index": searchesIn as never })).toThrow("of another kind");
  });
});
