// SPDX-License-Identifier: GPL-2.0-only
//
// The project's own first fit for bench (b): impl/structures over impl/heap, with the events and the change
// tracking that every simulated step pays for. Kernel functions in the comments.

import { AREA_WORDS } from "../impl/heap/area-words.ts";
import { Areas, NONE, type Va } from "../impl/heap/areas.ts";
import { Containers } from "../impl/heap/containers.ts";
import { EventLog } from "../impl/heap/event-log.ts";
import { Heap } from "../impl/heap/heap.ts";
import { FreeSpace, type SpareSource } from "../impl/structures/free-space.ts";
import type { FirstFit } from "./first-fit-workload.ts";

export class TreeFirstFit implements FirstFit {
  /** Memory reserved, bytes: the heap, and the table of the change log. */
  readonly bytes: number;
  private readonly pages: number;
  protected readonly areas: Areas;
  private readonly containers: Containers;
  private readonly events = new EventLog();
  protected readonly space: FreeSpace;
  private readonly spare: SpareSource;
  protected readonly freeTree: number;
  protected readonly busyTree: number;
  private readonly withBusyTree: boolean;

  /** `live` areas at most, in `pages` pages; with or without an index of the live areas, and change tracking. */
  constructor(live: number, pages: number, withBusyTree: boolean, tracking: boolean) {
    this.pages = pages;
    this.withBusyTree = withBusyTree;
    // Between two live areas lies at most one free one.
    const records = (withBusyTree ? 2 : 1) * live + 16;
    const heap = new Heap(records * (AREA_WORDS + 1) + 256, false);
    this.areas = new Areas(heap, records, this.events, () => undefined);
    this.containers = new Containers(heap, 2, () => undefined);
    const shape = { coalesced: false, augmented: false, sorted: true };
    this.freeTree = this.containers.declare("free", -1, 0, { ...shape, coalesced: true, augmented: true });
    this.busyTree = this.containers.declare("busy", -1, 0, shape);
    heap.seal();
    this.areas.init();
    if (!tracking) this.areas.changes.stop();
    this.bytes = 4 * heap.size + (tracking ? this.areas.changes.bytes : 0);
    this.space = new FreeSpace(this.areas, this.containers, this.events);
    this.spare = (): Va => this.areas.allocate(0);
    const all = this.areas.allocate(0);
    this.areas.assign(all, 0, pages, 0);
    this.space.insert(this.freeTree, all, 0);
  }

  /** alloc_vmap_area(): two steps, each with its own events and changes. */
  allocate(size: number): number {
    this.beginStep();
    const at = this.space.allocate(this.freeTree, size, 1, 0, this.pages, this.spare);
    if (at === this.pages) throw new Error("the space is full");
    if (this.withBusyTree) {
      this.beginStep();
      const va = this.areas.allocate(0);
      this.areas.assign(va, at, at + size, 0);
      this.space.insert(this.busyTree, va, 0);
    }
    return at;
  }

  /** find_unlink_vmap_area(), then merge_or_add_vmap_area_augment(). */
  free(start: number, size: number): void {
    this.beginStep();
    let va: Va;
    if (this.withBusyTree) {
      va = this.space.find(this.busyTree, start);
      if (va === NONE) throw new Error(`page ${start} is in no live area`);
      this.space.unlink(this.busyTree, va, 0);
      this.beginStep();
    } else {
      va = this.areas.allocate(0);
      this.areas.assign(va, start, start + size, 0);
    }
    this.space.mergeOrAdd(this.freeTree, va);
  }

  /** The free intervals in order. */
  *freeIntervals(): Iterable<readonly [start: number, end: number]> {
    for (let va = this.containers.head[this.freeTree]! as Va; va !== NONE; va = this.areas.next[va]! as Va) {
      yield [this.areas.start[va]!, this.areas.end[va]!];
    }
  }

  protected beginStep(): void {
    this.events.count = 0;
    this.areas.changes.begin();
  }
}
