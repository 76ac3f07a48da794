// SPDX-License-Identifier: GPL-2.0-only
//
// The design `dual-index`: free ranges and occupied ranges are indexed by a range tree each, kept in lock-step once the
// perf mode is on. The state before "consolidate occupied tree as authoritative index on hot path".
// Source: "[PATCH RFC 06/12] mm/vmalloc: tighten alloc/free hot paths" on top of 04/12 and 05/12 (13 Jun 2026).
// Deviations: errors of __alloc_vmap_area() are one value, `vend`, as in the older designs: its caller tells them not
// apart. A record that restore_allocated_vmap_range_free_locked() wants fails as that of a split does.

import { call, type Call, type KernelCode, type Step } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import { NONE, type Va } from "../heap/areas.ts";
import { alignUp } from "../structures/free-space.ts";
import { MaplePcpu } from "./maple-pcpu.ts";
import { MAPLE_SITES as S, OTHER_MAPLE_SITES } from "./maple-sites.ts";

/** No address: what an IS_ERR_VALUE() of __alloc_vmap_area() is here. */
export const NO_ADDRESS = -1;

/** RFC 06/12. */
export class DualIndex extends MaplePcpu {
  protected override readonly reclaimStores: number = 5;

  protected override readonly rollbackStores = (): number => 3;

  override boot(): void {
    super.boot();
    if (!this.flips) this.perfMode[0] = 1;
  }

  override lateInitcalls(): Call | undefined {
    return call(this, this.vmapEnableOccupiedPerfMode);
  }

  /** vmap_enable_occupied_perf_mode(). */
  *vmapEnableOccupiedPerfMode(): KernelCode {
    const stores = (): number => this.containers.count[this.free]! + 1;
    return yield this.storing(OTHER_MAPLE_SITES.perfMode, this.freeLock, stores, () =>
      this.switchPerfMode(this.seedOccupied()),
    );
  }

  /** The end of its section: on, if all could be stored. */
  protected switchPerfMode(seeded: boolean): number {
    this.perfMode[0] = seeded ? 1 : 0;
    this.kernel.events.emit(EVENT.PERF_MODE, seeded ? 1 : 0);
    return 0;
  }

  /** occupied_mt_seed_from_free_locked(): only the vmalloc window is seeded. */
  protected seedOccupied(): boolean {
    const { start, end } = this.kernel.instance.vmalloc;
    return this.seedWindow(start, end);
  }

  /** Stores what lies between free areas of `[start, end)` as occupied. */
  protected seedWindow(start: number, end: number): boolean {
    const { ranges } = this.trees;
    const tree = this.trees.tree(this.free)!;
    let search = start;
    for (let va = ranges.find(tree, 0, end - 1) as Va; va !== NONE; va = ranges.next(tree, end - 1) as Va) {
      const { last } = ranges;
      const from = this.trees.startOf(this.free, va);
      if (search < from && !this.trees.occupy(search, from)) return false;
      search = Math.max(search, this.trees.endOf(this.free, va));
      ranges.last = last;
    }
    return this.seedRest(search, end);
  }

  /** What lies behind the last free area. */
  protected seedRest(search: number, end: number): boolean {
    return search >= end || this.trees.occupy(search, end);
  }

  override forEachFree(visit: (start: number, end: number) => void): void {
    const { areas } = this;
    if (this.gapsAreFree()) this.trees.forEachGap(this.kernel.instance.spacePages, visit);
    // An entry may be longer than its record says, if a store has failed.
    else {
      this.trees.ranges.forEach(this.trees.tree(this.free)!, (first, last, va) => {
        if (areas.place[va] !== this.free) return;
        const start = Math.max(first, areas.start[va]!);
        const end = Math.min(last + 1, areas.end[va]!);
        if (start < end) visit(start, end);
      });
    }
  }

  protected override occupiedMtStore(start: number, end: number): boolean {
    if (!this.occupiedMtSupported()) return true;
    if (!this.trees.isVacant(start, end)) {
      this.kernel.events.emit(EVENT.OCCUPIED_TWICE, start, end);
    }
    return this.trees.occupy(start, end);
  }

  protected override occupiedMtEraseVa(va: Va): boolean {
    if (!this.occupiedMtSupported()) return true;
    return this.trees.vacate(this.areas.start[va]!, this.areas.end[va]!);
  }

