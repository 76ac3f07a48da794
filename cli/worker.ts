// SPDX-License-Identifier: GPL-2.0-only
//
// The worker thread of the command: does one job and says how it went. Must not write to any stream.

import { parentPort, workerData } from "node:worker_threads";
import { JobHeed } from "./jobs/heed.ts";
import { perform } from "./jobs/perform.ts";
import type { WorkerMessage, WorkerStart } from "./jobs/thread.ts";

const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

try {
  const { name, request, flag, seconds } = workerData as WorkerStart;
  const heed = new JobHeed<unknown>(
    {
      progress: (progress) => say({ kind: "progress", progress }),
      keep: (report) => say({ kind: "keep", report }),
    },
    flag,
    seconds,
  );
  const report = perform(name, request, heed);
  say({ kind: "end", report, stopped: heed.stopped });
} catch (thrown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  say({ kind: "fault", name: error.name, message: error.message, stack: error.stack ?? "" });
}
