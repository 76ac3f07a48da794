// SPDX-License-Identifier: GPL-2.0-only
//
// Repairs of the designs with range trees. Where a store must not fail, its nodes are set aside beforehand
// (mas_preallocate), and if that is refused, nothing has happened yet.

import { call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { DualIndex, NO_ADDRESS } from "../../impl/allocators/dual-index.ts";
import { MAPLE_SITES, STORE_FAILED_SITES } from "../../impl/allocators/maple-sites.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { alignUp } from "../../impl/structures/free-space.ts";
import type { RangeIndex } from "../../impl/structures/range-index.ts";
import { ALARM, EVENT } from "../../spec/events.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  count: site("free_vmap_area_noflush", "vmap_lazy_nr += nr_pages, before the area is lazy"),
  done: site("free_vmap_area_noflush", "the area is lazy"),
  uncount: site("free_vmap_area_noflush", "vmap_lazy_nr -= nr_pages: the area is not lazy"),
};

/** Stores that have their nodes already. */
function prepared<T>(ranges: RangeIndex, body: () => T): T {
  const { fails } = ranges;
  ranges.fails = () => false;
  const result = body();
  ranges.fails = fails;
  return result;
}

class AllWindowsSeeded extends OccupiedIndex {
  protected override seedOccupied(): boolean {
    return this.seedWindow(0, this.kernel.instance.spacePages);
  }
}

/** Gaps as long as the request, one after the other, each up to the next entry. */
class TrueGapEnd extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    const { ranges, occupied } = this.trees;
    for (let search = min; search <= max;) {
      if (ranges.emptyArea(occupied, search, max, size) !== 0) return NO_ADDRESS;
      const from = ranges.index;
      const end = ranges.find(occupied, from, max) === 0 ? max + 1 : ranges.index;
      const at = alignUp(from, align);
      if (at + size <= end) return at;
      search = end;
    }
    return NO_ADDRESS;
  }
}

/** Whether the mode is on is asked once, without the lock; if it was off, there is nothing to erase. */
class PublishedOccupied extends OccupiedIndex {
  protected override eraseAtPublish(): boolean {
    return true;
  }
}

/** Before the perf mode is on, what is free is in the free tree. That its store may fail is left aside. */
class FreeTreeRefilled extends OccupiedIndex {
  protected override releaseDrainedVmapArea(va: Va, list = -1): void {
    if (this.occupiedMtSupported()) {
      super.releaseDrainedVmapArea(va, list);
      return;
    }
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    if (this.mergeOrAddVmapAreaFree(va)) this.released(start, end, list);
  }
}

/** Both: what is left of the defects around the perf mode is how a decay asks for it. */
export class BootMended extends FreeTreeRefilled {
  protected override eraseAtPublish(): boolean {
    return true;
  }
}

/** Also a decay asks for the perf mode under the lock: the erasure itself does. */
class DecayAsksUnderLock extends BootMended {
  override *endDecay(node: number): KernelCode {
    return yield call(this, this.reclaimDecayList, node, 1);
  }
}

/** As in all kernels before: counted, then lazy. */
class CountedFirst extends OccupiedIndex {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const pages = yield this.kernel.localStep(MAPLE_SITES.size, () => {
      if (!this.index.isLinked(va as Va)) return this.areas.size(va as Va);
      this.kernel.warn(ALARM.STILL_LINKED);
      return 0;
    });
    if (pages === 0) return 0;
    const nr = yield this.kernel.step(S.count, () => this.count(pages));
    const published = yield call(this, this.publishVmapAreaLazy, va, node);
    if (published) return tail(this, this.counted, nr);
    yield this.kernel.step(S.uncount, () => this.count(-pages));
    const left = yield this.queueRetry(STORE_FAILED_SITES.retry, va as Va);
    return tail(this, this.retryQueued, left);
  }

  *counted(nr: number): KernelCode {
    if (nr > this.lazyMaxPages()) return tail(this, this.scheduleDrain);
    return yield this.kernel.step(S.done, () => {
      this.kernel.events.emit(EVENT.FREE_DONE);
      return 0;
    });
  }

  private count(pages: number): number {
    const nr = this.lazyNr[0]! + pages;
    this.lazyNr[0] = nr;
    this.kernel.events.emit(EVENT.LAZY_ADD, pages, nr, nr > this.lazyMaxPages() ? 1 : 0);
    return nr;
  }
}

