// SPDX-License-Identifier: GPL-2.0-only
//
// What an entry of the catalogue of defects says.

/** One defect or suspect. */
export interface Defect {
  readonly id: `DEF-${string}`;
  /** confirmed: follows from the code. plausible: needs an environment that was not checked. refuted: cannot be. */
  readonly label: "confirmed" | "plausible" | "refuted";
  /** Whether the patch under review brought it, or the code had it before. */
  readonly introducedBy: "before" | "patch";
  readonly description: string;
  /** The scenario that shows it, if there is one. */
  readonly scenario?: string;
  /** The invariants that a run of the scenario breaks; none if no invariant here can see it. */
  readonly breaks: readonly `INV-${string}`[];
}
