// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexamples between the commands, files and renderers: reading one, replaying it, showing it.

import { SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { MUTANTS } from "../properties/mutants/catalogue.ts";
import type { Why } from "../properties/why/contract.ts";
import { designOfMutant, recordOf } from "../review/kept-run.ts";
import { patchNameIn } from "../review/patch/patch.ts";
import { renderCounterexample } from "../review/render/counterexample-text.ts";
import type { RecordedRun } from "../review/render/record-run.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import { parseCounterexample, printCounterexample } from "../spec/counterexample-schema.ts";
import { quoted } from "../spec/found-text.ts";
import { isInvariantId } from "../spec/invariants.ts";
import { decodeToken, encodeToken } from "../spec/token.ts";
import type { UserError } from "../spec/user-error.ts";
import { readTextFile, shown, writeTextFile } from "./files.ts";
import type { Paint } from "../review/render/paint.ts";

/** A counterexample and where it came from. */
export interface ReadCounterexample {
  readonly counterexample: Counterexample;
  /** File name, or "token". */
  readonly source: string;
  /** File that holds it, if one does. */
  readonly file: string | undefined;
}

const TOKEN = /^\s*vmc[0-9]+(?:\.|\s*$)/;

/** Reads a file (which may hold a token) or a token. */
export function readCounterexample(argument: string): ReadCounterexample | { readonly error: UserError } {
  return TOKEN.test(argument) ? decoded(argument, "token", undefined) : readCounterexampleFile(argument);
}

/** Reads a file, which may hold a token. */
export function readCounterexampleFile(path: string): ReadCounterexample | { readonly error: UserError } {
  const read = readTextFile(path);
  return "error" in read ? read : decoded(read.text, shown(path), path);
}

function decoded(
  text: string,
  source: string,
  file: string | undefined,
): ReadCounterexample | { readonly error: UserError } {
  const result = TOKEN.test(text) ? decodeToken(text, source) : parseCounterexample(text, source);
  if (!result.ok) return { error: result.error };
  const error = unknownNames(result.value, source);
  return error ? { error } : { counterexample: result.value, source, file };
}

/** Writes a counterexample file. Returns what is wrong. */
export function writeCounterexample(path: string, counterexample: Counterexample): UserError | undefined {
  return writeTextFile(path, printCounterexample(counterexample));
}

/** The names in a counterexample that this version does not know. */
function unknownNames({ mutant, violation }: Counterexample, source: string): UserError | undefined {
  const wrong = (path: string, expected: string, found: string): UserError => ({
    code: "VMC-E005",
    message: `${source}: ${path}: expected ${expected}, found ${quoted(found)}`,
  });
  const patch = mutant === undefined ? undefined : patchNameIn(mutant);
  if (patch !== undefined) {
    return {
      ...wrong("mutant", "a design of this vmapcheck", patch),
      hint: "it is a patch of another project: replay it there, with replayPatch()",
    };
  }
  if (mutant !== undefined && designOfMutant(mutant) === undefined) {
    return wrong("mutant", "a mutant of this version", mutant);
  }
  const id = violation.invariant;
  if (isInvariantId(id) || SITUATIONS.some((each) => each.id === id)) return undefined;
  return wrong("violation.invariant", "an invariant or situation of this version", id);
}

/** Why it happened, as data; undefined without a counterexample. */
export function whyOf(counterexample: Counterexample | undefined): Why | undefined {
  return counterexample && recordOf(counterexample).why;
}

/** A counterexample as text, with a final newline. */
export function counterexampleText(
  counterexample: Counterexample,
  file: string | undefined,
  paint: Paint,
  run: RecordedRun = recordOf(counterexample),
): string {
  const mutant = MUTANTS.find(({ id }) => id === counterexample.mutant);
  const text = renderCounterexample(run, {
    mutant: mutant && { id: mutant.id, description: mutant.title },
    situations: new Map(SITUATIONS.map(({ id, statement }) => [id, statement])),
    file,
    token: encodeToken(counterexample),
    paint,
  });
  return `${text}\n`;
}
