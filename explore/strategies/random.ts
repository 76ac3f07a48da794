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
  private readonly expected: Int32Array;
  // Scratch: for each enabled process, the steps left to it and to those before it.
  private readonly upTo: Int32Array;
  // A choice deviates about twice per run, wherever in the run it lies.
  private readonly choiceOdds: number;
  private view!: View;

  constructor(rng: Rng, profile: Profile) {
    this.rng = rng;
    this.expected = Int32Array.from(profile.steps, Math.round);
    this.upTo = new Int32Array(profile.steps.length);
    this.choiceOdds = Math.max(2, Math.round(profile.choices / 2));
  }

  begin(view: View): void {
    this.view = view;
  }

  next(): number {
    const { enabled, enabledCount, taken } = this.view;
    if (enabledCount === 1) return enabled[0]!;
    const { expected, upTo } = this;
    let total = 0;
    for (let i = 0; i < enabledCount; i++) {
      const process = enabled[i]!;
      const left = expected[process]! - taken[process]!;
      total += left > 1 ? left : 1;
      upTo[i] = total;
    }
    const at = this.rng.below(total);
    let i = 0;
    while (upTo[i]! <= at) i++;
    return enabled[i]!;
  }

  choose(n: number): number {
    if (this.rng.below(this.choiceOdds) !== 0) return 0;
    return this.rng.below(n);
  }
}
