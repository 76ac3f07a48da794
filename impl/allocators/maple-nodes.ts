// SPDX-License-Identifier: GPL-2.0-only
//
// Busy and lazily freed areas in range trees, whose stores may find no memory; and the list of areas that wait for
// another try. What the maple-tree series makes of the nodes of mainline, before the free space is looked at.
// Source: "[PATCH RFC 04/12] mm/vmalloc: finalize maple-only indexing and shrink struct vmap_area" and "05/12 tighten
// failure handling under memory pressure" (13 Jun 2026).
// Deviations: a WARN that only says that an injected failure has happened is left out. Trees are there from the start.

import { call, type KernelCode, type Site, type Step, tail } from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { GapLog } from "../heap/gap-log.ts";
import type { KernelOptions } from "../kernel/kernel.ts";
import type { Lock } from "../kernel/locks.ts";
import { StoreFaults } from "../kernel/store-faults.ts";
import { WORK_CPU_UNBOUND } from "../kernel/workqueue/queues.ts";
import { AreaTrees, treeWords } from "../structures/area-trees.ts";
import { ENOMEM } from "./errno.ts";
import { ONE_STORE } from "./global-tree.ts";
import { MAPLE_SITES, OTHER_MAPLE_SITES, STORE_FAILED_SITES } from "./maple-sites.ts";
import { SizePools } from "./size-pools.ts";

const S = { ...MAPLE_SITES, ...STORE_FAILED_SITES, ...OTHER_MAPLE_SITES };

// What publish_vmap_area_lazy() does first comes to.
const NOT_INDEXED = 0;
const INDEXED = 1;
const INDEXED_LOCK_KEPT = 2;

/** Nodes whose busy and lazy areas are in range trees. */
export abstract class MapleNodes extends SizePools {
  readonly trees: AreaTrees;
  override readonly gaps: GapLog;
  /** vmap_retry_list. */
  readonly retryList: number;
  /** occupied_vmap_area_perf_mode. */
  readonly perfMode: Int32Array;
  /** Whether the mode changes while tasks run. */
  readonly flips: boolean;
  protected readonly storeFaults: StoreFaults;

  constructor(instance: Instance, options: KernelOptions) {
    const { nodes } = instance;
    const trees = 1 + 2 * nodes;
    const records = instance.programs.length + 2;
    const recordsMax =
      options.recordsMax ?? instance.spacePages + 8 * instance.programs.length + instance.cpus;
    super(instance, options, {
      containers: 2 + nodes,
      words: 1 + treeWords(trees, recordsMax + records + 64),
      records,
    });
    const { kernel } = this;
    this.storeFaults = new StoreFaults(kernel.faults);
    this.trees = new AreaTrees(kernel, trees, kernel.areas.capacity, this.guardOf(this.freeLock));
    this.gaps = this.trees.gaps;
    this.trees.declare(this.free, "free_vmap_area_mt", this.guardOf(this.freeLock));
    for (let n = 0; n < nodes; n++) {
      this.trees.declare(this.busy[n]!, `node ${n} busy.mt`, this.guardOf(this.busyLock[n]!));
      this.trees.declare(this.lazy[n]!, `node ${n} lazy.mt`, this.guardOf(this.lazyLock[n]!));
    }
    this.retryList = this.declareContainer("retry", -1, this.freeLock, { sorted: false });
    this.flips = instance.boot !== undefined || instance.programs.flat().some(({ op }) => op === "flip");
    this.perfMode = kernel.heap.words("occupied_vmap_area_perf_mode", 1);
    this.trees.ranges.fails = this.storeFaults.storeFails;
    this.trees.ranges.init();
  }

  protected override get hasRangeTrees(): boolean {
    return true;
  }

  /** occupied_mt_supported(). */
  protected occupiedMtSupported(): boolean {
    return this.perfMode[0] !== 0;
  }

  /** Takes a range out of the occupied tree. */
  protected abstract occupiedMtEraseVa(va: Va): boolean;

  /** rollback_busy_insert_failed_alloc_locked(). */
  protected abstract rollbackBusyInsertFailedAlloc(va: Va): void;

  /** Most stores of the roll-back. */
  protected abstract readonly rollbackStores: () => number;

  protected override storing(
    where: Site,
    lock: Lock,
    stores: () => number,
    body: () => number,
    splits = 0,
  ): Step {
    const { kernel, storeFaults } = this;
    return {
      site: where,
      gate: lock.gate,
      waitsFor: lock.waitsFor,
      choices: storeFaults.choices(stores, splits),
      run: (choice) => {
        storeFaults.begin(choice, stores(), splits);
        kernel.armSplit(storeFaults.splitFailsAt);
        kernel.locks.acquire(lock);
        const result = body();
        kernel.locks.release(lock);
        kernel.armSplit(0);
        storeFaults.end();
        return result;
      },
    };
  }

