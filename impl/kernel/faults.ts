// SPDX-License-Identifier: GPL-2.0-only
//
// Failures of the kernel's own allocations, as choices of the environment with a budget per run.
// Without a budget every path would degenerate into its error path.

import { FAULT_POINTS, type FaultPoint } from "../../spec/faults.ts";
import type { FaultPlan } from "../../spec/instance.ts";
import type { Heap } from "../heap/heap.ts";

/** Budgeted failures. */
export class Faults {
  private readonly left: Int32Array;
  private readonly enabled: boolean[];
  private readonly budget: number;

  constructor(heap: Heap, plan: FaultPlan) {
    this.left = heap.words("faults.left", 1);
    this.enabled = FAULT_POINTS.map((point) => plan.budget > 0 && plan.points.includes(point));
    this.budget = plan.budget;
  }

  /** Sets the initial state. */
  init(): void {
    this.left[0] = this.budget;
  }

  /** The number of outcomes at a fault point: `undefined` where the point never fails in this instance. */
  choices(point: FaultPoint): (() => number) | undefined {
    if (!this.enabled[FAULT_POINTS.indexOf(point)]) return undefined;
    const left = this.left;
    return () => (left[0]! > 0 ? 2 : 1);
  }

  /** Failures that the environment may still choose in this run. */
  get remaining(): number {
    return this.left[0]!;
  }

  /** Failures spent so far in this run. */
  get spent(): number {
    return this.budget - this.left[0]!;
  }

  /** Spends one failure. */
  spend(): void {
    this.left[0] = this.left[0]! - 1;
  }
}
