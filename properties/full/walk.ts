// SPDX-License-Identifier: GPL-2.0-only
//
// Walks over the records of one container, from scratch: its list from the head, its tree in order. They trust no
// count and no ghost, and come to an end in a damaged heap too. Must never write.

import { type Areas, NONE, type Va, handleOf, slotOf } from "../../impl/heap/areas.ts";

/** What a walk came to. */
export interface Walk<R> {
  /** In the order of the walk. */
  readonly records: readonly R[];
  /** What stopped it: a circle, or a link to no record. */
  readonly broken: string | undefined;
}

/** One record in a tree. */
export interface TreeRecord {
  readonly va: Va;
  /** The record that links to it. */
  readonly above: Va;
  /** Black records on each way down from it, itself included; -1 if the ways differ. */
  readonly blackHeight: number;
  /** Largest extent in its subtree, pages. */
  readonly largest: number;
}

/** Whether a word is the handle of a record. O(1). */
export function isHandle(areas: Areas, word: number): boolean {
  return slotOf(word) > 0 && Number.isInteger(slotOf(word)) && slotOf(word) < areas.capacity;
}

/** All handles of the slab, allocated or not, without NULL. */
export function* handles(areas: Areas): Iterable<Va> {
  for (let slot = 1; slot < areas.capacity; slot++) yield handleOf(slot);
}

/** The records of a list, from its head by the links to the next one. O(n). */
export function walkList(areas: Areas, head: number): Walk<Va> {
  const records: Va[] = [];
  const seen = new Set<number>();
  for (let word = head; word !== NONE; word = areas.next[word]!) {
    if (!isHandle(areas, word)) return { records, broken: `the list links to ${word}, which is no record` };
    if (seen.has(word)) return { records, broken: `the list comes back to ${extent(areas, word)}` };
    seen.add(word);
    records.push(word as Va);
  }
  return { records, broken: undefined };
}

/** The records of a tree, in order. O(n). */
export function walkTree(areas: Areas, root: number): Walk<TreeRecord> {
  const records: TreeRecord[] = [];
  const seen = new Set<number>();
  let broken: string | undefined;
  const visit = (word: number, above: number): { readonly blackHeight: number; readonly largest: number } => {
    if (word === NONE || broken !== undefined) return { blackHeight: 0, largest: 0 };
    if (!isHandle(areas, word)) broken = `the tree links to ${word}, which is no record`;
    else if (seen.has(word)) broken = `the tree comes back to ${extent(areas, word)}`;
    if (broken !== undefined) return { blackHeight: 0, largest: 0 };
    seen.add(word);
    const left = visit(areas.left[word]!, word);
    const at = records.length;
    const right = ((): ReturnType<typeof visit> => {
      records.push({ va: word as Va, above: above as Va, blackHeight: 0, largest: 0 });
      return visit(areas.right[word]!, word);
    })();
    const even = left.blackHeight === right.blackHeight && left.blackHeight >= 0;
    const blackHeight = even ? left.blackHeight + (areas.color[word] === 0 ? 1 : 0) : -1;
    const largest = Math.max(areas.size(word as Va), left.largest, right.largest);
    records[at] = { va: word as Va, above: above as Va, blackHeight, largest };
    return { blackHeight, largest };
  };
  visit(root, NONE);
  return { records, broken };
}

/** A record's range as text. */
export function extent(areas: Areas, va: number): string {
  return `[${areas.start[va]!},${areas.end[va]!})`;
}
