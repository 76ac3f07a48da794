// SPDX-License-Identifier: GPL-2.0-only
//
// pcpu_get_vm_areas() over range trees: the walk from the top goes through the free tree, each area that is clipped is
// stored as occupied, and what cannot be given back waits on the retry list.
// Source: "[PATCH RFC 04/12] ... finalize maple-only indexing" and "05/12 ... tighten failure handling" (13 Jun 2026).

import { call, type KernelCode, type Site, site, type Step, tail } from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import type { PcpuRequest } from "../../spec/operations.ts";
import { NONE, type Va } from "../heap/areas.ts";
import { ENOMEM } from "./errno.ts";
import { ONE_STORE } from "./global-tree.ts";
import { MapleFree } from "./maple-free.ts";
import { S } from "./pcpu-areas.ts";

const UNWIND = site("pcpu_get_vm_areas", "under a node's busy lock: erase an area that was inserted");

// Results of the search below 0: -1 less the records that are gone, and less QUEUED if an area is on the retry list.
const OVERFLOW = -1;
const QUEUED = 64;

/** The calls of the per-CPU allocator. */
export abstract class MaplePcpu extends MapleFree {
  /** occupied_mt_store_range_locked(): nothing without perf mode. */
  protected abstract occupiedMtStore(start: number, end: number): boolean;

  /** Gives the range of a record back that nobody has mapped. False if it is on the retry list. */
  protected abstract giveBack(va: Va): boolean;

  /** Most stores that this takes. */
  protected abstract readonly freeStores: () => number;

  protected override pcpuSection(where: Site, body: () => number, areas: number): Step {
    // A clip and its store for each area, and all of them back.
    return this.storing(where, this.freeLock, () => areas * (3 + this.freeStores()), body, areas);
  }

  override *pcpuRetry(request: number, purged: number): KernelCode {
    const { offsets } = this.pcpuRequests[request]!;
    const base = yield this.pcpuSection(S.search, () => this.pcpuTake(request), offsets.length);
    if (base >= 0) return tail(this, this.pcpuPopulate, request, base, 0);
    const missing = OVERFLOW - base;
    if (missing >= QUEUED) yield this.scheduleRetry();
    return tail(this, this.pcpuOverflow, request, purged, missing % QUEUED);
  }

  protected override pcpuClipAll({ offsets, sizes, align }: PcpuRequest, base: number): number {
    const { areas, containers, index } = this;
    const { events, instance } = this.kernel;
    const list = this.pcpuVas();
    let va = containers.head[list]! as Va;
    for (const [area, offset] of offsets.entries()) {
      const start = base + offset;
      const end = start + sizes[area]!;
      if (!this.pcpuClip(start, sizes[area]!)) return OVERFLOW - this.pcpuRecover(va);
      index.setEnd(list, va, end);
      index.setStart(list, va, start);
      const next = areas.next[va]! as Va;
      // The area whose store has failed goes back as well.
      if (!this.occupiedMtStore(start, end)) return OVERFLOW - this.pcpuRecover(next);
      va = next;
    }
    const { start, end } = instance.vmalloc;
    for (const [area, offset] of offsets.entries()) {
      events.emit(EVENT.GRANT, base + offset, base + offset + sizes[area]!, align, start, end, -1);
    }
    return base;
  }

  protected override pcpuClip(page: number, size: number): boolean {
    const va = this.pvmFindVaEncloseAddr(page);
    if (va === NONE) return false;
    const vacant = this.trees.isVacant(page, page + size);
    this.kernel.events.emit(EVENT.FREE_TREE_READ, page, page + size, vacant ? 1 : 0);
    return this.vaClip(va, page, size);
  }

