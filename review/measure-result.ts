// SPDX-License-Identifier: GPL-2.0-only
//
// What a measurement of both designs of a pair comes to, as plain data. Counts, never times.

import type { Verdict } from "../spec/dossier.ts";

/** One count, before the patch and after it. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

/** One workload. Its own pair is what the measurement is named after. */
export interface MeasureRow extends Pair {
  readonly workload: string;
  /** What the claim says of it, in short; absent if the rule of the verdict does not look at it. */
  readonly claimed?: string;
  /** More counts, by the title of their column. */
  readonly more?: Readonly<Record<string, Pair>>;
  /** What else is to be said, by the title of its column. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Verdict of a measurement. */
export interface MeasureResult {
  /** "not-decided" if a workload did not run to its end. */
  readonly verdict: Verdict | "not-decided";
  readonly text: string;
  readonly unit: string;
  /** The title of the column of the rows' own pairs; where there is one, the rows are shown as a table. */
  readonly title?: string;
  /** How the verdict follows from the rows, fixed before they were counted. */
  readonly rule?: string;
  readonly rows: readonly MeasureRow[];
}
