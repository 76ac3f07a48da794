// SPDX-License-Identifier: GPL-2.0-only
//
// Median and spread of a few measurements.

/** Of several runs. */
export interface Sample {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, minimum and maximum; at least one value. */
export function median(values: readonly number[]): Sample {
  const sorted = values.toSorted((a, b) => a - b);
  const mid = sorted.length >> 1;
  const middle = sorted.length % 2 === 1 ? sorted[mid]! : (sorted[mid - 1]! + sorted[mid]!) / 2;
  return { median: middle, min: sorted[0]!, max: sorted.at(-1)! };
}
