// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants that go round for ever while others go on: what they wait for, nobody does.

import { call, type KernelCode, site, tail } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import type { Va } from "../../impl/heap/areas.ts";
import { WORK_CPU_UNBOUND } from "../../impl/kernel/workqueue/queues.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  lazyAdd: site("free_vmap_area_noflush", "vmap_lazy_nr += pages"),
  lazyInsert: site("free_vmap_area_noflush", "under the lazy lock: merge into the lazy tree"),
  schedule: site("free_vmap_area_noflush", "schedule_work(&drain_vmap_work)"),
  throttle: site("free_vmap_area_noflush", "read vmap_lazy_nr: wait while it is above the limit"),
};

/** set_iounmap_nonlazy() of v5.17: the next free is to purge at once. Source: c12cd77cb028. */
class CountOverwritten extends GlobalTree {
  protected override lazyAdd(va: Va): number {
    this.lazyNr[0] = this.lazyMaxPages() + 1;
    return super.lazyAdd(va);
  }
}

class PurgedForgotten extends GlobalTree {
  override *allocOverflow(
    va: number,
    size: number,
    align: number,
    vstart: number,
    vend: number,
    _purged: number,
  ): KernelCode {
    yield call(this, this.reclaimAndPurgeVmapAreas);
    return tail(this, this.allocRetry, va, size, align, vstart, vend, 0);
  }
}

/** The pages that the drain is to purge are on no list yet. */
class ThrottledBeforeInsertion extends GlobalTree {
  override *freeVmapAreaNoflush(va: number, node: number): KernelCode {
    const nr = yield this.kernel.step(S.lazyAdd, () => this.lazyAdd(va as Va));
    if (nr > this.lazyMaxPages()) {
      yield this.kernel.step(S.schedule, () =>
        Number(this.kernel.works.queue(this.drainWork, WORK_CPU_UNBOUND)),
      );
      yield call(this, this.throttle);
    }
    return yield this.kernel.locked(S.lazyInsert, this.lazyLock[node]!, () =>
      this.lazyInsert(va as Va, node, nr),
    );
  }

  *throttle(): KernelCode {
    const nr = yield this.kernel.step(S.throttle, () => this.lazyNr[0]!);
    return nr > this.lazyMaxPages() ? tail(this, this.throttle) : 0;
  }
}

/** In the order of their ids. */
export const ENDLESS_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-140",
    kind: "mistake",
    title: "vmap_lazy_nr is set above the limit for the next free, and no purge brings it down again",
    base: "global-tree",
    make: CountOverwritten,
    instance: instanceOf(
      "global-tree",
      { space: 4, lazyMax: 2, cpus: 1 },
      "a=alloc(1); free(a)",
      "b=alloc(1)",
    ),
    killedBy: ["INV-LIVELOCK"],
  },
  {
    id: "MU-141",
    kind: "mistake",
    title: "an allocation forgets that it has purged before, and tries again for ever",
    base: "global-tree",
    make: PurgedForgotten,
    instance: instanceOf("global-tree", { space: 4, lazyMax: 4, cpus: 1 }, "a=alloc(3); b=alloc(2)"),
    killedBy: ["INV-LIVELOCK"],
  },
  {
    id: "MU-142",
    kind: "mistake",
    title: "a free above the limit waits for the drain before its own pages are on the list",
    base: "global-tree",
    make: ThrottledBeforeInsertion,
    instance: instanceOf(
      "global-tree",
      { space: 4, lazyMax: 1 },
      "a=alloc(2); free(a)",
      "b=alloc(1); free(b)",
    ),
    killedBy: ["INV-LIVELOCK"],
  },
];
