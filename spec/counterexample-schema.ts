// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexample files: text in, result out; the caller reads and writes the files. A file that was edited,
// cut off or written by another version is never replayed: it gives one error that says which it is.

import { canonicalJson } from "./canonical-json.ts";
import { CHECKSUM_PATTERN, checksum } from "./checksum.ts";
import {
  COUNTEREXAMPLE_FORMAT,
  COUNTEREXAMPLE_VERSION,
  type Counterexample,
  type Violation,
} from "./counterexample.ts";
import { foundText } from "./found-text.ts";
import { validateInstance } from "./instance-rules.ts";
import { InstanceSchema, ScheduleSchema } from "./instance-schema.ts";
import { parseJson } from "./json-text.ts";
import { validateSchedule } from "./schedule-rules.ts";
import { S, decodeOrExplain, exactly, integerFrom, stringLike } from "./schema.ts";
import { PAGE_NUMBER_MAX } from "./units.ts";
import { errorWithin, failure, inputFailure, type Result } from "./user-error.ts";

const Digest = stringLike(/^[0-9a-f]{1,64}$/, "a digest of 1 to 64 hexadecimal digits");
const Id = stringLike(/^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/, "an id of letters, digits, dots and dashes");
const Message = stringLike(/^[^\n\r]{1,2000}$/, "a message of one line");

const ViolationSchema = exactly<Violation>()(
  S.Struct({
    invariant: Id,
    message: Message,
    step: integerFrom(0, PAGE_NUMBER_MAX),
  }),
);

/** A counterexample, without the envelope of a file or token. */
export const CounterexampleSchema = exactly<Counterexample>()(
  S.Struct({
    tool: Id,
    instance: InstanceSchema,
    mutant: S.optional(Id),
    schedule: ScheduleSchema,
    violation: ViolationSchema,
    stateDigest: Digest,
    choicesDigest: Digest,
  }),
);

/** Prints a counterexample as the text of a file, checksum included. Equal values give equal texts. */
export function printCounterexample(counterexample: Counterexample): string {
  const body = { format: COUNTEREXAMPLE_FORMAT, version: COUNTEREXAMPLE_VERSION, ...counterexample };
  return `${canonicalJson({ ...body, checksum: checksum(canonicalJson(body)) }, 2)}\n`;
}

/** Reads the text of a counterexample file. `source` is the file's name. */
export function parseCounterexample(text: string, source: string): Result<Counterexample> {
  const parsed = parseJson(text, source);
  if (!parsed.ok) return parsed;
  const file = parsed.value;
  if (typeof file !== "object" || file === null || Array.isArray(file)) {
    return inputFailure("VMC-E011", source, "", "a counterexample file", foundText(file));
  }
  const { checksum: given, ...body } = file as Readonly<Record<string, unknown>>;
  const { format, version, ...counterexample } = body;
  if (format !== COUNTEREXAMPLE_FORMAT) {
    return inputFailure("VMC-E030", source, "format", `"${COUNTEREXAMPLE_FORMAT}"`, foundText(format));
  }
  if (version !== COUNTEREXAMPLE_VERSION) {
    const expected = `version ${COUNTEREXAMPLE_VERSION}, the one that this vmapcheck reads`;
    return inputFailure("VMC-E030", source, "version", expected, foundText(version));
  }
  if (typeof given !== "string" || !CHECKSUM_PATTERN.test(given)) {
    return inputFailure("VMC-E031", source, "checksum", "16 hexadecimal digits", foundText(given));
  }
  const computed = checksum(canonicalJson(body));
  if (computed !== given) {
    const expected = `"${computed}", the checksum of the rest of the file`;
    return inputFailure(
      "VMC-E031",
      source,
      "checksum",
      expected,
      `${foundText(given)} (was the file edited?)`,
    );
  }
  return decodeCounterexample(counterexample, source);
}

/** Decodes a counterexample without its envelope and checks all rules of its parts. */
export function decodeCounterexample(value: unknown, source: string): Result<Counterexample> {
  const decoded = decodeOrExplain(CounterexampleSchema, value, source);
  if (!decoded.ok) return decoded;
  const { instance, schedule } = decoded.value;
  const inInstance = validateInstance(instance, source);
  if (inInstance !== undefined) return failure(errorWithin(inInstance, "instance."));
  const inSchedule = validateSchedule(schedule, source);
  return inSchedule === undefined ? decoded : failure(errorWithin(inSchedule, "schedule."));
}
