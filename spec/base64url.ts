// SPDX-License-Identifier: GPL-2.0-only
//
// Base64url without padding (RFC 4648, section 5) for UTF-8 text. Decoding accepts exactly what encoding writes:
// no padding, no line breaks, no stray bits at the end.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Encodes a text. */
export function encodeBase64url(text: string): string {
  let out = "";
  let bits = 0;
  let count = 0;
  for (const byte of new TextEncoder().encode(text)) {
    bits = ((bits << 8) | byte) & 0xffff;
    for (count += 8; count >= 6; count -= 6) out += digit(bits >> (count - 6));
  }
  return count === 0 ? out : out + digit(bits << (6 - count));
}

/** Decodes a text; undefined if it is not the encoding of any text. */
export function decodeBase64url(encoded: string): string | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const character of encoded) {
    const value = ALPHABET.indexOf(character);
    if (value === -1) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  return encodeBase64url(text) === encoded ? text : undefined;
}

function digit(bits: number): string {
  return ALPHABET.charAt(bits & 63);
}
