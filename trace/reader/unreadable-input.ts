// SPDX-License-Identifier: GPL-2.0-only
//
// A user error about a text, as something to throw: a reader that is called by a push cannot return a result.

import { inputError, type InputError } from "../../spec/user-error.ts";

/** Thrown by readers. It has all that an InputError has. */
export class UnreadableInput extends Error implements InputError {
  readonly code: InputError["code"];
  readonly source: string;
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly hint: string | undefined;

  /** The arguments are those of `inputError`, and what to do about it. */
  constructor(
    code: InputError["code"],
    source: string,
    path: string,
    expected: string,
    found: string,
    hint?: string,
  ) {
    super(inputError(code, source, path, expected, found).message);
    this.name = "UnreadableInput";
    this.code = code;
    this.source = source;
    this.path = path;
    this.expected = expected;
    this.found = found;
    this.hint = hint;
  }
}
