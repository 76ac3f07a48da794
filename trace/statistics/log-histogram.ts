// SPDX-License-Identifier: GPL-2.0-only
//
// How values are spread, in buckets whose width grows with the value: below 16 each whole number has its own, above that
// there are 8 to each doubling, so that a quantile is at most an eighth too high.

/** What a histogram comes to. Quantiles are the upper ends of their buckets, but never above the highest value. */
export interface Spread {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const EXACT = 16;
const PER_DOUBLING = 8;
/** Up to 2^64; what is above that is in the last one. */
const BUCKETS = EXACT + 60 * PER_DOUBLING;

/** A histogram of numbers from 0 on; what is below counts as 0, and fractions are cut off. */
export class LogHistogram {
  private readonly buckets = new Float64Array(BUCKETS);
  private count = 0;
  private sum = 0;
  private min = Infinity;
  private max = 0;

  /** Counts a value. */
  add(value: number): void {
    const whole = Math.max(0, Math.floor(value));
    const bucket = bucketOf(whole);
    this.buckets[bucket]!++;
    this.count++;
    this.sum += whole;
    if (whole < this.min) this.min = whole;
    if (whole > this.max) this.max = whole;
  }

  /** The spread so far; undefined if nothing was counted. */
  spread(): Spread | undefined {
    const { count, sum, min, max } = this;
    if (count === 0) return undefined;
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((part) => this.quantile(part));
    return { count, sum, min, p50: p50!, p90: p90!, p99: p99!, max };
  }

  // The least bucket end at or below which lie so many of the values.
  private quantile(part: number): number {
    const rank = Math.ceil(part * this.count);
    let seen = 0;
    for (const [bucket, n] of this.buckets.entries()) {
      seen += n;
      if (seen >= rank) return Math.min(this.max, lastOf(bucket));
    }
    return this.max;
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value;
  if (value < 2 ** 31) {
    const exponent = 31 - Math.clz32(value);
    return EXACT + (exponent - 4) * PER_DOUBLING + ((value >>> (exponent - 3)) & (PER_DOUBLING - 1));
  }
  let exponent = Math.floor(Math.log2(value));
  // The library's logarithm may round up to the next power.
  if (2 ** exponent > value) exponent--;
  const width = 2 ** exponent / PER_DOUBLING;
  const bucket = EXACT + (exponent - 4) * PER_DOUBLING + Math.floor((value - 2 ** exponent) / width);
  return Math.min(bucket, BUCKETS - 1);
}

/** The highest value of a bucket. */
function lastOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const exponent = 4 + Math.floor((bucket - EXACT) / PER_DOUBLING);
  const width = 2 ** exponent / PER_DOUBLING;
  return 2 ** exponent + (((bucket - EXACT) % PER_DOUBLING) + 1) * width - 1;
}
