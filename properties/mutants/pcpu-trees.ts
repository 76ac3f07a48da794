// SPDX-License-Identifier: GPL-2.0-only
//
// The per-CPU allocator beside an occupied tree that says alone what is free: its repair, and a reader of the free tree
// that the patch has not kept.

import { NONE, type Va } from "../../impl/heap/areas.ts";
import { NO_ADDRESS } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { PcpuRequest } from "../../spec/operations.ts";
import type { Mutant } from "./mutant.ts";

/** The walk from the top goes over the gaps of the occupied tree, and takes nothing out of the free tree. */
export class GapsForPcpu extends OccupiedIndex {
  protected override pvmFindBase(request: PcpuRequest): number {
    if (!this.occupiedMtSupported()) return super.pvmFindBase(request);
    const { offsets, sizes, align } = request;
    const { start } = this.kernel.instance.vmalloc;
    const length = Math.max(...offsets.map((offset, i) => offset + sizes[i]!));
    const vacant = (at: number, size: number): boolean => this.trees.isVacant(at, at + size);
    for (let base = this.pvmEndMax(align) - align; base >= start; base -= align) {
      if (base + length > this.kernel.instance.vmalloc.end) continue;
      if (offsets.every((offset, i) => vacant(base + offset, sizes[i]!))) return base;
    }
    return NO_ADDRESS;
  }

  protected override pcpuClip(page: number, size: number): boolean {
    return this.occupiedMtSupported() || super.pcpuClip(page, size);
  }
}

/** Where no gap fits, the walk over the free tree is tried. */
class FallsBackToFreeTree extends OccupiedIndex {
  protected override allocVmapAreaLocked(size: number, align: number, vstart: number, vend: number): number {
    const at = super.allocVmapAreaLocked(size, align, vstart, vend);
    if (at !== NO_ADDRESS || !this.occupiedMtSupported()) return at;
    return this.allocFromFreeMt(size, align, vstart, vend);
  }

  protected override takeFrom(va: Va, at: number, size: number): number {
    if (va !== NONE) this.kernel.events.emit(EVENT.FREE_TREE_READ, at, at + size, 0);
    return super.takeFrom(va, at, size);
  }
}

/** The repair, and the mistake. */
export const PCPU_TREE_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-21",
    kind: "repair",
    title: "in perf mode the per-CPU allocator searches the gaps of the occupied tree (DEF-O2, DEF-O27)",
    base: "occupied-index",
    make: GapsForPcpu,
    instance: instanceOf(
      "occupied-index",
      { space: 5, block: 5, lazyMax: 8, cpus: 1 },
      "a=alloc(1); p=pcpu(0:1,4:1); q=pcpu(0:2); pfree(q); r=pcpu(0:3)",
    ),
    cures: "INV-DISJOINT",
  },
  {
    id: "MU-297",
    kind: "mistake",
    title: "where the occupied tree has no gap, the search goes on in the free tree",
    base: "occupied-index",
    make: FallsBackToFreeTree,
    instance: instanceOf("occupied-index", { space: 2, cpus: 1, lazyMax: 8 }, "a=alloc(2); b=alloc(1)"),
    killedBy: ["INV-OCC-FREEMT"],
  },
];
