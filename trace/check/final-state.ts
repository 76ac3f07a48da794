// SPDX-License-Identifier: GPL-2.0-only
//
// The list of areas from after a trace against what the trace comes to. List and trace are not taken at one moment, so that
// nothing here is proved.

import type { Area } from "./area.ts";
import type { LineReference, TraceFinding } from "./finding.ts";
import { allocationOf, freeOf } from "./references.ts";

/** An area of a list, /proc/vmallocinfo. Pages of 4 KiB. */
export interface ListedArea {
  readonly page: number;
  readonly pages: number;
  /** It is not yet purged. */
  readonly isLazy: boolean;
  /** It is a per-CPU chunk, of which a trace has no allocation. */
  readonly isChunk: boolean;
}

/** What a trace comes to. */
export interface EndState {
  readonly live: Iterable<Area>;
  /** Whether all that is live is known. */
  readonly isComplete: boolean;
  /** Line of the last event. */
  readonly line: number;
  /** The freed area that begins at a page and was not used again. */
  freedAt(page: number): Area | undefined;
}

/** All differences, by address. O((n + m) log(n + m)). */
export function finalDifferences(list: readonly ListedArea[], state: EndState): TraceFinding[] {
  const listed = new Map(list.filter(({ isLazy }) => !isLazy).map((area) => [area.page, area]));
  const found: { page: number; message: string; lines: readonly LineReference[] }[] = [];
  const known = new Set<number>();
  for (const area of state.live) {
    known.add(area.page);
    const entry = listed.get(area.page);
    if (!entry) {
      const message = "an area is live when the trace ends, and the list from after it does not have it";
      found.push({ page: area.page, message, lines: [allocationOf(area)] });
    } else if (entry.pages !== area.pages) {
      const message = "an area is of another size in the list from after the trace";
      found.push({ page: area.page, message, lines: [allocationOf(area), referenceOfListed(entry)] });
    }
  }
  for (const entry of listed.values()) {
    if (known.has(entry.page) || entry.isChunk) continue;
    const freed = state.freedAt(entry.page);
    if (!state.isComplete && !freed) continue;
    const message = freed
      ? "an area is freed when the trace ends, and live in the list from after it"
      : "the list from after the trace has an area that no line and no list from before it knows";
    const lines = freed ? [freeOf(freed), referenceOfListed(entry)] : [referenceOfListed(entry)];
    found.push({ page: entry.page, message, lines });
  }
  return found
    .sort((a, b) => a.page - b.page)
    .map(({ message, lines }) => ({
      rule: "TR-FINAL",
      verdict: "suspicious",
      line: state.line,
      message,
      why: "Unless it came or went between the last line and the list.",
      lines,
    }));
}

function referenceOfListed({ page, pages }: ListedArea): LineReference {
  return {
    line: 0,
    what: `listed after the trace, ${pages} pages`,
    cpu: -1,
    pid: -1,
    time: 0,
    range: [page, pages],
  };
}
