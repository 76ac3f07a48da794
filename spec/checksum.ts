// SPDX-License-Identifier: GPL-2.0-only
//
// A checksum against edits and damage, not against forgery: FNV-1a, 64 bits. Two texts of equal length that
// differ in one byte never share it, since each round is a bijection of the state.
// Source: draft-eastlake-fnv, the FNV-1a variant with the 64-bit parameters.

/** What a checksum looks like. */
export const CHECKSUM_PATTERN = /^[0-9a-f]{16}$/;

/** The low word of the prime 2^40 + 0x1b3; the high part is a shift by 8 of the low word into the high one. */
const PRIME_LOW = 0x1b3;

/** FNV-1a of the text's UTF-8 bytes, as 16 hexadecimal digits. */
export function checksum(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of new TextEncoder().encode(text)) {
    low = (low ^ byte) >>> 0;
    const product = low * PRIME_LOW; // below 2^41, so exact
    const carry = Math.floor(product / 2 ** 32);
    high = (Math.imul(high, PRIME_LOW) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return hex(high) + hex(low);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
