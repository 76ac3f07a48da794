// SPDX-License-Identifier: GPL-2.0-only
//
// What all designs share: the simulated kernel, the locks and containers that none of the patches touches, the
// drain work and its worker, and the two callers of a purge. A design extends its predecessor as its patch does.
// Source: mm/vmalloc.c (v6.6).

import {
  type Call,
  call,
  type KernelCode,
  type KernelFunction,
  type Site,
  site,
  type Step,
} from "../../explore/sync.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Areas, type Va } from "../heap/areas.ts";
import type { ContainerKind, Containers } from "../heap/containers.ts";
import type { GapLog } from "../heap/gap-log.ts";
import type { FreeSpace } from "../structures/free-space.ts";
import { Kernel, type KernelOptions, LIMBO, type Needs } from "../kernel/kernel.ts";
import type { Lock } from "../kernel/locks.ts";
import { S as WORKER_SITES, Workers } from "../kernel/workqueue/workers.ts";

export const S = {
  lockPurge: site("mutex_lock", "take vmap_purge_lock"),
  unlockPurge: site("mutex_unlock", "release vmap_purge_lock"),
  ...WORKER_SITES,
};

/** Class numbers of the work items, for lock analysis. */
export const WORK_CLASS = { DRAIN: 0, PURGE_HELPER: 1 } as const;

/** What the items of each class run. */
export const WORK_FUNCTIONS: readonly string[] = ["drain_vmap_area_work", "purge_vmap_node"];

/** The argument full_pool_decay of a purge, in the designs that have pools. */
export const FULL_DECAY = 1;
export const PARTIAL_DECAY = 0;

/** A design under test. Kernel functions are methods that yield steps. */
export abstract class Allocator {
  readonly kernel: Kernel;
  protected readonly areas: Areas;
  protected readonly containers: Containers;
  protected readonly index: FreeSpace;

  readonly purgeLock: Lock;
  readonly freeLock: Lock;
  /** Who executes work items. */
  readonly workers: Workers;
  /** The global free tree. */
  readonly free: number;
  /** vmap_lazy_nr, pages; signed, so that a wrap shows as a negative value. */
  readonly lazyNr: Int32Array;
  /** drain_vmap_work. */
  readonly drainWork: number;
  /** blocking_notifier_call_chain(&vmap_notify_list): returns the pages that were given back. */
  notifierChain: KernelFunction | undefined;
  /** In a design whose free space is what a range tree does not cover: what the step did to the gaps. */
  readonly gaps: GapLog | undefined = undefined;

  constructor(instance: Instance, options: KernelOptions, needs: Needs) {
    this.kernel = new Kernel(instance, needs, options);
    this.areas = this.kernel.areas;
    this.containers = this.kernel.containers;
    this.index = this.kernel.index;
    this.purgeLock = this.kernel.locks.declare("vmap_purge_lock", "vmap_purge_lock", true);
    this.freeLock = this.declareLock("free_vmap_area_lock", "free_vmap_area_lock");
    this.free = this.declareContainer("free", -1, this.freeLock, {
      coalesced: true,
      augmented: !this.hasRangeTrees,
      sorted: !this.hasRangeTrees,
    });
    this.lazyNr = this.kernel.heap.words("vmap_lazy_nr", 1);
    const { works, events, managerProcess } = this.kernel;
    this.workers = new Workers(works, events, {
      functionOf: (work) => call(this, this.workFunction(work), work),
      ...(managerProcess < 0
        ? {}
        : { createWorker: () => call(this, this.createWorker, instance.workers!.stackPages!) }),
    });
    this.drainWork = works.declare("drain_vmap_work", WORK_CLASS.DRAIN, this.kernel.tasks);
  }

  /** Sets the initial state: all space is one free area. Called once, after construction. */
  boot(): void {
    this.kernel.boot();
    const { areas, locks, works, events, instance } = this.kernel;
    events.process = 0;
    works.init(this.drainWork);
    locks.acquire(this.freeLock);
    const all = areas.allocate(0);
    areas.assign(all, 0, instance.spacePages, 0);
    this.initFreeSpace(all);
    locks.release(this.freeLock);
    this.kernel.clearStep();
  }

  /** Whether range trees index the areas that are free, busy and lazily freed. */
  protected get hasRangeTrees(): boolean {
    return false;
  }

  /** vmap_init_free_space(): all space is one free area. */
  protected initFreeSpace(all: Va): void {
    this.index.insert(this.free, all, 0);
  }

  /** Whether what is free is now what the occupied tree does not cover, and not what is in the free tree. */
  gapsAreFree(): boolean {
    return false;
  }

  /** Calls `visit` for each free range that the index of free space has now, in order. For checkers. O(ranges). */
  forEachFree(visit: (start: number, end: number) => void): void {
    const { areas, containers } = this;
    for (let va = containers.head[this.free]! as Va; va !== NONE; va = areas.next[va]! as Va) {
      visit(areas.start[va]!, areas.end[va]!);
    }
  }

  /** alloc_vmap_area(): the first page, or a negative errno. Pages; `vend` is exclusive. */
  abstract allocVmapArea(size: number, align: number, vstart: number, vend: number): KernelCode;