  override *allocBind(
    va: number,
    page: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    flags: number,
  ): KernelCode {
    const node = this.busyNode(page, size, flags);
    const bound = yield this.storing(S.bind, this.busyLock[node]!, ONE_STORE, () =>
      this.bindBusy(va as Va, page, size, flags, node),
    );
    if (!bound) return tail(this, this.undoAlloc, va);
    const shadow = this.populateShadow();
    if (shadow && (yield shadow)) {
      yield call(this, this.freeVmapArea, va, page);
      return -ENOMEM;
    }
    if (page % align !== 0 || page < vstart || page + size > vend) {
      yield this.kernel.step(S.badGrant, () => {
        this.kernel.oops(ALARM.BAD_GRANT, page);
        return 0;
      });
    }
    return page;
  }

  /** The record is filled and inserted; where that fails, its range is given up at once. */
  protected bindBusy(va: Va, page: number, size: number, flags: number, node: number): number {
    this.bindRecord(va, page, size, flags);
    const bound = this.insertVmapAreaBusy(va, node);
    if (bound) this.kernel.events.emit(EVENT.BIND, page, page + size, node);
    else this.kernel.events.emit(EVENT.UNLINK, page, page + size);
    return bound ? 1 : 0;
  }

  /** insert_vmap_area_busy_locked(). */
  protected insertVmapAreaBusy(va: Va, node: number): boolean {
    const { areas, trees } = this;
    return (
      trees.fits(this.busy[node]!, areas.start[va]!, areas.end[va]!) && trees.store(this.busy[node]!, va)
    );
  }

  /** unlink_vmap_area_busy_locked(): the record counts as unlinked, whatever became of the store. */
  protected unlinkVmapAreaBusy(va: Va, node: number): void {
    this.trees.erase(this.busy[node]!, va);
    this.trees.leave(this.busy[node]!, va);
    this.kernel.events.emit(EVENT.UNLINK, this.areas.start[va], this.areas.end[va]);
  }

  /** The end of an alloc_vmap_area() whose insertion failed. */
  *undoAlloc(va: number): KernelCode {
    yield this.storing(S.rollback, this.freeLock, this.rollbackStores, () => {
      this.rollbackBusyInsertFailedAlloc(va as Va);
      return 0;
    });
    yield this.scheduleRetry();
    return -ENOMEM;
  }

  /** schedule_work(&drain_vmap_work), so that the retry list is looked at. */
  protected scheduleRetry(): Step {
    return this.kernel.step(S.scheduleRetry, () => {
      this.kernel.works.queue(this.drainWork, WORK_CPU_UNBOUND);
      return 0;
    });
  }

  protected override unlinkBusy(va: Va, page: number): Step {
    const node = this.addrToNode(page);
    return this.storing(S.unbind, this.busyLock[node]!, ONE_STORE, () => {
      this.unlinkVmapAreaBusy(va, node);
      return this.areas.flags[va]!;
    });
  }

  protected override findUnlink(node: number, page: number): Va {
    const va = this.findVmapAreaBusy(node, page);
    if (va !== NONE) this.unlinkVmapAreaBusy(va, node);
    return va;
  }

  protected override lookUp(node: number, page: number): number {
    const va = this.findVmapAreaBusy(node, page);
    return va === NONE ? -1 : this.areas.start[va]!;
  }

  /** find_vmap_area_busy_locked(). */
  protected findVmapAreaBusy(node: number, page: number): Va {
    const va = this.trees.find(this.busy[node]!, page);
    if (va === NONE || this.trees.isIn(this.busy[node]!, va)) return va;
    this.kernel.oops(ALARM.FREED_RECORD, page);
    return NONE;
  }

  /** retry_queue_add_va_locked(). */
  protected retryQueueAddVa(va: Va): void {
    const { areas, containers, index } = this;
    if (index.isLinked(va)) {
      this.kernel.warn(ALARM.RETRY_LINKED);
      return;
    }
    index.linkListAfter(this.retryList, va, containers.tail[this.retryList]! as Va);
    this.kernel.events.emit(EVENT.RETRY, areas.start[va], areas.end[va]);
  }

  /** Puts an area onto the retry list; returns vmap_lazy_nr. */
  protected queueRetry(where: Site, va: Va): Step {
    return this.kernel.locked(where, this.freeLock, () => {
      this.retryQueueAddVa(va);
      return this.lazyNr[0]!;
    });
  }

