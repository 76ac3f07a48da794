// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of locking: sleeping under a spinlock, opposite orders, the wrong lock, no lock.

import { type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NodeIndex } from "../../impl/allocators/node-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import type { Lock } from "../../impl/kernel/locks.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  preload: site("__alloc_vmap_area", "under free_vmap_area_lock: allocate a spare, search, clip"),
  fillRecord: site("node_alloc_fill", "allocate the block's record"),
  takeAndPlace: site(
    "node_alloc_fill",
    "under free_vmap_area_lock and vn->free.lock: take and place a block",
  ),
  carve: site("node_alloc_fill", "under vn->free.lock: carve"),
  collect: site("__purge_vmap_area_lazy", "without the lazy lock: detach the lazy tree"),
  find: site("find_vmap_area", "without the busy lock: look up an address"),
};

class PreloadUnderLock extends GlobalTree {
  override *allocGlobal(size: number, align: number, vstart: number, vend: number): KernelCode {
    return yield this.kernel.lockedSplit(S.preload, this.freeLock, () => {
      this.kernel.locks.mightSleep();
      this.preloadThisCpu(this.areas.allocate(this.kernel.current));
      const page = this.globalSearch(size, align, vstart, vend);
      if (page !== vend) this.grant(page, size, align, vstart, vend, -1);
      return page;
    });
  }
}

class FlushUnderLock extends NodeIndex {
  protected override collect(node: number): number {
    const any = super.collect(node);
    if (any) this.flushRange();
    return any;
  }
}

/**
 * The fill places its block before it drops free_vmap_area_lock, so that nobody sees a block in flight; the purge
 * gives its ranges to the global heap before it drops vn->free.lock.
 */
class LocksNestedBothWays extends NodeBlocks {
  override *nodeAllocFill(node: number, size: number, align: number): KernelCode {
    const { end: vend } = this.kernel.instance.vmalloc;
    const va = (yield this.kernel.slabAlloc(S.fillRecord, "fill-record")) as Va;
    if (va === NONE) return vend;
    const block = yield this.takeAndPlace(node, va);
    if (block === vend) return vend;
    return yield this.kernel.lockedSplit(S.carve, this.nodeFreeLock[node]!, () =>
      this.carve(node, va, size, align),
    );
  }

  private takeAndPlace(node: number, va: Va): Step {
    const outer = this.freeLock;
    const inner = this.nodeFreeLock[node]!;
    return {
      site: S.takeAndPlace,
      ready: () => outer.isFree() && inner.isFree(),
      waitsFor: () => (outer.isFree() ? inner : outer).waitsFor(),
      run: () => {
        const { locks, instance } = this.kernel;
        locks.acquire(outer);
        const block = this.takeBlock(node);
        if (block === instance.vmalloc.end) this.areas.release(va);
        else {
          locks.acquire(inner);
          this.placeBlock(node, va, block);
          locks.release(inner);
        }
        locks.release(outer);
        return block;
      },
    };
  }

  protected override purgeNodeArea(node: number): void {
    super.purgeNodeArea(node);
    if (this.containers.head[this.purgeList[node]!] !== NONE) return;
    this.kernel.locks.acquire(this.freeLock);
    this.reclaimListGlobal(node);
    this.kernel.locks.release(this.freeLock);
  }
}

class OtherNodesLock extends NodeBlocks {
  protected override purgeLockOf(node: number): Lock {
    return this.nodeFreeLock[(node + 1) % this.nodes]!;
  }
}

class ReclaimUnlocked extends NodeBlocks {
  protected override reclaimListGlobal(node: number): number {
    this.kernel.locks.release(this.freeLock);
    const done = super.reclaimListGlobal(node);
    this.kernel.locks.acquire(this.freeLock);
    return done;
  }
}

class CollectUnlocked extends GlobalTree {
  override *purgeVmapAreaLazy(): KernelCode {
    const any = yield this.kernel.step(S.collect, () => this.collect(0));
    if (!any) return 0;
    yield this.kernel.step(S.collect, () => this.flushRange());
    return tail(this, this.purgeAreas, 0, 0);
  }
}

class FindUnlocked extends GlobalTree {
  override *findVmapArea(page: number): KernelCode {
    return yield this.kernel.step(S.find, () => this.lookUp(0, page));
  }
}

const ONE_AREA = instanceOf("node-blocks", { space: 16, lazyMax: 8 }, "a=alloc(1); free(a); purge");

/** Mutants of locking. */
export const LOCKING_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-113",
    kind: "mistake",
    title: "the spare record is allocated with GFP_KERNEL under free_vmap_area_lock",
    base: "global-tree",
    make: PreloadUnderLock,
    instance: instanceOf("global-tree", { space: 8 }, "a=alloc(1)"),
    killedBy: ["INV-SLEEP"],
  },
  {
    id: "MU-114",
    kind: "mistake",
    title: "each node is flushed where its lazy tree is detached, under its lock",
    base: "node-index",
    make: FlushUnderLock,
    instance: instanceOf("node-index", { space: 16, lazyMax: 8 }, "a=alloc(1); free(a); purge"),
    killedBy: ["INV-SLEEP"],
  },
  {
    id: "MU-115",
    kind: "mistake",
    title: "the fill takes vn->free.lock inside free_vmap_area_lock, the purge the other way round",
    base: "node-blocks",
    make: LocksNestedBothWays,
    instance: ONE_AREA,
    killedBy: ["INV-LOCKORDER"],
  },
  {
    id: "MU-116",
    kind: "mistake",
    title: "purge_vmap_node() takes the free lock of another node",
    base: "node-blocks",
    make: OtherNodesLock,
    instance: ONE_AREA,
    strictOnly: true,
    killedBy: ["INV-STRICT"],
  },
  {
    id: "MU-117",
    kind: "mistake",
    title: "reclaim_list_global() merges without free_vmap_area_lock",
    base: "node-blocks",
    make: ReclaimUnlocked,
    instance: ONE_AREA,
    strictOnly: true,
    killedBy: ["INV-STRICT"],
  },
  {
    id: "MU-118",
    kind: "mistake",
    title: "the purge detaches the lazy tree without its lock",
    base: "global-tree",
    make: CollectUnlocked,
    instance: instanceOf("global-tree", { space: 8, lazyMax: 8 }, "a=alloc(1); free(a); purge"),
    strictOnly: true,
    killedBy: ["INV-STRICT"],
  },
  {
    id: "MU-119",
    kind: "mistake",
    title: "find_vmap_area() looks without the busy lock",
    base: "global-tree",
    make: FindUnlocked,
    instance: instanceOf("global-tree", { space: 8 }, "a=alloc(1); find(a+0)"),
    strictOnly: true,
    killedBy: ["INV-STRICT"],
  },
];
