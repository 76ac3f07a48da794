// SPDX-License-Identifier: GPL-2.0-only
//
// Stores into range trees that find no memory: which ones of a critical section, is a choice of the environment. A
// section says how many stores it makes at most; the choice names one of them, or two where the budget allows it.

import type { Faults } from "./faults.ts";

/** Failing stores of the section that runs. Between two sections nothing is armed, so that this is no state. */
export class StoreFaults {
  private readonly faults: Faults;
  private readonly left: (() => number) | undefined;
  private readonly splits: boolean;
  // Points of the section: its stores in order, then the record of a split.
  private first = -1;
  private second = -1;
  private next = 0;
  // First of the points that are splits.
  private splitsFrom = Number.MAX_SAFE_INTEGER;

  constructor(faults: Faults) {
    this.faults = faults;
    this.left = faults.choices("maple");
    this.splits = faults.choices("split") !== undefined;
  }

  /** Outcomes of a section with at most `stores()` stores and so many splits; undefined if nothing in it can fail. */
  choices(stores: () => number, splits = 0): (() => number) | undefined {
    if (!this.left && !(splits > 0 && this.splits)) return undefined;
    return () => {
      const points = this.points(stores(), splits);
      const budget = this.faults.remaining;
      if (budget === 0) return 1;
      return 1 + points + (budget > 1 ? (points * (points - 1)) / 2 : 0);
    };
  }

  /** Arms the failures of a choice. */
  begin(choice: number, stores: number, splits = 0): void {
    const points = this.points(stores, splits);
    this.next = 0;
    this.splitsFrom = this.points(stores, 0);
    this.first = -1;
    this.second = -1;
    if (choice === 0) return;
    this.first = choice - 1;
    if (choice <= points) return;
    // The pairs behind the single ones: (0,1), (0,2), ..., (1,2), ...
    let rest = choice - 1 - points;
    let low = 0;
    for (; rest >= points - 1 - low; low++) rest -= points - 1 - low;
    this.first = low;
    this.second = low + 1 + rest;
  }

  /** Whether the store that is made now fails. */
  readonly storeFails = (): boolean => this.left !== undefined && this.hits(this.next++);

  /** Which of the records for splits, or for the restoration of a range, cannot be had, from 1; 0 for none. */
  get splitFailsAt(): number {
    const point = this.first >= this.splitsFrom ? this.first : this.second;
    return point >= this.splitsFrom ? point - this.splitsFrom + 1 : 0;
  }

  /** The section is over. */
  end(): void {
    this.first = -1;
    this.second = -1;
  }

  private hits(point: number): boolean {
    if (point >= this.splitsFrom || (point !== this.first && point !== this.second)) return false;
    this.faults.spend();
    return true;
  }

  private points(stores: number, splits: number): number {
    return (this.left ? stores : 0) + (this.splits ? splits : 0);
  }
}
