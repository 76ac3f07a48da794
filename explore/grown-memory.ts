// SPDX-License-Identifier: GPL-2.0-only
//
// Shared memory that grows in place: a range of addresses is reserved, and pages are added behind the used ones. All
// threads see one buffer, so nobody must be told. Views have a fixed length and are made anew after growth: a view
// that follows the length of its buffer is several times slower.

/** A search cannot grow any more: what was reserved is used up. */
export class MemoryExhausted extends Error {
  constructor(what: string, bytes: number) {
    super(`the ${what} of the search would take more than the ${bytes} bytes that are reserved for it`);
    this.name = "MemoryExhausted";
  }
}

/** Most bytes that one buffer may have. */
export const BYTES_MAX = 2 ** 32;

/** Reserves memory and begins with `bytes` of it, all zero. */
export function reserve(bytes: number, bytesMax: number = BYTES_MAX): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes, { maxByteLength: Math.max(bytes, bytesMax) });
}

/** Grows to at least `bytes`, by a quarter at least. One thread at a time. */
export function growTo(buffer: SharedArrayBuffer, bytes: number, what: string): void {
  if (bytes <= buffer.byteLength) return;
  if (bytes > buffer.maxByteLength) throw new MemoryExhausted(what, buffer.maxByteLength);
  const ample = Math.max(bytes, Math.ceil(buffer.byteLength / 32) * 40);
  buffer.grow(Math.min(ample, buffer.maxByteLength));
}

/** Bytes before the content of a log: its length, as a 64-bit number. */
const HEAD = 8;

/** A log of bytes that one thread appends to. Others may read what was published. */
export class ByteLog {
  readonly buffer: SharedArrayBuffer;
  /** Bytes in the log. */
  length: number;
  private readonly what: string;
  private readonly head: Float64Array;
  private bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, what: string) {
    this.buffer = buffer;
    this.what = what;
    this.head = new Float64Array(buffer, 0, 1);
    this.length = this.head[0]!;
    this.bytes = new Uint8Array(buffer, HEAD, buffer.byteLength - HEAD);
  }

  static reserve(bytesMax?: number): SharedArrayBuffer {
    return reserve(1 << 12, bytesMax);
  }

  /** Appends a byte. Amortised O(1). */
  put(byte: number): void {
    if (this.length === this.bytes.length) this.widen(this.length + 1);
    this.bytes[this.length++] = byte;
  }

  /** The byte at `at`. */
  byte(at: number): number {
    return this.bytes[at]!;
  }

  /** The content, and room for `length` bytes: to be filled from a file. */
  content(length: number = this.length): Uint8Array {
    if (length > this.bytes.length) this.widen(length);
    return this.bytes.subarray(0, length);
  }

  /** Lets other threads see the length. */
  publish(): void {
    this.head[0] = this.length;
  }

  private widen(length: number): void {
    growTo(this.buffer, HEAD + length, this.what);
    this.bytes = new Uint8Array(this.buffer, HEAD, this.buffer.byteLength - HEAD);
  }
}

/** A log of 64-bit numbers, as ByteLog. */
export class NumberLog {
  readonly buffer: SharedArrayBuffer;
  private readonly what: string;
  private numbers: Float64Array;

  constructor(buffer: SharedArrayBuffer, what: string) {
    this.buffer = buffer;
    this.what = what;
    this.numbers = this.view();
  }

  static reserve(bytesMax?: number): SharedArrayBuffer {
    return reserve(1 << 11, bytesMax);
  }

  /** Numbers in the log. */
  get length(): number {
    return this.numbers[0]!;
  }

  /** Appends numbers. Amortised O(1) each. */
  push(...all: readonly number[]): void {
    const from = 1 + this.length;
    const to = from + all.length;
    if (to > this.numbers.length) {
      growTo(this.buffer, to * 8, this.what);
      this.numbers = this.view();
    }
    for (let i = 0; i < all.length; i++) this.numbers[from + i] = all[i]!;
    this.numbers[0] = to - 1;
  }

  /** The number at `at`. */
  at(at: number): number {
    // Another thread may have made the log longer.
    if (at + 1 >= this.numbers.length) this.numbers = this.view();
    return this.numbers[at + 1]!;
  }

  /** The content. */
  content(): Float64Array {
    this.numbers = this.view();
    return this.numbers.subarray(1, 1 + this.length);
  }

  private view(): Float64Array {
    return new Float64Array(this.buffer, 0, Math.trunc(this.buffer.byteLength / 8));
  }
}
