// SPDX-License-Identifier: GPL-2.0-only
//
// When nothing goes on in a simulated kernel.

import { isIdle, isReady, type Step } from "../explore/sync.ts";

/** Whether every task, of so many, is done or between two operations, and no worker has anything to do. O(processes). */
export function isQuiet(pending: readonly (Step | undefined)[], tasks: number): boolean {
  for (let p = 0; p < pending.length; p++) {
    const step = pending[p];
    if (step && !(isIdle(step) && (p < tasks || !isReady(step)))) return false;
  }
  return true;
}