/** What a clip stores is prepared before a record is changed. */
export class ClipPrepared extends DualIndex {
  protected override vaClip(va: Va, at: number, size: number): boolean {
    if (this.storeFaults.storeFails()) {
      this.kernel.events.emit(EVENT.CLIP_FAILED, this.free);
      return false;
    }
    return prepared(this.trees.ranges, () => super.vaClip(va, at, size));
  }
}

class BusyErasePrepared extends OccupiedIndex {
  protected override unlinkVmapAreaBusy(va: Va, node: number): void {
    prepared(this.trees.ranges, () => super.unlinkVmapAreaBusy(va, node));
  }
}

class RetriedInItsNode extends OccupiedIndex {
  protected override retryNode(va: Va): number {
    return this.lazyNode(va);
  }
}

/** In perf mode the free tree has nothing to do with a roll-back. */
export class RollbackErases extends BusyErasePrepared {
  protected override rollbackBusyInsertFailedAlloc(va: Va): void {
    if (this.occupiedMtSupported()) this.giveBackReleased(va);
    else super.rollbackBusyInsertFailedAlloc(va);
  }
}

/** A node whose purge_list is empty is neither looked at nor marked. */
class EmptyPurgeListLeftAlone extends RollbackErases {
  protected override widenRange(node: number): void {
    if (this.containers.head[this.purgeList[node]!] !== NONE) super.widenRange(node);
  }

  protected override markNode(node: number): void {
    if (this.containers.head[this.purgeList[node]!] !== NONE) super.markNode(node);
  }
}

/** What is rolled back goes the way of what is freed: erased, then merged. */
class RollbackMerges extends ClipPrepared {
  protected override rollbackBusyInsertFailedAlloc(va: Va): void {
    this.giveBackReleased(va);
  }

  protected override restoreAllocatedVmapRangeFree(start: number, end: number): void {
    const va = this.kernel.spareNowait();
    if (va === NONE) return;
    this.areas.assign(va, start, end, this.kernel.current);
    if (!this.mergeOrAddVmapAreaFree(va)) this.areas.release(va);
  }
}

const SMALL: Machine = { space: 2, block: 1, lazyMax: 1, cpus: 1 };
const BOOT: Machine = { ...SMALL, boot: "workqueue_init" };
const MODULES: Machine = {
  ...SMALL,
  space: 3,
  vmalloc: { start: 0, end: 1 },
  modules: { start: 1, end: 3 },
};

