// SPDX-License-Identifier: GPL-2.0-only
//
// Range trees over vmap_area records, and the one over occupied ranges: what the maple-tree series makes of the free,
// busy and lazy indexes. A record's list links are free for other uses there; a container's list says where the kernel
// takes a record to be, which a store that fails may make another thing than what the tree says.
// Source: "mm/vmalloc: introduce maple_tree-based indexing for vmap_area" and the following (RFC 01/12 to 06/12).

import { ALARM, EVENT } from "../../spec/events.ts";
import { type Areas, NONE, type Va } from "../heap/areas.ts";
import type { Containers } from "../heap/containers.ts";
import type { EventLog } from "../heap/event-log.ts";
import { GapLog } from "../heap/gap-log.ts";
import type { Heap } from "../heap/heap.ts";
import type { AreaIndex } from "./area-index.ts";
import { INDEX_MAX, NODE_WORDS } from "./range-index/node-words.ts";
import { nodesNeeded, RangeIndex } from "./range-index.ts";

/** XA_ZERO_ENTRY: occupied, by nobody in particular. */
const XA_ZERO_ENTRY = 1;

/** What the trees need of a simulated kernel. */
export interface TreeOwner {
  readonly heap: Heap;
  readonly areas: Areas;
  readonly containers: Containers;
  readonly index: AreaIndex;
  readonly events: EventLog;
}

/** Most nodes of `trees` trees of records, of which there are `records`, and of the occupied tree. */
function nodesOf(trees: number, records: number): number {
  return nodesNeeded(trees + 1, 2 * records);
}

/** Most words of state that the trees take. */
export function treeWords(trees: number, records: number): number {
  const nodes = nodesOf(trees, records);
  return nodes * (NODE_WORDS + 1) + trees + 64;
}

/** The trees of one simulated kernel. All operations need the lock of the tree. */
export class AreaTrees {
  readonly ranges: RangeIndex;
  /** occupied_vmap_area_mt. */
  readonly occupied: number;
  /** What the step did to the gaps of the occupied tree. */
  readonly gaps = new GapLog();
  /** The left neighbour that fits() has found no overlap with, or NONE. Not state: read it at once. */
  left: Va = NONE;
  private readonly owner: TreeOwner;
  private readonly treeOf: number[] = [];

  /** `trees` are those of records; `guard` is that of the occupied tree, in strict mode. */
  constructor(owner: TreeOwner, trees: number, records: number, guard: () => string | undefined) {
    this.owner = owner;
    const nodes = nodesOf(trees, records);
    this.ranges = new RangeIndex(owner.heap, { name: "maple", trees: trees + 1, nodes });
    this.occupied = this.ranges.declare("occupied_vmap_area_mt", guard);
  }

  /** Declares the tree of a container. */
  declare(container: number, name: string, guard: () => string | undefined): void {
    this.treeOf[container] = this.ranges.declare(name, guard);
  }

  /** The tree of a container, or undefined if it has none. */
  tree(container: number): number | undefined {
    return this.treeOf[container];
  }

  /** __find_vmap_area_mt(): the record at an address, or NONE. O(log n). */
  find(c: number, addr: number): Va {
    return this.ranges.walk(this.treeOf[c]!, addr) as Va;
  }

  /** __find_vmap_area_exceed_addr_mt(): the first record that ends above `addr`. O(log n). */
  findExceed(c: number, addr: number): Va {
    return this.ranges.find(this.treeOf[c]!, addr, INDEX_MAX) as Va;
  }

  /** __find_vmap_area_enclose_addr_mt(): the last record that begins at or below `addr`. O(log n). */
  findEnclose(c: number, addr: number): Va {
    return addr < 0 ? NONE : (this.ranges.findRev(this.treeOf[c]!, addr, 0) as Va);
  }

  /** va->va_start of a record that a tree has led to; an oops if it is not there any more, and what it reads then. */
  startOf(c: number, va: Va): number {
    return this.read(c, va, this.owner.areas.start);
  }

  /** va->va_end, likewise. */
  endOf(c: number, va: Va): number {
    return this.read(c, va, this.owner.areas.end);
  }

  /** find_vmap_area_insert_neighbors_mt_locked(): whether `[start, end)` overlaps neither neighbour; if so, a WARN. */
  fits(c: number, start: number, end: number): boolean {
    const left = this.findEnclose(c, start);
    if (left !== NONE && this.endOf(c, left) > start) return this.overlaps(c, start, end);
    const right = this.findExceed(c, start);
    if (right !== NONE && this.startOf(c, right) < end) return this.overlaps(c, start, end);
    this.left = left;
    return true;
  }

