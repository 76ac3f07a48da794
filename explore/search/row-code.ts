// SPDX-License-Identifier: GPL-2.0-only
//
// Rows of words as bytes. States that are discovered one after the other differ in few words, so only the difference
// to the row before is kept: a run of equal words is one byte, a word that differs in its low bits one or two.

// Of words xor those of the row before: a byte below 64 stands for so many zeros and one more, 64 to 223 for 1 to
// 160, 224 to 254 with the byte behind it for a word below 7936, and 255 for the four bytes behind it.

/** Most bytes of a row of so many words. */
export function rowBytesMax(rowWords: number): number {
  return rowWords * 5 + 1;
}

/** Writes `row` at `at`, as what differs from `before`, which becomes the same; returns where it ends. O(words). */
export function encodeRow(row: Int32Array, before: Int32Array, bytes: Uint8Array, from: number): number {
  const rowWords = before.length;
  let at = from;
  for (let i = 0; i < rowWords; i++) {
    const word = row[i]! ^ before[i]!;
    if (word === 0) {
      const end = Math.min(rowWords, i + 64);
      let next = i + 1;
      while (next < end && row[next] === before[next]) next++;
      bytes[at++] = next - i - 1;
      i = next - 1;
      continue;
    }
    before[i] = row[i]!;
    if (word >>> 0 >= 31 << 8) {
      bytes[at] = 255;
      bytes[at + 1] = word;
      bytes[at + 2] = word >> 8;
      bytes[at + 3] = word >> 16;
      bytes[at + 4] = word >> 24;
      at += 5;
    } else if (word > 160) {
      bytes[at++] = 224 + (word >> 8);
      bytes[at++] = word;
    } else bytes[at++] = word + 63;
  }
  return at;
}

/** Turns `row` into the one that was written behind it at `at`; returns where that ends. O(words). */
export function decodeRow(row: Int32Array, bytes: Uint8Array, from: number): number {
  const rowWords = row.length;
  let at = from;
  for (let i = 0; i < rowWords;) {
    const byte = bytes[at++]!;
    if (byte < 64) i += byte + 1;
    else if (byte < 224) row[i++]! ^= byte - 63;
    else if (byte < 255) row[i++]! ^= ((byte - 224) << 8) | bytes[at++]!;
    else {
      row[i++]! ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      at += 4;
    }
  }
  return at;
}
