// SPDX-License-Identifier: GPL-2.0-only
//
// A patch that is defined outside this package: a name, the design that it changes, and the class that does. It is handed
// over wherever it is needed and kept in no list, so what one test defines no other one sees.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { quoted } from "../../spec/found-text.ts";
import { ALLOCATOR_IDS, type AllocatorId } from "../../spec/instance.ts";

/** A patch of one's own. */
export interface Patch {
  /** Lower case letters, digits and dashes; it stands in counterexamples. */
  readonly name: string;
  /** What it changes, in one line. */
  readonly title: string;
  /** The design that it is a patch to: instances name this one, and its invariants are what the patch has to keep. */
  readonly base: AllocatorId;
  /** Extends the class of `base`, or that of `global-tree` if it is an allocator of its own. */
  readonly design: AllocatorClass;
}

const NAME = /^[a-z](?:-?[a-z0-9]){0,39}$/;

/** What a name of a patch is. */
export const PATCH_NAME = "1 to 40 lower case letters, digits and single dashes, a letter first";

/** Whether a text can be the name of a patch. */
export function isPatchName(text: string): boolean {
  return NAME.test(text) && text.length <= 40;
}

/** Checks a patch. Throws on a name that cannot be one, a title of several lines, and a design that does not exist. */
export function definePatch(patch: Patch): Patch {
  const { base, name, title } = patch;
  if (!isPatchName(name)) throw new Error(`definePatch: name: expected ${PATCH_NAME}, found ${quoted(name)}`);
  if (title === "" || /[\r\n]/.test(title)) {
    throw new Error(`definePatch: title: expected one line, found ${quoted(title)}`);
  }
  if (!ALLOCATOR_IDS.includes(base)) {
    throw new Error(
      `definePatch: base: expected one of ${ALLOCATOR_IDS.join(", ")}, found ${quoted(String(base))}`,
    );
  }
  return patch;
}

// No mutant of the catalogue begins like this, so no other version of vmapcheck replays something else.
const PREFIX = "own.";

/** What stands in the field `mutant` of a counterexample of a patch. */
export function keptNameOf({ name }: Patch): string {
  return `${PREFIX}${name}`;
}

/** The name of the patch in that field; undefined if it names no patch. */
export function patchNameIn(mutant: string): string | undefined {
  return mutant.startsWith(PREFIX) ? mutant.slice(PREFIX.length) : undefined;
}
