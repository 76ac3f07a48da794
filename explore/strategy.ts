// SPDX-License-Identifier: GPL-2.0-only
//
// A strategy decides what a kernel leaves open: which process runs next, and how each choice turns out.

/** What a strategy may look at when it decides. */
export interface View {
  /** Enabled processes, ascending; only the first `enabledCount` entries count. */
  readonly enabled: Int32Array;
  enabledCount: number;
  /** Process that took the last step, or -1. */
  last: number;
  /** Number of the coming step, from 0. */
  step: number;
  /** Steps taken so far, by process. */
  readonly taken: Int32Array;
}

/** One way through the interleavings. */
export interface Strategy {
  /** A run begins; `view` stays the same object during the run. */
  begin(view: View): void;
  /** The process that takes the next step: one of the enabled ones. */
  next(): number;
  /** The outcome of a choice between `n` alternatives, in `0 .. n - 1`. */
  choose(n: number): number;
}

/** Whether a process may take the next step. */
export function isEnabled(view: View, process: number): boolean {
  for (let i = 0; i < view.enabledCount; i++) if (view.enabled[i] === process) return true;
  return false;
}

/** What run-to-completion would do: go on with the last process, else take the enabled one of lowest index. */
export function runToCompletion(view: View): number {
  return isEnabled(view, view.last) ? view.last : view.enabled[0]!;
}

/** What is known of the length of runs of an instance, to make sampling even. */
export interface Profile {
  /** Expected number of steps of each process in a run. */
  readonly steps: readonly number[];
  /** Expected number of choices with more than one alternative in a run. */
  readonly choices: number;
  /** Expected number of steps of all processes. */
  readonly total: number;
}
