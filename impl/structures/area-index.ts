// SPDX-License-Identifier: GPL-2.0-only
//
// An address-sorted index of areas: red-black tree plus list, with and without merging. The functions keep the
// kernel's names and its order of checks, including what happens on an overlap (WARN, nothing inserted).
// Source: mm/vmalloc.c (v6.6): find_va_links, link_va, __unlink_va, __merge_or_add_vmap_area.

import { ALARM, EVENT } from "../../spec/events.ts";
import { AREA_WORD } from "../heap/area-words.ts";
import { type Areas, FIRST_CONTAINER, PLACE, type Va } from "../heap/areas.ts";
import type { ChangeLog } from "../heap/change-log.ts";
import type { Containers } from "../heap/containers.ts";
import type { EventLog } from "../heap/event-log.ts";
import { RbTree } from "./rb-tree.ts";

// Constants of this module: the compiler folds these into the code, and not the imported ones.
const NONE = 0 as Va;
const START = AREA_WORD.start;
const END = AREA_WORD.end;
const PARENT = AREA_WORD.parent;
// The searches rely on `right` being the word behind `left`.
const LEFT = AREA_WORD.left;
const RIGHT = AREA_WORD.right;
const COLOR = AREA_WORD.color;
const PREV = AREA_WORD.prev;
const NEXT = AREA_WORD.next;
const PLACE_WORD = AREA_WORD.place;
const OWNER = AREA_WORD.owner;
const FIRST = FIRST_CONTAINER;
const LIMBO = PLACE.LIMBO;

/** Index operations. All need the container's lock; containers are named by id. */
export class AreaIndex {
  readonly tree: RbTree;
  protected readonly areas: Areas;
  protected readonly words: Int32Array;
  protected readonly log: ChangeLog;
  protected readonly containers: Containers;
  protected readonly events: EventLog;
  // Result of findVaLinks: the tree position of an insertion.
  private linkParent: Va = NONE;
  private linkLeft = false;

  constructor(areas: Areas, containers: Containers, events: EventLog) {
    this.areas = areas;
    this.words = areas.words;
    this.log = areas.changes;
    this.containers = containers;
    this.events = events;
    this.tree = new RbTree(areas, containers);
  }

  /** __find_vmap_area(): the record with `start <= page < end`, or NONE. O(log n). */
  find(c: number, page: number): Va {
    const w = this.words;
    let va = this.containers.root[c]! as Va;
    while (va !== NONE) {
      // Sign bits instead of branches on the side, which no processor can predict: twice as fast.
      const fromStart = page - w[va + START]!;
      if ((fromStart | (w[va + END]! - 1 - page)) >= 0) return va;
      va = w[va + RIGHT + (fromStart >> 31)]! as Va;
    }
    return NONE;
  }

  /** insert_vmap_area() / insert_vmap_area_augment(): no merging. Returns false on overlap. O(log n). */
  insert(c: number, va: Va, process: number): boolean {
    if (!this.findVaLinks(c, va)) {
      this.log.touch(va);
      this.words[va + OWNER] = process;
      return false;
    }
    this.linkVa(c, va);
    return true;
  }

  /**
   * merge_or_add_vmap_area[_augment](): puts `va` into the container, merged with the neighbours that touch it.
   * Returns the surviving record, or NONE on overlap, when the container is unchanged. O(log n).
   */
  mergeOrAdd(c: number, va: Va): Va {
    if (!this.findVaLinks(c, va)) return NONE;
    const next = this.nextSibling();
    return this.mergeWith(c, va, next, next === NONE ? this.lastOrPrevious(c) : this.previousOf(next));
  }

  /** The two merges of __merge_or_add_vmap_area(): next sibling first, then the previous one. */
  protected mergeWith(c: number, area: Va, next: Va, previous: Va): Va {
    const a = this.areas;
    const w = this.words;
    let va = area;
    let merged = false;
    if (next !== NONE && w[next + START] === w[va + END]) {
      this.setStart(c, next, w[va + START]!);
      a.release(va);
      va = next;
      merged = true;
    }
    if (previous !== NONE && w[previous + END] === w[va + START]) {
      const end = w[va + END]!;
      if (merged) this.unlinkVa(c, va);
      this.setEnd(c, previous, end);
      a.release(va);
      va = previous;
      merged = true;
    }
    if (!merged) this.linkVa(c, va);
    else if (this.containers.info[c]!.augmented) this.tree.propagateFrom(va);
    return va;
  }

  /** unlink_va() / unlink_va_augment(): the record is then in the hands of `process`. O(log n). */
  unlink(c: number, va: Va, process: number): void {
    const w = this.words;
    if (w[va + PLACE_WORD]! < FIRST) {
      this.events.emit(EVENT.WARN, ALARM.UNLINK_UNLINKED, va);
      return;
    }
    this.unlinkVa(c, va);
    w[va + OWNER] = process;
  }

  /** Changes va->va_start; a linked record's container keeps its page count. */
  setStart(c: number, va: Va, start: number): void {
    const w = this.words;
    this.log.touch(va);
    const pages = this.containers.pages;
    if (w[va + PLACE_WORD]! >= FIRST) pages[c] = pages[c]! + (w[va + START]! - start);
    w[va + START] = start;
  }

