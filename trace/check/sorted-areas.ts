// SPDX-License-Identifier: GPL-2.0-only
//
// Areas in order of their first page, none of which shares a page with another: chunks of a sorted list, cut in two when
// full. Adding, removing and finding are O(log n) and a move within one chunk. Whoever has found a place looks there again
// at once, so the last place is tried first.

import type { Area } from "./area.ts";

/** Areas that a chunk holds. */
const ROOM = 32;

class Chunk {
  /** First page of each area, and the first one behind it. */
  readonly pages = new Float64Array(ROOM);
  readonly ends = new Float64Array(ROOM);
  readonly areas: Area[] = [];

  get count(): number {
    return this.areas.length;
  }

  insert(at: number, area: Area): void {
    const { areas, ends, pages } = this;
    const count = areas.length;
    areas.push(area);
    for (let i = count; i > at; i--) {
      areas[i] = areas[i - 1]!;
      pages[i] = pages[i - 1]!;
      ends[i] = ends[i - 1]!;
    }
    this.set(at, area);
  }

  set(at: number, area: Area): void {
    this.areas[at] = area;
    this.pages[at] = area.page;
    this.ends[at] = area.page + area.pages;
  }

  remove(at: number): void {
    const { areas, ends, pages } = this;
    const last = areas.length - 1;
    for (let i = at; i < last; i++) {
      areas[i] = areas[i + 1]!;
      pages[i] = pages[i + 1]!;
      ends[i] = ends[i + 1]!;
    }
    areas.pop();
  }
}

/** Areas by address. */
export class SortedAreas {
  count = 0;
  private chunks: Chunk[] = [new Chunk()];
  /** First page of each chunk; the first chunk also has what lies below. */
  private firsts: number[] = [Number.NEGATIVE_INFINITY];
  /** The place found last: the first area of the chunk that does not begin below the page looked for, or its end. */
  private chunk = 0;
  private at = 0;

  /** The area that begins at a page, or undefined. */
  beginningAt(page: number): Area | undefined {
    const { areas, pages } = this.seek(page);
    return this.at < areas.length && pages[this.at] === page ? areas[this.at] : undefined;
  }

  /** The area that holds a page, or undefined. */
  holding(page: number): Area | undefined {
    return this.firstIn(page, page + 1);
  }

  /** The first area that has a page of `[from, to)`, or undefined. */
  firstIn(from: number, to: number): Area | undefined {
    this.seek(from);
    return this.endingBehind(from) ?? this.beginningBelow(to);
  }

  /** Adds an area, which shares no page with one that is there. */
  add(area: Area): void {
    this.insert(this.seek(area.page), area);
  }

  /** Adds an area in place of all that share a page with it, which are put into `taken` by address. */
  place(area: Area, taken: Area[]): void {
    const end = area.page + area.pages;
    let chunk = this.seek(area.page);
    const before = this.endingBehind(area.page);
    if (before) {
      taken.push(before);
      this.remove(before);
      chunk = this.seek(area.page);
    }
    if (this.at < chunk.areas.length && chunk.pages[this.at]! < end) {
      taken.push(chunk.areas[this.at]!);
      // The usual case: addresses are used again from where an area began.
      chunk.set(this.at, area);
      this.takeBehind(area, end, taken);
      return;
    }
    for (let next = this.beginningBelow(end); next; next = this.beginningBelow(end)) {
      taken.push(next);
      this.remove(next);
      chunk = this.seek(area.page);
    }
    this.insert(chunk, area);
  }

  /** Removes an area that is there. */
  remove(area: Area): void {
    const chunk = this.seek(area.page);
    if (chunk.areas[this.at] !== area) throw new Error(`no area begins at page ${area.page}`);
    chunk.remove(this.at);
    this.count--;
    if (chunk.count === 0 && this.chunks.length > 1) this.drop();
  }

  /** Removes all of them. */
  clear(): void {
    this.chunks = [new Chunk()];
    this.firsts = [Number.NEGATIVE_INFINITY];
    this.chunk = 0;
    this.at = 0;
    this.count = 0;
  }

  /** All of them, in order. */
  *[Symbol.iterator](): Generator<Area> {
    for (const { areas } of this.chunks) yield* areas;
  }

  // The area before the place found last, if it ends behind a page.
  private endingBehind(page: number): Area | undefined {
    const { at, chunk, chunks } = this;
    const within = chunks[chunk]!;
    if (at > 0) return within.ends[at - 1]! > page ? within.areas[at - 1] : undefined;
    const lower = chunk > 0 ? chunks[chunk - 1]! : undefined;
    return lower && lower.ends[lower.count - 1]! > page ? lower.areas[lower.count - 1] : undefined;
  }

  // The area at the place found last, if it begins below a page.
  private beginningBelow(page: number): Area | undefined {
    const { at, chunk, chunks } = this;
    const within = chunks[chunk]!;
    if (at < within.count) return within.pages[at]! < page ? within.areas[at] : undefined;
    const upper = chunks[chunk + 1];
    return upper && upper.pages[0]! < page ? upper.areas[0] : undefined;
  }

  private takeBehind(area: Area, end: number, taken: Area[]): void {
    const within = this.chunks[this.chunk]!;
    if (this.at + 1 < within.count && within.pages[this.at + 1]! >= end) return;
    for (;;) {
      const chunk = this.seek(area.page);
      const isLast = this.at + 1 === chunk.count;
      const holder = isLast ? this.chunks[this.chunk + 1] : chunk;
      const at = isLast ? 0 : this.at + 1;
      if (!holder || holder.pages[at]! >= end) return;
      const next = holder.areas[at]!;
      taken.push(next);
      this.remove(next);
    }
  }

  private insert(found: Chunk, area: Area): void {
    let chunk = found;
    if (chunk.count === ROOM) {
      this.split();
      chunk = this.seek(area.page);
    }
    chunk.insert(this.at, area);
    this.count++;
  }

  // Finds the place of a page, and returns its chunk.
  private seek(page: number): Chunk {
    const { firsts } = this;
    let { chunk } = this;
    if (!(firsts[chunk]! <= page && (chunk + 1 === firsts.length || page < firsts[chunk + 1]!))) {
      let low = 0;
      let high = firsts.length;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (firsts[middle]! <= page) low = middle;
        else high = middle;
      }
      chunk = low;
      this.chunk = low;
    }
    const found = this.chunks[chunk]!;
    const { count, pages } = found;
    const { at } = this;
    if (at <= count && (at === 0 || pages[at - 1]! < page) && (at === count || pages[at]! >= page))
      return found;
    let from = 0;
    let to = count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (pages[middle]! < page) from = middle + 1;
      else to = middle;
    }
    this.at = from;
    return found;
  }

  private split(): void {
    const lower = this.chunks[this.chunk]!;
    const upper = new Chunk();
    const half = ROOM / 2;
    upper.areas.push(...lower.areas.splice(half));
    upper.pages.set(lower.pages.subarray(half));
    upper.ends.set(lower.ends.subarray(half));
    this.chunks.splice(this.chunk + 1, 0, upper);
    this.firsts.splice(this.chunk + 1, 0, upper.pages[0]!);
  }

  private drop(): void {
    this.chunks.splice(this.chunk, 1);
    this.firsts.splice(this.chunk, 1);
    this.firsts[0] = Number.NEGATIVE_INFINITY;
    this.chunk = 0;
    this.at = 0;
  }
}
