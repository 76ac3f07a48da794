// SPDX-License-Identifier: GPL-2.0-only
//
// The design `global-tree`: one free tree, one busy tree, one lazy tree, a lock each.
// Source: mm/vmalloc.c (v6.6). Functions carry the kernel's names in camel case.
// Deviations: alloc_vmap_area returns the first page instead of the record, which is all that its callers use;
// KASAN shadow contents, kmemleak, lockdep annotations and statistics are left out.

import {
  call,
  type KernelCode,
  type KernelFunction,
  type Site,
  type Step,
  tail,
} from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { FIRST_CONTAINER, NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions, Needs } from "../kernel/kernel.ts";
import type { Lock } from "../kernel/locks.ts";
import { WORK_CPU_UNBOUND } from "../kernel/workqueue/queues.ts";
import { PARTIAL_DECAY } from "./allocator.ts";
import { EBUSY, EINVAL, ENOMEM } from "./errno.ts";
import { S } from "./global-tree-sites.ts";
import { PcpuAreas } from "./pcpu-areas.ts";

/** Most stores of a section that makes one. */
export const ONE_STORE = (): number => 1;

// How a purge goes on after an area.
const LAST = 0;
const MORE = 1;
const MORE_LOCK_KEPT = 2;

/** v6.6. Later designs have several nodes; here there is one, number 0, and its containers are the global ones. */
export class GlobalTree extends PcpuAreas {
  readonly nodes: number;
  override readonly busy: number[] = [];
  readonly lazy: number[] = [];
  readonly purgeList: number[] = [];
  override readonly busyLock: Lock[] = [];
  readonly lazyLock: Lock[] = [];
  /** Start and end of the range that a purge flushes; a local of the kernel's, kept here under the mutex. */
  protected readonly range: Int32Array;

  constructor(instance: Instance, options: KernelOptions, nodes = 1, needs: Needs = needsOf(nodes)) {
    super(instance, options, needs);
    this.nodes = nodes;
    this.range = this.kernel.heap.words("purge.range", 2, () =>
      this.kernel.locks.held(this.purgeLock.id) ? undefined : "without vmap_purge_lock",
    );
    for (let n = 0; n < nodes; n++) {
      const id = nodes > 1 ? `node ${n} ` : "";
      this.busyLock.push(this.declareLock(`${id}busy.lock`, "busy.lock"));
      this.lazyLock.push(this.declareLock(`${id}lazy.lock`, "lazy.lock"));
      const sorted = !this.hasRangeTrees;
      this.busy.push(this.declareContainer("busy", n, this.busyLock[n], { sorted }));
      this.lazy.push(
        this.declareContainer("lazy", n, this.lazyLock[n], { coalesced: this.mergesLazy, sorted }),
      );
      this.purgeList.push(this.declareContainer("purge", n, undefined, { sorted: false }));
    }
  }

  /** Whether lazily freed neighbours are merged. */
  protected get mergesLazy(): boolean {
    return true;
  }

  /** Node whose busy tree an address belongs to. */
  addrToNode(_page: number): number {
    return 0;
  }

  *allocVmapArea(size: number, align: number, vstart: number, vend: number): KernelCode {
    if (!this.isValidRequest(size, align)) return -EINVAL;
    const va = yield this.kernel.slabAlloc(S.record, "alloc");
    if (va === NONE) return -ENOMEM;
    return tail(this, this.allocRetry, va, size, align, vstart, vend, 0);
  }

  /** alloc_vmap_area() from its label `retry` on: the global heap. */
  *allocRetry(
    va: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    purged: number,
    flags = 0,
  ): KernelCode {
    const page = yield call(this, this.allocGlobal, size, align, vstart, vend);
    if (page === vend) return tail(this, this.allocOverflow, va, size, align, vstart, vend, purged, flags);
    return tail(this, this.allocBind, va, page, size, align, vstart, vend, flags);
  }

