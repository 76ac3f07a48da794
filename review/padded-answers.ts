// SPDX-License-Identifier: GPL-2.0-only
//
// Whether a search for a longer gap answers as the walk over the red-black tree of mainline does: all sets of free ranges
// of a small space, all windows, some sizes and alignments. Computed, not sampled. The red-black tree has its ranges in the
// order of their addresses; another order may give it another shape, and other answers where alignments are above a page.

import type { PageRange } from "../spec/instance.ts";
import type { Designs } from "./campaigns.ts";
import { NO_FIT, type Searches, searchesIn } from "./free-space-answers.ts";
import { grouped } from "./render/text-layout.ts";
import type { StaticResult } from "./report.ts";

const PAGES = 10;
const SIZES = [1, 2, 3, 4];
const ALIGNS = [1, 2, 4];

const NAMES = {
  finder: "the search for a gap",
  walk: "the walk over the free tree",
  mainline: "the red-black tree",
  lowest: "the model",
} as const satisfies Record<keyof Searches, string>;

const SEARCHES = ["finder", "walk", "mainline", "lowest"] as const satisfies readonly (keyof Searches)[];

/** What two searches disagree about: one has nothing where the other has something, or they have different pages. */
interface Disagreement {
  readonly first: keyof Searches;
  readonly second: keyof Searches;
  readonly kind: "misses" | "another";
  cases: number;
  /** The first one that was met: in the smallest space, with the shortest window. */
  example: string | undefined;
}

function disagreements(): Disagreement[] {
  const of = (first: keyof Searches, second: keyof Searches, kind: Disagreement["kind"]): Disagreement => {
    return { first, second, kind, cases: 0, example: undefined };
  };
  return [
    of("finder", "mainline", "misses"),
    of("mainline", "finder", "misses"),
    of("finder", "mainline", "another"),
    of("finder", "walk", "misses"),
    of("walk", "finder", "misses"),
    of("finder", "walk", "another"),
    of("walk", "mainline", "misses"),
    of("mainline", "walk", "misses"),
    of("walk", "mainline", "another"),
    ...(["finder", "walk", "mainline"] as const).flatMap((each) => [
      of(each, "lowest", "misses"),
      of(each, "lowest", "another"),
    ]),
    // Never: what the model does not have, nobody may hand out.
    ...(["finder", "walk", "mainline"] as const).map((each) => of("lowest", each, "misses")),
  ];
}

/** C1-17: the padded search for a gap against mainline's. */
export function paddedAnswers(designs?: Designs, pagesMax = PAGES): StaticResult {
  const found = disagreements();
  let cases = 0;
  for (let pages = 1; pages <= pagesMax; pages++) {
    // The smaller spaces are only there for the examples to be small.
    const counts = pages === pagesMax;
    if (counts) for (const each of found) each.cases = 0;
    const searches = searchesIn(pages, designs);
    for (let set = 0; set < 2 ** pages; set++) {
      const free = rangesOf(set, pages);
      for (const name of SEARCHES) searches[name].set(free);
      cases += askAll(searches, free, pages, found, counts);
    }
  }
  const [misses, more, another] = found;
  const differs = misses!.cases + more!.cases + another!.cases > 0;
  const shown = found.filter((each) => each.cases > 0);
  return {
    verdict: differs ? "refuted" : "holds",
    text:
      `${grouped(cases)} requests, ${SIZES.join(", ")} pages with align ${ALIGNS.join(", ")}, in all windows of all sets of free ` +
      `pages of a space of ${pagesMax}: ${NAMES.finder} has nothing where ${NAMES.mainline} finds space in ${grouped(misses!.cases)}, the ` +
      `reverse in ${grouped(more!.cases)}, another page in ${grouped(another!.cases)}`,
    lines: shown.map(lineOf),
  };
}

function lineOf({ first, second, kind, cases, example }: Disagreement): string {
  const what =
    kind === "misses"
      ? `${NAMES[first]} has nothing, ${NAMES[second]} finds space`
      : `${NAMES[first]} and ${NAMES[second]} find different pages`;
  return `${what}: ${grouped(cases)}${example === undefined ? "" : `; ${example}`}`;
}

/** Asks for everything in one set of free ranges. Returns the number of requests, if they are to be counted. */
function askAll(
  { finder, walk, mainline, lowest }: Searches,
  free: readonly PageRange[],
  pages: number,
  found: readonly Disagreement[],
  counts: boolean,
): number {
  let cases = 0;
  for (const size of SIZES) {
    for (const align of ALIGNS) {
      for (let length = size; length <= pages; length++) {
        for (let start = 0; start + length <= pages; start++) {
          const end = start + length;
          const answers = {
            finder: finder.ask(size, align, start, end),
            walk: walk.ask(size, align, start, end),
            mainline: mainline.ask(size, align, start, end),
            lowest: lowest.ask(size, align, start, end),
          };
          cases++;
          if (isUnanimous(answers)) continue;
          for (const each of found) {
            const a = answers[each.first];
            const b = answers[each.second];
            const applies =
              each.kind === "misses" ? a === NO_FIT && b !== NO_FIT : a !== b && a !== NO_FIT && b !== NO_FIT;
            if (!applies) continue;
            each.cases++;
            each.example ??= `free ${free.map(rangeText).join(" ")}, window ${rangeText({ start, end })}, ${size} of align ${align}: ${answerText(a)} and ${answerText(b)}`;
          }
        }
      }
    }
  }
  return counts ? cases : 0;
}

type Answers = Readonly<Record<keyof Searches, number>>;

function isUnanimous({ finder, walk, mainline, lowest }: Answers): boolean {
  return finder === walk && walk === mainline && mainline === lowest;
}

function answerText(page: number): string {
  return page === NO_FIT ? "nothing" : `page ${page}`;
}

function rangeText({ start, end }: PageRange): string {
  return `[${start},${end})`;
}

/** The ranges of the pages whose bits are set. */
function rangesOf(set: number, pages: number): readonly PageRange[] {
  const ranges: PageRange[] = [];
  for (let page = 0; page < pages; page++) {
    if ((set & (1 << page)) === 0) continue;
    const start = page;
    while (page < pages && (set & (1 << page)) !== 0) page++;
    ranges.push({ start, end: page });
  }
  return ranges;
}