  protected override searchSection(
    spare: Va,
    size: number,
    align: number,
    vstart: number,
    vend: number,
  ): Step {
    const body = (): number => {
      this.preloadThisCpu(spare);
      const page = this.allocVmapAreaLocked(size, align, vstart, vend);
      if (page === NO_ADDRESS) return vend;
      this.grant(page, size, align, vstart, vend, -1);
      return page;
    };
    return this.storing(S.search, this.freeLock, this.searchStores, body, 1);
  }

  /** Most stores of __alloc_vmap_area(). */
  protected readonly searchStores: () => number = () => 5;

  /** __alloc_vmap_area(). */
  protected allocVmapAreaLocked(size: number, align: number, vstart: number, vend: number): number {
    if (size > vend - vstart) return NO_ADDRESS;
    if (this.occupiedMtSupported() && align <= 1) {
      const at = this.occupiedMtFindHoleWindow(vstart, vend - 1, size, align);
      if (at !== NO_ADDRESS) {
        const va = this.freeMtFindEncloseRange(at, at + size);
        if (va !== NONE) return this.takeFrom(va, at, size);
        this.occupiedMtCacheGapMiss(at, vend);
      }
    }
    return this.allocFromFreeMt(size, align, vstart, vend);
  }

  /** The walk of __alloc_vmap_area() over the free tree. */
  protected allocFromFreeMt(size: number, align: number, vstart: number, vend: number): number {
    const { ranges } = this.trees;
    const tree = this.trees.tree(this.free)!;
    const searchLen = this.searchLength(size, align, vend - vstart);
    let va = ranges.find(tree, vstart, vend - 1) as Va;
    for (; va !== NONE; va = ranges.next(tree, vend - 1) as Va) {
      const from = Math.max(this.trees.startOf(this.free, va), vstart);
      const limit = Math.min(this.trees.endOf(this.free, va), vend);
      if (limit <= from || limit - from < searchLen) continue;
      const at = alignUp(from, align);
      if (at + size <= limit) return this.takeFrom(va, at, size);
    }
    this.kernel.events.emit(EVENT.SEARCH_FAILED, this.free, size, align, vstart, vend);
    return NO_ADDRESS;
  }

  /** Its search_len: long enough for any alignment, unless the request is for all of the window. */
  protected searchLength(size: number, align: number, window: number): number {
    return align > 1 && window !== size ? size + align - 1 : size;
  }

  /** The end of __alloc_vmap_area(): clip the free area, store the range as occupied. */
  protected takeFrom(va: Va, at: number, size: number): number {
    // A record that is not free any more is clipped all the same, under a lock that does not guard it.
    const clipped = this.trees.isIn(this.free, va)
      ? this.vaClip(va, at, size)
      : this.kernel.heap.racy(() => this.vaClip(va, at, size));
    if (!clipped) return NO_ADDRESS;
    if (this.occupiedMtStore(at, at + size)) return at;
    this.restoreAllocatedVmapRangeFree(at, at + size);
    return NO_ADDRESS;
  }