  /** mas_store of a record over its range; it is in the container then. False if there is no memory. O(log n). */
  store(c: number, va: Va): boolean {
    const { areas, containers, index } = this.owner;
    if (!this.ranges.store(this.treeOf[c]!, areas.start[va]!, areas.end[va]! - 1, va)) return false;
    index.linkListAfter(c, va, containers.tail[c]! as Va);
    return true;
  }

  /** mas_store(NULL) over a record's range. False if there is no memory: the tree still has it then. O(log n). */
  erase(c: number, va: Va): boolean {
    return this.trim(c, this.startOf(c, va), this.endOf(c, va));
  }

  /** The kernel takes the record to be out of the container, whatever its tree says. */
  leave(c: number, va: Va): void {
    if (this.isIn(c, va)) this.owner.index.unlinkList(c, va, this.owner.events.process);
  }

  /** mas_store(NULL) over a part of an entry; nothing if there is none. */
  trim(c: number, start: number, end: number): boolean {
    return start >= end || this.ranges.store(this.treeOf[c]!, start, end - 1, 0);
  }

  /** occupied_mt_store_range_raw_locked(). */
  occupy(start: number, end: number): boolean {
    const before = this.gaps.count;
    this.noteGaps(start, end, -1);
    if (this.ranges.store(this.occupied, start, end - 1, XA_ZERO_ENTRY)) return true;
    this.gaps.count = before;
    return false;
  }

  /** occupied_mt_erase_range_raw_locked(). */
  vacate(start: number, end: number): boolean {
    const before = this.gaps.count;
    this.noteOccupied(start, end);
    if (this.ranges.store(this.occupied, start, end - 1, 0)) return true;
    this.gaps.count = before;
    return false;
  }

  /** Whether nothing of `[start, end)` is occupied. For checkers: not counted as an operation. */
  isVacant(start: number, end: number): boolean {
    let vacant = true;
    this.ranges.forEachIn(this.occupied, start, end - 1, () => {
      vacant = false;
    });
    return vacant;
  }

  /** mas_for_each(): the records of a tree, in order. O(n). */
  records(c: number): readonly Va[] {
    const tree = this.treeOf[c]!;
    const found: Va[] = [];
    let va = this.ranges.find(tree, 0, INDEX_MAX);
    for (; va !== 0; va = this.ranges.next(tree, INDEX_MAX)) found.push(va as Va);
    return found;
  }

  /** Whether a record that a tree has led to is in the tree's container. */
  isIn(c: number, va: Va): boolean {
    const { areas, heap } = this.owner;
    return heap.racy(() => areas.place[va] === c);
  }

  /** Calls `visit` for each gap of the occupied tree in `[0, end)`. Not counted as an operation. O(entries). */
  forEachGap(end: number, visit: (start: number, end: number) => void): void {
    let at = 0;
    this.ranges.forEach(this.occupied, (first, last) => {
      if (first > at && at < end) visit(at, Math.min(first, end));
      at = Math.max(at, last + 1);
    });
    if (at < end) visit(at, end);
  }

  // Notes the gaps within a range.
  private noteGaps(start: number, end: number, sign: 1 | -1): void {
    let at = start;
    this.ranges.forEachIn(this.occupied, start, end - 1, (first, last) => {
      this.gaps.note(at, first, sign);
      at = last + 1;
    });
    this.gaps.note(at, end, sign);
  }

  private noteOccupied(start: number, end: number): void {
    this.ranges.forEachIn(this.occupied, start, end - 1, (first, last) => {
      this.gaps.note(Math.max(start, first), Math.min(end, last + 1), 1);
    });
  }

  private overlaps(c: number, start: number, end: number): false {
    this.owner.events.emit(EVENT.WARN, ALARM.OVERLAP, c, start, end);
    return false;
  }

  // A tree may lead to a record that was freed, or that is somewhere else by now, under another lock.
  private read(c: number, va: Va, field: Int32Array): number {
    if (this.isIn(c, va)) return field[va]!;
    const { events, heap } = this.owner;
    events.emit(EVENT.OOPS, ALARM.FREED_RECORD, c);
    return heap.racy(() => field[va]!);
  }
}
