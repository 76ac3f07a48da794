// SPDX-License-Identifier: GPL-2.0-only
//
// The free tree of the maple-tree series: how a range is taken out of it, and how one is put back.
// Source: "[PATCH RFC 04/12] mm/vmalloc: finalize maple-only indexing and shrink struct vmap_area" and "05/12 tighten
// failure handling under memory pressure" (13 Jun 2026).

import { EVENT } from "../../spec/events.ts";
import { NONE, type Va } from "../heap/areas.ts";
import { FIT } from "../structures/free-space.ts";
import { MaplePurge } from "./maple-purge.ts";

/** Range trees, and free_vmap_area_mt among them. */
export abstract class MapleFree extends MaplePurge {
  protected override initFreeSpace(all: Va): void {
    this.trees.store(this.free, all);
  }

  /** free_mt_find_enclose_range_locked(). */
  protected freeMtFindEncloseRange(start: number, end: number): Va {
    const va = this.trees.find(this.free, start);
    if (va === NONE || this.trees.startOf(this.free, va) > start || this.trees.endOf(this.free, va) < end)
      return NONE;
    return va;
  }

  /** restore_allocated_vmap_range_free_locked(): without merging. */
  protected restoreAllocatedVmapRangeFree(start: number, end: number): void {
    const va = this.kernel.spareNowait();
    if (va === NONE) return;
    this.areas.assign(va, start, end, this.kernel.current);
    if (!this.trees.store(this.free, va)) this.areas.release(va);
  }

  /** va_clip(): takes `[at, at + size)` out of a free area. False if that fails. */
  protected vaClip(va: Va, at: number, size: number): boolean {
    const { areas } = this;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    const fit = this.index.classify(va, at, size);
    const clipped = fit !== FIT.NOTHING && this.clipAs(fit, va, at, size);
    if (clipped) this.kernel.events.emit(EVENT.CLIP, this.free, fit, start, end, at, at + size);
    else this.kernel.events.emit(EVENT.CLIP_FAILED, this.free);
    return clipped;
  }

  /** Its switch over the ways in which the range lies in the area. */
  protected clipAs(fit: number, va: Va, at: number, size: number): boolean {
    const { areas, index, trees } = this;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    switch (fit) {
      case FIT.FL:
        this.unlinkVmapAreaFree(va);
        areas.release(va);
        return true;
      case FIT.LE:
        index.setStart(areas.place[va]!, va, at + size);
        return trees.trim(this.free, start, at + size);
      case FIT.RE:
        index.setEnd(areas.place[va]!, va, at);
        return trees.trim(this.free, at, end);
      default:
        return this.split(va, start, at, size);
    }
  }

  /** NE_FIT_TYPE: the left part first, which leaves the entry of the right one, then the middle. */
  protected split(va: Va, start: number, at: number, size: number): boolean {
    const { areas, index, trees } = this;
    const left = this.kernel.spare();
    if (left === NONE) return false;
    areas.assign(left, start, at, this.kernel.current);
    index.setStart(areas.place[va]!, va, at + size);
    if (!trees.store(this.free, left)) {
      areas.release(left);
      return false;
    }
    return trees.trim(this.free, at, at + size);
  }

  /** unlink_vmap_area_free_locked(): the record counts as unlinked, whatever became of the store. */
  protected unlinkVmapAreaFree(va: Va): void {
    this.trees.erase(this.free, va);
    this.trees.leave(this.free, va);
  }

  /** insert_vmap_area_free_locked(). */
  protected insertVmapAreaFree(va: Va): boolean {
    const { areas, trees } = this;
    return trees.fits(this.free, areas.start[va]!, areas.end[va]!) && trees.store(this.free, va);
  }

  /**
   * merge_or_add_vmap_area_free_locked(): whether the area is in the free tree now, merged with its neighbours. If the
   * store fails, the record stands for them as well, and they are not free any more.
   */
  protected mergeOrAddVmapAreaFree(va: Va): boolean {
    const { areas, trees } = this;
    let start = areas.start[va]!;
    let end = areas.end[va]!;
    if (!trees.fits(this.free, start, end)) return false;
    const left = this.leftNeighbour(start);
    const right = this.rightNeighbour(start, end);
    if (left !== NONE) {
      start = trees.startOf(this.free, left);
      this.unlinkVmapAreaFree(left);
    }
    if (right !== NONE) {
      end = trees.endOf(this.free, right);
      this.unlinkVmapAreaFree(right);
    }
    areas.assign(va, start, end, this.kernel.current);
    const stored = trees.store(this.free, va);
    if (left !== NONE) areas.release(left);
    if (right !== NONE) areas.release(right);
    return stored;
  }

  /** The free area that ends where another one begins, or NONE; as trees.fits() has just found it. */
  protected leftNeighbour(start: number): Va {
    const { left } = this.trees;
    return left !== NONE && this.trees.endOf(this.free, left) === start ? left : NONE;
  }

  /** The free area that begins where another one, which lies at `start`, ends; or NONE. */
  protected rightNeighbour(start: number, end: number): Va {
    // The kernel looks for it once more: what is left of the code before the common check.
    const right = this.trees.findExceed(this.free, start);
    return right !== NONE && this.trees.startOf(this.free, right) === end ? right : NONE;
  }
}