  protected override pcpuRecover(failed: Va): number {
    const { areas, containers, index } = this;
    const list = this.pcpuVas();
    const before = (): Va => (failed === NONE ? containers.tail[list]! : areas.prev[failed]!) as Va;
    let gone = 0;
    let queued = false;
    for (let va = before(); va !== NONE; va = before()) {
      const start = areas.start[va]!;
      const end = areas.end[va]!;
      index.unlinkList(list, va, this.kernel.current);
      gone++;
      if (this.giveBack(va)) continue;
      // It was free for all that others have seen.
      this.kernel.events.emit(EVENT.WITHDRAW, start, end);
      queued = true;
    }
    return queued ? gone + QUEUED : gone;
  }

  /** The areas go back, as a shadow or an insertion failed; 1 if one of them is on the retry list. */
  protected override pcpuGiveAllBack(): number {
    const { areas, containers, index } = this;
    const list = this.pcpuVas();
    let queued = 0;
    for (let va = containers.head[list]! as Va; va !== NONE; va = containers.head[list]! as Va) {
      const start = areas.start[va]!;
      const end = areas.end[va]!;
      index.unlinkList(list, va, this.kernel.current);
      const free = this.giveBack(va);
      this.kernel.events.emit(free ? EVENT.UNGRANT : EVENT.UNLINK, start, end);
      if (!free) queued = 1;
    }
    return queued;
  }

  override *pcpuShadowFailed(request: number): KernelCode {
    const { offsets } = this.pcpuRequests[request]!;
    const stores = (): number => offsets.length * this.freeStores();
    const queued = yield this.storing(S.giveBack, this.freeLock, stores, () => this.pcpuGiveAllBack());
    if (queued) yield this.scheduleRetry();
    return -ENOMEM;
  }

  override *pcpuInsert(request: number, base: number, area: number): KernelCode {
    const { offsets } = this.pcpuRequests[request]!;
    const node = this.addrToNode(base + offsets[area]!);
    const inserted = yield this.storing(S.insertInNode, this.busyLock[node]!, ONE_STORE, () =>
      this.pcpuInsertFirst(node),
    );
    if (!inserted) return tail(this, this.pcpuUnwindBusy, request, base, area - 1);
    return area + 1 < offsets.length ? tail(this, this.pcpuInsert, request, base, area + 1) : base;
  }

  /** insert_vmap_area_busy_locked() of the first area that is not busy yet: whether that succeeded. */
  protected override pcpuInsertFirst(node: number): number {
    const { areas, containers, index } = this;
    const list = this.pcpuVas();
    const va = containers.head[list]! as Va;
    index.unlinkList(list, va, this.kernel.current);
    if (this.insertVmapAreaBusy(va, node)) {
      this.kernel.events.emit(EVENT.BIND, areas.start[va], areas.end[va], node);
      return 1;
    }
    index.linkListAfter(list, va, NONE);
    return 0;
  }

  /** Its label `err_unwind_busy`: the areas from `area` down are unlinked, and then all go back. */
  *pcpuUnwindBusy(request: number, base: number, area: number): KernelCode {
    if (area < 0) return yield call(this, this.pcpuShadowFailed, request);
    const page = base + this.pcpuRequests[request]!.offsets[area]!;
    const node = this.addrToNode(page);
    yield this.storing(UNWIND, this.busyLock[node]!, ONE_STORE, () => this.pcpuTakeBack(page, node));
    return tail(this, this.pcpuUnwindBusy, request, base, area - 1);
  }

  // unlink_vmap_area_busy_locked() of an area that nobody else knows of yet.
  private pcpuTakeBack(page: number, node: number): number {
    const { index, trees } = this;
    const va = trees.find(this.busy[node]!, page);
    if (va === NONE) return 0;
    trees.erase(this.busy[node]!, va);
    trees.leave(this.busy[node]!, va);
    index.linkListAfter(this.pcpuVas(), va, NONE);
    return 0;
  }

  protected override pvmFindVaEncloseAddr(page: number): Va {
    return this.trees.findEnclose(this.free, page);
  }

  protected override freeVmapAreaPrev(va: Va): Va {
    return this.trees.findEnclose(this.free, this.trees.startOf(this.free, va) - 1);
  }
}
