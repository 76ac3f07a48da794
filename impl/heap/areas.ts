// SPDX-License-Identifier: GPL-2.0-only
//
// The vmap_area slab: struct of arrays in the heap. A record is a handle; handle 0 is NULL. Fields follow
// struct vmap_area; `place` and `owner` are ghosts that say where a record is, for guards and checkers.
// Source: include/linux/vmalloc.h (v6.6).

import { EVENT } from "../../spec/events.ts";
import { ChangeLog } from "./change-log.ts";
import type { EventLog } from "./event-log.ts";
import type { Heap, RecordGuard, StrictContext } from "./heap.ts";
import { SlotSet } from "./slot-set.ts";

declare const handle: unique symbol;

/** Handle of a vmap_area record. */
export type Va = number & { readonly [handle]: "vmap_area" };

/** The NULL record. */
export const NONE = 0 as Va;

/** Places of a record that is in no container; container ids begin at FIRST_CONTAINER. */
export const PLACE = {
  /** Not allocated. */
  SLAB: 0,
  /** Allocated, no extent yet: it stands for no address range. */
  BLANK: 1,
  /** Holds an extent and is in no container: in the hands of process `owner`. */
  LIMBO: 2,
} as const;

/** Lowest id of a container. */
export const FIRST_CONTAINER = 3;

const FIELDS = [
  "start",
  "end",
  "parent",
  "left",
  "right",
  "subtreeMaxSize",
  "prev",
  "next",
  "flags",
  "color",
  "place",
  "owner",
] as const;

/** Names of a record's fields. */
export type AreaField = (typeof FIELDS)[number];

/** The word of each field within a record: `words[va + AREA_WORD.left]` is `left[va]`. */
export const AREA_WORD = Object.fromEntries(FIELDS.map((field, i) => [field, i])) as Record<
  AreaField,
  number
>;

/** Words per record. */
export const AREA_WORDS: number = FIELDS.length;

/** The records. All fields are in pages or handles. */
export class Areas {
  /** va->va_start, page number. */
  readonly start: Int32Array;
  /** va->va_end, page number, exclusive. */
  readonly end: Int32Array;
  readonly parent: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** va->subtree_max_size, pages; meaningful in free trees only. */
  readonly subtreeMaxSize: Int32Array;
  readonly prev: Int32Array;
  readonly next: Int32Array;
  /** va->flags: VMAP_RAM, VMAP_BLOCK, node id + 1 in the second byte. */
  readonly flags: Int32Array;
  /** 0 black, 1 red. */
  readonly color: Int32Array;
  /** Ghost: a PLACE or the id of the container that holds the record. */
  readonly place: Int32Array;
  /** Ghost: process that holds a record outside all containers. */
  readonly owner: Int32Array;

  /** All fields in one view, see AREA_WORD. */
  readonly words: Int32Array;

  readonly changes: ChangeLog;
  /** Largest number of records, NULL included. */
  readonly capacity: number;
  private readonly slots: SlotSet;
  private readonly liveCount: Int32Array;
  private readonly events: EventLog;
  private readonly strict: StrictContext | undefined;

  constructor(heap: Heap, capacity: number, events: EventLog, guard: RecordGuard<AreaField>) {
    const { fields, words } = heap.records("vmap_area", FIELDS, capacity, guard);
    this.words = words;
    this.strict = heap.strict;
    this.start = fields.start;
    this.end = fields.end;
    this.parent = fields.parent;
    this.left = fields.left;
    this.right = fields.right;
    this.subtreeMaxSize = fields.subtreeMaxSize;
    this.prev = fields.prev;
    this.next = fields.next;
    this.flags = fields.flags;
    this.color = fields.color;
    this.place = fields.place;
    this.owner = fields.owner;
    this.capacity = capacity;
    this.events = events;
    this.changes = new ChangeLog(capacity * AREA_WORDS, AREA_WORDS);
    this.slots = new SlotSet(heap, "vmap_area", capacity);
    this.liveCount = heap.words("vmap_area.live", 1);
  }

  /** Puts all records into the slab. Once, at construction. */
  init(): void {
    this.slots.fill(this.capacity);
  }

  /** Number of allocated records. */
  get live(): number {
    return this.liveCount[0]!;
  }

  /** va_size(): pages. */
  size(va: Va): number {
    return this.end[va]! - this.start[va]!;
  }

  /** Must be called before a record changes. */
  touch(va: Va): void {
    const { changes } = this;
    if (changes.isNoted(va)) return;
    changes.note(va, this.start[va]!, this.end[va]!, this.place[va]!);
  }

  /** kmem_cache_alloc: a zeroed record in the hands of `process`. Throws if the slab is exhausted. O(1). */
  allocate(process: number): Va {
    const slot = this.slots.take();
    if (slot === 0) throw new Error(`slab: more than ${this.capacity - 1} records needed (recordsMax)`);
    const va = (slot * AREA_WORDS) as Va;
    const guarded = this.unguard();
    this.touch(va);
    this.place[va] = PLACE.BLANK;
    this.owner[va] = process;
    if (guarded) this.guardAgain();
    this.liveCount[0] = this.liveCount[0]! + 1;
    return va;
  }

  /** kmem_cache_free. A record that is linked or not allocated is reported and left alone. O(1). */
  release(va: Va): void {
    const guarded = this.unguard();
    const place = this.place[va]!;
    if (va === NONE || place === PLACE.SLAB || place >= FIRST_CONTAINER) {
      this.events.emit(EVENT.BAD_RECORD_FREE, va);
      if (guarded) this.guardAgain();
      return;
    }
    this.touch(va);
    this.start[va] = 0;
    this.end[va] = 0;
    this.subtreeMaxSize[va] = 0;
    this.flags[va] = 0;
    this.color[va] = 0;
    this.owner[va] = 0;
    this.place[va] = PLACE.SLAB;
    if (guarded) this.guardAgain();
    this.slots.add((va / AREA_WORDS) | 0);
    this.liveCount[0] = this.liveCount[0]! - 1;
  }

  /** Hands a record without a container over to `process`. */
  adopt(va: Va, process: number): void {
    const guarded = this.unguard();
    this.touch(va);
    this.owner[va] = process;
    if (guarded) this.guardAgain();
  }

  // Returns whether the caller has to set the guard again: inside a racy section it must not.
  private unguard(): boolean {
    if (!this.strict || this.strict.racy) return false;
    this.strict.racy = true;
    return true;
  }

  private guardAgain(): void {
    this.strict!.racy = false;
  }

  /** Gives a record outside all containers an extent `[start, end)`, pages. */
  assign(va: Va, start: number, end: number, process: number): void {
    this.touch(va);
    this.start[va] = start;
    this.end[va] = end;
    this.place[va] = PLACE.LIMBO;
    this.owner[va] = process;
  }
}
