// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the purge and its helpers: who purges when, what is left over, which work is waited for.

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { NodeIndex } from "../../impl/allocators/node-index.ts";
import { NONE, type Va } from "../../impl/heap/areas.ts";
import { WORK_CPU_UNBOUND } from "../../impl/kernel/workqueue/queues.ts";
import { EVENT } from "../../spec/events.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  begin: site("mutex_lock", "vmap_purge_lock is not taken"),
  end: site("mutex_unlock", "vmap_purge_lock is not released"),
  purgeOne: site("__purge_vmap_area_lazy", "under free_vmap_area_lock: merge an area, vmap_lazy_nr -= pages"),
  tryLock: site("_vm_unmap_aliases", "mutex_trylock(&vmap_purge_lock)"),
  flushWork: site("__purge_vmap_area_lazy", "flush_work() of a helper"),
};

class PurgeWithoutMutex extends GlobalTree {
  protected override lockPurge(): Step {
    return this.kernel.step(S.begin, () => {
      this.kernel.events.emit(EVENT.PURGE_BEGIN);
      return 0;
    });
  }

  protected override unlockPurge(purged: number): Step {
    return this.kernel.step(S.end, () => {
      this.kernel.events.emit(EVENT.PURGE_END, purged);
      return 0;
    });
  }
}

class MutexTakenTwice extends GlobalTree {
  override *vmUnmapAliases(): KernelCode {
    yield this.lockPurge();
    const purged = yield call(this, this.reclaimAndPurgeVmapAreas);
    yield this.unlockPurge(purged);
    return purged;
  }
}

/** mutex_trylock(): whoever holds it is purging anyway. */
class AliasesTriesLock extends GlobalTree {
  override *vmUnmapAliases(): KernelCode {
    const busy = yield this.kernel.step(S.tryLock, () => (this.purgeLock.isFree() ? 0 : 1));
    return busy ? 0 : tail(this, super.vmUnmapAliases);
  }
}

class LastAreaDropped extends GlobalTree {
  protected override purgeOne(list: number): void {
    super.purgeOne(list);
    const { head, tail: last } = this.containers;
    if (head[list] !== NONE && head[list] === last[list]) {
      this.index.unlinkList(list, head[list]! as Va, this.kernel.current);
    }
  }
}

class RestLeftBehind extends GlobalTree {
  override *purgeAreas(): KernelCode {
    yield this.kernel.locked(S.purgeOne, this.freeLock, () => {
      this.purgeOne(this.purgeList[0]!);
      return 0;
    });
    return 1;
  }
}

class LastNodeForgotten extends NodeIndex {
  protected override beginCollect(node: number): number {
    const empty = super.beginCollect(node);
    return node === this.nodes - 1 ? 1 : empty;
  }
}

class FirstReclaimedOnly extends NodeBlocks {
  protected override reclaimListGlobal(node: number): number {
    const list = this.reclaimList[node]!;
    const va = this.containers.head[list]! as Va;
    this.index.unlinkList(list, va, this.kernel.current);
    this.index.mergeOrAdd(this.free, va);
    return 0;
  }
}

class HelpersNotAwaited extends NodeBlocks {
  protected override flushNext(): Step {
    return this.kernel.step(S.flushWork, () => 0);
  }
}

class OneHelperTooMany extends NodeBlocks {
  protected override countHelpers(): number {
    return super.countHelpers() + 1;
  }
}

class HelpersByLimitOnly extends NodeBlocks {
  protected override countHelpers(): number {
    let marked = 0;
    for (let n = 0; n < this.nodes; n++) marked += this.purgeNodes[n]!;
    const nr = this.lazyNr[0]!;
    const helpers = Math.floor(nr / this.lazyMaxPages());
    this.kernel.events.emit(EVENT.PURGE_HELPERS, helpers, marked, nr);
    return helpers;
  }
}

class InitAfterQueue extends NodeBlocks {
  protected override dispatchNode(from: number, helpers: number): number {
    const node = this.nextMarked(from);
    if (node < 0) return node;
    const { works } = this.kernel;
    const work = this.purgeWork[node]!;
    if (helpers > 0) {
      works.queue(work, WORK_CPU_UNBOUND);
      works.init(work);
    } else works.clearFunc(work);
    return node;
  }
}

class HelperTakesMutex extends NodeBlocks {
  override *purgeHelper(work: number): KernelCode {
    yield this.lockPurge();
    yield call(this, this.purgeVmapNode, this.purgeWork.indexOf(work), 0);
    yield this.unlockPurge(0);
    return 0;
  }
}

class LazyNodeByAddress extends NodeBlocks {
  protected override lazyNode(va: Va): number {
    return this.addrToNode(this.areas.start[va]!);
  }
}

class IdlessIntoNode extends NodeBlocks {
  protected override purgeNodeArea(node: number): void {
    const first = this.containers.head[this.purgeList[node]!]! as Va;
    if (this.hasNode(this.decode(this.areas.flags[first]!))) super.purgeNodeArea(node);
    else this.mergeIdless(node, first);
  }

  private mergeIdless(node: number, va: Va): void {
    const nr = this.areas.size(va);
    this.index.unlinkList(this.purgeList[node]!, va, this.kernel.current);
    this.releaseTo(this.nodeFree[node]!, va, node);
    this.lazyNr[0] = this.lazyNr[0]! - nr;
    this.nrPurged[node] = this.nrPurged[node]! + 1;
  }
}

