// SPDX-License-Identifier: GPL-2.0-only
//
// Layout of a vmap_area record in the heap. Hot code addresses a record's words through one view, as
// `words[va + AREA_WORD.left]`; it must take the offsets into constants of its own module first, which the compiler
// folds into the code, as it does not with imports.

/** The words of a record, in order. */
export const AREA_FIELDS = [
  "start",
  "end",
  "parent",
  "left",
  "right",
  "subtreeMaxSize",
  "prev",
  "next",
  "flags",
  "color",
  "place",
  "owner",
] as const;

/** Names of a record's fields. */
export type AreaField = (typeof AREA_FIELDS)[number];

/** Words per record. */
export const AREA_WORDS: number = AREA_FIELDS.length;

/** The word of each field: `words[va + AREA_WORD.left]` is `left[va]`. */
export const AREA_WORD = Object.fromEntries(AREA_FIELDS.map((field, i) => [field, i])) as Readonly<
  Record<AreaField, number>
>;
