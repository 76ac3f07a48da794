// SPDX-License-Identifier: GPL-2.0-only
//
// Uniform over interleavings: a process is picked with probability proportional to the steps that it still has
// to take. For processes of known length this makes every interleaving equally likely; a fair coin per step
// would almost never let a long process overtake at its end. Lengths are estimates where they depend on choices.

import type { Rng } from "../rng.ts";
import type { Profile, Strategy, View } from "../strategy.ts";

/** Samples interleavings. */
export class RandomStrategy implements Strategy {
  private readonly rng: Rng;
  private readonly expected: readonly number[];
  // A choice deviates about twice per run, wherever in the run it lies.
  private readonly choiceOdds: number;
  private view!: View;

  constructor(rng: Rng, profile: Profile) {
    this.rng = rng;
    this.expected = profile.steps;
    this.choiceOdds = Math.max(2, Math.round(profile.choices / 2));
  }

  begin(view: View): void {
    this.view = view;
  }

  next(): number {
    const { enabled, enabledCount, taken } = this.view;
    if (enabledCount === 1) return enabled[0]!;
    let total = 0;
    for (let i = 0; i < enabledCount; i++) total += this.remaining(enabled[i]!, taken);
    let at = this.rng.below(total);
    for (let i = 0; i < enabledCount; i++) {
      at -= this.remaining(enabled[i]!, taken);
      if (at < 0) return enabled[i]!;
    }
    return enabled[enabledCount - 1]!;
  }

  choose(n: number): number {
    if (this.rng.below(this.choiceOdds) !== 0) return 0;
    return this.rng.below(n);
  }

  private remaining(process: number, taken: Int32Array): number {
    const left = this.expected[process]! - taken[process]!;
    return left > 1 ? left : 1;
  }
}
