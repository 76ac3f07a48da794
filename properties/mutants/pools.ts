// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of pools: what goes into which pool, and what is taken out.

import { call, type KernelCode, site, type Step } from "../../explore/sync.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  head: site("node_pool_del_va", "without pool_lock: read the pool's head"),
  take: site("node_pool_del_va", "without pool_lock: take the area that was read"),
  larger: site("node_pool_del_va", "under pool_lock: take the front of an area of the next class"),
  flush: site("__purge_vmap_area_lazy", "populate the pools, then flush_tlb_kernel_range"),
};

class ClassOffByOne extends SizePools {
  override sizeToPool(size: number): number {
    return size < this.classes ? size : -1;
  }
}

/** An empty pool takes an area of the next class; nobody gets the rest of it. */
class NextClassServes extends SizePools {
  override *nodePoolDelVa(
    node: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
  ): KernelCode {
    const own = yield call(this, super.nodePoolDelVa, node, size, align, vstart, vend);
    const i = this.sizeToPool(size + 1);
    if (own !== NONE || i < 0) return own;
    return yield this.kernel.locked(S.larger, this.poolLock[node]!, () => {
      const va = this.containers.head[this.pool[node]![i]!]! as Va;
      if (va === NONE) return NONE;
      const start = this.areas.start[va]!;
      this.index.unlinkList(this.pool[node]![i]!, va, this.kernel.current);
      this.areas.blank(va);
      this.addLen(node, i, -1);
      this.kernel.events.emit(EVENT.POOL_TAKEN, start, start + size + 1, node, i);
      this.grant(start, size, align, vstart, vend, node);
      return va;
    });
  }
}

/** The pool of the node that the address belongs to; its lock is that of the purged node. */
class PoolByAddress extends SizePools {
  protected override nodePoolAddVa(node: number, va: Va): void {
    const other = this.addrToNode(this.areas.start[va]!);
    if (other === node) super.nodePoolAddVa(node, va);
    else {
      this.kernel.locks.acquire(this.poolLock[other]!);
      super.nodePoolAddVa(other, va);
      this.kernel.locks.release(this.poolLock[other]!);
    }
  }
}

class ModulesHaveNodes extends SizePools {
  protected override usesPools(): boolean {
    return this.nodes > 1;
  }
}

class OneNodeHasPools extends SizePools {
  protected override usesPools(vstart: number, vend: number): boolean {
    const { vmalloc } = this.kernel.instance;
    return vstart === vmalloc.start && vend === vmalloc.end;
  }
}

class MergesLazyAreas extends SizePools {
  protected override get mergesLazy(): boolean {
    return true;
  }

  protected override lazyInsert(va: Va, node: number, nr: number): number {
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    const above = nr > this.lazyMaxPages();
    this.index.mergeOrAdd(this.lazy[node]!, va);
    this.kernel.events.emit(EVENT.LAZY, start, end, node, nr, above ? 1 : 0);
    if (!above) this.kernel.events.emit(EVENT.FREE_DONE);
    return 0;
  }
}

class AlignmentNotChecked extends SizePools {
  protected override isAligned(): boolean {
    return true;
  }
}

/** The head is unlinked before its alignment is looked at, and not put back. */
class MisalignedHeadDropped extends SizePools {
  protected override takeFirst(
    node: number,
    i: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
  ): number {
    const list = this.pool[node]![i]!;
    const va = this.containers.head[list]! as Va;
    if (va === NONE || this.isAligned(this.areas.start[va]!, align)) {
      return super.takeFirst(node, i, size, align, vstart, vend);
    }
    this.index.unlinkList(list, va, this.kernel.current);
    this.areas.blank(va);
    this.addLen(node, i, -1);
    return NONE;
  }
}

class TakeKeepsLen extends SizePools {
  protected override addLen(): void {}
}

class TakeWithoutLock extends SizePools {
  override *nodePoolDelVa(
    node: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
  ): KernelCode {
    const i = this.sizeToPool(size);
    const list = this.pool[node]![i]!;
    const va = yield this.kernel.step(S.head, () => this.containers.head[list]!);
    if (va === NONE) return NONE;
    return yield this.kernel.step(S.take, () => {
      const start = this.areas.start[va]!;
      if (this.containers.head[list] === va) this.index.unlinkList(list, va as Va, this.kernel.current);
      this.areas.blank(va as Va);
      this.addLen(node, i, -1);
      this.kernel.events.emit(EVENT.POOL_TAKEN, start, start + size, node, i);
      this.grant(start, size, align, vstart, vend, node);
      return va;
    });
  }
}

class OtherNodesPoolLock extends SizePools {
  protected override purgeArea(node: number): number {
    const other = this.poolLock[(node + 1) % this.nodes]!;
    const { poolLock } = this;
    const own = poolLock[node]!;
    poolLock[node] = other;
    const pages = super.purgeArea(node);
    poolLock[node] = own;
    return pages;
  }
}

class PoolsBeforeFlush extends SizePools {
  protected override flushCollected(): Step {
    const flush = super.flushCollected();
    return {
      site: S.flush,
      run: (choice) => {
        for (let n = 0; n < this.nodes; n++) this.populateEarly(n);
        return flush.run(choice);
      },
    };
  }

  private populateEarly(node: number): void {
    const list = this.purgeList[node]!;
    for (let va = this.containers.head[list]! as Va; va !== NONE && this.goesToPool(node, va);) {
      this.purgeArea(node);
      va = this.containers.head[list]! as Va;
    }
  }
}

