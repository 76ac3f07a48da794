// SPDX-License-Identifier: GPL-2.0-only
//
// A place in a line's bytes that moves forward, and remembers what it did not find.

import { matches } from "./line-event.ts";
import { TOO_WIDE, WideNumber } from "./wide-number.ts";

export const BLANK = 0x20;
export const COLON = 0x3a;
export const DASH = 0x2d;
export const DOT = 0x2e;
const ZERO = 0x30;

/** So many digits are below 2^31 in any case. */
const INT_DIGITS = 9;

/** Reads tokens from one line. What finds nothing returns false and leaves a problem. */
export class LineCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Behind the line: its line feed, or the carriage return before that. */
  end = 0;
  /** What `integer` has found. */
  int = 0;
  /** What `wide` has found. */
  readonly number = new WideNumber();
  /** Where something else was expected, and what. */
  problemAt = 0;
  expected = "";

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.problemAt = start;
    this.expected = "";
  }

  /** Notes the problem, unless one was found behind it. */
  fail(expected: string, at = this.at): false {
    if (at >= this.problemAt) {
      this.problemAt = at;
      this.expected = expected;
    }
    return false;
  }

  atEnd(): boolean {
    return this.at >= this.end;
  }

  /** Whether a blank comes next, or nothing. */
  atGap(): boolean {
    return this.atEnd() || this.bytes[this.at] === BLANK;
  }

  isDigitNext(): boolean {
    return isDigit(this.bytes[this.at] ?? 0);
  }

  /** Goes behind all blanks. */
  blanks(): void {
    while (this.at < this.end && this.bytes[this.at] === BLANK) this.at++;
  }

  /** Goes behind all bytes but blanks. */
  nonBlanks(): void {
    while (this.at < this.end && this.bytes[this.at] !== BLANK) this.at++;
  }

  /** Goes behind one or more blanks. */
  gap(): boolean {
    if (this.bytes[this.at] !== BLANK) return this.fail("a blank");
    this.blanks();
    return true;
  }

  /** Whether `expected` comes next. */
  isNext(expected: Uint8Array): boolean {
    return matches(this.bytes, this.at, expected);
  }

  take(byte: number): boolean {
    if (this.atEnd() || this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** A decimal number of 1 to 9 digits. */
  integer(expected: string): boolean {
    const from = this.at;
    let int = 0;
    for (; this.isDigitNext() && this.at < from + INT_DIGITS; this.at++) {
      int = int * 10 + ((this.bytes[this.at] ?? ZERO) - ZERO);
    }
    this.int = int;
    if (this.at === from) return this.fail(expected);
    return this.isDigitNext() ? this.fail(`${expected} of at most ${INT_DIGITS} digits`, from) : true;
  }

  /** A number of up to 64 bits, decimal, or hexadecimal behind 0x. */
  wide(): boolean {
    const { bytes, at } = this;
    const isHex = bytes[at] === ZERO && (bytes[at + 1] === 0x78 || bytes[at + 1] === 0x58);
    const from = isHex ? at + 2 : at;
    const behind = isHex ? this.number.hex(bytes, from) : this.number.decimal(bytes, from);
    if (behind === from) return this.fail("a number");
    if (behind === TOO_WIDE) return this.fail("a number of at most 64 bits");
    this.at = behind;
    return true;
  }
}

/** Whether a byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}

/** Whether a byte may be in an identifier. */
export function isWord(byte: number): boolean {
  return isDigit(byte) || byte === 0x5f || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}
