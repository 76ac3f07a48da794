// SPDX-License-Identifier: GPL-2.0-only
//
// What `run` and `explore` do when their job has come back: keep the counterexample, print it and the verdict.

import type { Counterexample } from "../spec/counterexample.ts";
import { interruptedText } from "./cases-text.ts";
import { counterexampleText, writeCounterexample } from "./counterexample-view.ts";
import { emitTest } from "./emit-test.ts";
import { errorLine } from "./error-text.ts";
import type { ExitCode } from "./exit-codes.ts";
import { type Io, paintFor } from "./io.ts";
import type { JobEnd } from "./jobs/job.ts";
import type { ProgressWriter } from "./progress.ts";

/** What differs between the commands. */
export interface Ending<R> {
  readonly command: string;
  readonly exitCode: ExitCode;
  readonly counterexample: Counterexample | undefined;
  /** File for the counterexample. */
  readonly out: string | undefined;
  /** File for the same as a test. */
  readonly emitted: string | undefined;
  /** Prints the JSON document instead of text; absent if text is wanted. */
  readonly printDocument: (() => void) | undefined;
  readonly verdict: (report: R) => string;
}

/** Prints what there is to print. Returns the exit code. */
export function endJob<R>(io: Io, progress: ProgressWriter, end: JobEnd<R>, ending: Ending<R>): ExitCode {
  const { command, exitCode, counterexample, emitted, out, printDocument, verdict } = ending;
  const { report, stopped } = end;
  const paint = paintFor(io);
  io.setVerdict(exitCode);
  if (counterexample && out !== undefined) {
    const error = writeCounterexample(out, counterexample);
    if (error) io.err(`${errorLine(error, command)}\n`);
  }
  const notEmitted = emitTest(emitted, counterexample);
  if (notEmitted) io.err(`${errorLine(notEmitted, command)}\n`);
  if (printDocument) {
    printDocument();
    return exitCode;
  }
  if (stopped === "interrupted" && !report) {
    io.out(`\n${paint.open("INTERRUPTED")} before there was anything to report\n`);
    io.err(`vmapcheck: ${progress.lastWords(end.progress)}\n`);
    return exitCode;
  }
  if (!report) throw new Error("the job came back without a report");
  if (stopped === "interrupted") io.out(interruptedText(paint));
  if (counterexample) io.out(`\n${counterexampleText(counterexample, out, paint)}`);
  io.out(verdict(report));
  return exitCode;
}
