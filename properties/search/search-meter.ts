// SPDX-License-Identifier: GPL-2.0-only
//
// How far a search is, and which places in the code it has executed: beside the checks, so that progress can be shown
// and a verdict can name what it never saw.

import type { InternedExecutor } from "../../explore/positions.ts";
import type { SearchMonitor } from "../../explore/search/search.ts";
import { declaredSites } from "../../explore/sync.ts";

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
  /** By id of a site: 1 if some transition executed it. */
  readonly sites: Uint8Array = new Uint8Array(declaredSites().length);
  readonly isGoal?: () => boolean;
  private readonly monitor: SearchMonitor;
  private executor: InternedExecutor | undefined;
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
    this.executor = executor;
    this.monitor.attach?.(executor);
  }

  /** A step of a process is about to be taken. */
  begin(process: number): void {
    const step = this.executor?.pending[process];
    if (step) this.sites[step.site.id] = 1;
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

  afterStep(process: number, isNew: boolean): boolean {
    this.transitions++;
    if (isNew) this.states++;
    return this.monitor.afterStep(process, isNew);
  }

  atEnd(deadlock: boolean): boolean {
    return this.monitor.atEnd(deadlock);
  }
}
