// SPDX-License-Identifier: GPL-2.0-only
// The walk from the top against the oracle that tries every base: on all free sets of small spaces, in windows at all
// their ends, for all requests of up to three areas. It finds a base if there is one, and always the highest.
import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import type { AllocatorClass } from "../../../impl/allocators/registry.ts";
import { NONE, type Va } from "../../../impl/heap/areas.ts";
import { highestBase } from "../../../model/congruent-fit.ts";
import { mutantOf } from "../../../properties/mutants/catalogue.ts";
import type { PageRange } from "../../../spec/instance.ts";
import type { PcpuRequest } from "../../../spec/operations.ts";
import { instanceOf } from "../../../spec/small-machine.ts";

interface Searcher {
  /** Makes the free space consist of the pages of a mask. */
  setFree(mask: number): void;
  search(request: PcpuRequest): number;
}

/** The search of a design on its own. */
function searcherOf(Design: AllocatorClass, space: number, vmalloc: PageRange): Searcher {
  class Alone extends Design implements Searcher {
    setFree(mask: number): void {
      const { areas, containers, index } = this;
      for (let va = containers.head[this.free]!; va !== NONE; va = containers.head[this.free]!) {
        index.unlink(this.free, va as Va, 0);
        areas.release(va as Va);
      }
      for (let page = 0; page < space; page++) {
        if (((mask >>> page) & 1) === 0) continue;
        const va = areas.allocate(0);
        areas.assign(va, page, page + 1, 0);
        index.mergeOrAdd(this.free, va);
      }
      this.kernel.clearStep();
    }

    search(request: PcpuRequest): number {
      return this.pvmFindBase(request);
    }
  }
  const alone = new Alone(instanceOf("global-tree", { space, vmalloc }, "-"), { recordsMax: space + 2 });
  alone.boot();
  return alone;
}

/** All requests of up to `areas` areas within so many pages, in every order of the areas. */
function requestsWithin(pages: number, align: number, areas: number): readonly PcpuRequest[] {
  const found: PcpuRequest[] = [];
  const grow = (offsets: readonly number[], sizes: readonly number[]): void => {
    if (offsets.length > 0) found.push({ offsets, sizes, align });
    if (offsets.length === areas) return;
    for (let offset = 0; offset < pages; offset += align) {
      for (let size = align; offset + size <= pages; size += align) {
        const overlaps = offsets.some((each, i) => each < offset + size && offset < each + sizes[i]!);
        if (!overlaps) grow([...offsets, offset], [...sizes, size]);
      }
    }
  };
  grow([], []);
  return found;
}

/** What differs between a design and the oracle, as far as the first case. */
function firstDifference(
  Design: AllocatorClass,
  space: number,
  vmalloc: PageRange,
  requests: readonly PcpuRequest[],
): { readonly cases: number; readonly found: number; readonly text: string | undefined } {
  const searcher = searcherOf(Design, space, vmalloc);
  let cases = 0;
  let found = 0;
  for (let mask = 0; mask < 2 ** space; mask++) {
    searcher.setFree(mask);
    for (const request of requests) {
      const want = highestBase(request, vmalloc, (page) => ((mask >>> page) & 1) === 1);
      const base = searcher.search(request);
      cases++;
      if (want >= 0) found++;
      if (base === want) continue;
      const pages = Array.from({ length: space }, (_, page) => (((mask >>> page) & 1) === 1 ? "." : "#"));
      const areas = request.offsets.map((offset, i) => `${offset}:${request.sizes[i]!}`);
      return { cases, found, text: `${pages.join("")} pcpu(${areas.join(",")}): ${base} for ${want}` };
    }
  }
  return { cases, found, text: undefined };
}

const WINDOWS: readonly (readonly [space: number, align: number, areas: number, vmalloc: PageRange])[] = [
  [6, 1, 3, { start: 0, end: 6 }],
  [6, 1, 3, { start: 1, end: 6 }],
  [6, 1, 3, { start: 0, end: 5 }],
  [7, 1, 2, { start: 1, end: 5 }],
  [8, 1, 2, { start: 0, end: 8 }],
  [10, 2, 3, { start: 0, end: 10 }],
  [10, 2, 3, { start: 1, end: 9 }],
  [10, 2, 2, { start: 3, end: 10 }],
  [12, 4, 3, { start: 1, end: 12 }],
];

describe("the highest base, and one whenever there is one", () => {
  it.each(WINDOWS)("space %i, align %i, %i areas, window %o", (space, align, areas, vmalloc) => {
    const requests = requestsWithin(vmalloc.end - vmalloc.start, align, areas);
    const { cases, found, text } = firstDifference(GlobalTree, space, vmalloc, requests);
    expect(text).toBeUndefined();
    expect(cases).toBe(2 ** space * requests.length);
    expect(found).toBeGreaterThan(0);
  });
});

describe("mistakes in the walk show", () => {
  it.each([
    ["MU-280", 1, "#..##.# pcpu(0:1,1:1): -1 for 1"],
    ["MU-281", 1, ".###### pcpu(0:1): 0 for -1"],
    ["MU-283", 2, "###..## pcpu(0:2): 3 for -1"],
    ["MU-284", 1, "##.#### pcpu(0:1,1:1): 1 for -1"],
  ])("%s", (id, align, text) => {
    const requests = requestsWithin(6, align, 2);
    const { make } = mutantOf(id);
    expect(firstDifference(make, 7, { start: 1, end: 7 }, requests).text).toBe(text);
  });
});
