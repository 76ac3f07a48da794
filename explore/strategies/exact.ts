// SPDX-License-Identifier: GPL-2.0-only
//
// Repeats a run decision by decision, from the decisions that the runner kept. Used to turn a run into its
// schedule, and to check that a run is deterministic.

import { isEnabled, runToCompletion, type Strategy, type View } from "../strategy.ts";

/** Plays back raw decisions; the run must be of the same system from the same state. */
export class ExactStrategy implements Strategy {
  /** Whether a decision could not be repeated: the system behaves differently now. */
  diverged = false;
  private readonly picks: ArrayLike<number>;
  private readonly choices: ArrayLike<number>;
  private view!: View;

  constructor(picks: ArrayLike<number>, choices: ArrayLike<number>) {
    this.picks = picks;
    this.choices = choices;
  }

  begin(view: View): void {
    this.view = view;
    this.diverged = false;
  }

  next(): number {
    const pick = this.picks[this.view.step];
    if (pick !== undefined && isEnabled(this.view, pick)) return pick;
    this.diverged = true;
    return runToCompletion(this.view);
  }

  choose(n: number): number {
    const choice = this.choices[this.view.step];
    if (choice !== undefined && choice < n) return choice;
    this.diverged = true;
    return 0;
  }
}
