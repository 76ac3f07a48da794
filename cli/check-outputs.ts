// SPDX-License-Identifier: GPL-2.0-only
//
// What `check` writes beside its text: a file for each report format that was asked for, annotations, the summary of a
// step. Places are looked at before the work begins.

import { appendFileSync, statSync } from "node:fs";
import { annotationsText, stepSummary, SUMMARY_BYTES_MAX } from "../review/formats/github.ts";
import { junitText } from "../review/formats/junit.ts";
import { ktapText } from "../review/formats/ktap.ts";
import { sarifText } from "../review/formats/sarif.ts";
import type { CheckReport } from "../review/report.ts";
import type { UserError } from "../spec/user-error.ts";
import { checkWritable, reason, shown, writeTextFile } from "./files.ts";
import type { Io } from "./io.ts";
import type { OptionSpec, Parsed } from "./options.ts";
import { usage } from "./options.ts";

const FORMATS: readonly (readonly [name: string, what: string, text: (report: CheckReport) => string])[] = [
  ["ktap", "the report as KTAP version 1, as the kernel's tests print it", ktapText],
  ["junit", "the report as JUnit XML", junitText],
  ["sarif", "the report as SARIF 2.1.0, with interleavings as code flows", sarifText],
];

/** The options for report formats. Several may be given at once. */
export const OUTPUT_OPTIONS: readonly OptionSpec[] = [
  ...FORMATS.map(([name, what]) => ({ name, value: "FILE", text: `file for ${what}` })),
  {
    name: "github",
    text: "annotations for GitHub after the text (on stderr with --json), and a summary appended to $GITHUB_STEP_SUMMARY",
  },
];

/** What stands in the way of an output, before any work is done for it. */
export function outputProblem(parsed: Parsed): UserError | undefined {
  const paths = FORMATS.flatMap(([name]) => parsed.text(name) ?? []);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) return usage("command line", "a file of its own for each format", shown(twice));
  for (const path of paths) {
    const error = checkWritable(path);
    if (error) return error;
  }
  return undefined;
}

/** Writes all files that were asked for, each whole or not at all. Returns what went wrong. */
export function writeOutputs(report: CheckReport, parsed: Parsed, io: Io): readonly UserError[] {
  const errors = FORMATS.flatMap(([name, , textOf]) => {
    const path = parsed.text(name);
    return path === undefined ? [] : (writeTextFile(path, textOf(report)) ?? []);
  });
  const summary = io.env["GITHUB_STEP_SUMMARY"] ?? "";
  if (!parsed.has("github") || summary === "") return errors;
  return [...errors, ...appendSummary(report, summary)];
}

/** Prints the annotations, on the stream that has room for lines that are no part of a document. */
export function printAnnotations(report: CheckReport, parsed: Parsed, io: Io): void {
  if (!parsed.has("github")) return;
  const text = annotationsText(report);
  if (parsed.has("json")) io.err(text);
  else io.out(text);
}

// The bound is that of the whole file, which steps before may have begun.
function appendSummary(report: CheckReport, path: string): readonly UserError[] {
  try {
    const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
    appendFileSync(path, stepSummary(report, SUMMARY_BYTES_MAX - size));
    return [];
  } catch (error) {
    const message = `${shown(path)}: expected a place to write to, found ${reason(error)}`;
    return [{ code: "VMC-E004", message, hint: "GITHUB_STEP_SUMMARY names it" }];
  }
}