/** Repairs of the designs with range trees. */
export const TREE_REPAIRS: readonly Mutant[] = [
  {
    id: "MU-19",
    kind: "repair",
    title: "the occupied tree is seeded over all windows when the perf mode is switched on (DEF-O1)",
    base: "occupied-index",
    make: AllWindowsSeeded,
    instance: instanceOf(
      "occupied-index",
      MODULES,
      "a=alloc(1,window=modules); flip; b=alloc(1,window=modules)",
    ),
    cures: "INV-OCC-EQ",
  },
  {
    id: "MU-22",
    kind: "repair",
    title: "the search for a gap looks at each one up to its true end, unpadded (DEF-O5)",
    base: "occupied-index",
    make: TrueGapEnd,
    instance: instanceOf(
      "occupied-index",
      { space: 4, block: 2, lazyMax: 0, cpus: 1 },
      "a=alloc(2,align=2,window=2..4); free(a); b=alloc(1); c=alloc(3,align=4)",
    ),
    cures: "INV-COMPLETE-EXACT",
  },
  {
    id: "MU-260",
    kind: "repair",
    title: "an area that is published with the perf mode off is not erased a moment later (DEF-O15)",
    base: "occupied-index",
    make: PublishedOccupied,
    instance: instanceOf("occupied-index", { ...BOOT, lazyMax: 8 }, "a=alloc(1); free(a)"),
    cures: "INV-OCC-EQ",
  },
  {
    id: "MU-261",
    kind: "repair",
    title:
      "also a decay asks for the perf mode under free_vmap_area_lock (DEF-O21, beside DEF-O15 and DEF-O16)",
    base: "occupied-index",
    make: DecayAsksUnderLock,
    instance: instanceOf("occupied-index", BOOT, "a=alloc(1); free(a); aliases; purge"),
    cures: "INV-CONSERVE",
  },
  {
    id: "MU-262",
    kind: "repair",
    title: "what is given back before the perf mode is on goes into the free tree (DEF-O16)",
    base: "occupied-index",
    make: FreeTreeRefilled,
    instance: instanceOf(
      "occupied-index",
      { ...SMALL, lazyMax: 8 },
      "a=alloc(1); free(a); purge; flip; b=alloc(2)",
    ),
    cures: "INV-CONSERVE",
  },
  {
    id: "MU-263",
    kind: "repair",
    title: "an area is counted before it is lazy (DEF-O14)",
    base: "occupied-index",
    make: CountedFirst,
    instance: instanceOf("occupied-index", { ...SMALL, lazyMax: 8 }, "a=alloc(1); free(a)", "purge"),
    cures: "INV-LAZYNR-GE",
  },
  {
    id: "MU-264",
    kind: "repair",
    title: "a clip prepares its stores before it changes a record: it fails as a whole (DEF-O9)",
    base: "dual-index",
    make: ClipPrepared,
    instance: instanceOf("dual-index", { ...SMALL, faults: ["maple"] }, "a=alloc(1); b=alloc(1); free(a)"),
    cures: "INV-CLIP-ATOMIC",
  },
  {
    id: "MU-265",
    kind: "repair",
    title: "a full fit is taken out of the free tree by a store that cannot fail any more (DEF-O18)",
    base: "dual-index",
    make: ClipPrepared,
    instance: instanceOf("dual-index", { ...SMALL, space: 1, faults: ["maple"] }, "a=alloc(1)"),
    cures: "INV-INDEX",
  },
  {
    id: "MU-266",
    kind: "repair",
    title: "the erasure of a busy area has its nodes set aside, and cannot fail (DEF-O17)",
    base: "occupied-index",
    make: BusyErasePrepared,
    instance: instanceOf("occupied-index", { ...SMALL, faults: ["maple"] }, "a=alloc(1); free(a)"),
    cures: "INV-INDEX",
  },
  {
    id: "MU-267",
    kind: "repair",
    title: "an area that is tried again goes to the node whose id it carries (DEF-O23)",
    base: "occupied-index",
    make: RetriedInItsNode,
    instance: instanceOf(
      "occupied-index",
      { ...SMALL, lazyMax: 8, faults: ["maple"] },
      "a=alloc(1); b=alloc(1); free(b); aliases",
    ),
    cures: "INV-PURGE-NODE",
  },
  {
    id: "MU-268",
    kind: "repair",
    title: "an empty purge list is not looked at (DEF-O20, beside DEF-O8 and DEF-O17)",
    base: "occupied-index",
    make: EmptyPurgeListLeftAlone,
    instance: instanceOf(
      "occupied-index",
      { ...SMALL, lazyMax: 8, faults: ["maple"] },
      "a=alloc(1); free(a); purge",
    ),
    cures: "INV-NOWARN",
  },
  {
    id: "MU-270",
    kind: "repair",
    title: "in perf mode the roll-back of an allocation erases its range, and that is all (DEF-O8)",
    base: "occupied-index",
    make: RollbackErases,
    instance: instanceOf("occupied-index", { ...SMALL, faults: ["maple"] }, "a=alloc(1)"),
    cures: "INV-NOWARN",
  },
  {
    id: "MU-269",
    kind: "repair",
    title: "the roll-back of an allocation merges what it puts back (DEF-O19)",
    base: "dual-index",
    make: RollbackMerges,
    beside: ClipPrepared,
    instance: instanceOf("dual-index", { ...SMALL, faults: ["maple"] }, "a=alloc(1)"),
    cures: "INV-COALESCED",
  },
];
