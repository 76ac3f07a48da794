// SPDX-License-Identifier: GPL-2.0-only
//
// What a search for an aligned gap of the occupied tree looks at among gaps that are large enough for the size and hold no
// aligned start: with the padding of the patch, and without it, as the same search was before.

import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { OccupiedIndex } from "../impl/allocators/occupied-index.ts";
import { instanceOf } from "../spec/small-machine.ts";
import type { Designs } from "./campaigns.ts";
import type { MeasureResult, MeasureRow } from "./measure-result.ts";
import { OperationRun } from "../properties/operation-run.ts";

/** The search without padding. */
class Unpadded extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    return this.findHole(min, max, size, size, align);
  }
}

const SIZE = 2;
const ALIGN = 4;
/** The most pages that can lie between two multiples of ALIGN. */
const NARROW = ALIGN - 1;

const RULE =
  "holds if the search with padding looks at one gap, however many too narrow ones there are, and the one without looks at " +
  "each of them, and finds what there is; partly if it does not find it; refuted if it need not look at each";

const UNIT = "calls of mas_empty_area per search";

/** A space in which something fits. */
interface Space {
  readonly name: string;
  /** Gaps that are too narrow. */
  readonly narrow: number;
  readonly pages: number;
  /** Sizes of areas side by side from page 0 on; those at odd places are given back. */
  readonly areas: readonly number[];
}

// A page, a gap, a page, ... and what closes the last gap: up to the next multiple of ALIGN, or one page.
function among(narrow: number, close: number, name: string): Space {
  const areas = Array.from({ length: narrow }, () => [1, NARROW]).flat();
  const pages = ALIGN * narrow + 4 * ALIGN;
  return { name, narrow, pages, areas: [...areas, close] };
}

const SPACES: readonly Space[] = [
  ...[8, 32, 128].map((k) => among(k, ALIGN, `${k} narrow gaps, then space from an aligned page on`)),
  ...[8, 32, 128].map((k) => among(k, 1, `${k} narrow gaps, then space from another page on`)),
  { name: "a window of 4 with page 0 taken, 2 pages of align 2", narrow: 0, pages: 4, areas: [1] },
];

interface Looked {
  readonly looks: number;
  /** The first page, or -1. */
  readonly found: number;
}

/** One search. */
function look(design: AllocatorClass | undefined, { pages, areas }: Space, align: number): Looked {
  let looks = 0;
  let searches = 0;
  const run: OperationRun = new OperationRun(
    instanceOf("occupied-index", { space: pages, cpus: 1, nodes: 1, lazyMax: pages }, "-"),
    {
      design,
      recordsMax: 2 * areas.length + 16,
      // The first search counts: one that finds nothing is followed by a purge and another one.
      beforeStep: () => {
        const { counts } = ranges();
        const now = counts.operations(occupied(), "emptyArea");
        if (now > 0 && searches === 0) {
          searches = 1;
          looks = now;
        }
      },
    },
  );
  const { allocator } = run;
  if (!(allocator instanceof OccupiedIndex)) throw new Error("no design with an occupied tree");
  const ranges = () => allocator.trees.ranges;
  const occupied = (): number => allocator.trees.occupied;
  const window = { start: 0, end: pages };
  const given = areas.map((size) => run.alloc(size, 1, window));
  given.filter((_, i) => i % 2 === 1).forEach((page) => run.free(page));
  run.aliases();
  ranges().resetCounts();
  looks = searches = 0;
  const found = Math.max(-1, run.alloc(SIZE, align, window));
  return { looks, found };
}

/** C1-8. The stand-in for the search without padding goes by the name of the design before the patch. */
export function gapsPerSearch(designs?: Designs): MeasureResult {
  const padded = designs?.["occupied-index"];
  const unpadded = designs?.["dual-index"] ?? Unpadded;
  const looked = SPACES.map((space) => {
    const align = space.narrow === 0 ? 2 : ALIGN;
    return { space, before: look(unpadded, space, align), after: look(padded, space, align) };
  });
  const rows = looked.map(({ space, before, after }): MeasureRow => ({
    workload: space.name,
    before: before.looks,
    after: after.looks,
    ...(space.narrow > 0 && { claimed: "each > 1" }),
    notes: { "found before": placeText(before), "found after": placeText(after) },
  }));
  const among = looked.filter(({ space }) => space.narrow > 0);
  const one = among.every(({ after }) => after.looks === 1 && after.found >= 0);
  const each = among.every(({ space, before }) => before.looks > space.narrow);
  const misses = looked.filter(({ before, after }) => before.found < 0 && after.found >= 0);
  const verdict = !one || !each ? "refuted" : misses.length > 0 ? "partly" : "holds";
  const shown = misses.at(-1)?.space;
  return {
    verdict,
    unit: UNIT,
    title: "looks",
    rule: RULE,
    text:
      `${one ? "one" : "not one"} with padding, ${each ? "more than one" : "not one"} for each narrow gap without; ` +
      `without padding the fit is missed in ${misses.length} of ${looked.length} spaces` +
      (shown ? `, the smallest: ${shown.name}` : ""),
    rows,
  };
}

function placeText({ found }: Looked): string {
  return found < 0 ? "nothing" : `page ${found}`;
}
