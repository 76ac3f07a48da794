// SPDX-License-Identifier: GPL-2.0-only
//
// Progress on stderr: one line that is drawn over on a terminal, a plain line a minute elsewhere.

import { durationText, progressText } from "../review/render/progress-text.ts";
import type { Progress } from "../review/report.ts";
import { nowSeconds } from "./clock.ts";
import type { Io } from "./io.ts";

/** Seconds between two plain lines. */
const PLAIN_EVERY = 60;

/** Shows how far work has come. Call `clear` before anything else is written. */
export class ProgressWriter {
  private readonly io: Io;
  private readonly began = nowSeconds();
  private nextPlain: number;
  private drawn = false;

  constructor(io: Io) {
    this.io = io;
    this.nextPlain = this.began + PLAIN_EVERY;
  }

  /** Seconds since the work began. */
  get seconds(): number {
    return nowSeconds() - this.began;
  }

  show(progress: Progress): void {
    const { io } = this;
    if (io.errIsTerminal) {
      io.err(`\r\u001b[K${progressText(progress, this.seconds, io.columns - 1)}`);
      this.drawn = true;
    } else if (nowSeconds() >= this.nextPlain) {
      this.nextPlain += PLAIN_EVERY;
      io.err(`${progressText(progress, this.seconds, Number.POSITIVE_INFINITY)}\n`);
    }
  }

  /** Removes the line. */
  clear(): void {
    if (this.drawn) this.io.err("\r\u001b[K");
    this.drawn = false;
  }

  /** What to say after an interruption that left no report. */
  lastWords(progress: Progress | undefined): string {
    const far = progress
      ? `in ${progress.phase} ${progress.item}`.trim() +
        (progress.search
          ? `, after ${progress.search.states} states`
          : `, after ${progress.runs} runs and ${progress.steps} steps`)
      : "before the first run";
    return `interrupted ${far}, ${durationText(this.seconds)} after the start`;
  }
}