  /** occupied_mt_find_hole_window_locked(): a range of `[min, max]`, or NO_ADDRESS. O(holes that are too small). */
  protected occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    return this.findHole(min, max, size, size, align);
  }

  /** Its loop, with the length that it looks for. */
  protected findHole(min: number, max: number, size: number, length: number, align: number): number {
    const { ranges, occupied } = this.trees;
    let gaps = 0;
    for (let search = min; search <= max;) {
      if (ranges.emptyArea(occupied, search, max, length) !== 0) return NO_ADDRESS;
      if (++gaps > 1) this.kernel.events.emit(EVENT.HOLE_SCAN, gaps, align);
      const holeEnd = Math.min(ranges.last, max);
      let at = alignUp(ranges.index, align);
      while (at >= search && at + size - 1 <= holeEnd) {
        const blocked = this.retryQueueOverlap(at, at + size - 1);
        if (blocked < 0) return at;
        if (blocked >= holeEnd) break;
        at = alignUp(blocked + 1, align);
      }
      search = holeEnd + 1;
    }
    return NO_ADDRESS;
  }

  /** retry_queue_overlap_locked(): the last page of the retry list's areas that overlap `[start, end]`, or -1. */
  protected retryQueueOverlap(start: number, end: number): number {
    const { areas, containers } = this;
    let blocked = -1;
    for (let va = containers.head[this.retryList]! as Va; va !== NONE; va = areas.next[va]! as Va) {
      const last = areas.end[va]! - 1;
      if (areas.start[va]! <= end && last >= start) blocked = Math.max(blocked, last);
    }
    return blocked;
  }

  /** occupied_mt_cache_gap_miss_locked(): a gap that is not free is occupied from now on. */
  protected occupiedMtCacheGapMiss(candidate: number, vend: number): void {
    const prev = this.trees.findEnclose(this.free, candidate);
    if (
      prev !== NONE &&
      this.trees.startOf(this.free, prev) <= candidate &&
      candidate < this.trees.endOf(this.free, prev)
    )
      return;
    const next = this.trees.findExceed(this.free, candidate);
    const blockedEnd = next === NONE ? vend : this.trees.startOf(this.free, next);
    if (blockedEnd > candidate) this.trees.occupy(candidate, blockedEnd);
  }

  /** A range may be used again; if it comes out of a pool, it could be before. */
  protected released(start: number, end: number, list = -1): void {
    if (list >= 0 && this.containers.info[list]!.kind === "decay") return;
    this.kernel.events.emit(EVENT.RELEASE, start, end, -1);
  }

  /** The record of `[start, end)` is not free and stands for neighbours as well, which are free no more. */
  protected withdrawn(va: Va, start: number, end: number): void {
    const { areas, kernel } = this;
    if (areas.start[va]! < start) kernel.events.emit(EVENT.WITHDRAW, areas.start[va], start);
    if (areas.end[va]! > end) kernel.events.emit(EVENT.WITHDRAW, end, areas.end[va]);
  }

  protected override rollbackBusyInsertFailedAlloc(va: Va): void {
    const { areas } = this;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    if (!this.insertVmapAreaFree(va)) {
      this.retryQueueAddVa(va);
      return;
    }
    // If nothing can be erased, both trees have the range.
    if (this.occupiedMtEraseVa(va) || !this.trees.erase(this.free, va)) {
      this.released(start, end);
      return;
    }
    this.trees.leave(this.free, va);
    this.retryQueueAddVa(va);
  }

  /** reinsert_or_queue_vmap_area_locked(): whether the area is free; if not, it is on the retry list. */
  protected reinsertOrQueueVmapArea(va: Va): boolean {
    const { areas } = this;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    if (this.mergeOrAddVmapAreaFree(va) || this.insertVmapAreaFree(va)) return true;
    this.withdrawn(va, start, end);
    this.occupiedMtStore(areas.start[va]!, areas.end[va]!);
    this.retryQueueAddVa(va);
    return false;
  }

  override *freeVmapArea(va: number, page: number): KernelCode {
    yield this.unlinkBusy(va as Va, page);
    const queued = yield this.storing(S.mergeFree, this.freeLock, this.freeStores, () =>
      this.giveBackReleased(va as Va) ? 0 : 1,
    );
    if (queued) yield this.scheduleRetry();
    return 0;
  }

  /** The same, of a range that others have seen in use. */
  protected giveBackReleased(va: Va): boolean {
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    const free = this.giveBack(va);
    if (free) this.released(start, end);
    return free;
  }

  protected override readonly freeStores: () => number = () => 6;

  protected override giveBack(va: Va): boolean {
    if (this.occupiedMtEraseVa(va)) return this.reinsertOrQueueVmapArea(va);
    this.retryQueueAddVa(va);
    return false;
  }

  protected override reclaimGlobal(list: number, erase: boolean, failed: number): boolean {
    const { areas } = this;
    let queued = false;
    for (let va = this.takeFirstOf(list); va !== NONE; va = this.takeFirstOf(list)) {
      if (erase && !this.occupiedMtEraseVa(va)) {
        this.appendTo(failed, va);
        continue;
      }
      const start = areas.start[va]!;
      const end = areas.end[va]!;
      if (this.mergeOrAddVmapAreaFree(va)) {
        this.released(start, end, list);
        continue;
      }
      const retried = erase && !this.occupiedMtStore(areas.start[va]!, areas.end[va]!);
      const wasFree = this.containers.info[list]!.kind === "decay";
      if (!wasFree) this.withdrawn(va, start, end);
      else if (retried) this.kernel.events.emit(EVENT.WITHDRAW, areas.start[va], areas.end[va]);
      if (retried) this.retryQueueAddVa(va);
      else this.appendTo(failed, va);
      queued ||= retried;
    }
    return queued;
  }
}
