// SPDX-License-Identifier: GPL-2.0-only
//
// The design `occupied-index`: the occupied tree alone says what is free once the perf mode is on. The free tree is left
// as it was then, and read by what still reads it. Overrides what the diff touches.
// Source: "[PATCH RFC 07/12] mm/vmalloc: consolidate occupied tree as authoritative index on hot path" (13 Jun 2026).
// Deviation: reclaim_list_global() frees records outside the lock; here it does so inside, which nobody can see.

import { EVENT } from "../../spec/events.ts";
import { NONE, type Va } from "../heap/areas.ts";
import { DualIndex, NO_ADDRESS } from "./dual-index.ts";

/** RFC 07/12. */
export class OccupiedIndex extends DualIndex {
  protected override readonly reclaimStores: number = 1;

  protected override readonly freeStores = (): number => 1;

  override gapsAreFree(): boolean {
    return this.occupiedMtSupported();
  }

  protected override readonly searchStores = (): number => (this.flips ? 4 : 1);

  /** The gap that is looked for is longer by the alignment, so that any alignment lands inside it. */
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    return this.findHole(min, max, size, align > 1 ? size + align - 1 : size, align);
  }

  protected override allocVmapAreaLocked(size: number, align: number, vstart: number, vend: number): number {
    if (size > vend - vstart) return NO_ADDRESS;
    if (!this.occupiedMtSupported()) return this.allocFromFreeMt(size, align, vstart, vend);
    const at = this.occupiedMtFindHoleWindow(vstart, vend - 1, size, align);
    if (at === NO_ADDRESS) {
      this.kernel.events.emit(EVENT.SEARCH_FAILED, this.free, size, align, vstart, vend);
      return NO_ADDRESS;
    }
    return this.occupiedMtStore(at, at + size) ? at : NO_ADDRESS;
  }

  /** release_drained_vmap_area_locked(): with its marker gone, the range is free; the record is not needed. */
  protected releaseDrainedVmapArea(va: Va, list = -1): void {
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    this.areas.release(va);
    this.released(start, end, list);
  }

  protected override giveBack(va: Va): boolean {
    if (!this.occupiedMtEraseVa(va)) {
      this.retryQueueAddVa(va);
      return false;
    }
    this.areas.release(va);
    return true;
  }

  protected override reclaimGlobal(list: number, erase: boolean, failed: number): boolean {
    for (let va = this.takeFirstOf(list); va !== NONE; va = this.takeFirstOf(list)) {
      if (erase && !this.occupiedMtEraseVa(va)) this.appendTo(failed, va);
      else this.releaseDrainedVmapArea(va, list);
    }
    return false;
  }
}
