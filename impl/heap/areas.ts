// SPDX-License-Identifier: GPL-2.0-only
//
// The vmap_area slab: struct of arrays in the heap. A record is a handle; handle 0 is NULL. Fields follow
// struct vmap_area; `place` and `owner` are ghosts that say where a record is, for guards and checkers.
// Source: include/linux/vmalloc.h (v6.6).

import { EVENT } from "../../spec/events.ts";
import { AREA_FIELDS, AREA_WORD, AREA_WORDS, type AreaField } from "./area-words.ts";
import { ChangeLog } from "./change-log.ts";
import type { EventLog } from "./event-log.ts";
import { HANDLE_BASE, type Heap, type RecordGuard, type StrictContext } from "./heap.ts";
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

// Constants of this module: the compiler folds these into the code, and not the exported ones.
const STRIDE = AREA_WORDS;
const START = AREA_WORD.start;
const END = AREA_WORD.end;
const MAX = AREA_WORD.subtreeMaxSize;
const FLAGS = AREA_WORD.flags;
const COLOR = AREA_WORD.color;
const PLACE_WORD = AREA_WORD.place;
const OWNER = AREA_WORD.owner;

/** Handle of a slot of the slab. */
export function handleOf(slot: number): Va {
  return (HANDLE_BASE + slot * STRIDE) as Va;
}

/** Slot of a handle; not a whole number if it is none. */
export function slotOf(va: number): number {
  return (va - HANDLE_BASE) / STRIDE;
}

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
    const { fields, words } = heap.records("vmap_area", AREA_FIELDS, capacity, guard);
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
    this.changes = new ChangeLog(words, HANDLE_BASE + capacity * AREA_WORDS);
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
    this.changes.touch(va);
  }

  /** kmem_cache_alloc: a zeroed record in the hands of `process`. Throws if the slab is exhausted. O(1). */
  allocate(process: number): Va {
    const slot = this.slots.take();
    if (slot === 0) throw new Error(`slab: more than ${this.capacity - 1} records needed (recordsMax)`);
    const va = handleOf(slot);
    const guarded = this.unguard();
    this.changes.touch(va);
    this.words[va + PLACE_WORD] = PLACE.BLANK;
    this.words[va + OWNER] = process;
    if (guarded) this.guardAgain();
    this.liveCount[0] = this.liveCount[0]! + 1;
    return va;
  }

  /** kmem_cache_free. A record that is linked or not allocated is reported and left alone. O(1). */
  release(va: Va): void {
    const guarded = this.unguard();
    const w = this.words;
    const place = w[va + PLACE_WORD]!;
    if (va === NONE || place === PLACE.SLAB || place >= FIRST_CONTAINER) {
      this.events.emit(EVENT.BAD_RECORD_FREE, va);
      if (guarded) this.guardAgain();
      return;
    }
    this.changes.touch(va);
    w[va + START] = 0;
    w[va + END] = 0;
    w[va + MAX] = 0;
    w[va + FLAGS] = 0;
    w[va + COLOR] = 0;
    w[va + OWNER] = 0;
    w[va + PLACE_WORD] = PLACE.SLAB;
    if (guarded) this.guardAgain();
    this.slots.add(slotOf(va));
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

  /** Takes the extent of a record outside all containers away: its range is kept elsewhere. */
  blank(va: Va): void {
    const w = this.words;
    this.changes.touch(va);
    w[va + START] = 0;
    w[va + END] = 0;
    w[va + PLACE_WORD] = PLACE.BLANK;
  }

  /** Gives a record outside all containers an extent `[start, end)`, pages. */
  assign(va: Va, start: number, end: number, process: number): void {
    const w = this.words;
    this.changes.touch(va);
    w[va + START] = start;
    w[va + END] = end;
    w[va + PLACE_WORD] = PLACE.LIMBO;
    w[va + OWNER] = process;
  }
}
