// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the occupied tree: how a gap is looked for, what is stored when it is granted, what is erased when it is
// given back.

import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

/** The gap is long enough for any alignment, and is used from its first page. */
class AlignmentForgotten extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    return this.findHole(min, max, size, size + align - 1, 1);
  }
}

class WindowEndForgotten extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(
    min: number,
    _max: number,
    size: number,
    align: number,
  ): number {
    return super.occupiedMtFindHoleWindow(min, this.kernel.instance.spacePages - 1, size, align);
  }
}

class WindowBeginForgotten extends DualIndex {
  protected override occupiedMtFindHoleWindow(
    _min: number,
    max: number,
    size: number,
    align: number,
  ): number {
    return super.occupiedMtFindHoleWindow(0, max, size, align);
  }
}

/** What 04/12 did for every alignment: mas.last is taken for the end of the gap. */
class Unpadded extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    return this.findHole(min, max, size, size, align);
  }
}

/** Twice the alignment, so that gaps are too short that are not. */
class PaddedTwice extends OccupiedIndex {
  protected override occupiedMtFindHoleWindow(min: number, max: number, size: number, align: number): number {
    return this.findHole(min, max, size, size + align, align);
  }
}

class StoreForgotten extends OccupiedIndex {
  protected override occupiedMtStore(): boolean {
    return true;
  }
}

class StoreForgottenBefore extends DualIndex {
  protected override occupiedMtStore(): boolean {
    return true;
  }
}

/** An exclusive end is taken for an inclusive one, once too often. */
class StoreTooShort extends OccupiedIndex {
  protected override occupiedMtStore(start: number, end: number): boolean {
    return start >= end - 1 || super.occupiedMtStore(start, end - 1);
  }
}

/** What is stored begins a page too early. */
class StoreTooLong extends OccupiedIndex {
  protected override occupiedMtStore(start: number, end: number): boolean {
    return super.occupiedMtStore(Math.max(0, start - 1), end);
  }
}

/** The purge gives areas back as if their ranges were erased already. */
class PurgeErasesNothing extends OccupiedIndex {
  protected override reclaimGlobal(list: number, _erase: boolean, failed: number): boolean {
    return super.reclaimGlobal(list, false, failed);
  }
}

class PurgeErasesNothingBefore extends DualIndex {
  protected override reclaimGlobal(list: number, _erase: boolean, failed: number): boolean {
    return super.reclaimGlobal(list, false, failed);
  }
}

/** free_vmap_area() forgets the occupied tree. */
class FreeErasesNothing extends OccupiedIndex {
  protected override giveBack(va: Va): boolean {
    this.areas.release(va);
    return true;
  }
}

/** 04/12: an area leaves the occupied tree when it is lazy, long before the flush. */
class ErasedAtPublish extends OccupiedIndex {
  protected override staysOccupied(): boolean {
    return false;
  }
}

class EraseTooLong extends OccupiedIndex {
  protected override occupiedMtEraseVa(va: Va): boolean {
    if (!this.occupiedMtSupported()) return true;
    return this.trees.vacate(this.areas.start[va]!, this.areas.end[va]! + 1);
  }
}

class EraseTooShort extends DualIndex {
  protected override occupiedMtEraseVa(va: Va): boolean {
    if (!this.occupiedMtSupported()) return true;
    const start = this.areas.start[va]! + 1;
    return start >= this.areas.end[va]! || this.trees.vacate(start, this.areas.end[va]!);
  }
}

/** A gap that is no free area is cached as occupied up to the end of the window. */
class GapMissTooLong extends DualIndex {
  protected override occupiedMtCacheGapMiss(candidate: number, vend: number): void {
    this.trees.occupy(candidate, vend);
  }
}

const ODD = instanceOf("occupied-index", { space: 8, cpus: 1, lazyMax: 8 }, "a=alloc(1); b=alloc(2,align=2)");
const CYCLE = instanceOf(
  "occupied-index",
  { space: 4, block: 4, cpus: 1, lazyMax: 8, poolPages: 1 },
  "a=alloc(2); b=alloc(1); free(a); purge; c=alloc(2)",
);