  /** publish_vmap_area_lazy(): 1 if the area is in the lazy tree, 0 if it must be tried again. */
  *publishVmapAreaLazy(va: number, node: number): KernelCode {
    const lock = this.lazyLock[node]!;
    const state = yield {
      ...this.storing(S.publish, lock, ONE_STORE, () => 0),
      run: (choice) => this.publish(va as Va, node, choice),
    };
    if (state !== INDEXED_LOCK_KEPT) return state;
    return yield {
      site: S.publishErase,
      gate: this.freeLock.gate,
      waitsFor: this.freeLock.waitsFor,
      choices: this.storeFaults.choices(TWO_STORES),
      run: (choice) => this.publishErase(va as Va, node, choice),
    };
  }

  /** Its section under the lazy lock, which is kept if there is more to do. */
  protected publish(va: Va, node: number, choice: number): number {
    const { areas, kernel, storeFaults, trees } = this;
    const lock = this.lazyLock[node]!;
    storeFaults.begin(choice, 1);
    kernel.locks.acquire(lock);
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    const lazy = this.lazy[node]!;
    const indexed = trees.fits(lazy, start, end) && trees.store(lazy, va);
    if (indexed) kernel.events.emit(EVENT.LAZY, start, end, node, this.lazyNr[0], 0);
    storeFaults.end();
    if (indexed && !kernel.heap.racy(() => this.staysOccupied())) return INDEXED_LOCK_KEPT;
    kernel.locks.release(lock);
    return indexed ? INDEXED : NOT_INDEXED;
  }

  /** Whether a lazy area keeps its range in the occupied tree; asked without free_vmap_area_lock. */
  protected staysOccupied(): boolean {
    return this.occupiedMtSupported();
  }

  /** What is done about the occupied tree if it does not, under free_vmap_area_lock. */
  protected eraseAtPublish(va: Va): boolean {
    return this.occupiedMtEraseVa(va);
  }

  // Without perf mode: drop the range from the occupied tree, or take the area back out of the lazy one.
  private publishErase(va: Va, node: number, choice: number): number {
    const { kernel, storeFaults } = this;
    storeFaults.begin(choice, 2);
    kernel.locks.acquire(this.freeLock);
    const erased = this.eraseAtPublish(va);
    kernel.locks.release(this.freeLock);
    let lazy = true;
    if (!erased && this.trees.erase(this.lazy[node]!, va)) {
      this.trees.leave(this.lazy[node]!, va);
      lazy = false;
    }
    kernel.locks.release(this.lazyLock[node]!);
    storeFaults.end();
    return lazy ? INDEXED : NOT_INDEXED;
  }

  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const pages = yield this.kernel.localStep(S.size, () => {
      if (!this.index.isLinked(va as Va)) return this.areas.size(va as Va);
      this.kernel.warn(ALARM.STILL_LINKED);
      return 0;
    });
    if (pages === 0) return 0;
    const published = yield call(this, this.publishVmapAreaLazy, va, node);
    if (published) return tail(this, this.countLazy, pages);
    const nr = yield this.queueRetry(S.retry, va as Va);
    return tail(this, this.retryQueued, nr);
  }

  /** Its end for an area that is lazy: the counter follows. */
  *countLazy(pages: number): KernelCode {
    const nr = yield this.kernel.step(S.lazyAdd, () => {
      const sum = this.lazyNr[0]! + pages;
      const above = sum > this.lazyMaxPages();
      this.lazyNr[0] = sum;
      this.kernel.events.emit(EVENT.LAZY_ADD, pages, sum, above ? 1 : 0);
      if (!above) this.kernel.events.emit(EVENT.FREE_DONE);
      return sum;
    });
    return nr > this.lazyMaxPages() ? tail(this, this.scheduleDrain) : 0;
  }

  /** Its end for an area that waits for another try. */
  *retryQueued(nr: number): KernelCode {
    const above = nr > this.lazyMaxPages();
    yield this.kernel.step(S.scheduleRetry, () => {
      this.kernel.works.queue(this.drainWork, WORK_CPU_UNBOUND);
      if (!above) this.kernel.events.emit(EVENT.FREE_DONE);
      return 0;
    });
    return above ? tail(this, this.scheduleDrain) : 0;
  }

  private guardOf(lock: Lock): () => string | undefined {
    return () => (this.kernel.locks.held(lock.id) ? undefined : `without ${lock.name}`);
  }
}

const TWO_STORES = (): number => 2;
