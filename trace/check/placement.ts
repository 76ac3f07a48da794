// SPDX-License-Identifier: GPL-2.0-only
//
// Rules of one allocation by itself: whole pages, alignment, window.

import type { TraceRuleId } from "../../spec/trace-rules.ts";
import { PAGE_BYTES, type TraceEvent } from "../trace-event.ts";

/** A broken rule, and how. */
export type PlacementProblem = readonly [rule: TraceRuleId, message: string];

const NONE: readonly PlacementProblem[] = [];

/** What is wrong with where an area lies, each with its rule. */
export function placementProblems(event: TraceEvent): readonly PlacementProblem[] {
  const isWhole = event.offset === 0 && event.size > 0 && event.size % PAGE_BYTES === 0;
  if (isWhole && !isMisaligned(event) && outsideOf(event) === undefined) return NONE;
  const found: PlacementProblem[] = [];
  if (!isWhole) {
    found.push(["TR-PAGES", `${event.size} bytes from offset ${event.offset} of a page are no whole pages`]);
  }
  if (isMisaligned(event))
    found.push(["TR-ALIGN", `the area does not begin at a multiple of ${event.align}`]);
  const outside = outsideOf(event);
  if (outside !== undefined) found.push(["TR-WINDOW", outside]);
  return found;
}

function isMisaligned({ align, offset, page }: TraceEvent): boolean {
  if (align <= 1) return false;
  if (align <= PAGE_BYTES) return offset % align !== 0;
  if (align % PAGE_BYTES === 0) return offset !== 0 || page % (align / PAGE_BYTES) !== 0;
  return (BigInt(page) * BigInt(PAGE_BYTES) + BigInt(offset)) % BigInt(align) !== 0n;
}

// vend is the first byte behind the window; for one that ends at an odd address, its last byte.
function outsideOf({
  fromOffset,
  fromPage,
  offset,
  page,
  size,
  toOffset,
  toPage,
}: TraceEvent): string | undefined {
  if (page < fromPage || (page === fromPage && offset < fromOffset))
    return "the area begins below its window";
  const end = offset + size;
  const endPage = page + Math.floor(end / PAGE_BYTES);
  const endOffset = end % PAGE_BYTES;
  const isLast = toOffset === PAGE_BYTES - 1;
  const limitPage = isLast ? toPage + 1 : toPage;
  const limitOffset = isLast ? 0 : toOffset;
  if (endPage > limitPage || (endPage === limitPage && endOffset > limitOffset))
    return "the area ends behind its window";
  return undefined;
}
