// SPDX-License-Identifier: GPL-2.0-only
//
// Replays a schedule: deviations from run-to-completion at the recorded steps, nothing else.

import type { Schedule } from "../../spec/schedule.ts";
import { isEnabled, runToCompletion, type Strategy, type View } from "../strategy.ts";

/**
 * Follows a schedule. A deviation that does not fit (the process is not enabled, the choice has fewer
 * alternatives) is skipped and counted: 0 of them is a faithful replay, more is a step of shrinking.
 */
export class ReplayStrategy implements Strategy {
  private readonly schedule: Schedule;
  private nextSwitch = 0;
  private nextChoice = 0;
  private misfits = 0;
  private view!: View;

  constructor(schedule: Schedule) {
    this.schedule = schedule;
  }

  /** Deviations that did not fit in the last run, or lie behind its end. */
  get skipped(): number {
    const { switches, choices } = this.schedule;
    return this.misfits + (switches.length - this.nextSwitch) + (choices.length - this.nextChoice);
  }

  begin(view: View): void {
    this.view = view;
    this.nextSwitch = 0;
    this.nextChoice = 0;
    this.misfits = 0;
  }

  next(): number {
    const { switches } = this.schedule;
    const view = this.view;
    const deviation = switches[this.nextSwitch];
    if (deviation && deviation.at <= view.step) {
      this.nextSwitch++;
      if (isEnabled(view, deviation.to)) return deviation.to;
      this.misfits++;
    }
    return runToCompletion(view);
  }

  choose(n: number): number {
    const { choices } = this.schedule;
    for (; this.nextChoice < choices.length; this.nextChoice++) {
      const deviation = choices[this.nextChoice]!;
      if (deviation.at > this.view.step) return 0;
      if (deviation.at < this.view.step) {
        this.misfits++;
        continue;
      }
      this.nextChoice++;
      if (deviation.value < n) return deviation.value;
      this.misfits++;
      return 0;
    }
    return 0;
  }
}
