// SPDX-License-Identifier: GPL-2.0-only
//
// Units. Inside the model and the allocators everything is counted in pages; bytes exist at the edge only.

declare const unit: unique symbol;

/** A number of pages. */
export type Pages = number & { readonly [unit]: "pages" };

/** A number of bytes; up to 64 bits wide, so a bigint. */
export type Bytes = bigint & { readonly [unit]: "bytes" };

/** PAGE_SIZE where an instance names none, bytes. */
export const PAGE_SIZE_DEFAULT = 4096;

/** Limits of PAGE_SIZE, bytes; between them every power of two. */
export const PAGE_SIZE_LIMITS = { min: 4096, max: 65_536 } as const;

/** Largest page number that fits the heap's 32-bit words. */
export const PAGE_NUMBER_MAX = 2 ** 31 - 1;

/** Asserts that `n` counts pages. Throws RangeError outside `0 .. PAGE_NUMBER_MAX`. */
export function pages(n: number): Pages {
  return checked(n, "number of pages") as Pages;
}

/** The pages in so many bytes; undefined if that is no multiple of the page size, or more than `max` pages. */
export function fromBytes(bytes: Bytes, pageSize: number, max = PAGE_NUMBER_MAX): Pages | undefined {
  const size = BigInt(pageSize);
  const count = bytes / size;
  return bytes % size === 0n && count <= BigInt(max) ? pages(Number(count)) : undefined;
}

function checked(n: number, what: string): number {
  if (!Number.isInteger(n) || n < 0 || n > PAGE_NUMBER_MAX) {
    throw new RangeError(`${what}: expected an integer from 0 to ${PAGE_NUMBER_MAX}, found ${n}`);
  }
  return n;
}
