// SPDX-License-Identifier: GPL-2.0-only
//
// The option --emit-test: a counterexample as a vitest file that fails until the design is repaired.

import { testFileOf } from "../review/patch/test-file.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import type { UserError } from "../spec/user-error.ts";
import { checkWritable, writeTextFile } from "./files.ts";
import { type OptionSpec, type Parsed, usage } from "./options.ts";

/** The option. */
export const EMIT_TEST_OPTION: OptionSpec = {
  name: "emit-test",
  value: "FILE",
  text: "where a counterexample is written as a vitest file, which fails until the design is repaired",
};

const TEST_FILE = /\.(?:test|spec)\.[cm]?[jt]s$/;

/** What is wrong with the file of the option, before any work is done for it. Changes nothing. */
export function emitTestProblem(parsed: Parsed): UserError | undefined {
  const file = parsed.text("emit-test");
  if (file === undefined) return undefined;
  if (!TEST_FILE.test(file)) {
    return usage(
      "--emit-test",
      "a name that vitest takes for a test, as found.test.ts",
      JSON.stringify(file),
    );
  }
  if (file === parsed.text("out")) return usage("--emit-test", "another file than that of --out", "the same");
  return checkWritable(file);
}

/** Writes the file of the option, if it was given and there is a counterexample. Returns what is wrong. */
export function emitTest(
  file: string | undefined,
  counterexample: Counterexample | undefined,
): UserError | undefined {
  return file === undefined || !counterexample ? undefined : writeTextFile(file, testFileOf(counterexample));
}
