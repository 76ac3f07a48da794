// SPDX-License-Identifier: GPL-2.0-only
//
// A counterexample: everything that a replay needs, and what it must come to. Plain types; reading and writing
// are in counterexample-schema.ts and token.ts.

import type { Instance } from "./instance.ts";
import type { Schedule } from "./schedule.ts";

/** What kind of file it is. */
export const COUNTEREXAMPLE_FORMAT = "vmapcheck-counterexample";

/** Version of the file and token format. Raised whenever an older reader would replay something else. */
export const COUNTEREXAMPLE_VERSION = 1;

/** What went wrong. */
export interface Violation {
  /** Id of the violated invariant, or of the situation that was reached. */
  readonly invariant: string;
  /** One sentence with the areas involved. */
  readonly message: string;
  /** The step after which it showed, from 0. */
  readonly step: number;
}

/** A run that violates something. */
export interface Counterexample {
  /** Version of vmapcheck that found it. */
  readonly tool: string;
  readonly instance: Instance;
  /** The mutant that was checked instead of the faithful port. */
  readonly mutant?: string | undefined;
  readonly schedule: Schedule;
  readonly violation: Violation;
  /** Digest of the last state, hexadecimal. */
  readonly stateDigest: string;
  /** Digest of all choices made, hexadecimal. */
  readonly choicesDigest: string;
}
