// SPDX-License-Identifier: GPL-2.0-only
//
// The design `node-blocks`: each node serves small requests from blocks that it takes from the global heap,
// shrunken by a page at both edges; va->flags remembers the node. Overrides what the diff touches.
// Source: "[PATCH v2 6/9] mm: vmalloc: Offload free_vmap_area_lock lock" (29 Aug 2023), sizes from v2 9/9.

import { call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import { type KernelOptions, LIMBO } from "../kernel/kernel.ts";
import type { Lock } from "../kernel/locks.ts";
import { EINVAL, ENOMEM } from "./errno.ts";
import { PurgeHelpers } from "./node-purge.ts";
import { decodeVnId, encodeVnId } from "./vn-id.ts";

export const S = {
  record: site("alloc_vmap_area", "allocate the vmap_area record"),
  nodeId: site("alloc_vmap_area", "this_node_id(): read the CPU number"),
  preempt: site("alloc_vmap_area", "preemptible: the task may migrate"),
  nodeSearch: site("node_alloc", "under vn->free.lock: search and clip, or try to become the one that fills"),
  resetFill: site("node_alloc", "atomic_set(&vn->fill_in_progress, 0)"),
  fillRecord: site("node_alloc_fill", "allocate the block's record"),
  takeBlock: site("node_alloc_fill", "under free_vmap_area_lock: take a block"),
  noBlock: site("node_alloc_fill", "no block to be had: free the record"),
  placeBlock: site("node_alloc_fill", "under vn->free.lock: insert the shrunken block, carve"),
  mergeNode: site("free_vmap_area", "under vn->free.lock: merge into the node"),
  purgeOne: site("purge_vmap_node", "under vn->free.lock: return an area to its node or to the global list"),
  reclaim: site("reclaim_list_global", "under free_vmap_area_lock: merge the collected ranges"),
};

/** Results of the first step of node_alloc() that are no address. */
const FILL = -1;
const REFUSED = -2;

// What a purge step of a node leaves behind.
const NODE = { DONE: 0, MORE: 1, RECLAIM: 2 } as const;

/** v2 6/9. */
export class NodeBlocks extends PurgeHelpers {
  /** vn->free: what is left of the blocks that the node took. */
  readonly nodeFree: number[] = [];
  readonly nodeFreeLock: Lock[] = [];
  /** The list `global` on the stack of purge_vmap_node(). */
  override readonly reclaimList: number[] = [];
  /** vn->fill_in_progress. */
  readonly fillInProgress: Int32Array;

  constructor(instance: Instance, options: KernelOptions) {
    const nodes = instance.nodes;
    super(instance, options, {
      containers: 1 + 5 * nodes,
      locks: 2 + 3 * nodes,
      works: 1 + nodes,
      words: 16 + 4 * nodes,
    });
    this.fillInProgress = this.kernel.heap.words("vn.fill_in_progress", nodes);
    for (let n = 0; n < nodes; n++) {
      this.nodeFreeLock.push(this.declareLock(`node ${n} free.lock`, "vn.free.lock"));
      this.nodeFree.push(
        this.declareContainer("node-free", n, this.nodeFreeLock[n], { coalesced: true, augmented: true }),
      );
      this.reclaimList.push(this.declareContainer("reclaim", n, undefined, { sorted: false }));
    }
  }

  /** node_size, pages. */
  get nodeSize(): number {
    return this.kernel.instance.blockPages;
  }

  /** encode_vn_id(). */
  encode(node: number): number {
    return encodeVnId(node);
  }

  /** decode_vn_id(): the node, or -1. */
  decode(flags: number): number {
    return decodeVnId(flags);
  }

  /** Whether decoded flags name a node: `vn_id >= 0`. */
  protected hasNode(vnId: number): boolean {
    return vnId >= 0;
  }

  /** id_to_node(). */
  idToNode(vnId: number): number {
    return vnId % this.nodes;
  }

  override *allocVmapArea(size: number, align: number, vstart: number, vend: number): KernelCode {
    if (!this.isValidRequest(size, align)) return -EINVAL;
    const va = yield this.kernel.slabAlloc(S.record, "alloc");
    if (va === NONE) return -ENOMEM;
    if (this.kernel.cpus.migratable) yield this.kernel.preemptPoint(S.preempt);
    const vnId = yield this.kernel.cpuStep(S.nodeId, () => this.kernel.cpus.current() % this.nodes);
    const page = yield call(this, this.nodeAlloc, vnId, size, align, vstart, vend);
    if (page === vend) return tail(this, this.allocRetry, va, size, align, vstart, vend, 0);
    return tail(this, this.allocBind, va, page, size, align, vstart, vend, this.encode(vnId));
  }

  /** Whether node_alloc() leaves a request to the global heap without looking: window, then size. */
  protected refuses(size: number, align: number, vstart: number, vend: number): boolean {
    const { vmalloc } = this.kernel.instance;
    if (vstart !== vmalloc.start || vend !== vmalloc.end) return true;
    const extra = align > 1 ? align : 0;
    return size + extra > this.nodeSize >> 2;
  }

  /** node_alloc(): the first page, or `vend` if the node does not serve the request. */
  *nodeAlloc(vnId: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    if (this.refuses(size, align, vstart, vend)) return vend;
    const node = this.idToNode(vnId);
    const page = yield this.kernel.lockedSplit(S.nodeSearch, this.nodeFreeLock[node]!, () => {
      const found = this.index.allocate(this.nodeFree[node]!, size, align, vstart, vend, this.kernel.spare);
      if (found === vend) return this.tryBeginFill(node);
      this.grant(found, size, align, vstart, vend, node);
      return found;
    });
    if (page === REFUSED) return vend;
    if (page !== FILL) return page;
    const filled = yield call(this, this.nodeAllocFill, node, size, align);
    yield this.kernel.step(S.resetFill, () => this.endFill(node));
    return filled;
  }

  /** atomic_xchg(&vn->fill_in_progress, 1) inside the section of the failed search. */
  protected tryBeginFill(node: number): number {
    const old = this.fillInProgress[node]!;
    this.fillInProgress[node] = 1;
    if (old !== 0) return REFUSED;
    this.kernel.events.emit(EVENT.FILL_BEGIN, node);
    return FILL;
  }

  /** atomic_set(&vn->fill_in_progress, 0). */
  protected endFill(node: number): number {
    this.fillInProgress[node] = 0;
    this.kernel.events.emit(EVENT.FILL_END, node);
    return 0;
  }

  /** node_alloc_fill(): takes a block for the node and serves the request from it; VMALLOC_END if it cannot. */
  *nodeAllocFill(node: number, size: number, align: number): KernelCode {
    const { end: vend } = this.kernel.instance.vmalloc;
    const va = yield this.kernel.slabAlloc(S.fillRecord, "fill-record");
    if (va === NONE) return vend;
    const block = yield this.kernel.lockedSplit(S.takeBlock, this.freeLock, () => this.takeBlock(node));
    if (block === vend) {
      yield this.kernel.localStep(S.noBlock, () => {
        this.areas.release(va as Va);
        return 0;
      });
      return vend;
    }
    return yield this.kernel.lockedSplit(S.placeBlock, this.nodeFreeLock[node]!, () => {
      this.placeBlock(node, va as Va, block);
      return this.carve(node, va as Va, size, align);
    });
  }

  /** __alloc_vmap_area() of node_size pages out of the global heap. */
  protected takeBlock(node: number): number {
    const { start, end } = this.kernel.instance.vmalloc;
    const block = this.index.allocate(this.free, this.nodeSize, 1, start, end, this.kernel.spare);
    if (block !== end) {
      this.kernel.enterLimbo(LIMBO.BLOCK, block, block + this.nodeSize);
      this.kernel.events.emit(EVENT.BLOCK_TAKEN, block, block + this.nodeSize, node);
    }
    return block;
  }

  /** Shrinks the block by a page on both sides and inserts it, without merging. */
  protected placeBlock(node: number, va: Va, block: number): void {
    this.areas.assign(va, block + 1, block + this.nodeSize - 1, this.kernel.current);
    this.kernel.leaveLimbo();
    this.kernel.events.emit(EVENT.BLOCK_PLACED, block, block + this.nodeSize, node);
    this.index.insert(this.nodeFree[node]!, va, this.kernel.current);
  }

  /** va_alloc() out of the block just inserted. On failure the block stays with the node. */
  protected carve(node: number, va: Va, size: number, align: number): number {
    const { start, end } = this.kernel.instance.vmalloc;
    const page = this.index.vaAlloc(this.nodeFree[node]!, va, size, align, start, end, this.kernel.spare);
    if (page !== end) this.grant(page, size, align, start, end, node);
    return page;
  }

  override *freeVmapArea(va: number, page: number): KernelCode {
    const flags = yield this.unlinkBusy(va as Va, page);
    const vnId = this.decode(flags);
    if (!this.hasNode(vnId)) {
      yield this.mergeGlobal(va as Va);
      return 0;
    }
    const node = this.idToNode(vnId);
    yield this.kernel.locked(S.mergeNode, this.nodeFreeLock[node]!, () => this.mergeIntoNode(node, va as Va));
    return 0;
  }

  /** merge_or_add_vmap_area_augment() into the node's tree, without a look at whether the block is whole. */
  protected mergeIntoNode(node: number, va: Va): number {
    return this.releaseTo(this.nodeFree[node]!, va, node);
  }

  protected override lazyNode(va: Va): number {
    const vnId = this.decode(this.areas.flags[va]!);
    return this.hasNode(vnId) ? this.idToNode(vnId) : this.addrToNode(this.areas.start[va]!);
  }

  /**
   * purge_vmap_node(): inline or as the function of vn->purge_work. The subtraction from vmap_lazy_nr makes each
   * area a step of its own; between them the lock is held.
   */
  *purgeVmapNode(node: number, lockHeld: number): KernelCode {
    const lock = this.purgeLockOf(node);
    const state = yield {
      site: S.purgeOne,
      gate: lockHeld ? undefined : lock.gate,
      waitsFor: lock.waitsFor,
      run: () => {
        if (!lockHeld) {
          this.beginPurgeNode(node);
          if (this.containers.head[this.purgeList[node]!] === NONE) return NODE.DONE;
          this.kernel.locks.acquire(lock);
        }
        this.purgeNodeArea(node);
        if (this.containers.head[this.purgeList[node]!] !== NONE) return NODE.MORE;
        this.kernel.locks.release(lock);
        return this.containers.head[this.reclaimList[node]!] === NONE ? NODE.DONE : NODE.RECLAIM;
      },
    };
    if (state === NODE.MORE) return tail(this, this.purgeVmapNode, node, 1);
    if (state === NODE.DONE) return 0;
    yield this.kernel.locked(S.reclaim, this.freeLock, () => this.reclaimListGlobal(node));
    return 0;
  }

  /** The lock that purge_vmap_node() takes: that of the node it purges. */
  protected purgeLockOf(node: number): Lock {
    return this.nodeFreeLock[node]!;
  }

  /** Its entry: the lists are this process's now. */
  protected beginPurgeNode(node: number): void {
    this.containers.holder[this.purgeList[node]!] = this.kernel.current;
    this.containers.holder[this.reclaimList[node]!] = this.kernel.current;
    this.nrPurged[node] = 0;
  }

  /** One round of its loop. */
  protected purgeNodeArea(node: number): void {
    const { areas, index } = this;
    const first = this.containers.head[this.purgeList[node]!]! as Va;
    const start = areas.start[first]!;
    const end = areas.end[first]!;
    const vnId = this.decode(areas.flags[first]!);
    let va = first;
    index.unlinkList(this.purgeList[node]!, va, this.kernel.current);
    if (this.hasNode(vnId)) {
      if (!this.isWholeBlock(va)) va = this.mergePurged(node, va);
      // The patch tests the size of the merge's result before it tests the result for NULL.
      if (va === NONE) {
        this.kernel.oops(ALARM.NULL_SIZE);
        return;
      }
      this.kernel.events.emit(EVENT.RELEASE, start, end, node);
      if (this.isWholeBlock(va)) this.returnBlock(node, va);
    } else {
      this.listAdd(this.reclaimList[node]!, va);
      this.kernel.events.emit(EVENT.RELEASE, start, end, -1);
    }
    this.lazyNr[0] = this.lazyNr[0]! - (end - start);
    this.nrPurged[node] = this.nrPurged[node]! + 1;
  }

  /** merge_or_add_vmap_area_augment() of a purged area into the tree of the node. */
  protected mergePurged(node: number, va: Va): Va {
    return this.index.mergeOrAdd(this.nodeFree[node]!, va);
  }

  /** va_size(va) == node_size - 2 * PAGE_SIZE. */
  protected isWholeBlock(va: Va): boolean {
    return this.areas.size(va) === this.nodeSize - 2;
  }

  /** Gives a whole block its edges back and puts it on the list for the global heap. */
  protected returnBlock(node: number, va: Va): void {
    const c = this.nodeFree[node]!;
    if (this.isLinked(va)) this.index.unlink(c, va, this.kernel.current);
    this.restoreEdges(c, va);
    this.listAdd(this.reclaimList[node]!, va);
    this.kernel.events.emit(EVENT.BLOCK_RETURNED, this.areas.start[va], this.areas.end[va], node);
  }

  /** va_start -= PAGE_SIZE; va_end += PAGE_SIZE. */
  protected restoreEdges(c: number, va: Va): void {
    this.index.setStart(c, va, this.areas.start[va]! - 1);
    this.index.setEnd(c, va, this.areas.end[va]! + 1);
  }
}
