// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of busy areas and their records: inserted where, found how, freed how often.

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { EBUSY, EINVAL, ENOMEM } from "../../impl/allocators/errno.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NodeIndex } from "../../impl/allocators/node-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  giveUp: site("alloc_vmap_area", "free the record, return -EBUSY"),
  kasan: site("alloc_vmap_area", "populate the KASAN shadow"),
  unbind: site("free_vmap_area", "under the busy lock: unlink"),
  unmap: site("remove_vm_area", "clear the page-table entries, no flush"),
};

class BusyNodeOfLastPage extends NodeBlocks {
  protected override busyNode(page: number, size: number): number {
    return this.addrToNode(page + size - 1);
  }
}

class FindInOneNode extends NodeIndex {
  override *findVmapArea(page: number): KernelCode {
    return tail(this, this.findFrom, page, this.addrToNode(page), 1);
  }
}

class WalkOneNodeShort extends NodeIndex {
  override *findVmapArea(page: number): KernelCode {
    return tail(this, this.findFrom, page, this.addrToNode(page), this.nodes - 1);
  }
}

class FindByStartOnly extends GlobalTree {
  protected override lookUp(node: number, page: number): number {
    const start = super.lookUp(node, page);
    return start === page ? start : -1;
  }
}

class BusyUnlinkForgotten extends GlobalTree {
  protected override unlinkBusy(va: Va, page: number): Step {
    return this.kernel.locked(S.unbind, this.busyLock[this.addrToNode(page)]!, () => this.areas.flags[va]!);
  }
}

/** The unlink and the model's news of it, but the record stays in the tree. */
class FoundNotUnlinked extends GlobalTree {
  protected override findUnlink(node: number, page: number): Va {
    const va = this.index.find(this.busy[node]!, page);
    if (va !== NONE) this.kernel.events.emit(EVENT.UNLINK, this.areas.start[va], this.areas.end[va]);
    return va;
  }
}

class UnlinkedFromOtherNode extends NodeIndex {
  protected override findUnlink(node: number, page: number): Va {
    const va = this.index.find(this.busy[node]!, page);
    if (va !== NONE) {
      this.index.unlink(this.busy[(node + 1) % this.nodes]!, va, this.kernel.current);
      this.kernel.events.emit(EVENT.UNLINK, this.areas.start[va], this.areas.end[va]);
    }
    return va;
  }
}

class OnePageTooMany extends GlobalTree {
  protected override bindRecord(va: Va, page: number, size: number, flags: number): void {
    super.bindRecord(va, page, size + 1, flags);
  }
}

class UnmapsOnePageMore extends GlobalTree {
  override *removeVmArea(page: number): KernelCode {
    const va = (yield call(this, this.findUnlinkVmapArea, page)) as Va;
    if (va === NONE) return -EINVAL;
    yield this.kernel.step(S.unmap, () => {
      this.kernel.tlb.unmap(page, this.areas.end[va]! + 1);
      return 0;
    });
    return tail(this, this.freeVmapAreaNoflush, va, 0);
  }
}

class RecordKept extends GlobalTree {
  protected releaseRecord(_va: Va): void {}

  override *allocOverflow(
    va: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    purged: number,
  ): KernelCode {
    if (!purged) return tail(this, super.allocOverflow, va, size, align, vstart, vend, purged);
    yield this.kernel.step(S.giveUp, () => {
      this.releaseRecord(va as Va);
      this.kernel.events.emit(EVENT.ALLOC_FAILED, size, align, vstart, vend, EBUSY);
      return 0;
    });
    return -EBUSY;
  }
}

class RecordFreedTwice extends RecordKept {
  protected override releaseRecord(va: Va): void {
    this.areas.release(va);
    this.areas.release(va);
  }
}

class SpareLeaked extends GlobalTree {
  protected override preloadThisCpu(spare: Va): void {
    if (spare !== NONE && this.kernel.cpus.preload() === NONE) this.kernel.cpus.setPreload(spare);
  }
}

class SpareOverwritten extends GlobalTree {
  protected override preloadThisCpu(spare: Va): void {
    if (spare !== NONE) this.kernel.cpus.setPreload(spare);
  }
}

class LazyIntoFreeTree extends GlobalTree {
  protected override lazyInsert(va: Va, node: number, nr: number): number {
    const { start, end } = { start: this.areas.start[va]!, end: this.areas.end[va]! };
    this.index.mergeOrAdd(this.free, va);
    this.kernel.events.emit(EVENT.LAZY, start, end, node, nr);
    this.kernel.events.emit(EVENT.FREE_DONE);
    return 0;
  }
}

class ShadowBeforeInsertion extends GlobalTree {
  override *allocBind(
    va: number,
    page: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    flags: number,
  ): KernelCode {
    const { faults } = this.kernel;
    const failed = yield {
      site: S.kasan,
      choices: faults.choices("kasan"),
      run: (choice) => {
        if (choice === 1) faults.spend();
        return choice;
      },
    };
    if (!failed) return tail(this, super.allocBind, va, page, size, align, vstart, vend, flags);
    yield this.kernel.step(S.giveUp, () => {
      this.areas.release(va as Va);
      return 0;
    });
    return -ENOMEM;
  }
}

