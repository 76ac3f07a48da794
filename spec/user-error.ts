// SPDX-License-Identifier: GPL-2.0-only
//
// User errors as data: what a person did wrong, in one line, with a stable code. They lead to exit code 2.
// Never thrown, and never used for findings (the kernel is wrong) or for internal faults (this project is wrong).

/** All codes of user errors, with what each means. A code is never reused for something else. */
export const USER_ERROR_CODES = {
  "VMC-E001": "the command line names an unknown command or option",
  "VMC-E002": "the value of a command-line option cannot be used",
  "VMC-E003": "a file cannot be read",
  "VMC-E004": "a file cannot be written",
  "VMC-E005": "a name is not in the catalogue it is looked up in",
  "VMC-E010": "a text is not JSON",
  "VMC-E011": "a field is missing, unknown or of the wrong kind",
  "VMC-E012": "a program text cannot be read",
  "VMC-E020": "a size, count or limit of a configuration is out of range",
  "VMC-E021": "an address window is empty, outside the space or overlaps another one",
  "VMC-E022": "an operand of an operation is out of range",
  "VMC-E023": "an operation names an area that it must not name",
  "VMC-E024": "the programs of an instance wait for each other in a circle",
  "VMC-E025": "a schedule is not in order",
  "VMC-E026": "an instance has a field, a fault point or an operation that its design does not know",
  "VMC-E030": "a file or token is of another kind or of another version",
  "VMC-E031": "a file or token was edited or damaged: its checksum differs",
  "VMC-E032": "a token is incomplete or contains characters that no token has",
  "VMC-E033": "a checkpoint cannot be gone on from",
  "VMC-E040": "a trace line cannot be read",
  "VMC-E041": "a list of vmalloc areas cannot be read",
} as const;

/** One of the codes. */
export type UserErrorCode = keyof typeof USER_ERROR_CODES;

/** A user error. */
export interface UserError {
  readonly code: UserErrorCode;
  /** One line, complete in itself: where, what was expected, what was found. */
  readonly message: string;
  /** One line on what to do about it. */
  readonly hint?: string | undefined;
}

/** A user error about a place within an input. */
export interface InputError extends UserError {
  /** The file name, or a word such as "token". */
  readonly source: string;
  /** The place within the source, such as `programs[0][2].size` or `3:14`; empty for the source as a whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A value, or the first thing that is wrong with the input. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: InputError };

/** The result that carries a value. */
export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** The result that carries an error. */
export function failure(error: InputError): Result<never> {
  return { ok: false, error };
}

/** The same error, seen from a value that holds the first one: `prefix` comes before its path. */
export function errorWithin(error: InputError, prefix: string): InputError {
  return inputError(error.code, error.source, prefix + error.path, error.expected, error.found);
}

/** Composes the error for a place within an input. `expected` and `found` are phrases without a full stop. */
export function inputError(
  code: UserErrorCode,
  source: string,
  path: string,
  expected: string,
  found: string,
): InputError {
  const place = path === "" ? source : `${source}: ${path}`;
  return { code, message: `${place}: expected ${expected}, found ${found}`, source, path, expected, found };
}

/** The result that carries `inputError` of the same arguments. */
export function inputFailure(...place: Parameters<typeof inputError>): Result<never> {
  return failure(inputError(...place));
}
