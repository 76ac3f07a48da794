// SPDX-License-Identifier: GPL-2.0-only
//
// What a run can show: a value, never an exception.

/** A violated invariant, or a situation that was reached. */
export interface Finding {
  /** Id of the invariant or of the situation. */
  readonly id: string;
  /** One sentence with the areas involved. */
  readonly message: string;
}