class BusyById extends SizePools {
  protected override busyNode(page: number, size: number, flags: number): number {
    const vnId = this.decode(flags);
    return this.isVnIdValid(vnId) ? vnId : super.busyNode(page, size, flags);
  }
}

/** One area goes through the pool and comes out of it. */
const CYCLE = instanceOf(
  "size-pools",
  { space: 4, block: 4, cpus: 1, lazyMax: 8 },
  "a=alloc(1); free(a); aliases; b=alloc(1)",
);
const TWO_SIZES = instanceOf(
  "size-pools",
  { space: 8, cpus: 1, lazyMax: 8 },
  "a=alloc(2); free(a); aliases; b=alloc(1); free(b)",
);
/** Two areas in zones of two nodes, both freed to node 0, whose CPU asked for them. */
const TWO_ZONES = instanceOf(
  "size-pools",
  { space: 8, block: 4, cpus: 1, lazyMax: 16 },
  "a=alloc(4); b=alloc(4); free(b); aliases",
);
const MODULES = instanceOf(
  "size-pools",
  { space: 8, vmalloc: { start: 0, end: 4 }, modules: { start: 4, end: 8 }, cpus: 1, lazyMax: 16 },
  "a=alloc(3); b=alloc(1); m=alloc(1,window=modules); free(b); free(m); aliases",
);
const ODD_HEAD = instanceOf(
  "size-pools",
  { space: 8, cpus: 1, lazyMax: 16 },
  "f=alloc(1); a=alloc(2); free(a); aliases; b=alloc(2,align=2)",
);

/** Mutants of pools. */
export const POOL_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-150",
    kind: "mistake",
    title: "an area goes into the pool of the next larger class",
    base: "size-pools",
    make: ClassOffByOne,
    instance: instanceOf(
      "size-pools",
      { space: 8, cpus: 1, lazyMax: 8 },
      "a=alloc(1); b=alloc(2); free(a); aliases",
    ),
    killedBy: ["INV-POOL-CLASS"],
  },
  {
    id: "MU-151",
    kind: "mistake",
    title: "an empty pool takes an area of the next larger class and loses the rest of it",
    base: "size-pools",
    make: NextClassServes,
    instance: TWO_SIZES,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-152",
    kind: "mistake",
    title: "an area goes into the pool of the node of its address",
    base: "size-pools",
    make: PoolByAddress,
    instance: TWO_ZONES,
    killedBy: ["INV-POOL-CLASS"],
  },
  {
    id: "MU-153",
    kind: "mistake",
    title: "an area of the modules window gets a node id",
    base: "size-pools",
    make: ModulesHaveNodes,
    instance: MODULES,
    killedBy: ["INV-POOL-WINDOW"],
  },
  {
    id: "MU-154",
    kind: "mistake",
    title: "a machine with one node uses pools",
    base: "size-pools",
    make: OneNodeHasPools,
    instance: instanceOf(
      "size-pools",
      { space: 4, nodes: 1, cpus: 1, lazyMax: 8 },
      "a=alloc(1); free(a); aliases",
    ),
    killedBy: ["INV-POOL-WINDOW"],
  },
  {
    id: "MU-155",
    kind: "mistake",
    title: "neighbours on the lazy list are merged, and with the size goes the window",
    base: "size-pools",
    make: MergesLazyAreas,
    instance: MODULES,
    killedBy: ["INV-POOL-WINDOW"],
  },
  {
    id: "MU-156",
    kind: "mistake",
    title: "an area is taken from the pool whatever its alignment",
    base: "size-pools",
    make: AlignmentNotChecked,
    instance: ODD_HEAD,
    killedBy: ["INV-BOUNDS"],
  },
  {
    id: "MU-157",
    kind: "mistake",
    title: "a misaligned area is taken off the pool and not put back",
    base: "size-pools",
    make: MisalignedHeadDropped,
    instance: ODD_HEAD,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-158",
    kind: "mistake",
    title: "len stays as it is when an area is taken from the pool",
    base: "size-pools",
    make: TakeKeepsLen,
    instance: CYCLE,
    killedBy: ["INV-POOL-LEN"],
  },
  {
    id: "MU-159",
    kind: "mistake",
    title: "an area is taken from the pool without pool_lock",
    base: "size-pools",
    make: TakeWithoutLock,
    instance: instanceOf(
      "size-pools",
      { space: 4, cpus: 1, lazyMax: 8 },
      "a=alloc(1); free(a); aliases; b=alloc(1)",
      "c=alloc(1)",
    ),
    killedBy: ["INV-DISJOINT"],
  },
  {
    id: "MU-160",
    kind: "mistake",
    title: "the purge takes the pool_lock of another node",
    base: "size-pools",
    make: OtherNodesPoolLock,
    instance: CYCLE,
    killedBy: ["INV-STRICT"],
    strictOnly: true,
  },
  {
    id: "MU-161",
    kind: "mistake",
    title: "areas are in their pools before the flush",
    base: "size-pools",
    make: PoolsBeforeFlush,
    instance: instanceOf(
      "size-pools",
      { space: 4, cpus: 2, lazyMax: 8 },
      "a=alloc(1); free(a); aliases",
      "b=alloc(1)",
    ),
    killedBy: ["INV-TLB"],
  },
  {
    id: "MU-167",
    kind: "mistake",
    title: "an area is busy in the node of its id",
    base: "size-pools",
    make: BusyById,
    instance: instanceOf("size-pools", { space: 8, block: 4, cpus: 1, lazyMax: 8 }, "a=alloc(4); b=alloc(1)"),
    killedBy: ["INV-BUSY-NODE"],
  },
];
