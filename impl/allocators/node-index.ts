// SPDX-License-Identifier: GPL-2.0-only
//
// The design `node-index`: busy and lazy areas are kept per node, chosen by address; free space stays global.
// Source: "mm: vmalloc: Remove global vmap_area_root rb-tree" and "... purge_vmap_area_root rb-tree" (v2 4/9,
// 5/9). The look-up of an address inside an area that spans zones is mainline's (v6.9): nodes backwards.

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { ALARM } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions, Needs } from "../kernel/kernel.ts";
import { PARTIAL_DECAY } from "./allocator.ts";
import { GlobalTree, ONE_STORE } from "./global-tree.ts";
import { S as PCPU_SITES } from "./pcpu-areas.ts";

export const S = {
  find: site("find_vmap_area", "under a node's busy lock: look up an address"),
  findUnlink: site("find_unlink_vmap_area", "under a node's busy lock: find and unlink"),
  peek: site("__purge_vmap_area_lazy", "lockless: is this node's lazy tree empty?"),
  collect: site("__purge_vmap_area_lazy", "under the node's lazy lock: detach its lazy tree"),
  flush: site("__purge_vmap_area_lazy", "flush_tlb_kernel_range if any node was marked"),
  purgeOne: site("purge_vmap_node", "under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages"),
  sum: site("__purge_vmap_area_lazy", "add up the purged areas"),
};

/** v2 5/9. */
export class NodeIndex extends GlobalTree {
  /** purge_nodes: which nodes this purge has to process; guarded by vmap_purge_lock. */
  protected readonly purgeNodes: Int32Array;
  /** vn->nr_purged. */
  protected readonly nrPurged: Int32Array;

  constructor(instance: Instance, options: KernelOptions, needs: Needs = needsOf(instance.nodes)) {
    super(instance, options, instance.nodes, needs);
    this.purgeNodes = this.kernel.heap.words("purge_nodes", this.nodes);
    this.nrPurged = this.kernel.heap.words("vn.nr_purged", this.nodes);
  }

  /** addr_to_node_id(): zones of node_size pages, dealt to the nodes in turn. */
  override addrToNode(page: number): number {
    return Math.floor(page / this.kernel.instance.blockPages) % this.nodes;
  }

  override *findVmapArea(page: number): KernelCode {
    return tail(this, this.findFrom, page, this.addrToNode(page), this.nodes);
  }

  /** The look-up in node `node`, then in the nodes before it: an area may begin in an earlier zone. */
  *findFrom(page: number, node: number, left: number): KernelCode {
    const start = yield this.kernel.locked(S.find, this.busyLock[node]!, () => this.lookUp(node, page));
    if (start >= 0 || left === 1) return start;
    return tail(this, this.findFrom, page, this.previousNode(node), left - 1);
  }

  override *findUnlinkVmapArea(page: number): KernelCode {
    return tail(this, this.findUnlinkFrom, page, this.addrToNode(page), this.nodes);
  }

  /** As findFrom, and unlinks. */
  *findUnlinkFrom(page: number, node: number, left: number): KernelCode {
    const va = yield this.storing(S.findUnlink, this.busyLock[node]!, ONE_STORE, () => {
      const found = this.findUnlink(node, page);
      if (found === NONE && left === 1) this.kernel.warn(ALARM.NOT_FOUND, page);
      return found;
    });
    if (va !== NONE || left === 1) return va;
    return tail(this, this.findUnlinkFrom, page, this.previousNode(node), left - 1);
  }

  /** pcpu_get_vm_areas(): each area into the busy tree of its node, one section after the other. */
  override *pcpuInsert(request: number, base: number, area: number): KernelCode {
    const { offsets } = this.pcpuRequests[request]!;
    const node = this.addrToNode(base + offsets[area]!);
    yield this.kernel.locked(PCPU_SITES.insertInNode, this.busyLock[node]!, () => this.pcpuInsertFirst(node));
    return area + 1 < offsets.length ? tail(this, this.pcpuInsert, request, base, area + 1) : base;
  }

  private previousNode(node: number): number {
    return (node + this.nodes - 1) % this.nodes;
  }

  override *purgeVmapAreaLazy(fullPoolDecay: number): KernelCode {
    return tail(this, this.collectNode, 0, fullPoolDecay);
  }