  /** preload_this_cpu_lock(), __alloc_vmap_area() and the unlock. Returns `vend` if nothing fits. */
  *allocGlobal(size: number, align: number, vstart: number, vend: number): KernelCode {
    const { cpus } = this.kernel;
    if (cpus.migratable) yield this.kernel.preemptPoint(S.preempt);
    const loaded = yield this.kernel.perCpuStep(S.readSlot, () => (cpus.preload() === NONE ? 0 : 1));
    const spare = loaded ? NONE : ((yield this.kernel.slabAlloc(S.preload, "preload")) as Va);
    if (cpus.migratable) yield this.kernel.preemptPoint(S.preempt);
    return yield this.searchSection(spare, size, align, vstart, vend);
  }

  /** The section under free_vmap_area_lock: the first page, or `vend` if there is none. */
  protected searchSection(spare: Va, size: number, align: number, vstart: number, vend: number): Step {
    return this.kernel.lockedSplit(S.search, this.freeLock, () => {
      this.preloadThisCpu(spare);
      const page = this.globalSearch(size, align, vstart, vend);
      if (page !== vend) this.grant(page, size, align, vstart, vend, -1);
      return page;
    });
  }

  /** The compare-and-exchange of preload_this_cpu_lock(), on whatever CPU the task is now. */
  protected preloadThisCpu(spare: Va): void {
    if (spare === NONE) return;
    if (this.kernel.cpus.preload() === NONE) this.kernel.cpus.setPreload(spare);
    else this.areas.release(spare);
  }

  /** __alloc_vmap_area() in the global free tree. */
  protected globalSearch(size: number, align: number, vstart: number, vend: number): number {
    return this.index.allocate(this.free, size, align, vstart, vend, this.kernel.spare);
  }

  /** alloc_vmap_area() once it has an address: fill the record, insert, populate the shadow. */
  *allocBind(
    va: number,
    page: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    flags: number,
  ): KernelCode {
    const node = this.busyNode(page, size, flags);
    yield this.kernel.locked(S.bind, this.busyLock[node]!, () => {
      if (page % align !== 0 || page < vstart || page + size > vend) this.kernel.oops(ALARM.BAD_GRANT, page);
      this.bindRecord(va as Va, page, size, flags);
      this.index.insert(this.busy[node]!, va as Va, this.kernel.current);
      this.kernel.events.emit(EVENT.BIND, page, page + size, node);
      return 0;
    });
    const shadow = this.populateShadow();
    if (shadow && (yield shadow)) {
      yield call(this, this.freeVmapArea, va, page);
      return -ENOMEM;
    }
    return page;
  }

  /** kasan_populate_vmalloc(), where it may fail: 1 if it does. */
  protected populateShadow(): Step | undefined {
    const choices = this.kernel.faults.choices("kasan");
    return choices && { site: S.kasan, choices, run: (choice) => this.populate(choice) };
  }

  /** Node whose busy tree takes an area: that of its first page. */
  protected busyNode(page: number, _size: number, _flags: number): number {
    return this.addrToNode(page);
  }

  /** Fills the record; the range leaves limbo with it. */
  protected bindRecord(va: Va, page: number, size: number, flags: number): void {
    this.areas.assign(va, page, page + size, this.kernel.current);
    this.areas.flags[va] = flags;
    this.kernel.leaveLimbo();
  }

  /** alloc_vmap_area() from its label `overflow` on. */
  *allocOverflow(
    va: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    purged: number,
    flags = 0,
  ): KernelCode {
    if (!purged) {
      yield call(this, this.reclaimAndPurgeVmapAreas);
      return tail(this, this.allocRetry, va, size, align, vstart, vend, 1, flags);
    }
    const freed = this.notifierChain ? yield call(this, this.notifierChain) : 0;
    if (freed > 0) return tail(this, this.allocRetry, va, size, align, vstart, vend, 0, flags);
    yield this.kernel.step(S.giveUp, () => {
      this.areas.release(va as Va);
      this.kernel.events.emit(EVENT.ALLOC_FAILED, size, align, vstart, vend, EBUSY);
      return 0;
    });
    return -EBUSY;
  }

  /** free_vmap_area(): the synchronous free of a range that was never mapped. */
  *freeVmapArea(va: number, page: number): KernelCode {
    yield this.unlinkBusy(va as Va, page);
    yield this.mergeGlobal(va as Va);
    return 0;
  }