const TWO_HOLES = instanceOf(
  "global-tree",
  { space: 8, lazyMax: 8 },
  "a=alloc(1); b=alloc(1); c=alloc(1); free(a); free(c); purge",
);
/** An area of each node, and a limit that allows one helper. */
const TWO_NODES = instanceOf(
  "node-blocks",
  { space: 16, lazyMax: 1 },
  "a=alloc(1); free(a)",
  "b=alloc(1); free(b); purge",
);
/** Zones are as large as blocks: the second block lies in the zone of node 1 and belongs to node 0. */
const FOREIGN_ADDRESS = instanceOf(
  "node-blocks",
  { space: 24, cpus: 1, lazyMax: 8 },
  "x=alloc(8); a=alloc(1); free(a); free(x); purge",
);

/** Mutants of the purge. */
export const PURGING_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-45",
    kind: "mistake",
    title: "the purge runs without vmap_purge_lock",
    base: "global-tree",
    make: PurgeWithoutMutex,
    instance: instanceOf(
      "global-tree",
      { space: 8, lazyMax: 8 },
      "a=alloc(1); free(a); purge",
      "b=alloc(1); free(b); purge",
    ),
    killedBy: ["INV-PURGE-SERIAL"],
  },
  {
    id: "MU-46",
    kind: "mistake",
    title: "vm_unmap_aliases() takes vmap_purge_lock and then calls what takes it again",
    base: "global-tree",
    make: MutexTakenTwice,
    instance: instanceOf("global-tree", { space: 8 }, "a=alloc(1); free(a); aliases"),
    killedBy: ["INV-DEADLOCK"],
  },
  {
    id: "MU-47",
    kind: "mistake",
    title: "the purge loses the last area of its list",
    base: "global-tree",
    make: LastAreaDropped,
    instance: TWO_HOLES,
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-48",
    kind: "mistake",
    title: "the purge releases one area and leaves the rest of its list behind",
    base: "global-tree",
    make: RestLeftBehind,
    instance: TWO_HOLES,
    killedBy: ["INV-LAZYNR-EQ"],
  },
  {
    id: "MU-49",
    kind: "mistake",
    title: "the loop over the nodes stops one node short",
    base: "node-index",
    make: LastNodeForgotten,
    instance: instanceOf("node-index", { space: 16, lazyMax: 8 }, "x=alloc(8); a=alloc(1); free(a); aliases"),
    killedBy: ["INV-ALIASES"],
  },
  {
    id: "MU-79",
    kind: "mistake",
    title: "vm_unmap_aliases() only tries to take vmap_purge_lock: who holds it is purging anyway",
    base: "global-tree",
    make: AliasesTriesLock,
    instance: instanceOf(
      "global-tree",
      { space: 8, lazyMax: 9 },
      "a=alloc(1); free(a); aliases",
      "b=alloc(1); free(b); purge",
    ),
    killedBy: ["INV-ALIASES"],
  },
  {
    id: "MU-50",
    kind: "mistake",
    title: "reclaim_list_global() merges the first collected range only",
    base: "node-blocks",
    make: FirstReclaimedOnly,
    instance: instanceOf(
      "node-blocks",
      { space: 24, nodes: 1, cpus: 1, lazyMax: 20 },
      "x=alloc(3); y=alloc(3); z=alloc(3); free(x); free(z); purge",
    ),
    killedBy: ["INV-CONSERVE"],
  },
  {
    id: "MU-51",
    kind: "mistake",
    title: "the purge does not wait for its helpers",
    base: "node-blocks",
    make: HelpersNotAwaited,
    instance: TWO_NODES,
    killedBy: ["INV-HELPERS-DONE"],
  },
  {
    id: "MU-52",
    kind: "mistake",
    title: "one helper more is queued than was computed",
    base: "node-blocks",
    make: OneHelperTooMany,
    instance: instanceOf(
      "node-blocks",
      { space: 16, lazyMax: 4 },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ),
    killedBy: ["INV-HELPER-COUNT"],
  },
  {
    id: "MU-53",
    kind: "mistake",
    title: "the number of helpers is not bounded by the nodes with work",
    base: "node-blocks",
    make: HelpersByLimitOnly,
    instance: TWO_NODES,
    killedBy: ["INV-HELPER-COUNT"],
  },
  {
    id: "MU-54",
    kind: "mistake",
    title: "INIT_WORK() of a helper comes after it was queued",
    base: "node-blocks",
    make: InitAfterQueue,
    instance: TWO_NODES,
    killedBy: ["INV-INITWORK"],
  },
  {
    id: "MU-55",
    kind: "mistake",
    title: "a purge helper takes vmap_purge_lock, under which the purge waits for it",
    base: "node-blocks",
    make: HelperTakesMutex,
    instance: TWO_NODES,
    killedBy: ["INV-DEADLOCK"],
  },
  {
    id: "MU-56",
    kind: "mistake",
    title: "a lazy area goes to the node of its address although it carries an id",
    base: "node-blocks",
    make: LazyNodeByAddress,
    instance: FOREIGN_ADDRESS,
    killedBy: ["INV-PURGE-NODE"],
  },
  {
    id: "MU-57",
    kind: "mistake",
    title: "the purge merges an area without an id into the free tree of its node",
    base: "node-blocks",
    make: IdlessIntoNode,
    instance: FOREIGN_ADDRESS,
    killedBy: ["INV-VNID-OWNER"],
  },
];
