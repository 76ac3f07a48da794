// SPDX-License-Identifier: GPL-2.0-only
//
// The pools of a node: purged areas by size, ready to be handed out again without a look at the free tree. How one is
// taken, how one is put back, and how a pool decays.
// Source: mm/vmalloc.c (v6.9 and later): size_to_va_pool, node_pool_add_va, node_pool_del_va, decay_va_pool_node.

import { type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { NONE, type Va } from "../heap/areas.ts";
import type { KernelOptions, Needs } from "../kernel/kernel.ts";
import type { Lock } from "../kernel/locks.ts";
import type { QueueShape } from "../kernel/workqueue/queues.ts";
import { PurgeHelpers } from "./node-purge.ts";

export const S = {
  probe: site("node_pool_del_va", "lockless: is the pool of this size empty?"),
  take: site(
    "node_pool_del_va",
    "under pool_lock: take the first area if it is aligned, else move it to the tail",
  ),
  address: site("node_alloc", "*addr = va->va_start"),
  peek: site("decay_va_pool_node", "lockless: is this pool empty?"),
  detach: site("decay_va_pool_node", "under pool_lock: detach the pool's list"),
  readLen: site("decay_va_pool_node", "without pool_lock: read the pool's len"),
  zeroLen: site("decay_va_pool_node", "without pool_lock: len = 0; move areas to decay_list"),
  attach: site("decay_va_pool_node", "under pool_lock: replace the pool's list by the rest, set its len"),
  reclaim: site("reclaim_list_global", "under free_vmap_area_lock: merge the decayed areas"),
};

/** MAX_VA_SIZE_PAGES: the number of pools of a node. */
export const MAX_VA_SIZE_PAGES = 256;

/** What a design needs beyond pools. */
export interface PoolNeeds {
  readonly containers?: number;
  readonly words?: number;
  readonly records?: number;
  readonly queues?: readonly QueueShape[];
}

/** Nodes with pools. */
export abstract class NodePools extends PurgeHelpers {
  /** vn->pool_lock. */
  readonly poolLock: Lock[] = [];
  /** vn->pool[i].head, by node and size class; class i holds areas of i + 1 pages. */
  readonly pool: number[][] = [];
  /** vn->pool[i].len, at node * classes + i. */
  readonly poolLen: Int32Array;
  /** vn->skip_populate; guarded by vmap_purge_lock. */
  readonly skipPopulate: Int32Array;
  /** Number of size classes that have a pool here: no request of the instance is larger. */
  readonly classes: number;
  /** tmp_list and decay_list on the stack of decay_va_pool_node(), for each process that may call it. */
  readonly tmpList: number[] = [];
  readonly decayList: number[] = [];

  constructor(instance: Instance, options: KernelOptions, needs: PoolNeeds) {
    const { nodes } = instance;
    const classes = classesOf(instance);
    super(instance, options, needsOf(instance, classes, needs));
    const { heap, tasks, managerProcess } = this.kernel;
    this.classes = classes;
    this.poolLen = heap.words("vn.pool.len", nodes * classes);
    this.skipPopulate = heap.words("vn.skip_populate", nodes);
    for (let n = 0; n < nodes; n++) {
      const lock = this.declareLock(`node ${n} pool_lock`, "pool_lock");
      this.poolLock.push(lock);
      this.pool.push(
        Array.from({ length: classes }, () => this.declareContainer("pool", n, lock, { sorted: false })),
      );
    }
    // The tasks and the drain; helpers do not decay.
    for (let d = 0; d < tasks + 1 + (managerProcess < 0 ? 0 : 1); d++) {
      this.tmpList.push(this.declareContainer("decay", -1, undefined, { sorted: false }));
      const coalesced = !this.hasRangeTrees;
      this.decayList.push(this.declareContainer("decay", -1, undefined, { coalesced, sorted: coalesced }));
    }
  }

  /** size_to_va_pool(): the size class, or -1. */
  sizeToPool(size: number): number {
    return size - 1 < this.classes ? size - 1 : -1;
  }

  /** node_pool_add_va() under pool_lock. */
  protected nodePoolAddVa(node: number, va: Va): void {
    const { areas } = this;
    const i = this.sizeToPool(areas.size(va));
    this.listAdd(this.pool[node]![i]!, va);
    this.addLen(node, i, 1);
    this.kernel.events.emit(EVENT.POOL_ADD, areas.start[va], areas.end[va], node, i);
  }

  /** node_pool_del_va(): a record in the caller's hands, without a range; or NONE. */
  *nodePoolDelVa(node: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    const i = this.sizeToPool(size);
    if (i < 0) return NONE;
    const empty = yield this.kernel.step(S.probe, () => this.isPoolEmpty(node, i));
    if (empty) return NONE;
    return yield this.kernel.locked(S.take, this.poolLock[node]!, () =>
      this.takeFirst(node, i, size, align, vstart, vend),
    );
  }

  /** list_empty() without pool_lock. */
  protected isPoolEmpty(node: number, i: number): number {
    return this.kernel.heap.racy(() => (this.containers.head[this.pool[node]![i]!] === NONE ? 1 : 0));
  }

  /** The section of node_pool_del_va(): looks at the first area only. */
  protected takeFirst(
    node: number,
    i: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
  ): number {
    const { areas, containers, index } = this;
    const list = this.pool[node]![i]!;
    const va = containers.head[list]! as Va;
    if (va === NONE) return NONE;
    const start = areas.start[va]!;
    if (!this.isAligned(start, align)) {
      index.unlinkList(list, va, this.kernel.current);
      index.linkListAfter(list, va, containers.tail[list]! as Va);
      return NONE;
    }
    if (areas.size(va) !== size || start < vstart || areas.end[va]! > vend) {
      this.kernel.warn(ALARM.POOL_SANITY, start);
      return NONE;
    }
    index.unlinkList(list, va, this.kernel.current);
    areas.blank(va);
    this.addLen(node, i, -1);
    this.kernel.events.emit(EVENT.POOL_TAKEN, start, start + size, node, i);
    this.grant(start, size, align, vstart, vend, node);
    return va;
  }

  /** IS_ALIGNED(va->va_start, align). */
  protected isAligned(start: number, align: number): boolean {
    return start % align === 0;
  }

  /** *addr = va->va_start. The range is kept where a grant without a record keeps it. */
  protected readStart(): Step {
    return this.kernel.localStep(S.address, () => this.kernel.limboStart[this.kernel.current]!);
  }

  /** WRITE_ONCE(pool->len, pool->len + by). */
  protected addLen(node: number, i: number, by: number): void {
    const at = node * this.classes + i;
    this.poolLen[at] = this.poolLen[at]! + by;
  }

  /** decay_va_pool_node(). */
  *decayVaPoolNode(node: number, fullDecay: number): KernelCode {
    return tail(this, this.decayPool, node, fullDecay, 0, 0);
  }

  /** Its loop over the size classes; `any` says whether decay_list holds anything. */
  *decayPool(node: number, fullDecay: number, i: number, any: number): KernelCode {
    if (i === this.classes) {
      return any ? tail(this, this.endDecay, node) : 0;
    }
    const empty = yield this.kernel.step(S.peek, () => this.isPoolEmpty(node, i));
    if (empty) return tail(this, this.decayPool, node, fullDecay, i + 1, any);
    yield this.kernel.locked(S.detach, this.poolLock[node]!, () => this.detach(node, i));
    const len = yield this.kernel.step(S.readLen, () => this.poolLen[node * this.classes + i]!);
    const nDecay = this.decayOf(len, fullDecay);
    const rest = yield this.kernel.step(S.zeroLen, () => this.decayDetached(node, i, nDecay));
    if (rest) {
      yield this.kernel.locked(S.attach, this.poolLock[node]!, () =>
        this.attach(node, i, (len >>> 0) - nDecay),
      );
    }
    return tail(this, this.decayPool, node, fullDecay, i + 1, any || nDecay > 0 ? 1 : 0);
  }

  /** The end of a decay that has something in its decay_list. */
  *endDecay(_node: number): KernelCode {
    yield this.kernel.locked(S.reclaim, this.freeLock, () => this.reclaimDecayed());
    return 0;
  }

  /** How many areas of `len` decay: all, or a quarter. The length is unsigned, so one below 0 is very many. */
  protected decayOf(len: number, fullDecay: number): number {
    return fullDecay ? len >>> 0 : (len >>> 0) >>> 2;
  }

  /** list_replace_init() of the pool's list. */
  protected detach(node: number, i: number): number {
    const { process } = this.kernel.events;
    const pool = this.pool[node]![i]!;
    this.kernel.events.emit(EVENT.POOL_DETACHED, node, i, this.containers.count[pool]);
    this.index.moveAll(pool, this.tmpList[this.decayer(process)]!, process);
    return 0;
  }

  /** len = 0, then up to `nDecay` areas to the private tree. Returns 1 if any are left over. */
  protected decayDetached(node: number, i: number, nDecay: number): number {
    const { containers, index } = this;
    const process = this.kernel.current;
    const tmp = this.tmpList[this.decayer(process)]!;
    const decay = this.decayList[this.decayer(process)]!;
    this.poolLen[node * this.classes + i] = 0;
    containers.holder[decay] = process;
    let released = 0;
    for (; released < nDecay && containers.head[tmp] !== NONE; released++) {
      const va = containers.head[tmp]! as Va;
      index.unlinkList(tmp, va, process);
      this.addDecayed(decay, va);
    }
    const rest = containers.head[tmp] !== NONE;
    this.kernel.events.emit(EVENT.POOL_DECAYED, node, i, released, containers.count[tmp]);
    return rest ? 1 : 0;
  }

  /** merge_or_add_vmap_area() into decay_list. */
  protected addDecayed(decay: number, va: Va): void {
    this.index.mergeOrAdd(decay, va);
  }

  /** list_replace_init() of the rest: what was put into the pool meanwhile is forgotten. */
  protected attach(node: number, i: number, len: number): number {
    const process = this.kernel.current;
    const pool = this.pool[node]![i]!;
    const tmp = this.tmpList[this.decayer(process)]!;
    this.kernel.events.emit(
      EVENT.POOL_ATTACHED,
      node,
      i,
      this.containers.count[tmp],
      this.containers.count[pool],
    );
    this.forget(pool);
    this.index.moveAll(tmp, pool, process);
    this.poolLen[node * this.classes + i] = len;
    return 0;
  }

  // Nobody knows what a list that is overwritten held.
  private forget(list: number): void {
    const { head } = this.containers;
    for (let va = head[list]! as Va; va !== NONE; va = head[list]! as Va) {
      this.index.unlinkList(list, va, this.kernel.current);
      this.areas.blank(va);
    }
  }

  /** reclaim_list_global() of decay_list. */
  protected reclaimDecayed(): number {
    const { containers, index } = this;
    const decay = this.decayList[this.decayer(this.kernel.current)]!;
    for (let va = containers.head[decay]! as Va; va !== NONE; va = containers.head[decay]! as Va) {
      index.unlink(decay, va, this.kernel.current);
      index.mergeOrAdd(this.free, va);
    }
    return 0;
  }

  /** Whose lists a decay uses. */
  protected decayer(process: number): number {
    return Math.min(process, this.kernel.tasks + 1);
  }
}

// Sizes never change between a grant and a pool, so that only sizes that are asked for have one; unless a store fails.
function classesOf(instance: Instance): number {
  const max = Math.min(instance.poolPages ?? MAX_VA_SIZE_PAGES, instance.spacePages);
  if (instance.faults.points.includes("maple")) return max;
  const sizes = instance.programs.flat().flatMap((op) => (op.op === "alloc" ? [op.size] : []));
  if (sizes.length === 0) return max;
  return Math.min(max, Math.max(...sizes, instance.workers?.stackPages ?? 1));
}

function needsOf(instance: Instance, classes: number, more: PoolNeeds): Needs {
  const { nodes, programs } = instance;
  const decayers = programs.length + 2;
  return {
    containers: 1 + nodes * (3 + classes) + 2 * decayers + (more.containers ?? 0),
    locks: 2 + 3 * nodes,
    works: 1 + nodes,
    queues: more.queues ?? [],
    words: 16 + nodes * (3 + classes) + (more.words ?? 0),
    records: more.records ?? 0,
  };
}
