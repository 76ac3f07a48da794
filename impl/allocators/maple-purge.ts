// SPDX-License-Identifier: GPL-2.0-only
//
// The purge over range trees: the retry list first, then the lazy trees; what cannot be given back is lazy again, or
// waits on the retry list, or goes back into its pool.
// Source: "[PATCH RFC 05/12] mm/vmalloc: tighten failure handling under memory pressure" (13 Jun 2026). The shrinker
// takes vmap_purge_lock, as it does upstream since April 2026.

import { call, type KernelCode, type Step, tail } from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions } from "../kernel/kernel.ts";
import { FULL_DECAY } from "./allocator.ts";
import { MapleNodes } from "./maple-nodes.ts";
import { S as SIZE_POOLS_SITES } from "./size-pools.ts";
import { MAPLE_SITES, OTHER_MAPLE_SITES, STORE_FAILED_SITES } from "./maple-sites.ts";

const S = { ...MAPLE_SITES, ...STORE_FAILED_SITES, ...OTHER_MAPLE_SITES };

/** Nodes in range trees, and the purge of them. */
export abstract class MaplePurge extends MapleNodes {
  /** local_retry on the stack of drain_vmap_retry_queue(), which runs under vmap_purge_lock. */
  readonly localRetry: number;
  /** local_failed on the stack of purge_vmap_node(). */
  readonly localFailed: number[] = [];

  constructor(instance: Instance, options: KernelOptions) {
    super(instance, options);
    this.localRetry = this.declareContainer("retry", -1, undefined, { sorted: false });
    for (let n = 0; n < this.nodes; n++) {
      this.localFailed.push(this.declareContainer("failed", n, undefined, { sorted: false }));
    }
  }

  /** reclaim_list_global(): what failed goes to `failed`. Whether an area went to the retry list. */
  protected abstract reclaimGlobal(list: number, erase: boolean, failed: number): boolean;

  /** Most stores that reclaim_list_global() makes for an area. */
  protected abstract readonly reclaimStores: number;

  protected override get purgedIsFree(): boolean {
    return false;
  }

  override *purgeVmapAreaLazy(fullPoolDecay: number): KernelCode {
    yield call(this, this.drainVmapRetryQueue);
    return tail(this, this.collectNode, 0, fullPoolDecay);
  }

  /** drain_vmap_retry_queue(). */
  *drainVmapRetryQueue(): KernelCode {
    const any = yield this.kernel.locked(S.splice, this.freeLock, () => {
      if (this.containers.head[this.retryList] === NONE) return 0;
      this.index.moveAll(this.retryList, this.localRetry, this.kernel.current);
      return 1;
    });
    return any ? tail(this, this.retryNext, 0) : 0;
  }

  /** Its loop over the areas; `queued` says whether one went back. */
  *retryNext(queued: number): KernelCode {
    const va = yield this.kernel.localStep(S.next, () => this.takeFirstOf(this.localRetry));
    if (va === NONE) {
      if (queued) yield this.scheduleRetry();
      return 0;
    }
    const pages = yield this.kernel.localStep(S.size, () => this.areas.size(va as Va));
    const node = yield this.kernel.localStep(S.node, () => this.retryNode(va as Va));
    const published = yield call(this, this.publishVmapAreaLazy, va, node);
    if (published) yield this.kernel.step(S.retryAdd, () => this.addLazy(pages));
    else yield this.queueRetry(S.retryAgain, va as Va);
    return tail(this, this.retryNext, published ? queued : 1);
  }

  /** addr_to_node(): the node whose lazy tree takes an area that is tried again. */
  protected retryNode(va: Va): number {
    return this.addrToNode(this.areas.start[va]!);
  }

  /** atomic_long_add() of vmap_lazy_nr. */
  protected addLazy(pages: number): number {
    const nr = this.lazyNr[0]! + pages;
    this.lazyNr[0] = nr;
    this.kernel.events.emit(EVENT.LAZY_ADD, pages, nr, 0);
    return 0;
  }

  /** list_del_init() of the first entry of a list that only this process sees, or NONE. */
  protected takeFirstOf(list: number): Va {
    const va = this.containers.head[list]! as Va;
    if (va !== NONE) this.index.unlinkList(list, va, this.kernel.current);
    return va;
  }

  /** list_add_tail() to a list that only this process sees. */
  protected appendTo(list: number, va: Va): void {
    this.index.linkListAfter(list, va, this.containers.tail[list]! as Va);
  }

  override *collectNode(node: number, fullPoolDecay: number): KernelCode {
    yield this.kernel.step(SIZE_POOLS_SITES.begin, () => this.beginNode(node, fullPoolDecay));
    yield call(this, this.decayVaPoolNode, node, fullPoolDecay);
    yield this.collectLazy(node);
    if (node + 1 < this.nodes) return tail(this, this.collectNode, node + 1, fullPoolDecay);
    const any = yield this.flushCollected();
    return any ? tail(this, this.purgeMarked) : 0;
  }

  protected override collectLazy(node: number): Step {
    const stores = (): number => this.containers.count[this.lazy[node]!]!;
    return this.storing(S.collect, this.lazyLock[node]!, stores, () => {
      if (this.containers.count[this.lazy[node]!] === 0) return 0;
      this.moveLazyVmapAreasToPurge(node);
      this.markNode(node);
      return 0;
    });
  }

  /** move_lazy_vmap_areas_to_purge_locked(): what cannot be erased stays in the lazy tree. */
  protected moveLazyVmapAreasToPurge(node: number): void {
    for (const va of this.trees.records(this.lazy[node]!)) {
      if (this.eraseLazy(node, va)) this.appendPurged(this.purgeList[node]!, va);
    }
    this.widenRange(node);
  }

