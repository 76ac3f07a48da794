// SPDX-License-Identifier: GPL-2.0-only
//
// Repeats a run decision by decision, from the decisions that the runner kept. Used to turn a run into its
// schedule, and to check that a run is deterministic.

import type { Strategy, View } from "../strategy.ts";

/** Plays back raw decisions; the run must be of the same system from the same state. */
export class ExactStrategy implements Strategy {
  private readonly picks: ArrayLike<number>;
  private readonly choices: ArrayLike<number>;
  private view!: View;

  constructor(picks: ArrayLike<number>, choices: ArrayLike<number>) {
    this.picks = picks;
    this.choices = choices;
  }

  begin(view: View): void {
    this.view = view;
  }

  next(): number {
    return this.picks[this.view.step] ?? this.view.enabled[0]!;
  }

  choose(): number {
    return this.choices[this.view.step] ?? 0;
  }
}
