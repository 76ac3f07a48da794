// SPDX-License-Identifier: GPL-2.0-only
//
// The design `size-pools`: each node keeps purged areas in pools by size and serves equal requests from them; free
// space stays global. va->flags remembers the node also if the global heap served the request.
// Source: mm/vmalloc.c (v6.9 and later, the base of "Use dedicated unbound workqueue for vmap purge/drain").
// Deviations: allocations may always block (no gfp); vmap blocks are left out, so a purge begins with none of theirs.

import { call, type KernelCode, type Site, site, type Step, tail } from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions } from "../kernel/kernel.ts";
import { WORK_CPU_UNBOUND } from "../kernel/workqueue/queues.ts";
import { flushWork } from "../kernel/workqueue/workers.ts";
import { FULL_DECAY } from "./allocator.ts";
import { EINVAL, ENOMEM } from "./errno.ts";
import { NodePools, type PoolNeeds } from "./node-pools.ts";
import { HELPER_SITES } from "./node-purge.ts";
import { decodeVnIdChecked, encodeVnIdChecked } from "./vn-id.ts";

export const S = {
  record: site("alloc_vmap_area", "allocate the vmap_area record"),
  preempt: site("node_alloc", "preemptible: the task may migrate"),
  nodeId: site("node_alloc", "raw_smp_processor_id() % nr_vmap_nodes"),
  lazyInsert: site("free_vmap_area_noflush", "under the lazy lock: insert into the lazy tree"),
  begin: site("__purge_vmap_area_lazy", "INIT_LIST_HEAD(&vn->purge_list), set vn->skip_populate"),
  peek: site("__purge_vmap_area_lazy", "lockless: is this node's lazy tree empty?"),
  inline: site("__purge_vmap_area_lazy", "nr_purged_areas += vn->nr_purged, for a node done inline"),
  helper: site("__purge_vmap_area_lazy", "look for the next helper to wait for"),
  helped: site("__purge_vmap_area_lazy", "nr_purged_areas += vn->nr_purged, for a node that a helper did"),
  purge: site(
    "purge_vmap_node",
    "list_del_init of an area; into its pool under pool_lock, or onto local_list",
  ),
  subtract: site("purge_vmap_node", "atomic_long_sub(nr_purged_pages, &vmap_lazy_nr)"),
  reclaim: site("reclaim_list_global", "under free_vmap_area_lock: merge the collected ranges"),
};

/** What a step of purge_vmap_node() leaves behind: no further area, or more of them. */
const LAST = 0;
const MORE = 1;

/** Mainline v6.9. */
export class SizePools extends NodePools {
  /** The list `local_list` on the stack of purge_vmap_node(). */
  override readonly reclaimList: number[] = [];
  /** The local nr_purged_areas of a purge, kept here under the mutex. */
  protected readonly purgedAreas: Int32Array;

  constructor(instance: Instance, options: KernelOptions, needs: PoolNeeds = {}) {
    super(instance, options, {
      ...needs,
      containers: instance.nodes + (needs.containers ?? 0),
      words: 1 + (needs.words ?? 0),
    });
    this.purgedAreas = this.kernel.heap.words("purge.areas", 1);
    for (let n = 0; n < this.nodes; n++) {
      this.reclaimList.push(this.declareContainer("reclaim", n, undefined, { sorted: false }));
    }
  }

  /** insert_vmap_area() keeps the sizes of lazily freed areas. */
  protected override get mergesLazy(): boolean {
    return false;
  }

  /** encode_vn_id(): 0, with a WARN, for a node that does not exist. */
  encode(node: number): number {
    if (node >= this.nodes) this.kernel.warn(ALARM.BAD_ENCODE, node);
    return encodeVnIdChecked(node, this.nodes);
  }

  /** decode_vn_id(): nr_nodes for flags without a node, with a WARN if they name one that does not exist. */
  decode(flags: number): number {
    const id = decodeVnIdChecked(flags, this.nodes);
    if (id === this.nodes && flags >> 8 !== 0) this.kernel.warn(ALARM.BAD_DECODE, flags);
    return id;
  }

  /** is_vn_id_valid(). */
  protected isVnIdValid(vnId: number): boolean {
    return vnId < this.nodes;
  }

