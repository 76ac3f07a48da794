// SPDX-License-Identifier: GPL-2.0-only
//
// How often each value comes, as long as there are not too many different ones: those that come after the table is full
// are counted together.

/** A value and how often it came. */
export interface ValueCount {
  readonly value: number;
  readonly count: number;
}

/** What a table comes to. */
export interface CommonValues {
  /** The most frequent ones, most frequent first, smaller ones first among equals. */
  readonly common: readonly ValueCount[];
  /** How often others came. */
  readonly others: number;
  /** Different values; at least so many if `isFull`. */
  readonly distinct: number;
  /** Some values found no place in the table, and are among the others whatever their count. */
  readonly isFull: boolean;
}

/** Different values that a table holds. */
export const VALUES_MAX = 4096;

/** A table of values. */
export class ValueCounts {
  private readonly counts = new Map<number, { readonly value: number; count: number }>();
  private total = 0;
  private isFull = false;

  /** Counts a value. */
  add(value: number): void {
    this.total++;
    const known = this.counts.get(value);
    if (known) known.count++;
    else if (this.counts.size < VALUES_MAX) this.counts.set(value, { value, count: 1 });
    else this.isFull = true;
  }

  /** The `most` most frequent ones. O(values log values). */
  common(most: number): CommonValues {
    const common = [...this.counts.values()]
      .sort((a, b) => b.count - a.count || a.value - b.value)
      .slice(0, most)
      .map((each) => ({ ...each }));
    const others = common.reduce((left, { count }) => left - count, this.total);
    return { common, others, distinct: this.counts.size, isFull: this.isFull };
  }
}
