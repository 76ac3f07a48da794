// SPDX-License-Identifier: GPL-2.0-only
//
// Arbitrary schedules: few deviations from run-to-completion, anywhere. They shrink by losing deviations, and by
// moving those that are left to the front.

import fc from "fast-check";
import type { Schedule } from "../../spec/schedule.ts";

/** How many deviations, and which. */
export interface ScheduleBounds {
  /** Last step at which a deviation may be. */
  readonly stepsMax: number;
  /** Number of processes to switch to. */
  readonly processes: number;
  readonly switchesMax?: number;
  readonly choicesMax?: number;
  /** Largest value of a choice. */
  readonly valueMax?: number;
}

/** Schedules. Whether each deviation fits an instance shows in the replay, which skips those that do not. */
export function scheduleArbitrary(bounds: ScheduleBounds): fc.Arbitrary<Schedule> {
  const { stepsMax, processes, switchesMax = 6, choicesMax = 3, valueMax = 2 } = bounds;
  return fc.record({
    switches: deviations(
      switchesMax,
      fc.record({ at: fc.nat(stepsMax), to: fc.nat(Math.max(0, processes - 1)) }),
    ),
    choices: deviations(choicesMax, fc.record({ at: fc.nat(stepsMax), value: fc.nat(valueMax) })),
  });
}

function deviations<D extends { readonly at: number }>(
  maxLength: number,
  deviation: fc.Arbitrary<D>,
): fc.Arbitrary<readonly D[]> {
  return fc
    .uniqueArray(deviation, { maxLength, selector: (d) => d.at, size: "max" })
    .map((list) => list.sort((a, b) => a.at - b.at));
}
