// SPDX-License-Identifier: GPL-2.0-only
//
// Probabilistic concurrency testing: random priorities, the enabled process of highest priority runs, and at
// d - 1 random steps the running process drops below all others. A bug of depth d is hit with probability at
// least 1 / (n k^(d-1)). Source: Burckhardt et al., ASPLOS 2010, section 3; deviation: priorities of processes
// that were never enabled are drawn as well, and runs far beyond the expected length become fair; neither changes
// the bound.

import type { Rng } from "../rng.ts";
import type { Profile, Strategy, View } from "../strategy.ts";

/** Runs longer than so many times the expected length go on with processes in turn. */
const FAIR_AFTER = 8;

/** Samples schedules with few ordering constraints. */
export class PctStrategy implements Strategy {
  private readonly rng: Rng;
  private readonly depth: number;
  private readonly steps: number;
  private readonly choiceOdds: number;
  /** From this step on, processes take turns. */
  private readonly fairFrom: number;
  private readonly priority: number[] = [];
  private readonly changeAt: number[] = [];
  private readonly processes: number;
  private view!: View;

  /** `depth` is d: at least 1. */
  constructor(rng: Rng, profile: Profile, depth: number) {
    this.rng = rng;
    this.depth = depth;
    this.processes = profile.steps.length;
    this.steps = Math.max(1, Math.round(profile.total));
    this.fairFrom = FAIR_AFTER * this.steps;
    this.choiceOdds = Math.max(2, Math.round(profile.choices / 2));
  }

  begin(view: View): void {
    this.view = view;
    const order = Array.from({ length: this.processes }, (_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.rng.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    order.forEach((p, i) => {
      this.priority[p] = this.depth + i;
    });
    for (let i = 0; i < this.depth - 1; i++) this.changeAt[i] = this.rng.below(this.steps);
  }

  next(): number {
    const { enabled, enabledCount, step } = this.view;
    // Priorities starve: a loop that waits for a process of lower priority would never end.
    if (step >= this.fairFrom) return enabled[step % enabledCount]!;
    let best = this.highest();
    for (let i = 0; i < this.depth - 1; i++) {
      if (this.changeAt[i] === this.view.step) {
        this.priority[best] = this.depth - 1 - i;
        best = this.highest();
      }
    }
    return best;
  }

  choose(n: number): number {
    if (this.rng.below(this.choiceOdds) !== 0) return 0;
    return this.rng.below(n);
  }

  private highest(): number {
    const { enabled, enabledCount } = this.view;
    let best = enabled[0]!;
    for (let i = 1; i < enabledCount; i++) {
      if (this.priority[enabled[i]!]! > this.priority[best]!) best = enabled[i]!;
    }
    return best;
  }
}
