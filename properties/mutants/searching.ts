// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the search and the clip: which range is chosen, what is left of the record, what a failure means.

import { type KernelCode, site, tail } from "../../explore/sync.ts";
import { EBUSY } from "../../impl/allocators/errno.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { alignUp, FIT, FreeSpace, type SpareSource } from "../../impl/structures/free-space.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { type Mutant, withIndex } from "./mutant.ts";

const S = {
  search: site("__alloc_vmap_area", "under free_vmap_area_lock: search"),
  clip: site("__alloc_vmap_area", "under free_vmap_area_lock, taken anew: clip"),
  giveUp: site("alloc_vmap_area", "free the record, return -EBUSY"),
};

/** The fits of a free index, lowest first. */
abstract class ListSearch extends FreeSpace {
  protected fits(c: number, size: number, align: number, vstart: number): Va[] {
    const found: Va[] = [];
    for (let va = this.containers.head[c]! as Va; va !== NONE; va = this.areas.next[va]! as Va) {
      if (this.isWithinThisVa(va, size, align, vstart)) found.push(va);
    }
    return found;
  }
}

class ExactFitSkipped extends ListSearch {
  override findVmapLowestMatch(c: number, size: number, align: number, vstart: number): Va {
    return this.fits(c, size, align, vstart).find((va) => this.areas.size(va) > size) ?? NONE;
  }
}

class BestFit extends ListSearch {
  override findVmapLowestMatch(c: number, size: number, align: number, vstart: number): Va {
    const fits = this.fits(c, size, align, vstart);
    return fits.reduce(
      (best, va) => (this.areas.size(va) < this.areas.size(best) ? va : best),
      fits[0] ?? NONE,
    );
  }
}

class LastFit extends ListSearch {
  override findVmapLowestMatch(c: number, size: number, align: number, vstart: number): Va {
    return this.fits(c, size, align, vstart).at(-1) ?? NONE;
  }
}

class NoBacktracking extends FreeSpace {
  override findVmapLowestMatch(c: number, size: number, align: number, vstart: number): Va {
    const { left, right, start, subtreeMaxSize } = this.areas;
    let va = this.containers.root[c]! as Va;
    while (va !== NONE) {
      const low = left[va]! as Va;
      if (low !== NONE && subtreeMaxSize[low]! >= size && vstart < start[va]!) va = low;
      else if (this.isWithinThisVa(va, size, align, vstart)) return va;
      else va = right[va]! as Va;
    }
    return NONE;
  }
}

class PaddedExactWindow extends FreeSpace {
  override findVmapLowestMatch(c: number, size: number, align: number, vstart: number): Va {
    return super.findVmapLowestMatch(c, size, align, vstart, align > 1);
  }
}

class WindowEndIgnored extends FreeSpace {
  override vaAlloc(
    c: number,
    va: Va,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    spare: SpareSource,
  ): number {
    const at = alignUp(Math.max(this.areas.start[va]!, vstart), align);
    return this.clip(c, va, at, size, spare) ? at : vend;
  }
}

class NotAligned extends FreeSpace {
  override allocate(
    c: number,
    size: number,
    _align: number,
    vstart: number,
    vend: number,
    spare: SpareSource,
  ): number {
    return super.allocate(c, size, 1, vstart, vend, spare);
  }
}

class ExactFitStays extends FreeSpace {
  protected override clip(c: number, va: Va, at: number, size: number, spare: SpareSource): boolean {
    if (this.classify(va, at, size) !== FIT.FL) return super.clip(c, va, at, size, spare);
    this.events.emit(EVENT.CLIP, c, FIT.FL, at, at + size, at, at + size);
    return true;
  }
}

class LeftEdgeByOffset extends FreeSpace {
  override classify(va: Va, at: number, size: number): number {
    const fit = super.classify(va, at, size);
    return fit === FIT.NE ? FIT.LE : fit;
  }
}

