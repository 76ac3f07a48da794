// SPDX-License-Identifier: GPL-2.0-only
//
// A cursor over one line of text, with errors that name the column. Columns count from 1, in UTF-16 code units.

import { quoted } from "./found-text.ts";
import { inputError, success, failure, type InputError, type Result } from "./user-error.ts";

/** Reads tokens from one line. */
export class TextCursor {
  /** Offset of the next character. */
  position = 0;
  private readonly text: string;
  private readonly source: string;
  private readonly line: number;

  constructor(text: string, source: string, line: number) {
    this.text = text;
    this.source = source;
    this.line = line;
  }

  atEnd(): boolean {
    return this.position >= this.text.length;
  }

  skipSpace(): void {
    this.match(/[ \t]*/y);
  }

  /** Takes `token` if it comes next. */
  take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  /** Takes letters, digits and underscores; empty if there are none. */
  word(): string {
    return this.match(/[A-Za-z0-9_]*/y);
  }

  /** Takes a decimal number from 0 to `max`. */
  number(max: number): Result<number> {
    const start = this.position;
    const digits = this.match(/[0-9]*/y);
    const value = Number(digits);
    if (digits !== "" && value <= max) return success(value);
    this.position = start;
    return failure(this.error(`a number from 0 to ${max}`));
  }

  /** The error that something else was expected at the cursor. */
  error(expected: string): InputError {
    const found = this.atEnd() ? "the end of the line" : quoted(this.nextToken());
    return inputError("VMC-E012", this.source, `${this.line}:${this.position + 1}`, expected, found);
  }

  /** What stands at the cursor, for an error: a whole word or number, or one character. */
  private nextToken(): string {
    const word = /[A-Za-z0-9_]+/y;
    word.lastIndex = this.position;
    const whole = word.exec(this.text)?.[0];
    return whole ?? String.fromCodePoint(this.text.codePointAt(this.position) ?? 0);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.position += found.length;
    return found;
  }
}
