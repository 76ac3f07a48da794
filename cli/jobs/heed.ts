// SPDX-License-Identifier: GPL-2.0-only
//
// How a job learns that it has to stop: a flag that another thread sets, and a deadline. Also thins out progress,
// so that reporting costs the work nothing.

import type { Progress } from "../../review/report.ts";
import { nowSeconds } from "../clock.ts";
import type { Stopped, Watcher } from "./job.ts";

/** Most reports of progress per second. */
const PROGRESS_PER_SECOND = 10;

/** Where a job's news go. */
export interface HeedSink<R> {
  progress(progress: Progress): void;
  keep(report: R): void;
}

/** The heed of one job. */
export class JobHeed<R> implements Watcher<R> {
  /** Why the job was asked to stop, if it was. */
  stopped: Stopped | undefined;
  latest: Progress | undefined;
  private readonly sink: HeedSink<R>;
  private readonly flag: Int32Array;
  private readonly deadline: number;
  private nextReport: number;

  /** `flag[0]` becomes 1 when the job is to stop. */
  constructor(sink: HeedSink<R>, flag: Int32Array, seconds: number | undefined) {
    const now = nowSeconds();
    this.sink = sink;
    this.flag = flag;
    this.deadline = seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds;
    this.nextReport = now;
  }

  tick(progress: Progress): boolean {
    const now = nowSeconds();
    this.latest = progress;
    if (Atomics.load(this.flag, 0) !== 0) this.stopped ??= "interrupted";
    else if (now >= this.deadline) this.stopped ??= "deadline";
    if (now >= this.nextReport) {
      this.nextReport = now + 1 / PROGRESS_PER_SECOND;
      this.sink.progress(progress);
    }
    return this.stopped !== undefined;
  }

  keep(report: R): void {
    this.sink.keep(report);
  }
}
