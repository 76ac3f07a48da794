// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the TLB flush: left out, too late, too early, too narrow, on too few CPUs.

import { call, type KernelCode, site } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeIndex } from "../../impl/allocators/node-index.ts";
import { EINVAL } from "../../impl/allocators/errno.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import type { ContainerKind } from "../../impl/heap/containers.ts";
import type { Lock } from "../../impl/kernel/locks.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  collect: site("__purge_vmap_area_lazy", "under the lazy lock: detach the lazy tree"),
  flush: site("__purge_vmap_area_lazy", "flush_tlb_kernel_range over the collected areas"),
  look: site("__purge_vmap_area_lazy", "under the lazy lock: take the range of the lazy tree"),
  unmap: site("remove_vm_area", "clear the page-table entries, no flush"),
  extent: site("remove_vm_area", "remember the range"),
};

class FlushOmitted extends GlobalTree {
  protected override flushRange(): number {
    this.range.fill(0);
    return 1;
  }
}

class FlushAfterRelease extends GlobalTree {
  override *purgeVmapAreaLazy(): KernelCode {
    const any = yield this.kernel.locked(S.collect, this.lazyLock[0]!, () => this.collect(0));
    if (!any) return 0;
    const purged = yield call(this, this.purgeAreas, 0, 0);
    yield this.kernel.step(S.flush, () => this.flushRange());
    return purged;
  }
}

class FlushBeforeDetach extends GlobalTree {
  override *purgeVmapAreaLazy(): KernelCode {
    const lazy = this.lazy[0]!;
    const any = yield this.kernel.locked(S.look, this.lazyLock[0]!, () => {
      const { head, tail } = this.containers;
      if (head[lazy] === NONE) return 0;
      this.range[0] = this.areas.start[head[lazy]!]!;
      this.range[1] = this.areas.end[tail[lazy]!]!;
      return 1;
    });
    if (!any) return 0;
    yield this.kernel.step(S.flush, () => this.flushRange());
    yield this.kernel.locked(S.collect, this.lazyLock[0]!, () => this.collect(0));
    return yield call(this, this.purgeAreas, 0, 0);
  }

  protected override collect(node: number): number {
    const any = super.collect(node);
    this.range[0] = 0;
    this.range[1] = 0;
    return any;
  }
}

class FlushLocalCpu extends GlobalTree {
  protected override flushRange(): number {
    this.kernel.locks.mightSleep();
    this.kernel.tlb.flush(this.range[0]!, this.range[1]!, 1 << this.kernel.cpus.current());
    this.range[0] = 0;
    this.range[1] = 0;
    return 1;
  }
}

class RangeOfFirstArea extends GlobalTree {
  protected override collect(node: number): number {
    const any = super.collect(node);
    if (any) this.range[1] = this.areas.end[this.containers.head[this.purgeList[node]!]!]!;
    return any;
  }
}

class RangeOfLastNode extends NodeIndex {
  protected override collect(node: number): number {
    this.range[0] = 0;
    this.range[1] = 0;
    return super.collect(node);
  }
}

class LazyAsPlainList extends GlobalTree {
  protected override declareContainer(
    kind: ContainerKind,
    node: number,
    lock: Lock | undefined,
    shape: { coalesced?: boolean; augmented?: boolean; sorted?: boolean },
  ): number {
    return super.declareContainer(kind, node, lock, kind === "lazy" ? { sorted: false } : shape);
  }

  protected override lazyInsert(va: Va, node: number, nr: number): number {
    this.listAdd(this.lazy[node]!, va);
    this.kernel.events.emit(EVENT.LAZY, this.areas.start[va], this.areas.end[va], node, nr);
    this.kernel.events.emit(EVENT.FREE_DONE);
    return 0;
  }
}

