// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexamples between the commands, files and renderers: reading one, replaying it, showing it.

import type { AllocatorClass } from "../impl/allocators/registry.ts";
import { SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { MUTANTS } from "../properties/mutants/catalogue.ts";
import type { SessionOptions } from "../properties/session.ts";
import { renderCounterexample } from "../review/render/counterexample-text.ts";
import { type RecordedRun, recordRun, watchedFor } from "../review/render/record-run.ts";
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
  const read = TOKEN.test(argument) ? undefined : readTextFile(argument);
  if (read && "error" in read) return read;
  const source = read ? shown(argument) : "token";
  const text = read?.text ?? argument;
  const result = TOKEN.test(text) ? decodeToken(text, source) : parseCounterexample(text, source);
  if (!result.ok) return { error: result.error };
  const error = unknownNames(result.value, source);
  if (error) return { error };
  return { counterexample: result.value, source, file: read ? argument : undefined };
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
  if (mutant !== undefined && designOf(mutant) === undefined) {
    return wrong("mutant", "a mutant of this version", mutant);
  }
  const id = violation.invariant;
  if (isInvariantId(id) || SITUATIONS.some((each) => each.id === id)) return undefined;
  return wrong("violation.invariant", "an invariant or situation of this version", id);
}

function designOf(mutant: string | undefined): AllocatorClass | undefined {
  return MUTANTS.find(({ id }) => id === mutant)?.make;
}

/** How a session has to be set up to see what a counterexample shows, and nothing else. */
export function sessionOptionsOf({ mutant, violation }: Counterexample): SessionOptions {
  const id = violation.invariant;
  return {
    design: designOf(mutant),
    watched: watchedFor(id),
    situations: SITUATIONS.filter((each) => each.id === id),
    stopAt: id,
    strict: id === "INV-STRICT",
  };
}

/** Replays a counterexample, step by step. */
export function recordOf({ instance, schedule, violation, mutant }: Counterexample): RecordedRun {
  const violates = violation.invariant;
  const endsAt = violates === "INV-LIVELOCK" ? violation.step + 1 : undefined;
  return recordRun({
    instance,
    schedule,
    violates,
    endsAt,
    design: designOf(mutant),
    situations: SITUATIONS,
  });
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
