// SPDX-License-Identifier: GPL-2.0-only
//
// Frees of addresses at which no live area is known to begin. Such a line may be late, of an area that is older than the
// trace and whose pages were used again since; or of an area that came between the list and the first line; or of a per-CPU
// chunk, whose allocation has no event. It is proved to be wrong only if something known was at the address since its
// task printed its line before.

import type { TraceEvent } from "../trace-event.ts";
import type { Area } from "./area.ts";
import type { LineReference, TraceFinding, TraceVerdict } from "./finding.ts";
import { allocationOf, freeOf, referenceOf } from "./references.ts";

/** Per-CPU chunks of x86-64 lie at multiples of so many pages: PMD_SIZE is their atom, unless percpu_alloc=page. */
const CHUNK_PAGES = 512;

/** What is known when such a line comes. */
export interface UnknownFree {
  /** Line of what its task printed before, 0 if that is unknown. */
  readonly own: number;
  /** The area that holds the page, live or freed. */
  readonly there: Area | undefined;
  /** Line from which on the trace is complete. */
  readonly since: number;
  readonly isInitialKnown: boolean;
  readonly isX86: boolean;
}

/** Whether a per-CPU chunk may begin at a page. */
export function mayBeChunkAt(page: number, isX86: boolean): boolean {
  return !isX86 || page % CHUNK_PAGES === 0;
}

/** What is wrong with the free; "older" or "chunk" if nothing is, but that nobody knows the area. */
export function unknownFreeProblem(event: TraceEvent, known: UnknownFree): TraceFinding | "older" | "chunk" {
  const { line, offset, page } = event;
  const { isInitialKnown, isX86, own, since, there } = known;
  if (offset !== 0) {
    const why = "Areas begin at whole pages.";
    return finding("TR-FREE", "violation", line, "an address within a page is freed", why, [
      referenceOf(event),
    ]);
  }
  const mayBeChunk = mayBeChunkAt(page, isX86);
  if (!there && !isInitialKnown) return "older";
  if (!there || (!there.isLive && there.freeLine === 0)) {
    if (isX86 && mayBeChunk) return "chunk";
    const why = `Unless it was allocated between the list from before the trace and its first line${isX86 ? "" : ", or was a per-CPU chunk"}.`;
    return finding("TR-FREE", "suspicious", line, "what is freed is no live area", why, [referenceOf(event)]);
  }
  const from = Math.max(there.allocLine, since);
  // Of an area on the list only, another one may have come in its place before the first line.
  const wasThere = there.allocLine > 0 || (there.page === page && !there.isLive);
  const isSure = own >= from && wasThere && (there.page !== page || there.isLive || there.freeOwn >= from);
  const verdict = isSure && !mayBeChunk ? "violation" : "suspicious";
  const proof = "and the task that frees it now printed a line since";
  if (there.isLive) {
    const why = verdict === "violation" ? `The area was allocated, ${proof}.` : unless(mayBeChunk);
    const lines = [allocationOf(there), referenceOf(event)];
    return finding("TR-FREE", verdict, line, "an address inside of a live area is freed", why, lines);
  }
  const lines = [allocationOf(there), freeOf(there), referenceOf(event)];
  const isTwice = there.page === page && there.releasedBy === 0;
  const why = verdict === "violation" ? `Nothing was allocated there since, ${proof}.` : unless(mayBeChunk);
  if (isTwice) return finding("TR-DOUBLE-FREE", verdict, line, "a lazy area is freed again", why, lines);
  if (mayBeChunk && isX86) return "chunk";
  return finding("TR-FREE", verdict, line, "what is freed is no live area", why, lines);
}

function unless(mayBeChunk: boolean): string {
  const late = "the line comes late, of an area that is older than the trace";
  return `Unless ${mayBeChunk ? `a per-CPU chunk was there in between, or ${late}` : late}.`;
}

function finding(
  rule: TraceFinding["rule"],
  verdict: TraceVerdict,
  line: number,
  message: string,
  why: string,
  lines: readonly LineReference[],
): TraceFinding {
  return { rule, verdict, line, message, why, lines };
}