class SynchronousFree extends GlobalTree {
  override *removeVmArea(page: number): KernelCode {
    const va = (yield call(this, this.findUnlinkVmapArea, page)) as Va;
    if (va === NONE) return -EINVAL;
    yield this.kernel.step(S.unmap, () => {
      this.kernel.tlb.unmap(this.areas.start[va]!, this.areas.end[va]!);
      return 0;
    });
    yield this.mergeGlobal(va);
    return 0;
  }
}

class UnmapAfterLazy extends GlobalTree {
  override *removeVmArea(page: number): KernelCode {
    const va = (yield call(this, this.findUnlinkVmapArea, page)) as Va;
    if (va === NONE) return -EINVAL;
    const end = yield this.kernel.step(S.extent, () => this.areas.end[va]!);
    yield call(this, this.freeVmapAreaNoflush, va, 0);
    yield this.kernel.step(S.unmap, () => {
      this.kernel.tlb.unmap(page, end);
      return 0;
    });
    return 0;
  }
}

const ONE_FREE = instanceOf("global-tree", { space: 8 }, "a=alloc(1); free(a); purge");
const TWO_TASKS = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 8 },
  "a=alloc(1); free(a); purge",
  "b=alloc(2); free(b); purge",
);
const TWO_HOLES = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 8 },
  "a=alloc(1); b=alloc(1); c=alloc(1); free(a); free(c); purge",
);

/** Mutants of the flush. */
export const FLUSHING_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-1",
    kind: "mistake",
    title: "the purge releases areas without a flush",
    base: "global-tree",
    make: FlushOmitted,
    instance: ONE_FREE,
    killedBy: ["INV-TLB"],
  },
  {
    id: "MU-2",
    kind: "mistake",
    title: "the purge flushes after it has released the areas",
    base: "global-tree",
    make: FlushAfterRelease,
    instance: ONE_FREE,
    killedBy: ["INV-TLB"],
  },
  {
    id: "MU-3",
    kind: "mistake",
    title: "lazy areas go to an unsorted list, and the flush still spans its first to its last area",
    base: "global-tree",
    make: LazyAsPlainList,
    instance: TWO_HOLES,
    killedBy: ["INV-FLUSH-COVER"],
  },
  {
    id: "MU-8",
    kind: "mistake",
    title: "remove_vm_area() ends in free_vmap_area(): a mapped range goes straight to the free tree",
    base: "global-tree",
    make: SynchronousFree,
    instance: ONE_FREE,
    killedBy: ["INV-TLB"],
  },
  {
    id: "MU-30",
    kind: "mistake",
    title: "the purge flushes the lazy tree's range first and detaches the tree afterwards",
    base: "global-tree",
    make: FlushBeforeDetach,
    instance: TWO_TASKS,
    killedBy: ["INV-TLB"],
  },
  {
    id: "MU-31",
    kind: "mistake",
    title: "the purge flushes the TLB of its own CPU only",
    base: "global-tree",
    make: FlushLocalCpu,
    instance: ONE_FREE,
    killedBy: ["INV-TLB"],
  },
  {
    id: "MU-32",
    kind: "mistake",
    title: "the flush ends where the first area of the purge list ends",
    base: "global-tree",
    make: RangeOfFirstArea,
    instance: TWO_HOLES,
    killedBy: ["INV-FLUSH-COVER"],
  },
  {
    id: "MU-33",
    kind: "mistake",
    title: "each node sets the range to flush instead of widening it",
    base: "node-index",
    make: RangeOfLastNode,
    instance: instanceOf(
      "node-index",
      { space: 16, lazyMax: 8 },
      "a=alloc(1); b=alloc(7); c=alloc(1); free(a); free(c); purge",
    ),
    killedBy: ["INV-FLUSH-COVER"],
  },
  {
    id: "MU-34",
    kind: "mistake",
    title: "page-table entries are cleared after the area went lazy",
    base: "global-tree",
    make: UnmapAfterLazy,
    instance: TWO_TASKS,
    killedBy: ["INV-TLB"],
  },
];
