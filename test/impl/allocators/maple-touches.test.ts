// SPDX-License-Identifier: GPL-2.0-only
// Which operations on which range tree the ports make for an allocation, a free and a purge: as many as the functions of
// the series make mas_* calls, the look-ups that are made twice included.
import { describe, expect, it } from "vitest";
import { MapleNodes } from "../../../impl/allocators/maple-nodes.ts";
import {
  OPERATION_KINDS,
  type OperationKind,
} from "../../../impl/structures/range-index/operation-counts.ts";
import { OperationRun } from "../../../properties/operation-run.ts";
import type { AllocatorId } from "../../../spec/instance.ts";
import { instanceOf } from "../../../spec/small-machine.ts";

type Counts = Partial<Record<"free" | "occupied" | "busy" | "lazy", Partial<Record<OperationKind, number>>>>;

const PAGES = 16;
const ALL = { start: 0, end: PAGES };

class Counted {
  readonly run: OperationRun;
  private readonly design: MapleNodes;

  constructor(allocator: AllocatorId) {
    this.run = new OperationRun(
      instanceOf(allocator, { space: PAGES, cpus: 1, nodes: 1, lazyMax: PAGES }, "-"),
      { recordsMax: 64, checked: true },
    );
    const { allocator: design } = this.run;
    if (!(design instanceof MapleNodes)) throw new Error("no range trees");
    this.design = design;
  }

  /** What `body` comes to, by tree and kind, without zeros. */
  count(body: () => unknown): Counts {
    const { busy, free, lazy, trees } = this.design;
    trees.ranges.resetCounts();
    body();
    const ids = {
      free: trees.tree(free)!,
      occupied: trees.occupied,
      busy: trees.tree(busy[0]!)!,
      lazy: trees.tree(lazy[0]!)!,
    };
    const all = Object.entries(ids).map(([name, tree]) => {
      const kinds = OPERATION_KINDS.map(
        (kind) => [kind, trees.ranges.counts.operations(tree, kind)] as const,
      );
      return [name, Object.fromEntries(kinds.filter(([, n]) => n > 0))] as const;
    });
    return Object.fromEntries(all.filter(([, kinds]) => Object.keys(kinds).length > 0));
  }

  alloc(size: number, align = 1): number {
    return this.run.alloc(size, align, ALL);
  }

  /** Frees and purges. */
  release(...pages: readonly number[]): void {
    for (const page of pages) this.run.free(page);
    this.run.aliases();
  }
}

/** Insertion into a busy tree: two neighbours are looked up, then it is stored. */
const BOUND = { busy: { findRev: 1, find: 1, store: 1 } };

describe("dual-index", () => {
  it("an allocation from the start of a free area: gap, look-up, one clip, store", () => {
    const on = new Counted("dual-index");
    expect(on.count(() => on.alloc(2))).toEqual({
      occupied: { emptyArea: 1, store: 1 },
      free: { walk: 1, erase: 1 },
      ...BOUND,
    });
  });

  it("an allocation of a whole free area: the clip erases its entry", () => {
    const on = new Counted("dual-index");
    expect(on.count(() => on.alloc(PAGES))).toEqual({
      occupied: { emptyArea: 1, store: 1 },
      free: { walk: 1, erase: 1 },
      ...BOUND,
    });
  });

  it("an allocation from the middle of a free area: the left part is stored first", () => {
    const on = new Counted("dual-index");
    on.alloc(1);
    // The walk over the free tree, as the alignment is above a page.
    expect(on.count(() => on.alloc(2, 4))).toEqual({
      occupied: { store: 1 },
      free: { find: 1, store: 1, erase: 1 },
      ...BOUND,
    });
  });

  it("an aligned allocation: one touch for each free area that the walk visits", () => {
    const on = new Counted("dual-index");
    const pages = [1, 1, 1, 1, 1, 1].map((size) => on.alloc(size));
    on.release(pages[0]!, pages[2]!, pages[4]!);
    // [0,1), [2,3), [4,5) are too short; [6,16) is clipped in its middle.
    expect(on.count(() => on.alloc(2, 4))).toEqual({
      occupied: { store: 1 },
      free: { find: 4, store: 1, erase: 1 },
      ...BOUND,
    });
  });

  it("a free: found and erased in the busy tree, inserted into the lazy one, nothing else", () => {
    const on = new Counted("dual-index");
    const page = on.alloc(2);
    expect(on.count(() => on.run.free(page))).toEqual({
      busy: { walk: 1, erase: 1 },
      lazy: { findRev: 1, find: 1, store: 1 },
    });
  });

  it.each([
    ["no neighbour", [1, 1, 1], [], 1, 0],
    ["a left one", [1, 1, 1], [0], 1, 1],
    ["a right one", [1, 1, 1], [2], 1, 1],
    ["both", [1, 1, 1, 1], [0, 2], 1, 2],
  ])(
    "a purge with %s: three look-ups, as the right neighbour is looked for twice",
    (_, sizes, first, then, erased) => {
      const on = new Counted("dual-index");
      const pages = sizes.map((size) => on.alloc(size));
      // What is behind is no neighbour.
      on.alloc(PAGES - sizes.length);
      on.release(...first.map((i) => pages[i]!));
      on.run.free(pages[then]!);
      expect(on.count(() => on.run.aliases())).toEqual({
        // mas_for_each(), whose second call finds no more.
        lazy: { find: 2, erase: 1 },
        occupied: { erase: 1 },
        free: { findRev: 1, find: 2, store: 1, ...(erased > 0 && { erase: erased }) },
      });
    },
  );
});

describe("occupied-index", () => {
  it.each([
    [2, 1],
    [2, 4],
    [PAGES, 1],
  ])("an allocation of %d pages, align %d: gap and store", (size, align) => {
    const on = new Counted("occupied-index");
    expect(on.count(() => on.alloc(size, align))).toEqual({
      occupied: { emptyArea: 1, store: 1 },
      ...BOUND,
    });
  });

  it("a free is as before, and a purge gives a range back by one store", () => {
    const on = new Counted("occupied-index");
    const page = on.alloc(2);
    expect(on.count(() => on.run.free(page))).toEqual({
      busy: { walk: 1, erase: 1 },
      lazy: { findRev: 1, find: 1, store: 1 },
    });
    expect(on.count(() => on.run.aliases())).toEqual({
      lazy: { find: 2, erase: 1 },
      occupied: { erase: 1 },
    });
  });
});