  /** The loop that detaches the lazy tree of each node. */
  *collectNode(node: number, fullPoolDecay: number): KernelCode {
    const empty = yield this.kernel.step(S.peek, () => this.beginCollect(node));
    if (!empty) yield this.collectLazy(node);
    if (node + 1 < this.nodes) return tail(this, this.collectNode, node + 1, fullPoolDecay);
    const any = yield this.flushCollected();
    return any ? tail(this, this.purgeMarked) : 0;
  }

  /** Detaches a node's lazy tree and marks the node. */
  protected collectLazy(node: number): Step {
    return this.kernel.locked(S.collect, this.lazyLock[node]!, () => {
      if (this.collect(node)) this.markNode(node);
      return 0;
    });
  }

  /** cpumask_set_cpu(): the purge has to process this node. */
  protected markNode(node: number): void {
    this.purgeNodes[node] = 1;
  }

  /** Number of nodes that the purge has to process. */
  protected marked(): number {
    let marked = 0;
    for (let n = 0; n < this.nodes; n++) marked += this.purgeNodes[n]!;
    return marked;
  }

  /** flush_tlb_kernel_range(), if any node was marked; whether any was. */
  protected flushCollected(): Step {
    return this.kernel.step(S.flush, () => (this.marked() === 0 ? 0 : this.flushRange()));
  }

  /** INIT_LIST_HEAD(&vn->purge_list), then RB_EMPTY_ROOT(&vn->lazy.root) without the lock. */
  protected beginCollect(node: number): number {
    this.initPurgeList(node);
    return this.isLazyEmpty(node);
  }

  /** INIT_LIST_HEAD(&vn->purge_list); the node is not marked. */
  protected initPurgeList(node: number): void {
    this.purgeNodes[node] = 0;
    this.index.dropAll(this.purgeList[node]!, this.kernel.current);
  }

  /** RB_EMPTY_ROOT(&vn->lazy.root) without the lock. */
  protected isLazyEmpty(node: number): number {
    return this.kernel.heap.racy(() => (this.containers.root[this.lazy[node]!] === NONE ? 1 : 0));
  }

  /** First marked node from `from` on, or -1. */
  protected nextMarked(from: number): number {
    for (let n = from; n < this.nodes; n++) if (this.purgeNodes[n] !== 0) return n;
    return -1;
  }

  /** purge_vmap_node() of each marked node, in index order. */
  *purgeMarked(): KernelCode {
    return tail(this, this.purgeAfter, 0);
  }

  /** One area of the first marked node; the lock is held until the node's list is empty. */
  *purgeAfter(lockHeld: number): KernelCode {
    const lock = this.freeLock;
    const state = yield {
      site: S.purgeOne,
      gate: lockHeld ? undefined : lock.gate,
      waitsFor: lock.waitsFor,
      run: () => {
        const node = this.nextMarked(0);
        if (!lockHeld) this.kernel.locks.acquire(lock);
        this.purgeOne(this.purgeList[node]!);
        this.nrPurged[node] = this.nrPurged[node]! + 1;
        if (this.containers.head[this.purgeList[node]!] !== NONE) return 1;
        this.kernel.locks.release(lock);
        this.purgeNodes[node] = 0;
        return this.nextMarked(node) < 0 ? 2 : 0;
      },
    };
    if (state === 2) return yield this.kernel.step(S.sum, () => this.takePurged());
    return tail(this, this.purgeAfter, state);
  }

  /** The number of areas that this purge released; resets the nodes' counts. */
  protected takePurged(): number {
    let sum = 0;
    for (let n = 0; n < this.nodes; n++) {
      sum += this.nrPurged[n]!;
      this.nrPurged[n] = 0;
      this.purgeNodes[n] = 0;
    }
    return sum;
  }

  /** One pass: the re-check of the limit went with v2 5/9. */
  override *drainVmapAreaWork(): KernelCode {
    yield this.lockPurge();
    const purged = yield call(this, this.purgeVmapAreaLazy, PARTIAL_DECAY);
    yield this.unlockPurge(purged);
    return 0;
  }

  /** Whether a record is in a list or tree: !list_empty(&va->list). */
  protected isLinked(va: Va): boolean {
    return this.index.isLinked(va);
  }
}

function needsOf(nodes: number): Needs {
  return { containers: 1 + 3 * nodes, locks: 2 + 2 * nodes, works: 1, words: 16 + 2 * nodes };
}