  /** Changes va->va_end; a linked record's container keeps its page count. */
  setEnd(c: number, va: Va, end: number): void {
    const w = this.words;
    this.log.touch(va);
    const pages = this.containers.pages;
    if (w[va + PLACE_WORD]! >= FIRST) pages[c] = pages[c]! + (end - w[va + END]!);
    w[va + END] = end;
  }

  /** link_va(): into tree and list at the position that findVaLinks left. */
  protected linkVa(c: number, va: Va): void {
    const info = this.containers.info[c]!;
    this.tree.insert(c, va, this.linkParent, this.linkLeft, info.augmented);
    // The position is the parent's neighbour on the side of the link.
    const above = this.linkParent;
    this.linkListAfter(c, va, this.linkLeft ? this.previousOf(above) : above);
  }

  /** list_add(): behind `previous`, or at the head. O(1). */
  linkListAfter(c: number, va: Va, previous: Va): void {
    const w = this.words;
    const k = this.containers;
    const next = (previous === NONE ? k.head[c] : w[previous + NEXT])! as Va;
    this.log.touch3(va, previous, next);
    w[va + PREV] = previous;
    w[va + NEXT] = next;
    if (previous === NONE) k.head[c] = va;
    else w[previous + NEXT] = va;
    if (next === NONE) k.tail[c] = va;
    else w[next + PREV] = va;
    w[va + PLACE_WORD] = c;
    w[va + OWNER] = 0;
    k.count[c] = k.count[c]! + 1;
    k.pages[c] = k.pages[c]! + (w[va + END]! - w[va + START]!);
  }

  /** list_del_init() of a record of container `c`: it is then in the hands of `process`. O(1). */
  unlinkList(c: number, va: Va, process: number): void {
    const w = this.words;
    const k = this.containers;
    const previous = w[va + PREV]! as Va;
    const next = w[va + NEXT]! as Va;
    this.log.touch3(va, previous, next);
    if (previous === NONE) k.head[c] = next;
    else w[previous + NEXT] = next;
    if (next === NONE) k.tail[c] = previous;
    else w[next + PREV] = previous;
    w[va + PREV] = NONE;
    w[va + NEXT] = NONE;
    // The owner first: with its place the record leaves the container's guard.
    w[va + OWNER] = process;
    w[va + PLACE_WORD] = LIMBO;
    k.count[c] = k.count[c]! - 1;
    k.pages[c] = k.pages[c]! - (w[va + END]! - w[va + START]!);
  }

  /**
   * list_replace_init(): moves the whole list of `from` to `to`, which must be empty, and empties the tree of
   * `from`. O(n): each record's ghost place changes.
   */
  moveAll(from: number, to: number, process: number): void {
    const w = this.words;
    const k = this.containers;
    k.holder[to] = process;
    for (let va = k.head[from]! as Va; va !== NONE; va = w[va + NEXT]! as Va) {
      this.log.touch(va);
      w[va + PARENT] = NONE;
      w[va + LEFT] = NONE;
      w[va + RIGHT] = NONE;
      w[va + COLOR] = 0;
      w[va + PLACE_WORD] = to;
    }
    k.head[to] = k.head[from]!;
    k.tail[to] = k.tail[from]!;
    k.count[to] = k.count[from]!;
    k.pages[to] = k.pages[from]!;
    k.root[from] = NONE;
    k.head[from] = NONE;
    k.tail[from] = NONE;
    k.count[from] = 0;
    k.pages[from] = 0;
  }

  /** INIT_LIST_HEAD(): forgets the list; records still on it are lost. */
  dropAll(list: number, process: number): void {
    const k = this.containers;
    k.holder[list] = process;
    for (let va = k.head[list]! as Va; va !== NONE; va = k.head[list]! as Va) {
      this.unlinkList(list, va, process);
    }
  }

  /** !list_empty(&va->list): whether a container holds the record. */
  isLinked(va: Va): boolean {
    return this.areas.place[va]! >= FIRST_CONTAINER;
  }

  private unlinkVa(c: number, va: Va): void {
    this.tree.erase(c, va, this.containers.info[c]!.augmented);
    this.unlinkList(c, va, this.events.process);
  }

  /** find_va_links(): where a record belongs. False, with a WARN, if it overlaps one that is there. */
  private findVaLinks(c: number, va: Va): boolean {
    const w = this.words;
    const from = w[va + START]!;
    const to = w[va + END]!;
    let at = this.containers.root[c]! as Va;
    let above = NONE;
    let side = 0;
    while (at !== NONE) {
      above = at;
      // As in find(): `below` is negative if the new record does not end before this one begins.
      const below = w[at + START]! - to;
      if ((below & (from - w[at + END]!)) < 0) {
        this.events.emit(EVENT.WARN, ALARM.OVERLAP, c, from, to);
        return false;
      }
      side = LEFT - (below >> 31);
      at = w[at + side]! as Va;
    }
    this.linkParent = above;
    this.linkLeft = side === LEFT;
    return true;
  }

  /** get_va_next_sibling() at the position that findVaLinks left. */
  private nextSibling(): Va {
    if (this.linkParent === NONE) return NONE;
    return this.linkLeft ? this.linkParent : (this.words[this.linkParent + NEXT]! as Va);
  }

  private lastOrPrevious(c: number): Va {
    return this.linkParent === NONE ? NONE : (this.containers.tail[c]! as Va);
  }

  private previousOf(va: Va): Va {
    return this.words[va + PREV]! as Va;
  }
}
