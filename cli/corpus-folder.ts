// SPDX-License-Identifier: GPL-2.0-only
//
// A folder of kept counterexamples: files (*.json) and tokens (*.txt, one per file), in the order of their names. One
// that cannot be read is an error before any work is done.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { CorpusEntry } from "../review/corpus.ts";
import type { UserError } from "../spec/user-error.ts";
import { readCounterexampleFile } from "./counterexample-view.ts";
import { reason, shown } from "./files.ts";

/** The counterexamples of a folder; sub-folders and other files are passed over. A folder without any is an error. */
export function readCorpus(folder: string): readonly CorpusEntry[] | { readonly error: UserError } {
  const names = namesIn(folder);
  if ("error" in names) return names;
  if (names.length === 0) {
    const message = `${shown(folder)}: expected counterexamples (*.json or *.txt), found none`;
    return { error: { code: "VMC-E003", message, hint: "vmapcheck check --out DIR writes some" } };
  }
  const entries: CorpusEntry[] = [];
  for (const name of names) {
    const read = readCounterexampleFile(join(folder, name));
    if ("error" in read) return read;
    entries.push({ id: name, counterexample: read.counterexample });
  }
  return entries;
}

// By code units, so that the order is the same under every locale.
function namesIn(folder: string): readonly string[] | { readonly error: UserError } {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((each) => !each.isDirectory() && /^[^.].*\.(?:json|txt)$/.test(each.name))
      .map(({ name }) => name)
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    const message = `${shown(folder)}: expected a folder of counterexamples, found ${reason(error)}`;
    return { error: { code: "VMC-E003", message } };
  }
}
