// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of vmap_lazy_nr and of what it triggers: the drain work.

import { call, type KernelCode, site } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { WORK_CPU_UNBOUND } from "../../impl/kernel/workqueue/queues.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  read: site("free_vmap_area_noflush", "read vmap_lazy_nr"),
  write: site("free_vmap_area_noflush", "write vmap_lazy_nr"),
  lazyAdd: site("free_vmap_area_noflush", "vmap_lazy_nr += pages"),
  lazyInsert: site("free_vmap_area_noflush", "under the lazy lock: merge into the lazy tree"),
  schedule: site("free_vmap_area_noflush", "schedule_work(&drain_vmap_work)"),
  cancel: site("reclaim_and_purge_vmap_areas", "INIT_WORK(&drain_vmap_work)"),
};

class NotAdded extends GlobalTree {
  protected override lazyAdd(_va: Va): number {
    return this.lazyNr[0]!;
  }
}

class AddedAfterInsertion extends GlobalTree {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const size = yield this.kernel.locked(S.lazyInsert, this.lazyLock[node]!, () => {
      const pages = this.areas.size(va as Va);
      this.lazyInsert(va as Va, node, this.lazyNr[0]! + pages);
      return pages;
    });
    yield this.kernel.step(S.lazyAdd, () => {
      this.lazyNr[0] = this.lazyNr[0]! + size;
      this.kernel.events.emit(EVENT.LAZY_ADD, size, this.lazyNr[0]);
      return 0;
    });
    return 0;
  }
}

class LostUpdate extends GlobalTree {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const before = yield this.kernel.step(S.read, () => this.lazyNr[0]!);
    const nr = yield this.kernel.step(S.write, () => {
      this.lazyNr[0] = before;
      return this.lazyAdd(va as Va);
    });
    yield this.kernel.locked(S.lazyInsert, this.lazyLock[node]!, () => this.lazyInsert(va as Va, node, nr));
    return 0;
  }
}

class NotSubtracted extends GlobalTree {
  protected override purgeOne(list: number): void {
    const before = this.lazyNr[0]!;
    super.purgeOne(list);
    this.lazyNr[0] = before;
  }
}

class SubtractedTwice extends GlobalTree {
  protected override purgeOne(list: number): void {
    const nr = this.areas.size(this.containers.head[list]! as Va);
    super.purgeOne(list);
    this.lazyNr[0] = this.lazyNr[0]! - nr;
  }
}

class SubtractedAtDetach extends GlobalTree {
  protected override collect(node: number): number {
    const any = super.collect(node);
    this.lazyNr[0] = this.lazyNr[0]! - this.containers.pages[this.purgeList[node]!]!;
    return any;
  }

  protected override purgeOne(list: number): void {
    const before = this.lazyNr[0]!;
    super.purgeOne(list);
    this.lazyNr[0] = before;
  }
}

/** The size is taken behind the merge, when it is that of the merged area. */
class SubtractedMergedSize extends NodeBlocks {
  protected override purgeNodeArea(node: number): void {
    const before = this.lazyNr[0]!;
    const first = this.containers.head[this.purgeList[node]!]! as Va;
    const { start, size } = { start: this.areas.start[first]!, size: this.areas.size(first) };
    super.purgeNodeArea(node);
    const merged = this.index.find(this.nodeFree[node]!, start);
    this.lazyNr[0] = before - (merged === NONE ? size : this.areas.size(merged));
  }
}

class DrainNotScheduled extends GlobalTree {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const nr = yield this.kernel.step(S.lazyAdd, () => this.lazyAdd(va as Va));
    yield this.kernel.locked(S.lazyInsert, this.lazyLock[node]!, () => this.lazyInsert(va as Va, node, nr));
    return 0;
  }
}

class DrainBeforeInsertion extends GlobalTree {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const nr = yield this.kernel.step(S.lazyAdd, () => this.lazyAdd(va as Va));
    if (nr > this.lazyMaxPages()) {
      yield this.kernel.step(S.schedule, () => {
        this.kernel.works.queue(this.drainWork, WORK_CPU_UNBOUND);
        return 0;
      });
    }
    yield this.kernel.locked(S.lazyInsert, this.lazyLock[node]!, () => this.lazyInsert(va as Va, node, nr));
    return 0;
  }
}