  override *allocVmapArea(size: number, align: number, vstart: number, vend: number): KernelCode {
    if (!this.isValidRequest(size, align)) return -EINVAL;
    if (!this.usesPools(vstart, vend)) return tail(this, this.allocMiss, size, align, vstart, vend, 0);
    if (this.kernel.cpus.migratable) yield this.kernel.preemptPoint(S.preempt);
    const vnId = yield this.kernel.cpuStep(S.nodeId, () => this.kernel.cpus.current() % this.nodes);
    const pooled = yield call(this, this.nodePoolDelVa, vnId, size, align, vstart, vend);
    // The id is encoded even on a miss, so that the area populates this node's pool later.
    const flags = this.encode(vnId);
    if (pooled === NONE) return tail(this, this.allocMiss, size, align, vstart, vend, flags);
    const page = yield this.readStart();
    return tail(this, this.allocBind, pooled, page, size, align, vstart, vend, flags);
  }

  /** Whether node_alloc() looks at pools at all: the full window, and more than one node. */
  protected usesPools(vstart: number, vend: number): boolean {
    const { vmalloc } = this.kernel.instance;
    return vstart === vmalloc.start && vend === vmalloc.end && this.nodes > 1;
  }

  /** alloc_vmap_area() when no pool has served it. */
  *allocMiss(size: number, align: number, vstart: number, vend: number, flags: number): KernelCode {
    const va = yield this.kernel.slabAlloc(S.record, "alloc");
    if (va === NONE) return -ENOMEM;
    return tail(this, this.allocRetry, va, size, align, vstart, vend, 0, flags);
  }

  protected override lazyNode(va: Va): number {
    const vnId = this.decode(this.areas.flags[va]!);
    return this.isVnIdValid(vnId) ? vnId : this.addrToNode(this.areas.start[va]!);
  }

  protected override get lazyInsertSite(): Site {
    return S.lazyInsert;
  }

  /** insert_vmap_area(). */
  protected override linkLazy(node: number, va: Va): void {
    this.index.insert(this.lazy[node]!, va, this.kernel.current);
  }

  override *collectNode(node: number, fullPoolDecay: number): KernelCode {
    yield this.kernel.step(S.begin, () => this.beginNode(node, fullPoolDecay));
    yield call(this, this.decayVaPoolNode, node, fullPoolDecay);
    const empty = yield this.kernel.step(S.peek, () => this.isLazyEmpty(node));
    if (!empty) yield this.collectLazy(node);
    if (node + 1 < this.nodes) return tail(this, this.collectNode, node + 1, fullPoolDecay);
    const any = yield this.flushCollected();
    return any ? tail(this, this.purgeMarked) : 0;
  }

  /** INIT_LIST_HEAD(&vn->purge_list); vn->skip_populate = full_pool_decay. */
  protected beginNode(node: number, fullPoolDecay: number): number {
    this.initPurgeList(node);
    this.skipPopulate[node] = fullPoolDecay;
    return 0;
  }

  override *dispatch(from: number, helpers: number): KernelCode {
    const node = yield this.kernel.step(HELPER_SITES.dispatch, () => this.dispatchNode(from, helpers));
    if (node < 0) return tail(this, this.flushHelpers, 0);
    if (helpers === 0) {
      yield call(this, this.purgeVmapNode, node, 0);
      yield this.kernel.step(S.inline, () => this.addPurged(node));
    }
    return tail(this, this.dispatch, node + 1, Math.max(0, helpers - 1));
  }

  /** schedule_work_on() the node's CPU if that is online, else schedule_work(). */
  protected override queueHelper(node: number): void {
    const { cpus, works } = this.kernel;
    works.queue(this.purgeWork[node]!, cpus.isOnline(node) ? node : WORK_CPU_UNBOUND);
  }

  /** The second loop over purge_nodes: wait for each helper. */
  override *flushHelpers(from: number): KernelCode {
    const node = yield this.kernel.step(S.helper, () => this.nextHelper(from));
    if (node < 0) return yield this.sumPurged();
    yield flushWork(this.workers, this.purgeWork[node]!);
    yield this.kernel.step(S.helped, () => this.addPurged(node));
    return tail(this, this.flushHelpers, node + 1);
  }

  /** First node from `from` on that a helper was queued for, or -1. */
  protected nextHelper(from: number): number {
    const { works } = this.kernel;
    for (let n = from; n < this.nodes; n++) {
      if (this.purgeNodes[n] !== 0 && works.hasFunc(this.purgeWork[n]!)) return n;
    }
    return -1;
  }

  /** nr_purged_areas += vn->nr_purged. */
  protected addPurged(node: number): number {
    this.purgedAreas[0] = this.purgedAreas[0]! + this.nrPurged[node]!;
    this.nrPurged[node] = 0;
    return 0;
  }

