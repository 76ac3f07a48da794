// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of what follows a store that found no memory: the retry list, the list of what could not be given back, the
// roll-back of an allocation; and of the publishing of lazy areas.

import { call, type KernelCode, type Site, type Step } from "../../explore/sync.ts";
import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import { STORE_FAILED_SITES } from "../../impl/allocators/maple-sites.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

class NeverDrained extends OccupiedIndex {
  override *drainVmapRetryQueue(): KernelCode {
    yield this.kernel.step(STORE_FAILED_SITES.next, () => 0);
    return 0;
  }
}

/** The list is spliced, and nobody looks at what was on it. */
class SplicedAndForgotten extends OccupiedIndex {
  override *retryNext(): KernelCode {
    yield this.kernel.step(STORE_FAILED_SITES.next, () => 0);
    return 0;
  }
}

/** What waits for another try is a gap, and the search for one does not look at the list. */
class GapWhileItWaits extends OccupiedIndex {
  protected override retryQueueAddVa(va: Va): void {
    super.retryQueueAddVa(va);
    this.occupiedMtEraseVa(va);
  }

  protected override retryQueueOverlap(): number {
    return -1;
  }
}

class DrainedNotCounted extends OccupiedIndex {
  protected override addLazy(): number {
    return 0;
  }
}

/** An area that is lazy again is counted once, and once more. */
class DrainedCountedTwice extends OccupiedIndex {
  protected override addLazy(pages: number): number {
    return super.addLazy(2 * pages);
  }
}

/** An area that fails twice is dropped. */
class TriedOnce extends OccupiedIndex {
  protected override queueRetry(where: Site, va: Va): Step {
    if (where !== STORE_FAILED_SITES.retryAgain) return super.queueRetry(where, va);
    return this.kernel.locked(where, this.freeLock, () => {
      this.areas.release(va);
      return 0;
    });
  }
}

/** The areas of local_failed stay where they are. */
class FailedDropped extends OccupiedIndex {
  override *publishFailed(): KernelCode {
    yield this.kernel.step(STORE_FAILED_SITES.failedNode, () => 0);
    return 0;
  }
}

/** What a decay cannot give back stays on its list. */
class DecayFailedDropped extends OccupiedIndex {
  override *repopulate(): KernelCode {
    yield this.kernel.step(STORE_FAILED_SITES.repopulate, () => 0);
    return 0;
  }
}

/** What a decay takes out of a pool is given back as if it were not occupied. */
class DecayErasesNothing extends OccupiedIndex {
  override *endDecay(node: number): KernelCode {
    return yield call(this, this.reclaimDecayList, node, 0);
  }
}

/** The area is lazy, and its caller puts it onto the retry list all the same. */
class PublishedAndRetried extends OccupiedIndex {
  override *publishVmapAreaLazy(va: number, node: number): KernelCode {
    yield call(this, super.publishVmapAreaLazy, va, node);
    return 0;
  }
}

/** The range is free again in one tree only. */
class HalfRolledBack extends DualIndex {
  protected override rollbackBusyInsertFailedAlloc(va: Va): void {
    const start = this.areas.start[va]!;
    const end = this.areas.end[va]!;
    if (this.insertVmapAreaFree(va)) this.released(start, end);
    else this.retryQueueAddVa(va);
  }
}

/** The record goes, and the range stays occupied. */
class NotRolledBack extends OccupiedIndex {
  protected override rollbackBusyInsertFailedAlloc(va: Va): void {
    this.releaseDrainedVmapArea(va);
  }
}

/** Another node's lock is taken. */
class OtherNodesLazyLock extends OccupiedIndex {
  protected override publish(va: Va, node: number, choice: number): number {
    const { lazyLock } = this;
    const own = lazyLock[node]!;
    lazyLock[node] = lazyLock[(node + 1) % this.nodes]!;
    const state = super.publish(va, node, choice);
    lazyLock[node] = own;
    return state;
  }
}

const MACHINE: Machine = { space: 2, block: 2, cpus: 1, lazyMax: 8, faults: ["maple"] };
const ONE = instanceOf("occupied-index", MACHINE, "a=alloc(1); free(a)");
const TWICE = instanceOf("occupied-index", { ...MACHINE, faultBudget: 2 }, "a=alloc(1); free(a)");
const POOLED = "a=alloc(1); free(a); aliases; purge";

