// SPDX-License-Identifier: GPL-2.0-only
//
// A piece of text that lines have in one place, compared four bytes at a time.

import { bytesOf } from "./line-event.ts";

/** ASCII text without a line break. */
export class Keyword {
  /** Bytes. */
  readonly length: number;
  private readonly words: Int32Array;
  private readonly rest: Uint8Array;

  constructor(text: string) {
    const bytes = bytesOf(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
    this.rest = bytes.subarray(bytes.length & ~3);
  }

  /** Whether it begins at `at`. */
  isAt(view: DataView, at: number): boolean {
    if (at + this.length > view.byteLength) return false;
    const { rest, words } = this;
    let place = at;
    for (let i = 0; i < words.length; i++, place += 4) {
      if (view.getInt32(place, true) !== words[i]) return false;
    }
    for (let i = 0; i < rest.length; i++, place++) if (view.getUint8(place) !== rest[i]) return false;
    return true;
  }
}