  protected override takePurged(): number {
    const sum = this.purgedAreas[0]!;
    this.purgedAreas[0] = 0;
    for (let n = 0; n < this.nodes; n++) {
      this.nrPurged[n] = 0;
      this.purgeNodes[n] = 0;
      this.kernel.works.clearFunc(this.purgeWork[n]!);
    }
    return sum;
  }

  /** purge_vmap_node(): inline or as the function of vn->purge_work. `pages` is its local nr_purged_pages. */
  *purgeVmapNode(node: number, pages: number): KernelCode {
    const result = yield this.purgeNext(node, pages);
    const sum = pages + Math.floor(result / 2);
    if (result % 2 === MORE) return tail(this, this.purgeVmapNode, node, sum);
    return tail(this, this.endPurgeNode, node, sum);
  }

  /** Its end, once purge_list is empty. */
  *endPurgeNode(node: number, pages: number): KernelCode {
    const any = yield this.kernel.step(S.subtract, () => this.subtractLazy(node, pages));
    if (any) yield this.kernel.locked(S.reclaim, this.freeLock, () => this.reclaimListGlobal(node));
    return 0;
  }

  /** One round of its loop: 2 * pages of the area, plus 1 if there is another one. */
  protected purgeNext(node: number, pages: number): Step {
    const lock = this.poolLock[node]!;
    return {
      site: S.purge,
      ready: () => !this.nextGoesToPool(node) || lock.isFree(),
      waitsFor: lock.waitsFor,
      run: () => {
        if (pages === 0) this.beginPurgeNode(node);
        if (this.containers.head[this.purgeList[node]!] === NONE) return LAST;
        const moved = this.purgeArea(node);
        return 2 * moved + (this.containers.head[this.purgeList[node]!] === NONE ? LAST : MORE);
      },
    };
  }

  /** Its entry: the lists are this process's now. */
  protected beginPurgeNode(node: number): void {
    this.containers.holder[this.purgeList[node]!] = this.kernel.current;
    this.containers.holder[this.reclaimList[node]!] = this.kernel.current;
    this.nrPurged[node] = 0;
  }

  // Whether the next area needs pool_lock. The list is the purge's own: nobody changes it before the step runs.
  private nextGoesToPool(node: number): boolean {
    return this.kernel.heap.racy(() => {
      const va = this.containers.head[this.purgeList[node]!]! as Va;
      return va !== NONE && this.goesToPool(node, va);
    });
  }

  /** Whether an area of the purge list populates the node's pool; read without a warning. */
  protected goesToPool(node: number, va: Va): boolean {
    const vnId = decodeVnIdChecked(this.areas.flags[va]!, this.nodes);
    return this.isVnIdValid(vnId) && this.populates(node) && this.sizeToPool(this.areas.size(va)) >= 0;
  }

  /** !vn->skip_populate. */
  protected populates(node: number): boolean {
    return this.skipPopulate[node] === 0;
  }

  /** Takes the first area off the purge list; into its pool, or onto local_list. Returns its pages. */
  protected purgeArea(node: number): number {
    const { areas, index } = this;
    const va = this.containers.head[this.purgeList[node]!]! as Va;
    const start = areas.start[va]!;
    const end = areas.end[va]!;
    const pooled = this.goesToPool(node, va);
    this.decode(areas.flags[va]!);
    index.unlinkList(this.purgeList[node]!, va, this.kernel.current);
    this.nrPurged[node] = this.nrPurged[node]! + 1;
    if (pooled) {
      this.kernel.locks.acquire(this.poolLock[node]!);
      this.nodePoolAddVa(node, va);
      this.kernel.locks.release(this.poolLock[node]!);
    } else this.listAdd(this.reclaimList[node]!, va);
    if (pooled || this.purgedIsFree) this.kernel.events.emit(EVENT.RELEASE, start, end, pooled ? node : -1);
    return end - start;
  }

  /** Whether an area may be reused once it is off its purge list, on the way to the global heap. */
  protected get purgedIsFree(): boolean {
    return true;
  }

  /** atomic_long_sub(); whether local_list holds anything. */
  protected subtractLazy(node: number, pages: number): number {
    this.lazyNr[0] = this.lazyNr[0]! - pages;
    return this.containers.head[this.reclaimList[node]!] === NONE ? 0 : 1;
  }

  /** vmap_node_shrink_scan(): decays all pools of all nodes, without vmap_purge_lock. */
  *vmapNodeShrinkScan(node = 0): KernelCode {
    yield call(this, this.decayVaPoolNode, node, FULL_DECAY);
    return node + 1 < this.nodes ? tail(this, this.vmapNodeShrinkScan, node + 1) : 0;
  }
}
