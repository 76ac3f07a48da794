// SPDX-License-Identifier: GPL-2.0-only
//
// An address-sorted index of areas: red-black tree plus list, with and without merging. The functions keep the
// kernel's names and its order of checks, including what happens on an overlap (WARN, nothing inserted).
// Source: mm/vmalloc.c (v6.6): find_va_links, link_va, __unlink_va, __merge_or_add_vmap_area.

import { ALARM, EVENT } from "../../spec/events.ts";
import { type Areas, FIRST_CONTAINER, NONE, PLACE, type Va } from "../heap/areas.ts";
import type { Containers } from "../heap/containers.ts";
import type { EventLog } from "../heap/event-log.ts";
import { RbTree } from "./rb-tree.ts";

/** Index operations. All need the container's lock; containers are named by id. */
export class AreaIndex {
  readonly tree: RbTree;
  protected readonly areas: Areas;
  protected readonly containers: Containers;
  protected readonly events: EventLog;
  // Result of findVaLinks: the tree position of an insertion.
  private linkParent: Va = NONE;
  private linkLeft = false;

  constructor(areas: Areas, containers: Containers, events: EventLog) {
    this.areas = areas;
    this.containers = containers;
    this.events = events;
    this.tree = new RbTree(areas, containers);
  }

  /** __find_vmap_area(): the record with `start <= page < end`, or NONE. O(log n). */
  find(c: number, page: number): Va {
    const { start, end, left, right } = this.areas;
    let va = this.containers.root[c]! as Va;
    while (va !== NONE) {
      if (page < start[va]!) va = left[va]! as Va;
      else if (page >= end[va]!) va = right[va]! as Va;
      else return va;
    }
    return NONE;
  }

  /** insert_vmap_area() / insert_vmap_area_augment(): no merging. Returns false on overlap. O(log n). */
  insert(c: number, va: Va, process: number): boolean {
    if (!this.findVaLinks(c, va)) {
      this.areas.touch(va);
      this.areas.owner[va] = process;
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
    let va = area;
    let merged = false;
    if (next !== NONE && a.start[next] === a.end[va]) {
      this.setStart(c, next, a.start[va]!);
      a.release(va);
      va = next;
      merged = true;
    }
    if (previous !== NONE && a.end[previous] === a.start[va]) {
      const end = a.end[va]!;
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
    const a = this.areas;
    const place = a.place[va]!;
    if (place < FIRST_CONTAINER) {
      this.events.emit(EVENT.WARN, ALARM.UNLINK_UNLINKED, va);
      return;
    }
    this.unlinkVa(c, va);
    a.owner[va] = process;
  }

  /** Changes va->va_start; a linked record's container keeps its page count. */
  setStart(c: number, va: Va, start: number): void {
    const a = this.areas;
    a.touch(va);
    const pages = this.containers.pages;
    if (a.place[va]! >= FIRST_CONTAINER) pages[c] = pages[c]! + (a.start[va]! - start);
    a.start[va] = start;
  }

  /** Changes va->va_end; a linked record's container keeps its page count. */
  setEnd(c: number, va: Va, end: number): void {
    const a = this.areas;
    a.touch(va);
    const pages = this.containers.pages;
    if (a.place[va]! >= FIRST_CONTAINER) pages[c] = pages[c]! + (end - a.end[va]!);
    a.end[va] = end;
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
    const a = this.areas;
    const k = this.containers;
    a.touch(va);
    const next = (previous === NONE ? k.head[c] : a.next[previous])! as Va;
    a.prev[va] = previous;
    a.next[va] = next;
    if (previous === NONE) k.head[c] = va;
    else {
      a.touch(previous);
      a.next[previous] = va;
    }
    if (next === NONE) k.tail[c] = va;
    else {
      a.touch(next);
      a.prev[next] = va;
    }
    a.place[va] = c;
    a.owner[va] = 0;
    k.count[c] = k.count[c]! + 1;
    k.pages[c] = k.pages[c]! + (a.end[va]! - a.start[va]!);
  }

  /** list_del_init() of a record of container `c`: it is then in the hands of `process`. O(1). */
  unlinkList(c: number, va: Va, process: number): void {
    const a = this.areas;
    const k = this.containers;
    a.touch(va);
    const previous = a.prev[va]! as Va;
    const next = a.next[va]! as Va;
    if (previous === NONE) k.head[c] = next;
    else {
      a.touch(previous);
      a.next[previous] = next;
    }
    if (next === NONE) k.tail[c] = previous;
    else {
      a.touch(next);
      a.prev[next] = previous;
    }
    a.prev[va] = NONE;
    a.next[va] = NONE;
    // The owner first: with its place the record leaves the container's guard.
    a.owner[va] = process;
    a.place[va] = PLACE.LIMBO;
    k.count[c] = k.count[c]! - 1;
    k.pages[c] = k.pages[c]! - (a.end[va]! - a.start[va]!);
  }

  /**
   * list_replace_init(): moves the whole list of `from` to `to`, which must be empty, and empties the tree of
   * `from`. O(n): each record's ghost place changes.
   */
  moveAll(from: number, to: number, process: number): void {
    const a = this.areas;
    const k = this.containers;
    k.holder[to] = process;
    for (let va = k.head[from]! as Va; va !== NONE; va = a.next[va]! as Va) {
      a.touch(va);
      a.parent[va] = NONE;
      a.left[va] = NONE;
      a.right[va] = NONE;
      a.color[va] = 0;
      a.place[va] = to;
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
    const { start, end, left, right } = this.areas;
    const from = start[va]!;
    const to = end[va]!;
    let at = this.containers.root[c]! as Va;
    this.linkParent = NONE;
    this.linkLeft = false;
    while (at !== NONE) {
      this.linkParent = at;
      if (to <= start[at]!) {
        this.linkLeft = true;
        at = left[at]! as Va;
      } else if (from >= end[at]!) {
        this.linkLeft = false;
        at = right[at]! as Va;
      } else {
        this.events.emit(EVENT.WARN, ALARM.OVERLAP, c, from, to);
        return false;
      }
    }
    return true;
  }

  /** get_va_next_sibling() at the position that findVaLinks left. */
  private nextSibling(): Va {
    if (this.linkParent === NONE) return NONE;
    return this.linkLeft ? this.linkParent : (this.areas.next[this.linkParent]! as Va);
  }

  private lastOrPrevious(c: number): Va {
    return this.linkParent === NONE ? NONE : (this.containers.tail[c]! as Va);
  }

  private previousOf(va: Va): Va {
    return this.areas.prev[va]! as Va;
  }
}