  /** The merge of free_vmap_area() into the global free tree. */
  protected mergeGlobal(va: Va): Step {
    return this.kernel.locked(S.mergeFree, this.freeLock, () => this.releaseTo(this.free, va, -1));
  }

  /** The busy unlink of free_vmap_area(); returns va->flags. */
  protected unlinkBusy(va: Va, page: number): Step {
    const node = this.addrToNode(page);
    return this.storing(S.unbind, this.busyLock[node]!, ONE_STORE, () => {
      this.index.unlink(this.busy[node]!, va, this.kernel.current);
      this.kernel.events.emit(EVENT.UNLINK, this.areas.start[va], this.areas.end[va]);
      return this.areas.flags[va]!;
    });
  }

  setupAndMap(page: number, size: number): Step {
    return this.kernel.locked(S.setup, this.busyLock[this.addrToNode(page)]!, () => {
      this.kernel.tlb.map(page, page + size);
      return page;
    });
  }

  *findVmapArea(page: number): KernelCode {
    return yield this.kernel.locked(S.find, this.busyLock[0]!, () => this.lookUp(0, page));
  }

  /** __find_vmap_area() in one busy tree: the first page of the area, or -1. */
  protected lookUp(node: number, page: number): number {
    const va = this.index.find(this.busy[node]!, page);
    return va === NONE ? -1 : this.areas.start[va]!;
  }

  *removeVmArea(page: number): KernelCode {
    const va = yield call(this, this.findUnlinkVmapArea, page);
    if (va === NONE) return -EINVAL;
    const node = yield this.kernel.step(S.unmap, () => {
      this.kernel.tlb.unmap(this.areas.start[va]!, this.areas.end[va]!);
      return this.lazyNode(va as Va);
    });
    return tail(this, this.freeVmapAreaNoflush, va, node);
  }

  /** find_unlink_vmap_area(): the record, now in the caller's hands, or NONE with a WARN. */
  *findUnlinkVmapArea(page: number): KernelCode {
    return yield this.kernel.locked(S.findUnlink, this.busyLock[0]!, () => {
      const va = this.findUnlink(0, page);
      if (va === NONE) this.kernel.warn(ALARM.NOT_FOUND, page);
      return va;
    });
  }

  /** Find and unlink in one busy tree. */
  protected findUnlink(node: number, page: number): Va {
    const va = this.index.find(this.busy[node]!, page);
    if (va !== NONE) {
      this.index.unlink(this.busy[node]!, va, this.kernel.current);
      this.kernel.events.emit(EVENT.UNLINK, this.areas.start[va], this.areas.end[va]);
    }
    return va;
  }

  /** Node whose lazy tree takes a freed area. */
  protected lazyNode(va: Va): number {
    return this.addrToNode(this.areas.start[va]!);
  }

