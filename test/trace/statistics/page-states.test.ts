// SPDX-License-Identifier: GPL-2.0-only
// Runs of pages beside a model that keeps each page by itself.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGE_STATE, PageStates } from "../../../trace/statistics/page-states.ts";
import { shapeOf, type RangeShape } from "../../../trace/statistics/range-shape.ts";

const { FREE, LAZY, LIVE, UNSEEN } = PAGE_STATE;
/** Enough for several chunks of runs. */
const PAGES = 400;

function naiveShape(pages: readonly number[]): RangeShape {
  const of = (state: number): number => pages.filter((each) => each === state).length;
  const first = pages.indexOf(LIVE);
  const hull = first < 0 ? [] : pages.slice(first, pages.lastIndexOf(LIVE) + 1);
  const text = hull.join("");
  const holes = (text.match(/[03]+/g) ?? []).map(({ length }) => length).sort((a, b) => b - a);
  return {
    live: of(LIVE),
    lazy: of(LAZY),
    free: hull.filter((each) => each === FREE).length,
    liveRuns: (text.match(/1+/g) ?? []).length,
    hull: hull.length,
    hole: holes[0] ?? 0,
    nextHole: holes[1] ?? 0,
  };
}

const operation = fc.record({
  page: fc.nat(PAGES - 1),
  count: fc.oneof({ weight: 5, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(150) }),
  state: fc.constantFrom(UNSEEN, LIVE, LAZY, FREE),
  only: fc.constantFrom(undefined, undefined, LIVE, LAZY),
});

describe("the states of pages", () => {
  it("are those of a model with one entry for each page", () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 400, size: "max" }),
        fc.nat(PAGES),
        fc.nat(PAGES),
        (operations, a, b) => {
          const states = new PageStates();
          const model = Array.from({ length: PAGES }, () => UNSEEN as number);
          for (const { page, count, state, only } of operations) {
            const end = Math.min(PAGES, page + count);
            states.set(page, end - page, state, only);
            for (let p = page; p < end; p++) if (only === undefined || model[p] === only) model[p] = state;
          }
          expect(model.map((_, page) => states.stateOf(page))).toEqual(model);
          const counted = [LIVE, LAZY, FREE].map((state) => model.filter((each) => each === state).length);
          expect(states.pages).toEqual([0, ...counted]);
          // What is before the first page and behind the last one is unseen as well.
          const around = [UNSEEN, ...model, UNSEEN];
          expect(states.runs).toBe(1 + around.filter((each, i) => i > 0 && each !== around[i - 1]).length);
          const [from, to] = a < b ? [a, b] : [b, a];
          expect(shapeOf(states, from, to)).toEqual(naiveShape(model.slice(from, to)));
          expect(shapeOf(states, 0, Infinity)).toEqual(naiveShape(model));
        },
      ),
      { seed: 20_251, numRuns: 150 },
    );
  });

  it("are kept up to the highest addresses of 64 bits", () => {
    const states = new PageStates();
    const last = 2 ** 52 - 1;
    states.set(last - 1, 1, LIVE);
    states.set(last, 1, LAZY);
    expect([last - 2, last - 1, last].map((page) => states.stateOf(page))).toEqual([UNSEEN, LIVE, LAZY]);
    expect(states.runs).toBe(4);
  });

  it("forget what is free where it lies in too many pieces, and nothing else", () => {
    const states = new PageStates(100);
    for (let page = 0; page < 60; page += 6) {
      states.set(page, 1, LIVE);
      states.set(page + 2, 1, LAZY);
      states.set(page + 4, 1, FREE);
    }
    expect(states.timesForgotten).toBe(0);
    for (let page = 1000; states.timesForgotten === 0 && page < 2000; page += 2) states.set(page, 1, FREE);
    expect(states.timesForgotten).toBe(1);
    expect(states.pages).toEqual([0, 10, 10, 0]);
    expect([0, 2, 4, 54, 56, 58, 1000].map((page) => states.stateOf(page))).toEqual([
      LIVE,
      LAZY,
      UNSEEN,
      LIVE,
      LAZY,
      UNSEEN,
      UNSEEN,
    ]);
    expect(states.runs).toBe(41);
  });
});
