// SPDX-License-Identifier: GPL-2.0-only
//
// The frontier of a breadth-first search: a queue of rows of words. States that are discovered one after the other
// differ in few words, so only the difference to the row before is kept: a run of equal words is one byte, a word that
// differs in its low bits one or two.

const CHUNK = 1 << 20;

/** A queue of rows of equal length. */
export class Frontier {
  /** Rows waiting to be read. */
  count = 0;
  private readonly rowWords: number;
  // Most bytes of a row; no row lies in two chunks.
  private readonly rowBytes: number;
  private readonly chunkBytes: number;
  // Chunks between the one that is read and the one that is written, each with the bytes used of it.
  private readonly full: { readonly chunk: Uint8Array; readonly used: number }[] = [];
  private readonly spare: Uint8Array[] = [];
  private chunks = 1;
  private writing: Uint8Array;
  private writeAt = 0;
  // The rows that were written and read last.
  private readonly written: Int32Array;
  private readonly read: Int32Array;
  private reading: Uint8Array;
  private readAt = 0;
  // Where the chunk that is read ends, if it is no longer written.
  private readEnd = Number.POSITIVE_INFINITY;

  /** `rowWords` is the length of a row, in words. */
  constructor(rowWords: number) {
    this.rowWords = rowWords;
    this.rowBytes = rowWords * 5 + 1;
    this.chunkBytes = Math.max(CHUNK, this.rowBytes);
    this.writing = new Uint8Array(this.chunkBytes);
    this.reading = this.writing;
    this.written = new Int32Array(rowWords);
    this.read = new Int32Array(rowWords);
  }

  /** Memory, bytes. */
  get bytes(): number {
    return this.chunks * this.chunkBytes;
  }

  // Of words xor those of the row before: a byte below 64 stands for so many zeros and one more, 64 to 223 for 1 to
  // 160, 224 to 254 with the byte behind it for a word below 7936, and 255 for the four bytes behind it.

  /** Appends a row. */
  push(row: Int32Array): void {
    if (this.writeAt + this.rowBytes > this.chunkBytes) this.nextToWrite();
    const { writing, written, rowWords } = this;
    let at = this.writeAt;
    for (let i = 0; i < rowWords; i++) {
      const word = row[i]! ^ written[i]!;
      if (word === 0) {
        const end = Math.min(rowWords, i + 64);
        let next = i + 1;
        while (next < end && row[next] === written[next]) next++;
        writing[at++] = next - i - 1;
        i = next - 1;
        continue;
      }
      written[i] = row[i]!;
      if (word >>> 0 >= 31 << 8) {
        writing[at] = 255;
        writing[at + 1] = word;
        writing[at + 2] = word >> 8;
        writing[at + 3] = word >> 16;
        writing[at + 4] = word >> 24;
        at += 5;
      } else if (word > 160) {
        writing[at++] = 224 + (word >> 8);
        writing[at++] = word;
      } else writing[at++] = word + 63;
    }
    this.writeAt = at;
    this.count++;
  }

  /** Takes the oldest row into `row`; false if there is none. */
  shift(row: Int32Array): boolean {
    if (this.count === 0) return false;
    if (this.readAt === this.readEnd) this.nextToRead();
    const { reading, read, rowWords } = this;
    let at = this.readAt;
    for (let i = 0; i < rowWords;) {
      const byte = reading[at++]!;
      if (byte < 64) i += byte + 1;
      else if (byte < 224) read[i++]! ^= byte - 63;
      else if (byte < 255) read[i++]! ^= ((byte - 224) << 8) | reading[at++]!;
      else {
        read[i++]! ^=
          reading[at]! | (reading[at + 1]! << 8) | (reading[at + 2]! << 16) | (reading[at + 3]! << 24);
        at += 4;
      }
    }
    row.set(read);
    this.readAt = at;
    this.count--;
    return true;
  }

  private nextToWrite(): void {
    if (this.writing === this.reading) this.readEnd = this.writeAt;
    else this.full.push({ chunk: this.writing, used: this.writeAt });
    let next = this.spare.pop();
    if (!next) {
      next = new Uint8Array(this.chunkBytes);
      this.chunks++;
    }
    this.writing = next;
    this.writeAt = 0;
  }

  private nextToRead(): void {
    this.spare.push(this.reading);
    const next = this.full.shift();
    this.reading = next ? next.chunk : this.writing;
    this.readEnd = next ? next.used : Number.POSITIVE_INFINITY;
    this.readAt = 0;
  }
}
