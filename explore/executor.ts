// SPDX-License-Identifier: GPL-2.0-only
//
// Executes processes: keeps each one's position and moves it on by the result of its step. Two executors with
// the same behaviour: one drives generators, one interns positions so that generators run only once.

import { type Call, isStep, type KernelCode, type Step, TailCall } from "./sync.ts";
import type { System } from "./system.ts";

/** Positions of all processes of a system. */
export interface Executor {
  /** All processes to their initial positions. */
  reset(): void;
  /** The pending step of each process; undefined once it has finished. */
  readonly pending: readonly (Step | undefined)[];
  /** The pending step of `process` gave `result`. */
  advance(process: number, result: number): void;
}

/** Drives generators. Right for long runs, whose positions never come again. */
export class LiveExecutor implements Executor {
  readonly pending: (Step | undefined)[] = [];
  private readonly system: System;
  private readonly stacks: KernelCode[][] = [];

  constructor(system: System) {
    this.system = system;
  }

  reset(): void {
    this.system.processes.forEach((spec, p) => {
      this.stacks[p] = [];
      this.pending[p] = this.enter(p, spec.entry);
    });
  }

  advance(process: number, result: number): void {
    this.system.betweenSteps(true);
    this.pending[process] = this.resume(process, result);
    this.system.betweenSteps(false);
  }

  private enter(process: number, target: Call): Step | undefined {
    const stack = this.stacks[process]!;
    let next = target;
    for (;;) {
      const code = next.body.apply(next.self, [...next.args]);
      stack.push(code);
      const first = code.next();
      if (first.done) {
        stack.pop();
        if (first.value instanceof TailCall) next = first.value.target;
        else return this.resume(process, first.value);
      } else if (isStep(first.value)) return first.value;
      else next = first.value;
    }
  }

  private resume(process: number, result: number): Step | undefined {
    const stack = this.stacks[process]!;
    let value = result;
    for (;;) {
      const code = stack.at(-1);
      if (!code) return undefined;
      const next = code.next(value);
      if (!next.done) return isStep(next.value) ? next.value : this.enter(process, next.value);
      stack.pop();
      if (next.value instanceof TailCall) return this.enter(process, next.value.target);
      value = next.value;
    }
  }
}
