// SPDX-License-Identifier: GPL-2.0-only
//
// The little statistics that tests of random schedulers need. Seeds are pinned, so a test never fails by chance;
// the thresholds say how unlucky a pinned seed would have to be.

/** Standard normal quantile of 0.999: a correct scheduler fails one pinned seed in a thousand. */
const Z = 3.09;

/** The chi-square statistic of counts against equally likely classes. */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

/** What chi-square over `classes` classes exceeds once in a thousand (Wilson and Hilferty, 1931). */
export function chiSquareLimit(classes: number): number {
  const df = classes - 1;
  const c = 2 / (9 * df);
  return df * (1 - c + Z * Math.sqrt(c)) ** 3;
}

/** The rate below which `tries` tries at probability `p` stay once in a thousand. */
export function rateFloor(p: number, tries: number): number {
  return p - Z * Math.sqrt((p * (1 - p)) / tries);
}

/** The rate that `tries` tries at probability `p` exceed once in a thousand. */
export function rateCeiling(p: number, tries: number): number {
  return p + Z * Math.sqrt((p * (1 - p)) / tries);
}
