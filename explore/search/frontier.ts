// SPDX-License-Identifier: GPL-2.0-only
//
// The frontier of a breadth-first search: rows of words, written and read in order. Most words of a state are zero or
// small, so a row is packed: a run of zeros is one byte, a small word one or two.

const CHUNK = 1 << 20;

/** A queue of rows of equal length. */
export class Frontier {
  /** Rows waiting to be read. */
  count = 0;
  private readonly rowWords: number;
  private readonly chunks: Uint8Array[] = [];
  private writeAt = CHUNK;
  private readAt = 0;

  /** `rowWords` is the length of a row, in words. */
  constructor(rowWords: number) {
    this.rowWords = rowWords;
  }

  /** Memory, bytes. */
  get bytes(): number {
    return this.chunks.length * CHUNK;
  }

  /** Appends a row. */
  push(row: Int32Array): void {
    let zeros = 0;
    for (let i = 0; i < this.rowWords; i++) {
      const word = row[i]!;
      if (word === 0) {
        zeros++;
        continue;
      }
      this.zeros(zeros);
      zeros = 0;
      this.word(word);
    }
    this.zeros(zeros);
    this.count++;
  }

  /** Takes the oldest row into `row`; false if there is none. */
  shift(row: Int32Array): boolean {
    if (this.count === 0) return false;
    for (let i = 0; i < this.rowWords;) {
      const byte = this.byte();
      if (byte < 64) {
        row.fill(0, i, i + byte + 1);
        i += byte + 1;
      } else if (byte < 224) row[i++] = byte - 63;
      else if (byte < 255) row[i++] = ((byte - 224) << 8) | this.byte();
      else row[i++] = this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
    }
    this.count--;
    return true;
  }

  // 0 to 63: so many zeros and one more. 64 to 223: the words 1 to 160. 224 to 254: two bytes. 255: all four follow.
  private zeros(count: number): void {
    let left = count;
    for (; left > 64; left -= 64) this.put(63);
    if (left > 0) this.put(left - 1);
  }

  private word(word: number): void {
    if (word > 0 && word <= 160) this.put(word + 63);
    else if (word > 0 && word < 31 << 8) {
      this.put(224 + (word >>> 8));
      this.put(word & 255);
    } else {
      this.put(255);
      this.put(word & 255);
      this.put((word >>> 8) & 255);
      this.put((word >>> 16) & 255);
      this.put(word >>> 24);
    }
  }

  private put(byte: number): void {
    if (this.writeAt === CHUNK) {
      this.chunks.push(new Uint8Array(CHUNK));
      this.writeAt = 0;
    }
    this.chunks.at(-1)![this.writeAt++] = byte;
  }

  private byte(): number {
    if (this.readAt === CHUNK) {
      this.chunks.shift();
      this.readAt = 0;
    }
    return this.chunks[0]![this.readAt++]!;
  }
}
