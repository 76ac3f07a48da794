// SPDX-License-Identifier: GPL-2.0-only
//
// A cursor over one line of text, with errors that name the column. Columns count from 1, in UTF-16 code units.

import { quoted } from "./found-text.ts";
import { type Bytes, fromBytes, PAGE_SIZE_DEFAULT } from "./units.ts";
import { inputError, success, failure, type InputError, type Result } from "./user-error.ts";

/** Reads tokens from one line. */
export class TextCursor {
  /** Offset of the next character. */
  position = 0;
  private readonly text: string;
  private readonly source: string;
  private readonly line: number;
  private readonly pageSize: number;

  /** `pageSize` is in bytes, for sizes that are written in bytes. */
  constructor(text: string, source: string, line: number, pageSize = PAGE_SIZE_DEFAULT) {
    this.pageSize = pageSize;
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

  /**
   * Takes a number of pages from 0 to `max`: a plain number, or one of bytes with the unit B, K, M or G (powers of
   * 1024), which must then be a multiple of the page size.
   */
  pages(max: number): Result<number> {
    const start = this.position;
    const digits = this.match(/[0-9]*/y);
    const unit = this.match(/[BKMG]?/y);
    if (unit === "") {
      this.position = start;
      return this.number(max);
    }
    const factor = BigInt(1024) ** BigInt("BKMG".indexOf(unit));
    const size = fromBytes((BigInt(digits) * factor) as Bytes, this.pageSize, max);
    if (digits !== "" && size !== undefined) return success(size);
    this.position = start;
    return failure(this.error(`pages from 0 to ${max}, or as many bytes in multiples of ${this.pageSize}`));
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