class SplitBeforeSpare extends FreeSpace {
  protected override clip(c: number, va: Va, at: number, size: number, spare: SpareSource): boolean {
    if (this.classify(va, at, size) !== FIT.NE) return super.clip(c, va, at, size, spare);
    const oldStart = this.areas.start[va]!;
    const oldEnd = this.areas.end[va]!;
    this.setStart(c, va, at + size);
    this.tree.propagateFrom(va);
    const low = spare();
    if (low === NONE) {
      this.events.emit(EVENT.CLIP_FAILED, c);
      return false;
    }
    this.areas.assign(low, oldStart, at, this.events.process);
    this.insert(c, low, this.events.process);
    this.events.emit(EVENT.CLIP, c, FIT.NE, oldStart, oldEnd, at, at + size);
    return true;
  }
}

class LockDroppedBeforeClip extends GlobalTree {
  override *allocGlobal(size: number, align: number, vstart: number, vend: number): KernelCode {
    const adjust = !(align <= 1 || vend - vstart === size);
    const va = (yield this.kernel.locked(S.search, this.freeLock, () =>
      this.index.findVmapLowestMatch(this.free, size, align, vstart, adjust),
    )) as Va;
    if (va === NONE) return vend;
    return yield this.kernel.lockedSplit(S.clip, this.freeLock, () => {
      const page = this.index.vaAlloc(this.free, va, size, align, vstart, vend, this.kernel.spare);
      if (page !== vend) this.grant(page, size, align, vstart, vend, -1);
      return page;
    });
  }
}

class LazyAsLastResort extends GlobalTree {
  protected override globalSearch(size: number, align: number, vstart: number, vend: number): number {
    const page = super.globalSearch(size, align, vstart, vend);
    const lazy = this.lazy[0]!;
    const first = this.containers.head[lazy]! as Va;
    if (page !== vend || first === NONE || !this.index.isWithinThisVa(first, size, align, vstart))
      return page;
    return this.index.vaAlloc(lazy, first, size, align, vstart, vend, this.kernel.spare);
  }
}

class NoPurgeOnOverflow extends GlobalTree {
  override *allocOverflow(va: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    return tail(this, super.allocOverflow, va, size, align, vstart, vend, 1);
  }
}

class NoRetryAfterPurge extends GlobalTree {
  override *allocRetry(
    va: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    purged: number,
  ): KernelCode {
    if (!purged) return tail(this, super.allocRetry, va, size, align, vstart, vend, 0);
    yield this.kernel.step(S.giveUp, () => {
      this.areas.release(va as Va);
      this.kernel.events.emit(EVENT.ALLOC_FAILED, size, align, vstart, vend, EBUSY);
      return 0;
    });
    return -EBUSY;
  }
}

/** A hole of one page below the rest. */
const HOLE = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 9 },
  "a=alloc(1); b=alloc(1); free(a); purge; c=alloc(1)",
);
/** A hole of two pages, one of one page, and the rest. */
const TWO_HOLES = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 9 },
  "a=alloc(2); b=alloc(1); c=alloc(1); d=alloc(1); free(a); free(c); purge; e=alloc(1)",
);
const FULL = instanceOf("global-tree", { space: 2, lazyMax: 9 }, "a=alloc(2)");
const REUSE = instanceOf("global-tree", { space: 2, lazyMax: 9 }, "a=alloc(2); free(a); b=alloc(2)");
const MIDDLE = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 9, faults: ["preload", "split"], faultBudget: 2 },
  "a=alloc(1,window=3..5)",
);

