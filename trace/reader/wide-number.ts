// SPDX-License-Identifier: GPL-2.0-only
//
// A number of up to 64 bits out of a text's bytes, exactly, as a page of 4 KiB and an offset in it. Only integers of up to
// 32 bits and few doubles are computed with: no BigInt, and no object per number.

import { PAGE_BYTES } from "../trace-event.ts";

/** What a scan returns instead of a place if the number has more than 64 bits, or more digits than these may need. */
export const TOO_WIDE = -1;

const ZERO = 48;
const PAGES_MAX = 2 ** 52;

/** In place of a hexadecimal digit's value. */
const NO_DIGIT = 16;
const DIGITS = hexDigits();

const TEN_TO = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

function hexDigits(): Uint8Array {
  const digits = new Uint8Array(256).fill(NO_DIGIT);
  const all = "0123456789abcdef";
  for (let i = 0; i < 16; i++) {
    digits[all.charCodeAt(i)] = i;
    digits[all.toUpperCase().charCodeAt(i)] = i;
  }
  return digits;
}

/**
 * The number scanned last. A scan returns the place behind the digits, which is where it began if there are none. It
 * stops at the first byte that is no digit, and there must be one before the array ends.
 */
export class WideNumber {
  page = 0;
  offset = 0;

  /** The number itself: exact up to 2^53, the nearest double above. */
  value(): number {
    return this.page * PAGE_BYTES + this.offset;
  }

  /** Scans decimal digits. */
  decimal(bytes: Uint8Array, from: number): number {
    let at = from;
    let high = 0;
    let digit = (bytes[at]! - ZERO) >>> 0;
    for (const stop = from + 9; digit < 10 && at < stop; digit = (bytes[at]! - ZERO) >>> 0) {
      high = high * 10 + digit;
      at++;
    }
    if (digit >= 10) {
      this.page = high >>> 12;
      this.offset = high & 4095;
      return at;
    }
    let middle = 0;
    const behind = at;
    for (const stop = at + 6; digit < 10 && at < stop; digit = (bytes[at]! - ZERO) >>> 0) {
      middle = middle * 10 + digit;
      at++;
    }
    // Up to 15 digits, which a double holds; with the last five, pages and offset are scaled each for itself.
    const upper = high * TEN_TO[at - behind]! + middle;
    const upperPage = Math.floor(upper / PAGE_BYTES);
    const upperOffset = upper - upperPage * PAGE_BYTES;
    let low = 0;
    const last = at;
    for (const stop = at + 5; digit < 10 && at < stop; digit = (bytes[at]! - ZERO) >>> 0) {
      low = low * 10 + digit;
      at++;
    }
    if (digit < 10) return TOO_WIDE;
    const scale = TEN_TO[at - last]!;
    const rest = upperOffset * scale + low;
    const page = upperPage * scale + (rest >>> 12);
    if (page >= PAGES_MAX) return TOO_WIDE;
    this.page = page;
    this.offset = rest & 4095;
    return at;
  }

  /** Scans hexadecimal digits, without the 0x before them. */
  hex(bytes: Uint8Array, from: number): number {
    let at = from;
    let high = 0;
    let digit = DIGITS[bytes[at]!]!;
    for (const stop = from + 8; digit < NO_DIGIT && at < stop; digit = DIGITS[bytes[at]!]!) {
      high = (high << 4) | digit;
      at++;
    }
    if (digit === NO_DIGIT) {
      this.page = high >>> 12;
      this.offset = high & 4095;
      return at;
    }
    let low = 0;
    const behind = at;
    for (const stop = at + 8; digit < NO_DIGIT && at < stop; digit = DIGITS[bytes[at]!]!) {
      low = (low << 4) | digit;
      at++;
    }
    if (digit < NO_DIGIT) return TOO_WIDE;
    const bits = 4 * (at - behind);
    if (bits < 32) {
      low |= high << bits;
      high >>>= 32 - bits;
    }
    this.page = (high >>> 0) * 2 ** 20 + (low >>> 12);
    this.offset = low & 4095;
    return at;
  }
}
