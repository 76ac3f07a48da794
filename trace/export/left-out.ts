// SPDX-License-Identifier: GPL-2.0-only
//
// What an exported program lacks of its trace, and why. Counts of events in the window, each in one of them at most.

/** Counts of what was left out or changed. */
export interface LeftOut {
  /** Allocations that failed. A purge behind them stays. */
  failed: number;
  /** Allocations for which the simulated space has no room beside what is live. */
  tooLarge: number;
  /** Frees of those. */
  freesOfTooLarge: number;
  /** Frees of areas that no line of the window allocates. */
  unknownFrees: number;
  /** Purges of kernel workers: the simulated drain work runs by itself. */
  drains: number;
  /** Purges that found nothing lazy. */
  emptyPurges: number;
  /** Purges behind the most that the steps of one run allow. */
  costlyPurges: number;
  /** Allocations of no whole number of pages, or with an alignment that is no power of two. */
  malformed: number;
  /** Events behind the last operation that was asked for. */
  behindLimit: number;
  /** Not left out: allocations from a part of the vmalloc window, which may lie anywhere in it now. */
  widened: number;
  /** Places in the window at which events are missing from the trace. */
  losses: number;
}

/** Nothing left out. */
export function nothingLeft(): LeftOut {
  return {
    failed: 0,
    tooLarge: 0,
    freesOfTooLarge: 0,
    unknownFrees: 0,
    drains: 0,
    emptyPurges: 0,
    costlyPurges: 0,
    malformed: 0,
    behindLimit: 0,
    widened: 0,
    losses: 0,
  };
}

const WORDS: Readonly<Record<keyof LeftOut, string>> = {
  failed: "allocations that failed",
  tooLarge: "allocations that are too large for the simulated space",
  freesOfTooLarge: "frees of those",
  unknownFrees: "frees of areas that were not allocated in these lines",
  drains: "purges of kernel workers, which the simulated kernel starts by itself",
  emptyPurges: "purges that found nothing to purge",
  costlyPurges: "purges more than the steps of a run allow",
  malformed: "allocations with a size or an alignment that is not in pages",
  behindLimit: "events behind the most operations",
  widened: "allocations kept, but from the whole vmalloc window and not from a part of it",
  losses: "places at which events are missing",
};

/** One line for each count that is not 0, in a fixed order: `15 allocations that failed`. */
export function leftOutLines(left: LeftOut): readonly string[] {
  return (Object.keys(WORDS) as (keyof LeftOut)[])
    .filter((reason) => left[reason] > 0)
    .map((reason) => `${left[reason]} ${WORDS[reason]}`);
}