  /** remove_vm_area(): find, unlink, unmap, free lazily. */
  abstract removeVmArea(page: number): KernelCode;

  /** find_vmap_area(): the first page of the area that holds `page`, or -1. */
  abstract findVmapArea(page: number): KernelCode;

  /** __purge_vmap_area_lazy(): the number of areas purged. The caller holds vmap_purge_lock. */
  abstract purgeVmapAreaLazy(fullPoolDecay: number): KernelCode;

  /** setup_vmalloc_vm() and the mapping of the pages, in the hands of the area's owner. */
  abstract setupAndMap(page: number, size: number): Step;

  /** Runs the function of a work item. */
  protected abstract workFunction(work: number): KernelFunction;

  /** drain_vmap_area_work(). */
  abstract drainVmapAreaWork(): KernelCode;

  /** The calls that follow alloc_workqueue() and the like at early_initcall time; absent if there are none. */
  earlyInitcalls(): Call | undefined {
    return undefined;
  }

  /** The calls that follow at late_initcall time; absent if there are none. */
  lateInitcalls(): Call | undefined {
    return undefined;
  }

  /** create_worker() with CONFIG_VMAP_STACK: a stack of `pages`, which its worker keeps. Below 0 if there is none. */
  *createWorker(pages: number): KernelCode {
    const { start, end } = this.kernel.instance.vmalloc;
    const page = yield call(this, this.allocVmapArea, pages, 1, start, end);
    if (page < 0) return page;
    yield this.setupAndMap(page, pages);
    return page;
  }

  /** reclaim_and_purge_vmap_areas(). There are no vmap blocks to purge first. */
  *reclaimAndPurgeVmapAreas(): KernelCode {
    yield this.lockPurge();
    const purged = yield call(this, this.purgeVmapAreaLazy, FULL_DECAY);
    yield this.unlockPurge(purged);
    return purged;
  }

  /** _vm_unmap_aliases() without vmap blocks: nothing is dirty but what the purge finds. */
  *vmUnmapAliases(): KernelCode {
    yield this.lockPurge();
    const purged = yield call(this, this.purgeVmapAreaLazy, PARTIAL_DECAY);
    yield this.unlockPurge(purged);
    return purged;
  }

  /** mutex_lock(&vmap_purge_lock). */
  protected lockPurge(): Step {
    const lock = this.purgeLock;
    return {
      site: S.lockPurge,
      gate: lock.gate,
      waitsFor: lock.waitsFor,
      run: () => {
        this.kernel.locks.acquire(lock);
        this.kernel.events.emit(EVENT.PURGE_BEGIN);
        return 0;
      },
    };
  }

  /** mutex_unlock(&vmap_purge_lock). */
  protected unlockPurge(purged: number): Step {
    return this.kernel.step(S.unlockPurge, () => {
      this.kernel.events.emit(EVENT.PURGE_END, purged);
      this.kernel.locks.release(this.purgeLock);
      return 0;
    });
  }

  /** Says that `[page, page + size)` left the free space for the running task. */
  protected grant(
    page: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    node: number,
  ): void {
    this.kernel.enterLimbo(LIMBO.GRANT, page, page + size);
    this.kernel.events.emit(EVENT.GRANT, page, page + size, align, vstart, vend, node);
  }

  /** Merges an area into a free tree and says that it may be used again. */
  protected releaseTo(container: number, va: Va, node: number): number {
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    const survivor = this.index.mergeOrAdd(container, va);
    if (survivor !== NONE) this.kernel.events.emit(EVENT.RELEASE, start, end, node);
    return survivor;
  }

  /** kasan_populate_vmalloc(): whether it failed. */
  protected populate(choice: number): number {
    this.kernel.locks.mightSleep();
    if (choice === 1) this.kernel.faults.spend();
    return choice;
  }

  /** The argument checks of alloc_vmap_area(): a size, and an alignment that is a power of two. */
  protected isValidRequest(size: number, align: number): boolean {
    return size > 0 && align > 0 && (align & (align - 1)) === 0;
  }

  /** lazy_max_pages(). */
  protected lazyMaxPages(): number {
    return this.kernel.instance.lazyMaxPages;
  }

  /** A critical section that makes up to `stores()` stores into range trees, in designs that have any. */
  protected storing(site: Site, lock: Lock, _stores: () => number, body: () => number): Step {
    return this.kernel.locked(site, lock, body);
  }

  /** Declares a spinlock. */
  protected declareLock(name: string, className: string): Lock {
    return this.kernel.locks.declare(name, className, false);
  }

  /** Declares a container; without a lock it belongs to the process in its `holder` word. */
  protected declareContainer(
    kind: ContainerKind,
    node: number,
    lock: Lock | undefined,
    shape: { coalesced?: boolean; augmented?: boolean; sorted?: boolean },
  ): number {
    return this.containers.declare(kind, node, lock?.id ?? -1, {
      coalesced: shape.coalesced ?? false,
      augmented: shape.augmented ?? false,
      sorted: shape.sorted ?? true,
    });
  }

  /** list_add() to a list that only this process sees. */
  protected listAdd(list: number, va: Va): void {
    this.index.linkListAfter(list, va, NONE);
  }
}
