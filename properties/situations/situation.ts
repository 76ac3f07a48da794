// SPDX-License-Identifier: GPL-2.0-only
//
// A situation is something that a run may reach: a witness that a search was not vacuous, or the case that
// decides a claim. Watched like an invariant, but reaching it is no violation.

import type { Check, CheckContext } from "../checks/check.ts";

/** Says that the situation is reached; the first message of a run is kept. */
export type Reach = (message: () => string) => void;

/** Makes the watch for one situation; undefined where the design cannot reach it. */
export interface SituationFactory {
  readonly id: string;
  /** What it is, in one sentence. */
  readonly statement: string;
  /** Whether a search can tell that it is never reached: what its watch remembers is in its history. */
  readonly searchable?: boolean;
  watch(context: CheckContext, reach: Reach): Omit<Check, "reset"> & { reset?(): void };
}
