// SPDX-License-Identifier: GPL-2.0-only
//
// The beginning of a line whose end is still to come. Of a line that is too long, only this is kept.

const LF = 10;

const FIRST_BYTES = 512;

/** At most one line. */
export class LineCarry {
  bytes: Uint8Array = new Uint8Array(0);
  isTooLong = false;
  private readonly max: number;
  private length = 0;

  /** `max` is in bytes, without the line feed. */
  constructor(max: number) {
    this.max = max;
  }

  get isEmpty(): boolean {
    return this.length === 0 && !this.isTooLong;
  }

  /** Copies what lies before `to`, which holds no line feed. */
  add(bytes: Uint8Array, from: number, to: number): void {
    if (this.length + (to - from) > this.max) this.isTooLong = true;
    if (this.isTooLong || to <= from) return;
    this.reserve(this.length + (to - from));
    this.bytes.set(bytes.subarray(from, to), this.length);
    this.length += to - from;
  }

  /** Puts a line feed behind the line, and returns the place behind that. */
  close(): number {
    this.reserve(this.length);
    this.bytes[this.length] = LF;
    return this.length + 1;
  }

  clear(): void {
    this.length = 0;
    this.isTooLong = false;
  }

  /** Makes room for so many bytes and the line feed. */
  private reserve(length: number): void {
    if (length < this.bytes.length) return;
    const larger = new Uint8Array(Math.min(this.max + 1, Math.max(FIRST_BYTES, 2 * length)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