class DrainCancelled extends GlobalTree {
  override *reclaimAndPurgeVmapAreas(): KernelCode {
    const purged = yield call(this, super.reclaimAndPurgeVmapAreas);
    yield this.kernel.step(S.cancel, () => {
      this.kernel.works.init(this.drainWork);
      return 0;
    });
    return purged;
  }
}

const ONE_FREE = instanceOf("global-tree", { space: 8 }, "a=alloc(2); free(a); purge");
const TWO_TASKS = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 8 },
  "a=alloc(1); free(a)",
  "b=alloc(1); free(b)",
);
const ABOVE_LIMIT = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 1 },
  "a=alloc(1); b=alloc(1); free(a); free(b)",
);

/** Mutants of the accounting. */
export const ACCOUNTING_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-35",
    kind: "mistake",
    title: "a free does not add its pages to vmap_lazy_nr",
    base: "global-tree",
    make: NotAdded,
    instance: ONE_FREE,
    killedBy: ["INV-LAZYNR-GE"],
  },
  {
    id: "MU-36",
    kind: "mistake",
    title: "a free adds its pages after the area became lazy",
    base: "global-tree",
    make: AddedAfterInsertion,
    instance: ONE_FREE,
    killedBy: ["INV-LAZYNR-GE"],
  },
  {
    id: "MU-37",
    kind: "mistake",
    title: "vmap_lazy_nr is read and written in two steps: two frees lose an update",
    base: "global-tree",
    make: LostUpdate,
    instance: TWO_TASKS,
    killedBy: ["INV-LAZYNR-GE"],
  },
  {
    id: "MU-38",
    kind: "mistake",
    title: "the purge does not take pages off vmap_lazy_nr",
    base: "global-tree",
    make: NotSubtracted,
    instance: ONE_FREE,
    killedBy: ["INV-LAZYNR-EQ"],
  },
  {
    id: "MU-39",
    kind: "mistake",
    title: "the purge takes an area's pages off vmap_lazy_nr twice",
    base: "global-tree",
    make: SubtractedTwice,
    instance: ONE_FREE,
    killedBy: ["INV-LAZYNR-POS"],
  },
  {
    id: "MU-40",
    kind: "mistake",
    title: "the purge takes all pages off vmap_lazy_nr when it detaches the lazy tree",
    base: "global-tree",
    make: SubtractedAtDetach,
    instance: ONE_FREE,
    killedBy: ["INV-LAZYNR-GE"],
  },
  {
    id: "MU-41",
    kind: "mistake",
    title: "purge_vmap_node() subtracts the size behind the merge, which is that of the merged area",
    base: "node-blocks",
    make: SubtractedMergedSize,
    instance: instanceOf(
      "node-blocks",
      { space: 16, nodes: 1, lazyMax: 8 },
      "a=alloc(1); b=alloc(1); free(b); purge",
    ),
    killedBy: ["INV-LAZYNR-POS"],
  },
  {
    id: "MU-42",
    kind: "mistake",
    title: "a free above the limit does not schedule the drain",
    base: "global-tree",
    make: DrainNotScheduled,
    instance: ABOVE_LIMIT,
    killedBy: ["INV-DRAIN"],
  },
  {
    id: "MU-43",
    kind: "mistake",
    title: "the drain is scheduled before the area is on the lazy tree, and may find nothing",
    base: "global-tree",
    make: DrainBeforeInsertion,
    instance: ABOVE_LIMIT,
    killedBy: ["INV-DRAIN"],
  },
  {
    id: "MU-44",
    kind: "mistake",
    title: "a purge re-initialises the drain work, since it has just done its job, and drops a pending run",
    base: "global-tree",
    make: DrainCancelled,
    instance: instanceOf(
      "global-tree",
      { space: 8, lazyMax: 0 },
      "a=alloc(1); b=alloc(1); free(a); free(b); purge",
    ),
    killedBy: ["INV-DRAIN-NOLOST"],
  },
];
