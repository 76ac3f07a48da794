// SPDX-License-Identifier: GPL-2.0-only
//
// Error numbers that the allocator returns, negated as in the kernel. Source: include/uapi/asm-generic.

export const ENOMEM = 12;
export const EBUSY = 16;
export const EINVAL = 22;

const NAMES: ReadonlyMap<number, string> = new Map([
  [ENOMEM, "-ENOMEM"],
  [EBUSY, "-EBUSY"],
  [EINVAL, "-EINVAL"],
]);

/** Name of a negative result, "-ENOMEM" for -12. */
export function errnoName(result: number): string {
  return NAMES.get(-result) ?? String(result);
}
