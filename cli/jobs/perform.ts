// SPDX-License-Identifier: GPL-2.0-only
//
// Runs a job in the thread that calls it. The worker does so, and tests that need no second thread.

import { runCheck } from "../../review/check.ts";
import { findCases } from "./cases.ts";
import { explored } from "./explore.ts";
import type { JobName, Jobs, RunJob, Watcher } from "./job.ts";
import { JobHeed } from "./heed.ts";
import { hunted } from "./mutants.ts";
import { selfChecked } from "./self-check.ts";

const WORK: {
  readonly [N in JobName]: (
    request: Jobs[N]["request"],
    heed: Watcher<Jobs[N]["report"]>,
  ) => Jobs[N]["report"] | undefined;
} = {
  cases: findCases,
  explore: explored,
  mutants: hunted,
  check: runCheck,
  selfcheck: selfChecked,
};

/** Does the work of a job. Undefined if it was stopped before there was anything to report. */
export function perform<N extends JobName>(
  name: N,
  request: Jobs[N]["request"],
  heed: Watcher<Jobs[N]["report"]>,
): Jobs[N]["report"] | undefined {
  return WORK[name](request, heed);
}

/** Runs jobs at once, in this thread, where no signal can be heard. */
export const runJobHere: RunJob = (name, request, watch) => {
  const heed = new JobHeed<Jobs[typeof name]["report"]>(
    { progress: watch.onProgress, keep: () => undefined },
    new Int32Array(1),
    watch.seconds,
  );
  // A fault must reach the caller as a rejection, as it does from a thread.
  return new Promise((resolve) => {
    const report = perform(name, request, heed);
    resolve({ report, stopped: heed.stopped, progress: heed.latest });
  });
};
