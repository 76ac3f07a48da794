// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexamples of patches that are defined outside this package, replayed where the patch is known.

import { replayCounterexample } from "../../properties/counterexample.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { parseCounterexample } from "../../spec/counterexample-schema.ts";
import { quoted } from "../../spec/found-text.ts";
import { decodeToken } from "../../spec/token.ts";
import { inputFailure, type Result } from "../../spec/user-error.ts";
import { optionsToSee } from "../render/record-counterexample.ts";
import { keptNameOf, type Patch } from "./patch.ts";
import { patchCounterexampleText } from "./trial.ts";

/** A counterexample of a patch, replayed. */
export interface PatchReplay {
  readonly counterexample: Counterexample;
  /** What differs from the record, as after a change of the patch; empty if the replay is exact. */
  readonly differences: readonly string[];
  /** The run as text. */
  readonly text: string;
}

/** Replays a token, or the text of a counterexample file, of this very patch. */
export function replayPatch(patch: Patch, text: string): Result<PatchReplay> {
  const read = /^\s*vmc\d/.test(text) ? decodeToken(text) : parseCounterexample(text, "counterexample");
  if (!read.ok) return read;
  const counterexample = read.value;
  const { instance, mutant } = counterexample;
  if (mutant !== keptNameOf(patch)) {
    const found = mutant === undefined ? `one of ${instance.allocator} itself` : quoted(mutant);
    return inputFailure("VMC-E005", "counterexample", "mutant", quoted(keptNameOf(patch)), found);
  }
  if (instance.allocator !== patch.base) {
    return inputFailure("VMC-E005", "counterexample", "allocator", patch.base, instance.allocator);
  }
  const { differences } = replayCounterexample(counterexample, optionsToSee(counterexample, patch.design));
  return {
    ok: true,
    value: { counterexample, differences, text: patchCounterexampleText(patch, counterexample) },
  };
}
