// SPDX-License-Identifier: GPL-2.0-only
//
// Checks of single numbers and ranges, shared by the rules of configurations and of programs.
// Every number goes through here, so that NaN and fractions are rejected everywhere.

import { foundText } from "./found-text.ts";
import type { PageRange } from "./instance.ts";
import { inputError, type InputError, type UserErrorCode } from "./user-error.ts";

/** Largest alignment, pages: the largest power of two in a heap word. */
export const ALIGN_MAX = 2 ** 30;

/** An error unless `n` is an integer from `min` to `max`. */
export function checkInteger(
  source: string,
  path: string,
  n: number,
  min: number,
  max: number,
  code: UserErrorCode = "VMC-E020",
  why = "",
): InputError | undefined {
  if (Number.isInteger(n) && n >= min && n <= max) return undefined;
  const range = min === max ? `${min}` : `an integer from ${min} to ${max}`;
  return inputError(code, source, path, why === "" ? range : `${range} (${why})`, foundText(n));
}

/** An error unless the range holds at least one page and lies inside the space. */
export function checkRange(
  source: string,
  path: string,
  range: PageRange,
  spacePages: number,
): InputError | undefined {
  const { start, end } = range;
  return (
    checkInteger(source, `${path}.start`, start, 0, spacePages - 1, "VMC-E021", "inside the space") ??
    checkInteger(
      source,
      `${path}.end`,
      end,
      start + 1,
      spacePages,
      "VMC-E021",
      "after start, inside the space",
    )
  );
}

/** A range of pages as text, in the kernel's half-open notation. */
export function rangeText(range: PageRange): string {
  return `[${range.start}, ${range.end})`;
}

/** An error unless the alignment is a power of two. Pages. */
export function checkAlign(source: string, path: string, align: number): InputError | undefined {
  if (Number.isInteger(align) && align >= 1 && align <= ALIGN_MAX && (align & (align - 1)) === 0) {
    return undefined;
  }
  return inputError("VMC-E022", source, path, `a power of two from 1 to ${ALIGN_MAX}`, String(align));
}
