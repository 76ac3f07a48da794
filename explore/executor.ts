// SPDX-License-Identifier: GPL-2.0-only
//
// Executes processes: keeps each one's position and moves it on by the result of its step. Two executors with
// the same behaviour: one drives generators, one interns positions so that generators run only once.

import { type Call, isStep, type KernelCode, type Op, type Step, TailCall } from "./sync.ts";
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

/** Calls and returns between two steps after which code is taken to run in circles. */
export const CALLS_MAX = 100_000;

/** What code comes to when it is resumed. */
export type Reached = IteratorResult<Op, number | TailCall>;

/** Code of a call, not yet begun. */
export function start(target: Call): KernelCode {
  return target.body.apply(target.self, [...target.args]);
}

/** For code that runs in circles without a step: a fault of the simulated code, which no schedule could end. */
export function tooManyCalls(): Error {
  return new Error(`simulated code made more than ${CALLS_MAX} calls and returns without a step`);
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
    this.system.betweenSteps(true);
    this.system.processes.forEach((spec, p) => {
      this.stacks[p] = [];
      this.pending[p] = this.resume(p, spec.entry, 0);
    });
    this.system.betweenSteps(false);
  }

  advance(process: number, result: number): void {
    this.system.betweenSteps(true);
    this.pending[process] = this.resume(process, undefined, result);
    this.system.betweenSteps(false);
  }

  // Runs a process to its next step: from the entry of `target` if one is given, else with `result`.
  private resume(process: number, target: Call | undefined, result: number): Step | undefined {
    const stack = this.stacks[process]!;
    let entering = target;
    let value = result;
    for (let calls = 0; ; calls++) {
      if (calls > CALLS_MAX) throw tooManyCalls();
      let reached: Reached;
      if (entering) {
        const code = start(entering);
        stack.push(code);
        reached = code.next();
        entering = undefined;
      } else {
        const code = stack.at(-1);
        if (!code) return undefined;
        reached = code.next(value);
      }
      if (!reached.done) {
        if (isStep(reached.value)) return reached.value;
        entering = reached.value;
        continue;
      }
      stack.pop();
      if (reached.value instanceof TailCall) entering = reached.value.target;
      else value = reached.value;
    }
  }
}
