// SPDX-License-Identifier: GPL-2.0-only
//
// Runs a job in a worker thread. The main thread hears SIGINT, sets a flag that the job polls, and gives it a
// moment to return what it has; a job in a stretch that cannot be stopped is ended with what it kept last.

import { Worker } from "node:worker_threads";
import type { Progress } from "../../review/report.ts";
import { EXIT } from "../exit-codes.ts";
import type { JobEnd, JobName, Jobs, RunJob, Stopped } from "./job.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly name: JobName;
  readonly request: Jobs[JobName]["request"];
  /** One word: 1 asks the job to stop. */
  readonly flag: Int32Array;
  readonly seconds: number | undefined;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "keep"; readonly report: unknown }
  | { readonly kind: "end"; readonly report: unknown; readonly stopped: Stopped | undefined }
  | { readonly kind: "fault"; readonly name: string; readonly message: string; readonly stack: string };

/** How long an interrupted job may take to come back, seconds. */
const GRACE = 1.5;

/** A SIGINT that soon after the first one is the same one: it was sent to the process and to its group. */
const TWICE = 300;

/** Runs a job in a thread; the first SIGINT asks it to stop, a second one ends the process. */
export const runJobInThread: RunJob = (name, request, watch) => {
  type Report = Jobs[typeof name]["report"];
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const start: WorkerStart = { name, request, flag, seconds: watch.seconds };
  const worker = new Worker(new URL("../worker.js", import.meta.url), { workerData: start });
  let kept: Report | undefined;
  let progress: Progress | undefined;
  return new Promise<JobEnd<Report>>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (finish: () => void): void => {
      process.off("SIGINT", interrupt);
      clearTimeout(timer);
      worker.removeAllListeners();
      void worker.terminate();
      finish();
    };
    let impatient = false;
    const interrupt = (): void => {
      if (impatient) process.exit(EXIT.interrupted);
      if (Atomics.exchange(flag, 0, 1) !== 0) return;
      setTimeout(() => (impatient = true), TWICE).unref();
      timer = setTimeout(
        () => {
          settle(() => resolve({ report: kept, stopped: "interrupted", progress }));
        },
        1000 * (watch.grace ?? GRACE),
      );
    };
    process.on("SIGINT", interrupt);
    worker.on("message", (message: WorkerMessage) => {
      switch (message.kind) {
        case "progress":
          progress = message.progress;
          watch.onProgress(message.progress);
          break;
        case "keep":
          kept = message.report as Report;
          break;
        case "end": {
          const { report, stopped } = message;
          settle(() => resolve({ report: report as Report | undefined, stopped, progress }));
          break;
        }
        case "fault":
          settle(() => reject(faultOf(message)));
          break;
      }
    });
    worker.on("error", (error) => settle(() => reject(error)));
    worker.on("exit", (code) => settle(() => reject(new Error(`the worker ended early, with code ${code}`))));
  });
};

function faultOf({ name, message, stack }: Extract<WorkerMessage, { kind: "fault" }>): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}