/** Mutants of what follows a failing store. */
export const RETRY_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-230",
    kind: "mistake",
    title: "a purge does not look at the retry list",
    base: "occupied-index",
    make: NeverDrained,
    instance: ONE,
    killedBy: ["INV-RETRY-DRAIN"],
  },
  {
    id: "MU-231",
    kind: "mistake",
    title: "the retry list is spliced, and its areas are forgotten",
    base: "occupied-index",
    make: SplicedAndForgotten,
    instance: ONE,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-232",
    kind: "mistake",
    title: "what waits on the retry list is a gap, and the list is not looked at",
    base: "occupied-index",
    make: GapWhileItWaits,
    instance: instanceOf(
      "occupied-index",
      { space: 1, block: 1, cpus: 1, lazyMax: 0, faults: ["maple"] },
      "flip; a=alloc(1); free(a)",
      "b=alloc(1)",
    ),
    killedBy: ["INV-OCC-RETRY"],
  },
  {
    id: "MU-233",
    kind: "mistake",
    title: "vmap_lazy_nr is not raised for areas that are lazy again",
    base: "occupied-index",
    make: DrainedNotCounted,
    instance: ONE,
    killedBy: ["INV-LAZYNR-EQ"],
  },
  {
    id: "MU-234",
    kind: "mistake",
    title: "vmap_lazy_nr is raised twice for areas that are lazy again",
    base: "occupied-index",
    make: DrainedCountedTwice,
    instance: ONE,
    killedBy: ["INV-LAZYNR-EQ"],
  },
  {
    id: "MU-235",
    kind: "mistake",
    title: "an area whose second try fails is dropped",
    base: "occupied-index",
    make: TriedOnce,
    instance: TWICE,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-236",
    kind: "mistake",
    title: "purge_vmap_node() forgets the areas that could not be given back",
    base: "occupied-index",
    make: FailedDropped,
    instance: instanceOf(
      "occupied-index",
      { ...MACHINE, poolPages: 1, space: 3 },
      "a=alloc(2); free(a); purge",
    ),
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-237",
    kind: "mistake",
    title: "a decay forgets the areas that could not be given back",
    base: "occupied-index",
    make: DecayFailedDropped,
    instance: instanceOf("occupied-index", MACHINE, POOLED),
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-238",
    kind: "mistake",
    title: "a decay gives areas back and leaves their ranges occupied",
    base: "occupied-index",
    make: DecayErasesNothing,
    instance: instanceOf("occupied-index", { space: 2, block: 2, cpus: 1, lazyMax: 0 }, POOLED),
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-239",
    kind: "mistake",
    title: "an area is in the lazy tree, and goes onto the retry list as well",
    base: "occupied-index",
    make: PublishedAndRetried,
    instance: instanceOf(
      "occupied-index",
      { space: 2, block: 2, cpus: 1, lazyMax: 8 },
      "a=alloc(1); free(a)",
    ),
    killedBy: ["INV-NOWARN"],
  },
  {
    id: "MU-240",
    kind: "mistake",
    title: "before: the roll-back puts a range into the free tree and leaves it occupied",
    base: "dual-index",
    make: HalfRolledBack,
    instance: instanceOf(
      "dual-index",
      { space: 1, block: 1, cpus: 1, lazyMax: 8, faults: ["maple"] },
      "a=alloc(1)",
    ),
    killedBy: ["INV-OCC-DUAL"],
    watchedToo: ["INV-OCC-DUAL"],
  },
  {
    id: "MU-241",
    kind: "mistake",
    title: "the roll-back frees the record and leaves its range occupied",
    base: "occupied-index",
    make: NotRolledBack,
    instance: ONE,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-242",
    kind: "mistake",
    title: "an area is published under the lock of another node",
    base: "occupied-index",
    make: OtherNodesLazyLock,
    instance: instanceOf(
      "occupied-index",
      { space: 2, block: 2, cpus: 1, lazyMax: 8 },
      "a=alloc(1); free(a)",
    ),
    killedBy: ["INV-STRICT"],
    strictOnly: true,
  },
];
