// SPDX-License-Identifier: GPL-2.0-only
//
// How far a search is: beside the checks, so that progress can be shown.

import type { InternedExecutor } from "../../explore/positions.ts";
import type { SearchMonitor } from "../../explore/search/search.ts";

/** How far a search is. */
export interface SearchProgress {
  readonly states: number;
  readonly transitions: number;
  /** Distance of the states that are left now from the initial one, steps. */
  readonly depth: number;
  /** States that were met and not left yet. */
  readonly frontier: number;
}

/** Counts what passes by on the way to another monitor. */
export class SearchMeter implements SearchMonitor {
  readonly isGoal?: () => boolean;
  private readonly monitor: SearchMonitor;
  private states = 1;
  private transitions = 0;
  private depth = 0;
  private left = 0;
  private levelEnd = 1;

  constructor(monitor: SearchMonitor) {
    this.monitor = monitor;
    if (monitor.isGoal) this.isGoal = () => monitor.isGoal!();
  }

  get progress(): SearchProgress {
    const { states, transitions, depth, left } = this;
    return { states, transitions, depth, frontier: states - left };
  }

  attach(executor: InternedExecutor): void {
    this.monitor.attach?.(executor);
  }

  enter(): void {
    // States are left in the order in which they were met.
    if (this.left === this.levelEnd) {
      this.depth++;
      this.levelEnd = this.states;
    }
    this.left++;
    this.monitor.enter?.();
  }

  checkStep(process: number): boolean {
    return this.monitor.checkStep?.(process) ?? false;
  }

  afterStep(process: number, isNew: boolean): boolean {
    this.transitions++;
    if (isNew) this.states++;
    return this.monitor.afterStep(process, isNew);
  }

  atEnd(deadlock: boolean): boolean {
    return this.monitor.atEnd(deadlock);
  }
}