const ONE_AREA = instanceOf("global-tree", { space: 8 }, "a=alloc(2); free(a); purge");
const TOO_MUCH = instanceOf("global-tree", { space: 2 }, "a=alloc(2); b=alloc(1)");
const SHADOW_FAILS = instanceOf("global-tree", { space: 8, faults: ["kasan"] }, "a=alloc(1); b=alloc(1)");
const ONE_CPU = instanceOf("global-tree", { space: 8, cpus: 1 }, "a=alloc(1)", "b=alloc(1)");
/** The second area begins in the zone of node 0 and reaches over those of nodes 1 and 2. */
const ACROSS = instanceOf(
  "node-index",
  { space: 16, block: 4, nodes: 3 },
  "a=alloc(3); b=alloc(9); find(b+0); find(b+3); find(b+8)",
);

/** Mutants of busy areas and records. */
export const BOOKKEEPING_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-100",
    kind: "mistake",
    title: "an area goes to the busy tree of its last page's node",
    base: "node-blocks",
    make: BusyNodeOfLastPage,
    instance: instanceOf("node-blocks", { space: 16, block: 4 }, "a=alloc(6)"),
    killedBy: ["INV-BUSY-NODE"],
  },
  {
    id: "MU-101",
    kind: "mistake",
    title: "find_vmap_area() looks at the node of the address only",
    base: "node-index",
    make: FindInOneNode,
    instance: ACROSS,
    killedBy: ["INV-BUSY-FIND"],
  },
  {
    id: "MU-102",
    kind: "mistake",
    title: "find_vmap_area() stops its walk one node short",
    base: "node-index",
    make: WalkOneNodeShort,
    instance: ACROSS,
    killedBy: ["INV-BUSY-FIND"],
  },
  {
    id: "MU-103",
    kind: "mistake",
    title: "find_vmap_area() knows areas by their first page only",
    base: "global-tree",
    make: FindByStartOnly,
    instance: instanceOf("global-tree", { space: 8 }, "a=alloc(2); find(a+1)"),
    killedBy: ["INV-BUSY-FIND"],
  },
  {
    id: "MU-104",
    kind: "mistake",
    title: "free_vmap_area() does not unlink the area from the busy tree",
    base: "global-tree",
    make: BusyUnlinkForgotten,
    instance: SHADOW_FAILS,
    killedBy: ["INV-REC", "INV-REFINE"],
  },
  {
    id: "MU-105",
    kind: "mistake",
    title: "vfree() finds the area and leaves it in the busy tree",
    base: "global-tree",
    make: FoundNotUnlinked,
    instance: ONE_AREA,
    killedBy: ["INV-REFINE"],
  },
  {
    id: "MU-106",
    kind: "mistake",
    title: "vfree() unlinks the area from another node's busy tree than it found it in",
    base: "node-index",
    make: UnlinkedFromOtherNode,
    instance: instanceOf("node-index", { space: 16 }, "a=alloc(1); b=alloc(1); free(a); c=alloc(1); free(c)"),
    killedBy: ["INV-SORTED"],
  },
  {
    id: "MU-107",
    kind: "mistake",
    title: "va_end is set one page too far: the guard page is counted twice",
    base: "global-tree",
    make: OnePageTooMany,
    instance: ONE_AREA,
    killedBy: ["INV-OWN1"],
  },
  {
    id: "MU-108",
    kind: "mistake",
    title: "remove_vm_area() clears the entries of one page more",
    base: "global-tree",
    make: UnmapsOnePageMore,
    instance: ONE_AREA,
    killedBy: ["INV-REFINE"],
  },
  {
    id: "MU-109",
    kind: "mistake",
    title: "the record of a failed allocation is not freed",
    base: "global-tree",
    make: RecordKept,
    instance: TOO_MUCH,
    killedBy: ["INV-REC"],
  },
  {
    id: "MU-110",
    kind: "mistake",
    title: "the record of a failed allocation is freed twice",
    base: "global-tree",
    make: RecordFreedTwice,
    instance: TOO_MUCH,
    killedBy: ["INV-REC"],
  },
  {
    id: "MU-111",
    kind: "mistake",
    title: "a spare record is lost when the CPU's slot was filled meanwhile",
    base: "global-tree",
    make: SpareLeaked,
    instance: ONE_CPU,
    killedBy: ["INV-REC"],
  },
  {
    id: "MU-112",
    kind: "mistake",
    title: "a spare record overwrites the one that was put into the CPU's slot meanwhile",
    base: "global-tree",
    make: SpareOverwritten,
    instance: ONE_CPU,
    killedBy: ["INV-REC"],
  },
  {
    id: "MU-120",
    kind: "mistake",
    title: "free_vmap_area_noflush() merges into the free tree instead of the lazy one",
    base: "global-tree",
    make: LazyIntoFreeTree,
    instance: ONE_AREA,
    killedBy: ["INV-REFINE"],
  },
  {
    id: "MU-121",
    kind: "mistake",
    title: "the shadow is populated before the insertion, and a failure forgets the granted range",
    base: "global-tree",
    make: ShadowBeforeInsertion,
    instance: SHADOW_FAILS,
    killedBy: ["INV-CONSERVE"],
  },
];