  /** free_vmap_area_noflush(): onto the lazy tree of `node`; above the limit, the drain work is scheduled. */
  *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const nr = yield this.kernel.step(S.lazyAdd, () => this.lazyAdd(va as Va));
    if (nr < 0) return 0;
    yield this.kernel.locked(this.lazyInsertSite, this.lazyLock[node]!, () =>
      this.lazyInsert(va as Va, node, nr),
    );
    return nr > this.lazyMaxPages() ? tail(this, this.scheduleDrain) : 0;
  }

  /** Its end, in a frame of its own: the record may be freed by now, and a handle of it would keep states apart. */
  *scheduleDrain(): KernelCode {
    return yield this.kernel.step(S.schedule, () => {
      this.kernel.works.queue(this.drainWork, WORK_CPU_UNBOUND);
      this.kernel.events.emit(EVENT.FREE_DONE);
      return 0;
    });
  }

  /** Place of the insertion into the lazy tree. */
  protected get lazyInsertSite(): Site {
    return S.lazyInsert;
  }

  /** merge_or_add_vmap_area(). */
  protected linkLazy(node: number, va: Va): void {
    this.index.mergeOrAdd(this.lazy[node]!, va);
  }

  /** The insertion into the lazy tree: from here on another CPU may purge the area. */
  protected lazyInsert(va: Va, node: number, nr: number): number {
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    const above = nr > this.lazyMaxPages();
    this.linkLazy(node, va);
    this.kernel.events.emit(EVENT.LAZY, start, end, node, nr, above ? 1 : 0);
    if (!above) this.kernel.events.emit(EVENT.FREE_DONE);
    return 0;
  }

  /** atomic_long_add_return(): the new value; -1 if the record is still linked, which leaks it. */
  protected lazyAdd(va: Va): number {
    if (this.areas.place[va]! >= FIRST_CONTAINER) {
      this.kernel.warn(ALARM.STILL_LINKED);
      return -1;
    }
    const size = this.areas.size(va);
    const nr = this.lazyNr[0]! + size;
    this.lazyNr[0] = nr;
    this.kernel.events.emit(EVENT.LAZY_ADD, size, nr);
    return nr;
  }

  *purgeVmapAreaLazy(_fullPoolDecay: number): KernelCode {
    const any = yield this.kernel.locked(S.collect, this.lazyLock[0]!, () => this.collect(0));
    if (!any) return 0;
    yield this.kernel.step(S.flush, () => this.flushRange());
    return tail(this, this.purgeAreas, 0, 0);
  }

  /** Detaches a lazy tree onto the purge list and widens the range to flush. Returns whether there was any. */
  protected collect(node: number): number {
    const { head, tail: last } = this.containers;
    const lazy = this.lazy[node]!;
    const list = this.purgeList[node]!;
    if (head[lazy] === NONE) return 0;
    this.index.moveAll(lazy, list, this.kernel.current);
    const start = this.areas.start[head[list]!]!;
    const end = this.areas.end[last[list]!]!;
    this.range[0] = this.range[1] === 0 ? start : Math.min(this.range[0]!, start);
    this.range[1] = Math.max(this.range[1]!, end);
    this.kernel.events.emit(EVENT.PURGE_COLLECTED, start, end, node);
    return 1;
  }

  /** flush_tlb_kernel_range() over what was collected. */
  protected flushRange(): number {
    this.kernel.locks.mightSleep();
    this.kernel.tlb.flush(this.range[0]!, this.range[1]!);
    this.range[0] = 0;
    this.range[1] = 0;
    return 1;
  }

  /** The loop of the purge under free_vmap_area_lock, which cond_resched_lock() may drop between two areas. */
  *purgeAreas(lockHeld: number, count: number): KernelCode {
    const lock = this.freeLock;
    const next = yield {
      site: S.purgeOne,
      gate: lockHeld ? undefined : lock.gate,
      waitsFor: lock.waitsFor,
      run: () => {
        if (!lockHeld) this.kernel.locks.acquire(lock);
        this.purgeOne(this.purgeList[0]!);
        const more = this.containers.head[this.purgeList[0]!] !== NONE;
        if (more && this.lazyNr[0]! >= 2 * this.lazyMaxPages()) return MORE_LOCK_KEPT;
        this.kernel.locks.release(lock);
        return more ? MORE : LAST;
      },
    };
    if (next === LAST) return count + 1;
    return tail(this, this.purgeAreas, next === MORE_LOCK_KEPT ? 1 : 0, count + 1);
  }

  /** Merges the first area of a purge list into the free tree and takes it off vmap_lazy_nr. */
  protected purgeOne(list: number): void {
    const va = this.containers.head[list]! as Va;
    const nr = this.areas.size(va);
    this.index.unlinkList(list, va, this.kernel.current);
    if (this.releaseTo(this.free, va, -1) === NONE) return;
    this.lazyNr[0] = this.lazyNr[0]! - nr;
  }

  *drainVmapAreaWork(): KernelCode {
    yield this.lockPurge();
    const purged = yield call(this, this.purgeVmapAreaLazy, PARTIAL_DECAY);
    yield this.unlockPurge(purged);
    const nr = yield this.kernel.step(S.recheck, () => this.lazyNr[0]!);
    if (nr > this.lazyMaxPages()) return tail(this, this.drainVmapAreaWork);
    return 0;
  }

  protected workFunction(_work: number): KernelFunction {
    return this.drainVmapAreaWork;
  }
}

function needsOf(nodes: number): Needs {
  return { containers: 1 + 3 * nodes, locks: 2 + 2 * nodes, works: 1, words: 16 };
}