/** Mutants of the occupied tree. */
export const OCCUPIED_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-200",
    kind: "mistake",
    title: "the gap that is found is used from its first page, whatever the alignment",
    base: "occupied-index",
    make: AlignmentForgotten,
    instance: ODD,
    killedBy: ["INV-BOUNDS"],
  },
  {
    id: "MU-201",
    kind: "mistake",
    title: "the search for a gap goes on behind the window",
    base: "occupied-index",
    make: WindowEndForgotten,
    instance: instanceOf(
      "occupied-index",
      { space: 4, cpus: 1, lazyMax: 8 },
      "a=alloc(1,window=0..1); b=alloc(1,window=0..1)",
    ),
    killedBy: ["INV-BOUNDS"],
  },
  {
    id: "MU-202",
    kind: "mistake",
    title: "the search for a gap begins at the first page of the space",
    base: "dual-index",
    make: WindowBeginForgotten,
    instance: instanceOf("dual-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1,window=2..4)"),
    killedBy: ["INV-BOUNDS"],
  },
  {
    id: "MU-203",
    kind: "mistake",
    title: "the gap that is looked for is no longer than the request, and mas.last counts as its end",
    base: "occupied-index",
    make: Unpadded,
    instance: ODD,
    killedBy: ["INV-OCC-PAD"],
  },
  {
    id: "MU-204",
    kind: "mistake",
    title: "also requests for page alignment are padded",
    base: "occupied-index",
    make: PaddedTwice,
    instance: instanceOf("occupied-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1); b=alloc(3)"),
    killedBy: ["INV-COMPLETE"],
  },
  {
    id: "MU-205",
    kind: "mistake",
    title: "the range that is granted is not stored as occupied",
    base: "occupied-index",
    make: StoreForgotten,
    instance: CYCLE,
    killedBy: ["INV-OCC-EQ"],
  },
  {
    id: "MU-206",
    kind: "mistake",
    title: "before: the range is taken out of the free tree and not stored as occupied",
    base: "dual-index",
    make: StoreForgottenBefore,
    instance: instanceOf("dual-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1)"),
    killedBy: ["INV-OCC-DUAL"],
  },
  {
    id: "MU-207",
    kind: "mistake",
    title: "the last page of what is granted is not stored as occupied",
    base: "occupied-index",
    make: StoreTooShort,
    instance: CYCLE,
    killedBy: ["INV-OCC-EQ"],
  },
  {
    id: "MU-208",
    kind: "mistake",
    title: "the page before what is granted is stored as occupied as well",
    base: "occupied-index",
    make: StoreTooLong,
    instance: instanceOf("occupied-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1); b=alloc(1)"),
    killedBy: ["INV-OCC-STORE"],
  },
  {
    id: "MU-209",
    kind: "mistake",
    title: "a purge gives areas back and leaves their ranges occupied",
    base: "occupied-index",
    make: PurgeErasesNothing,
    instance: CYCLE,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-210",
    kind: "mistake",
    title: "before: a purge gives areas back to the free tree and leaves their ranges occupied",
    base: "dual-index",
    make: PurgeErasesNothingBefore,
    instance: { ...CYCLE, allocator: "dual-index" },
    killedBy: ["INV-OCC-DUAL"],
  },
  {
    id: "MU-211",
    kind: "mistake",
    title: "an area whose shadow could not be populated is given back and stays occupied",
    base: "occupied-index",
    make: FreeErasesNothing,
    instance: instanceOf(
      "occupied-index",
      { space: 2, block: 2, cpus: 1, lazyMax: 8, faults: ["kasan"] },
      "a=alloc(1); b=alloc(1); c=alloc(1)",
    ),
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-212",
    kind: "mistake",
    title: "the range of a lazy area is a gap before its translations are flushed (04/12)",
    base: "occupied-index",
    make: ErasedAtPublish,
    instance: instanceOf(
      "occupied-index",
      { space: 2, block: 2, cpus: 1, lazyMax: 8 },
      "a=alloc(1); free(a); b=alloc(1)",
    ),
    killedBy: ["INV-OCC-EQ"],
  },
  {
    id: "MU-213",
    kind: "mistake",
    title: "with the range of an area goes a page of its neighbour",
    base: "occupied-index",
    make: EraseTooLong,
    instance: CYCLE,
    killedBy: ["INV-OCC-EQ"],
  },
  {
    id: "MU-214",
    kind: "mistake",
    title: "before: the first page of an area that is given back stays occupied",
    base: "dual-index",
    make: EraseTooShort,
    instance: { ...CYCLE, allocator: "dual-index" },
    killedBy: ["INV-OCC-DUAL"],
  },
  {
    id: "MU-215",
    kind: "mistake",
    title: "a gap that is no free area is cached as occupied up to the end of the window",
    base: "dual-index",
    make: GapMissTooLong,
    instance: instanceOf(
      "dual-index",
      { space: 6, vmalloc: { start: 0, end: 2 }, modules: { start: 2, end: 6 }, cpus: 1, lazyMax: 8 },
      "m=alloc(1,window=modules); flip; n=alloc(1,window=modules)",
    ),
    killedBy: ["INV-OCC-STORE"],
    watchedToo: ["INV-OCC-STORE"],
  },
];
