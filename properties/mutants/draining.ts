// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the drain and of its accounts, in the designs with pools: who asks for it when, what it says that it did.

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { UnboundDrainV3 } from "../../impl/allocators/unbound-drain-v3.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { flushWork } from "../../impl/kernel/workqueue/workers.ts";
import { ALARM } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  subtract: site("purge_vmap_node", "vmap_lazy_nr -= pages of purge_list, before the loop"),
  lazyAdd: site("free_vmap_area_noflush", "vmap_lazy_nr += pages, then schedule the drain"),
  lazyInsert: site("free_vmap_area_noflush", "under the lazy lock: insert, behind the drain's request"),
  helped: site("__purge_vmap_area_lazy", "nr_purged_areas += vn->nr_purged, before flush_work()"),
  purgeBlocks: site("purge_fragmented_blocks_allcpus", "under vmap_purge_lock: free a block"),
};

class SubtractsFirst extends SizePools {
  override *purgeVmapNode(node: number, pages: number): KernelCode {
    if (pages === 0) {
      yield this.kernel.step(S.subtract, () => {
        this.lazyNr[0] = this.lazyNr[0]! - this.containers.pages[this.purgeList[node]!]!;
        return 0;
      });
    }
    return tail(this, super.purgeVmapNode, node, pages);
  }

  protected override subtractLazy(node: number): number {
    return super.subtractLazy(node, 0);
  }
}

class SubtractsTwice extends SizePools {
  protected override purgeArea(node: number): number {
    const pages = super.purgeArea(node);
    this.lazyNr[0] = this.lazyNr[0]! - pages;
    return pages;
  }
}

class PooledPagesStay extends SizePools {
  protected override purgeArea(node: number): number {
    const first = this.containers.head[this.purgeList[node]!]! as Va;
    const pooled = this.goesToPool(node, first);
    const pages = super.purgeArea(node);
    return pooled ? 0 : pages;
  }
}

class PooledNotCounted extends SizePools {
  protected override nodePoolAddVa(node: number, va: Va): void {
    super.nodePoolAddVa(node, va);
    this.nrPurged[node] = this.nrPurged[node]! - 1;
  }
}

class CountReadBeforeFlush extends UnboundDrain {
  override *flushHelpers(from: number): KernelCode {
    const node = yield this.kernel.step(S.helped, () => {
      const next = this.nextHelper(from);
      if (next >= 0) this.addPurged(next);
      return next;
    });
    if (node < 0) return yield this.sumPurged();
    yield flushWork(this.workers, this.purgeWork[node]!);
    return tail(this, this.flushHelpers, node + 1);
  }
}

class DrainBeforeInsertion extends UnboundDrain {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const nr = yield this.kernel.step(S.lazyAdd, () => this.lazyAdd(va as Va));
    if (nr > this.lazyMaxPages()) yield call(this, this.scheduleDrain);
    return yield this.kernel.locked(S.lazyInsert, this.lazyLock[node]!, () =>
      this.lazyInsert(va as Va, node, nr),
    );
  }
}

class QueuesOnNothing extends UnboundDrainV3 {
  protected override scheduleDrainWork(): boolean {
    if (this.drainVmapWq[0] === 0) this.kernel.oops(ALARM.NULL_QUEUE);
    return super.scheduleDrainWork();
  }
}

/**
 * A free that finds no queue purges on the spot. It may be the free of a vmap block, which a purge makes under
 * vmap_purge_lock; an area that a subsystem caches stands for the block.
 */
class PurgesInline extends UnboundDrain {
  override *scheduleDrain(): KernelCode {
    if (yield this.queued()) return 0;
    return tail(this, this.reclaimAndPurgeVmapAreas);
  }

  private queued(): Step {
    return this.kernel.step(S.lazyAdd, () => (this.scheduleDrainWork() ? 1 : 0));
  }

  override *purgeVmapAreaLazy(fullPoolDecay: number): KernelCode {
    if (this.notifierChain) yield call(this, this.notifierChain);
    return tail(this, super.purgeVmapAreaLazy, fullPoolDecay);
  }
}

const POOLED = instanceOf(
  "size-pools",
  { space: 4, block: 4, cpus: 1, lazyMax: 8 },
  "a=alloc(1); free(a); aliases",
);
/** An area of each of two nodes, lazy at once: one node is for a helper. */
export const TWO_LAZY = "a=alloc(1); b=alloc(1,window=4..5); free(a); free(b); purge";

/** Mutants of the drain. */
export const DRAIN_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-18",
    kind: "mistake",
    title: "a free that finds no queue purges on the spot, also one under vmap_purge_lock",
    base: "unbound-drain",
    make: PurgesInline,
    instance: instanceOf(
      "unbound-drain",
      { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "workqueue_init_early" },
      "c=cache(1); a=alloc(1); free(a); purge",
    ),
    killedBy: ["INV-DEADLOCK"],
  },
  {
    id: "MU-170",
    kind: "mistake",
    title: "the pages of a node leave vmap_lazy_nr before its areas leave the purge list",
    base: "size-pools",
    make: SubtractsFirst,
    instance: instanceOf(
      "size-pools",
      { space: 4, block: 4, cpus: 1, lazyMax: 8 },
      "a=alloc(1); b=alloc(1); free(a); free(b); aliases",
    ),
    killedBy: ["INV-LAZYNR-GE"],
  },
  {
    id: "MU-171",
    kind: "mistake",
    title: "each area is taken off vmap_lazy_nr, and their sum again",
    base: "size-pools",
    make: SubtractsTwice,
    instance: POOLED,
    killedBy: ["INV-LAZYNR-POS"],
  },
  {
    id: "MU-172",
    kind: "mistake",
    title: "areas that go into a pool stay in vmap_lazy_nr",
    base: "size-pools",
    make: PooledPagesStay,
    instance: POOLED,
    killedBy: ["INV-LAZYNR-EQ"],
  },
  {
    id: "MU-173",
    kind: "mistake",
    title: "areas that go into a pool are not in the sum of purged areas",
    base: "size-pools",
    make: PooledNotCounted,
    instance: POOLED,
    killedBy: ["INV-PURGE-COUNT"],
  },
  {
    id: "MU-174",
    kind: "mistake",
    title: "vn->nr_purged of a helper is read before it is waited for",
    base: "unbound-drain",
    make: CountReadBeforeFlush,
    instance: instanceOf("unbound-drain", { space: 8, block: 4, cpus: 1, lazyMax: 1 }, TWO_LAZY),
    killedBy: ["INV-PURGE-COUNT"],
  },
  {
    id: "MU-175",
    kind: "mistake",
    title: "the drain is asked for before the area is on the lazy list",
    base: "unbound-drain",
    make: DrainBeforeInsertion,
    instance: instanceOf("unbound-drain", { space: 4, block: 4, cpus: 1, lazyMax: 0 }, "a=alloc(1); free(a)"),
    killedBy: ["INV-DRAIN"],
  },
  {
    id: "MU-176",
    kind: "mistake",
    title: "a free above the limit queues the drain on a queue that does not exist yet",
    base: "unbound-drain-v3",
    make: QueuesOnNothing,
    instance: instanceOf(
      "unbound-drain-v3",
      { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "workqueue_init" },
      "a=alloc(1); free(a); purge",
    ),
    killedBy: ["INV-NOWARN"],
  },
];
