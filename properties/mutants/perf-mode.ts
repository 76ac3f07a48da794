// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the change to the perf mode, which happens once, while tasks run.

import { type KernelCode, type Step } from "../../explore/sync.ts";
import { OTHER_MAPLE_SITES } from "../../impl/allocators/maple-sites.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

class OnAlthoughNotSeeded extends OccupiedIndex {
  protected override switchPerfMode(): number {
    return super.switchPerfMode(true);
  }
}

class LastGapForgotten extends OccupiedIndex {
  protected override seedRest(): boolean {
    return true;
  }
}

class NothingSeeded extends OccupiedIndex {
  protected override seedOccupied(): boolean {
    return true;
  }
}

/** Free areas are stored as occupied, like all else. */
class AllSeeded extends OccupiedIndex {
  protected override seedWindow(start: number, end: number): boolean {
    return this.trees.occupy(start, end);
  }
}

class WithoutLock extends OccupiedIndex {
  override *vmapEnableOccupiedPerfMode(): KernelCode {
    return yield this.kernel.step(OTHER_MAPLE_SITES.perfMode, () => this.switchPerfMode(this.seedOccupied()));
  }
}

/** A purge takes free_vmap_area_lock around the lazy lock, which publish_vmap_area_lazy() takes around it. */
class LocksTheOtherWayRound extends OccupiedIndex {
  protected override collectLazy(node: number): Step {
    const collect = super.collectLazy(node);
    return {
      ...collect,
      run: (choice) => {
        this.kernel.locks.acquire(this.freeLock);
        const result = collect.run(choice);
        this.kernel.locks.release(this.freeLock);
        return result;
      },
    };
  }
}

const FLIP = instanceOf("occupied-index", { space: 4, cpus: 1, lazyMax: 8 }, "flip");
const LAST = instanceOf("occupied-index", { space: 4, cpus: 1, lazyMax: 8 }, "a=alloc(1,window=3..4); flip");

/** Mutants of the change to the perf mode. */
export const PERF_MODE_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-250",
    kind: "mistake",
    title: "the perf mode is on although the occupied tree could not be seeded",
    base: "occupied-index",
    make: OnAlthoughNotSeeded,
    instance: instanceOf(
      "occupied-index",
      { space: 1, cpus: 1, lazyMax: 8, faults: ["maple"] },
      "a=alloc(1); flip",
    ),
    killedBy: ["INV-OCC-EQ"],
    watchedToo: ["INV-OCC-EQ"],
  },
  {
    id: "MU-251",
    kind: "mistake",
    title: "what lies behind the last free area is not seeded as occupied",
    base: "occupied-index",
    make: LastGapForgotten,
    instance: LAST,
    killedBy: ["INV-OCC-EQ"],
    watchedToo: ["INV-OCC-EQ"],
  },
  {
    id: "MU-252",
    kind: "mistake",
    title: "the perf mode is switched on with an empty occupied tree",
    base: "occupied-index",
    make: NothingSeeded,
    instance: LAST,
    killedBy: ["INV-OCC-EQ"],
    watchedToo: ["INV-OCC-EQ"],
  },
  {
    id: "MU-253",
    kind: "mistake",
    title: "free areas are seeded as occupied",
    base: "occupied-index",
    make: AllSeeded,
    instance: FLIP,
    killedBy: ["INV-OCC-BOOT"],
    watchedToo: ["INV-OCC-BOOT"],
  },
  {
    id: "MU-254",
    kind: "mistake",
    title: "the perf mode is switched on without free_vmap_area_lock",
    base: "occupied-index",
    make: WithoutLock,
    instance: FLIP,
    killedBy: ["INV-STRICT"],
    strictOnly: true,
  },
  {
    id: "MU-255",
    kind: "mistake",
    title: "a purge takes free_vmap_area_lock before the lazy lock",
    base: "occupied-index",
    make: LocksTheOtherWayRound,
    instance: instanceOf(
      "occupied-index",
      { space: 4, block: 4, cpus: 1, lazyMax: 8 },
      "purge; a=alloc(1); free(a); flip",
    ),
    killedBy: ["INV-LOCKORDER"],
  },
];