  /** mas_store(NULL) over a lazy area, which is in no tree then. */
  protected eraseLazy(node: number, va: Va): boolean {
    if (!this.trees.erase(this.lazy[node]!, va)) return false;
    this.trees.leave(this.lazy[node]!, va);
    return true;
  }

  /** list_add_tail() to purge_list. */
  protected appendPurged(list: number, va: Va): void {
    this.appendTo(list, va);
  }

  /** The first and the last entry of purge_list widen the range to flush, also if it has none. */
  protected widenRange(node: number): void {
    const { areas, containers } = this;
    const list = this.purgeList[node]!;
    if (containers.head[list] === NONE) {
      this.kernel.oops(ALARM.EMPTY_FIRST, node);
      return;
    }
    const start = areas.start[containers.head[list]!]!;
    const end = areas.end[containers.tail[list]!]!;
    this.range[0] = this.range[1] === 0 ? start : Math.min(this.range[0]!, start);
    this.range[1] = Math.max(this.range[1]!, end);
    this.kernel.events.emit(EVENT.PURGE_COLLECTED, start, end, node);
  }

  override *endPurgeNode(node: number, pages: number): KernelCode {
    const any = yield this.kernel.step(SIZE_POOLS_SITES.subtract, () => this.subtractLazy(node, pages));
    if (!any) return 0;
    const list = this.reclaimList[node]!;
    const stores = (): number => this.reclaimStores * this.containers.count[list]!;
    const queued = yield this.storing(S.reclaim, this.freeLock, stores, () => {
      this.containers.holder[this.localFailed[node]!] = this.kernel.current;
      return this.reclaimGlobal(list, true, this.localFailed[node]!) ? 1 : 0;
    });
    if (queued) yield this.scheduleRetry();
    return tail(this, this.publishFailed, node, 0, 0);
  }

  /** The loop of purge_vmap_node() over local_failed: `pages` of areas are lazy again, or one is to be tried again. */
  *publishFailed(node: number, pages: number, queued: number): KernelCode {
    const va = yield this.kernel.localStep(S.nextFailed, () => this.takeFirstOf(this.localFailed[node]!));
    if (va === NONE) {
      if (pages > 0) yield this.kernel.step(S.failedAdd, () => this.addLazy(pages));
      if (queued) yield this.scheduleRetry();
      return 0;
    }
    const size = yield this.kernel.localStep(S.size, () => this.areas.size(va as Va));
    const to = yield this.kernel.localStep(S.failedNode, () => this.lazyNode(va as Va));
    const published = yield call(this, this.publishVmapAreaLazy, va, to);
    if (!published) yield this.queueRetry(S.retryFailed, va as Va);
    return tail(this, this.publishFailed, node, published ? pages + size : pages, published ? queued : 1);
  }

  override *endDecay(node: number): KernelCode {
    // The argument is evaluated before the lock is taken.
    const erase = this.flips
      ? yield this.kernel.step(S.supported, () =>
          this.kernel.heap.racy(() => (this.occupiedMtSupported() ? 1 : 0)),
        )
      : 1;
    return tail(this, this.reclaimDecayList, node, erase);
  }

  /** reclaim_list_global() of decay_list; what failed goes back into its pool. */
  *reclaimDecayList(node: number, erase: number): KernelCode {
    const result = yield this.storing(S.reclaimDecayed, this.freeLock, this.decayStores, () => {
      const { decay, failed } = this.decayLists();
      const queued = this.reclaimGlobal(decay, erase !== 0, failed);
      return (queued ? 1 : 0) + (this.containers.head[failed] === NONE ? 0 : 2);
    });
    if ((result & 1) !== 0) yield this.scheduleRetry();
    return (result & 2) !== 0 ? tail(this, this.repopulate, node) : 0;
  }

  private readonly decayStores = (): number =>
    this.reclaimStores * this.containers.count[this.decayLists().decay]!;

  // decay_list and decay_failed of the running process; the detached list is empty by now and serves as the second.
  private decayLists(): { readonly decay: number; readonly failed: number } {
    const d = this.decayer(this.kernel.current);
    return { decay: this.decayList[d]!, failed: this.tmpList[d]! };
  }

  /** node_pool_add_va() of each area of decay_failed. */
  *repopulate(node: number): KernelCode {
    const more = yield this.kernel.locked(S.repopulate, this.poolLock[node]!, () => {
      const va = this.takeFirstOf(this.decayLists().failed);
      if (this.sizeToPool(this.areas.size(va)) < 0) this.kernel.warn(ALARM.POOL_REFUSED);
      else this.nodePoolAddVa(node, va);
      return this.containers.head[this.decayLists().failed] === NONE ? 0 : 1;
    });
    return more ? tail(this, this.repopulate, node) : 0;
  }

  protected override addDecayed(decay: number, va: Va): void {
    this.appendTo(decay, va);
  }

  /** vmap_node_shrink_scan(), under vmap_purge_lock since April 2026. */
  override *vmapNodeShrinkScan(): KernelCode {
    yield this.kernel.locking(S.lockScan, this.purgeLock);
    yield call(this, this.scanNode, 0);
    return yield this.kernel.step(S.unlockScan, () => {
      this.kernel.locks.release(this.purgeLock);
      return 0;
    });
  }

  /** Its loop over the nodes. */
  *scanNode(node: number): KernelCode {
    yield call(this, this.decayVaPoolNode, node, FULL_DECAY);
    return node + 1 < this.nodes ? tail(this, this.scanNode, node + 1) : 0;
  }
}
