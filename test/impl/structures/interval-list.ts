// SPDX-License-Identifier: GPL-2.0-only
// What a range index must do, as a plain sorted list of entries: no tree, every operation a scan.
import { INDEX_MAX } from "../../../impl/structures/range-index/node-words.ts";

/** A range, inclusive, with its entry; 0 is NULL. */
export interface Ranged {
  readonly first: number;
  readonly last: number;
  readonly entry: number;
}

export class IntervalList {
  /** The non-NULL entries in ascending order. */
  list: Ranged[] = [];

  store(first: number, last: number, entry: number): void {
    const rest: Ranged[] = [];
    for (const old of this.list) {
      if (old.last < first || last < old.first) {
        rest.push(old);
        continue;
      }
      if (old.first < first) rest.push({ ...old, last: first - 1 });
      if (last < old.last) rest.push({ ...old, first: last + 1 });
    }
    if (entry !== 0) {
      const behind = rest.findIndex((other) => other.first > last);
      rest.splice(behind < 0 ? rest.length : behind, 0, { first, last, entry });
    }
    this.list = rest;
  }

  /** How many entries there would be more. */
  added(first: number, last: number, entry: number): number {
    const copy = new IntervalList();
    copy.list = this.list;
    copy.store(first, last, entry);
    return copy.list.length - this.list.length;
  }

  /** The entry or the NULL range that contains an index. */
  at(index: number): Ranged {
    let first = 0;
    for (const one of this.list) {
      if (index < one.first) return { first, last: one.first - 1, entry: 0 };
      if (index <= one.last) return one;
      first = one.last + 1;
    }
    return { first, last: INDEX_MAX, entry: 0 };
  }

  find(index: number, max: number): Ranged | undefined {
    if (index > max) return undefined;
    return this.list.find(({ first, last }) => last >= index && first <= max);
  }

  findRev(index: number, min: number): Ranged | undefined {
    if (index < min) return undefined;
    return this.list.findLast(({ first, last }) => first <= index && last >= min);
  }

  /** The NULL ranges in ascending order. */
  gaps(): [first: number, last: number][] {
    const out: [number, number][] = [];
    let from = 0;
    for (const { first, last } of this.list) {
      if (from < first) out.push([from, first - 1]);
      from = last + 1;
    }
    if (from <= INDEX_MAX) out.push([from, INDEX_MAX]);
    return out;
  }

  /** First index of the lowest or the highest area, or a negative errno. */
  emptyArea(min: number, max: number, size: number, highest: boolean): number {
    if (size === 0 || max - min < size - 1) return -22;
    const fits = this.gaps()
      .map(([first, last]) => [Math.max(first, min), Math.min(last, max)] as const)
      .filter(([first, last]) => last - first + 1 >= size);
    const found = highest ? fits.at(-1) : fits[0];
    if (found === undefined) return -16;
    return highest ? found[1] - size + 1 : found[0];
  }
}
