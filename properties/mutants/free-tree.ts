// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the free tree and of the trees of busy and lazy areas: how entries are cut, merged and erased.

import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { FIT } from "../../impl/structures/free-space.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

/** Of an area that is cut at its left edge, the entry loses what is left of it. */
class TrimsTheRest extends DualIndex {
  protected override clipAs(fit: number, va: Va, at: number, size: number): boolean {
    if (fit !== FIT.LE) return super.clipAs(fit, va, at, size);
    const end = this.areas.end[va]!;
    this.index.setStart(this.areas.place[va]!, va, at + size);
    return this.trees.trim(this.free, at + size, end);
  }
}

/** The right part keeps the record, whose end is moved as well. */
class TrimsNothing extends DualIndex {
  protected override clipAs(fit: number, va: Va, at: number, size: number): boolean {
    if (fit !== FIT.RE) return super.clipAs(fit, va, at, size);
    this.index.setEnd(this.areas.place[va]!, va, at);
    return true;
  }
}

/** The left part gets a record, which is not stored. */
class LeftPartForgotten extends DualIndex {
  protected override split(va: Va, start: number, at: number, size: number): boolean {
    const left = this.kernel.spare();
    if (left === NONE) return false;
    this.areas.assign(left, start, at, this.kernel.current);
    this.index.setStart(this.areas.place[va]!, va, at + size);
    if (!this.trees.trim(this.free, at, at + size)) return false;
    this.areas.release(left);
    return true;
  }
}

/** The merged area is stored over its neighbours, which count as free all the same. */
class NeighbourStays extends DualIndex {
  protected override rightNeighbour(start: number, end: number): Va {
    const right = super.rightNeighbour(start, end);
    if (right === NONE) return NONE;
    this.trees.erase(this.free, right);
    return NONE;
  }
}

class MergesLeftOnly extends DualIndex {
  protected override rightNeighbour(): Va {
    return NONE;
  }
}

class BusyEraseForgotten extends OccupiedIndex {
  protected override unlinkVmapAreaBusy(va: Va, node: number): void {
    this.trees.leave(this.busy[node]!, va);
    this.kernel.events.emit(EVENT.UNLINK, this.areas.start[va], this.areas.end[va]);
  }
}

class LazyEraseForgotten extends OccupiedIndex {
  protected override eraseLazy(node: number, va: Va): boolean {
    this.trees.leave(this.lazy[node]!, va);
    return true;
  }
}

/** list_add() for list_add_tail(): first and last are last and first. */
class PurgeListBackwards extends OccupiedIndex {
  protected override appendPurged(list: number, va: Va): void {
    this.listAdd(list, va);
  }
}

/** The first and the last entry are looked at before all are on the list. */
class RangeOfFirst extends DualIndex {
  protected override appendPurged(list: number, va: Va): void {
    const first = this.containers.head[list] === NONE;
    super.appendPurged(list, va);
    if (first) super.widenRange(0);
  }

  protected override widenRange(): void {}
}

/** An exact window needs no padding, and gets some. */
class ExactWindowPadded extends DualIndex {
  protected override searchLength(size: number, align: number): number {
    return align > 1 ? size + align - 1 : size;
  }
}

const TWO = "a=alloc(1); b=alloc(1)";
const MERGED = instanceOf(
  "dual-index",
  { space: 3, block: 4, cpus: 1, lazyMax: 8, poolPages: 1 },
  `${TWO}; free(a); free(b); purge; purge; c=alloc(3)`,
);
const LAZY = instanceOf(
  "occupied-index",
  { space: 4, block: 4, cpus: 2, lazyMax: 8 },
  `${TWO}; free(a); free(b); purge`,
);

/** Mutants of the trees of areas. */
export const FREE_TREE_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-220",
    kind: "mistake",
    title: "a free area that is cut at its left edge: the entry loses the part that stays free",
    base: "dual-index",
    make: TrimsTheRest,
    instance: instanceOf("dual-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1)"),
    killedBy: ["INV-INDEX"],
  },
  {
    id: "MU-221",
    kind: "mistake",
    title: "a free area that is cut at its right edge: the record is shorter, and the entry is not",
    base: "dual-index",
    make: TrimsNothing,
    instance: instanceOf("dual-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1,window=3..4)"),
    killedBy: ["INV-INDEX"],
  },
  {
    id: "MU-222",
    kind: "mistake",
    title: "a free area that is cut in the middle: its left part is stored nowhere",
    base: "dual-index",
    make: LeftPartForgotten,
    instance: instanceOf("dual-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1,window=1..2)"),
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-223",
    kind: "mistake",
    title: "the entry of the free area behind is erased, and its record is not",
    base: "dual-index",
    make: NeighbourStays,
    instance: MERGED,
    killedBy: ["INV-INDEX"],
  },
  {
    id: "MU-224",
    kind: "mistake",
    title: "an area that is given back is merged with the free area before it, never with the one behind",
    base: "dual-index",
    make: MergesLeftOnly,
    instance: MERGED,
    killedBy: ["INV-COALESCED"],
  },
  {
    id: "MU-225",
    kind: "mistake",
    title: "an area that is freed stays in the busy tree",
    base: "occupied-index",
    make: BusyEraseForgotten,
    instance: instanceOf("occupied-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1); free(a)"),
    killedBy: ["INV-INDEX"],
  },
  {
    id: "MU-226",
    kind: "mistake",
    title: "areas move to the purge list and stay in the lazy tree",
    base: "occupied-index",
    make: LazyEraseForgotten,
    instance: LAZY,
    killedBy: ["INV-INDEX"],
  },
  {
    id: "MU-227",
    kind: "mistake",
    title: "areas are put at the head of the purge list, whose ends are what is flushed",
    base: "occupied-index",
    make: PurgeListBackwards,
    instance: LAZY,
    killedBy: ["INV-FLUSH-COVER"],
  },
  {
    id: "MU-228",
    kind: "mistake",
    title: "the range to flush is that of the first area on the purge list",
    base: "dual-index",
    make: RangeOfFirst,
    instance: { ...LAZY, allocator: "dual-index" },
    killedBy: ["INV-FLUSH-COVER"],
  },
  {
    id: "MU-229",
    kind: "mistake",
    title: "before: a window of just the size is padded by the alignment",
    base: "dual-index",
    make: ExactWindowPadded,
    instance: instanceOf("dual-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(2,align=2,window=2..4)"),
    killedBy: ["INV-COMPLETE-EXACT"],
  },
];
