// SPDX-License-Identifier: GPL-2.0-only
//
// What lies in an address range: how much of it is in use, and how badly it is cut up.

import { PAGE_STATE, type PageStates } from "./page-states.ts";

/** Pages, but for `liveRuns`. */
export interface RangeShape {
  readonly live: number;
  readonly lazy: number;
  /** Free pages between the first and the last live one. */
  readonly free: number;
  /** Runs of live pages. */
  readonly liveRuns: number;
  /** From the first live page to the last. */
  readonly hull: number;
  /** The longest run within the hull in which no page is live or lazy, as far as the trace knows. */
  readonly hole: number;
  /** The next longest. */
  readonly nextHole: number;
}

/** The shape of `[from, to)`. O(runs there). */
export function shapeOf(runs: PageStates, from: number, to: number): RangeShape {
  let [live, lazy, free, liveRuns, first, last, hole, nextHole] = [0, 0, 0, 0, 0, 0, 0, 0];
  // Since the last live page: in the hull only if another one follows.
  let [freeSince, holeSince, nextHoleSince] = [0, 0, 0];
  let holeNow = 0;
  const place = runs.placeOf(from);
  let i = place.run;
  for (let c = place.chunk; c < runs.all.length; c++, i = 0) {
    const { count, starts, states } = runs.all[c]!;
    for (; i < count; i++) {
      const start = Math.max(from, starts[i]!);
      if (start >= to) break;
      const behind = i + 1 < count ? starts[i + 1]! : (runs.all[c + 1]?.starts[0] ?? Infinity);
      const pages = Math.min(to, behind) - start;
      const state = states[i]!;
      if (state === PAGE_STATE.FREE) freeSince += pages;
      if (state === PAGE_STATE.FREE || state === PAGE_STATE.UNSEEN) {
        holeNow += pages;
        continue;
      }
      // Two longest holes, kept in order.
      nextHoleSince = Math.max(nextHoleSince, Math.min(holeSince, holeNow));
      holeSince = Math.max(holeSince, holeNow);
      holeNow = 0;
      if (state === PAGE_STATE.LAZY) {
        lazy += pages;
        continue;
      }
      if (liveRuns === 0) first = start;
      else {
        free += freeSince;
        nextHole = Math.max(nextHoleSince, Math.min(hole, holeSince), nextHole);
        hole = Math.max(hole, holeSince);
      }
      freeSince = holeSince = nextHoleSince = 0;
      live += pages;
      liveRuns++;
      last = start + pages;
    }
  }
  return { live, lazy, free, liveRuns, hull: last - first, hole, nextHole };
}