/** Mutants of search and clip. */
export const SEARCH_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-4",
    kind: "mistake",
    title: "free_vmap_area_lock is dropped between search and clip",
    base: "global-tree",
    make: LockDroppedBeforeClip,
    instance: instanceOf(
      "global-tree",
      { space: 4, lazyMax: 9 },
      "a=alloc(4); free(a); purge; b=alloc(1)",
      "c=alloc(1)",
    ),
    killedBy: ["INV-DISJOINT"],
  },
  {
    id: "MU-86",
    kind: "mistake",
    title: "the search takes no range of exactly the size",
    base: "global-tree",
    make: withIndex(GlobalTree, ExactFitSkipped),
    instance: HOLE,
    killedBy: ["INV-LOWEST"],
  },
  {
    id: "MU-88",
    kind: "mistake",
    title: "the search takes the smallest fit instead of the lowest",
    base: "global-tree",
    make: withIndex(GlobalTree, BestFit),
    instance: TWO_HOLES,
    killedBy: ["INV-LOWEST"],
  },
  {
    id: "MU-89",
    kind: "mistake",
    title: "the search takes the highest fit instead of the lowest",
    base: "global-tree",
    make: withIndex(GlobalTree, LastFit),
    instance: HOLE,
    killedBy: ["INV-LOWEST"],
  },
  {
    id: "MU-90",
    kind: "mistake",
    title: "the search does not go back up: what lies right of an ancestor is missed",
    base: "global-tree",
    make: withIndex(GlobalTree, NoBacktracking),
    instance: instanceOf(
      "global-tree",
      { space: 6, lazyMax: 9 },
      "a=alloc(2); b=alloc(2); free(a); purge; c=alloc(2,window=1..6)",
    ),
    killedBy: ["INV-COMPLETE"],
  },
  {
    id: "MU-91",
    kind: "mistake",
    title: "a window of exactly the size is searched with padding, too (9f531973dff3)",
    base: "global-tree",
    make: withIndex(GlobalTree, PaddedExactWindow),
    instance: instanceOf(
      "global-tree",
      { space: 12, lazyMax: 9 },
      "a=alloc(4); b=alloc(4); c=alloc(2); free(a); purge; d=alloc(4,align=4,window=0..4)",
    ),
    killedBy: ["INV-COMPLETE-EXACT"],
  },
  {
    id: "MU-92",
    kind: "mistake",
    title: "va_alloc() does not look at the end of the window",
    base: "global-tree",
    make: withIndex(GlobalTree, WindowEndIgnored),
    instance: instanceOf("global-tree", { space: 8 }, "a=alloc(1); b=alloc(2,window=0..2)"),
    killedBy: ["INV-BOUNDS"],
  },
  {
    id: "MU-93",
    kind: "mistake",
    title: "the alignment is dropped on the way to the search",
    base: "global-tree",
    make: withIndex(GlobalTree, NotAligned),
    instance: instanceOf("global-tree", { space: 8 }, "a=alloc(1); b=alloc(2,align=2)"),
    killedBy: ["INV-BOUNDS"],
  },
  {
    id: "MU-94",
    kind: "mistake",
    title: "a record that fits exactly stays in the free tree",
    base: "global-tree",
    make: withIndex(GlobalTree, ExactFitStays),
    instance: FULL,
    killedBy: ["INV-OWN1"],
  },
  {
    id: "MU-95",
    kind: "mistake",
    title: "a fit in the middle is taken for one at the left edge",
    base: "global-tree",
    make: withIndex(GlobalTree, LeftEdgeByOffset),
    instance: MIDDLE,
    killedBy: ["INV-CLIP"],
  },
  {
    id: "MU-96",
    kind: "mistake",
    title: "a split moves the record's start before it has the second record",
    base: "global-tree",
    make: withIndex(GlobalTree, SplitBeforeSpare),
    instance: MIDDLE,
    killedBy: ["INV-CLIP-ATOMIC"],
  },
  {
    id: "MU-97",
    kind: "mistake",
    title: "an allocation fails without a purge",
    base: "global-tree",
    make: NoPurgeOnOverflow,
    instance: REUSE,
    killedBy: ["INV-COMPLETE-ALL"],
  },
  {
    id: "MU-98",
    kind: "mistake",
    title: "an allocation purges and then fails without another search",
    base: "global-tree",
    make: NoRetryAfterPurge,
    instance: REUSE,
    killedBy: ["INV-COMPLETE-ALL"],
  },
  {
    id: "MU-122",
    kind: "mistake",
    title: "an allocation that finds nothing free takes a lazy area, which saves the purge",
    base: "global-tree",
    make: LazyAsLastResort,
    instance: REUSE,
    killedBy: ["INV-TLB"],
  },
];
