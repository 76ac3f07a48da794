// SPDX-License-Identifier: GPL-2.0-only
//
// The oracle of congruent areas: the highest base, tried from the top. It must stay so simple that a reader sees that
// it is right.

import type { PageRange } from "../spec/instance.ts";
import type { PcpuRequest } from "../spec/operations.ts";

/**
 * The highest aligned page of a window from which all areas of a request lie in usable pages of the window, or -1. The
 * base itself must lie in the window, whether or not an area begins there. O(window * pages of the areas).
 */
export function highestBase(
  { offsets, sizes, align }: PcpuRequest,
  { start, end }: PageRange,
  isUsable: (page: number) => boolean,
): number {
  const reach = Math.max(...offsets.map((offset, i) => offset + sizes[i]!));
  for (let base = Math.floor((end - reach) / align) * align; base >= start; base -= align) {
    const fits = offsets.every((offset, i) => {
      const from = base + offset;
      let page = from;
      while (page < from + sizes[i]! && isUsable(page)) page++;
      return page === from + sizes[i]!;
    });
    if (fits) return base;
  }
  return -1;
}
