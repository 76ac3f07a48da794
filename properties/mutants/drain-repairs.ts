// SPDX-License-Identifier: GPL-2.0-only
//
// Repairs of the designs with pools.

import { call, type KernelCode, site, type Step, tail } from "../../explore/sync.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { UnboundDrainV3 } from "../../impl/allocators/unbound-drain-v3.ts";
import type { KernelOptions } from "../../impl/kernel/kernel.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import type { Mutant } from "./mutant.ts";

const S = {
  lock: site("vmap_node_shrink_scan", "mutex_lock(&vmap_purge_lock)"),
  unlock: site("vmap_node_shrink_scan", "mutex_unlock(&vmap_purge_lock)"),
  want: site("free_vmap_area_noflush", "drain_wanted = true"),
  schedule: site("free_vmap_area_noflush", "schedule_drain_vmap_work(), which clears drain_wanted"),
  late: site("vmalloc_init_workqueue", "queue the drain if drain_wanted"),
};

/** guard(mutex)(&vmap_purge_lock) around the shrinker's loop, as upstream has it. */
class ShrinkerTakesMutex extends SizePools {
  override *vmapNodeShrinkScan(): KernelCode {
    yield this.lockScan();
    yield call(this, this.scan, 0);
    return yield this.kernel.step(S.unlock, () => {
      this.kernel.locks.release(this.purgeLock);
      return 0;
    });
  }

  *scan(node: number): KernelCode {
    yield call(this, this.decayVaPoolNode, node, 1);
    return node + 1 < this.nodes ? tail(this, this.scan, node + 1) : 0;
  }

  private lockScan(): Step {
    const { gate, waitsFor } = this.purgeLock;
    return {
      site: S.lock,
      gate,
      waitsFor,
      run: () => {
        this.kernel.locks.acquire(this.purgeLock);
        return 0;
      },
    };
  }
}

/** A request is noted before the queue is looked for; whoever makes the queue looks for requests afterwards. */
class RequestRemembered extends UnboundDrain {
  readonly drainWanted: Int32Array;

  constructor(instance: Instance, options: KernelOptions) {
    super(instance, options);
    this.drainWanted = this.kernel.heap.words("drain_wanted", 1);
  }

  override *scheduleDrain(): KernelCode {
    yield this.kernel.step(S.want, () => (this.drainWanted[0] = 1));
    return yield this.kernel.step(S.schedule, () => {
      if (this.scheduleDrainWork()) this.drainWanted[0] = 0;
      this.kernel.events.emit(EVENT.FREE_DONE);
      return 0;
    });
  }

  override *vmallocInitWorkqueue(): KernelCode {
    yield call(this, super.vmallocInitWorkqueue);
    return yield this.kernel.step(S.late, () => {
      if (this.drainWanted[0] !== 0 && this.scheduleDrainWork()) this.drainWanted[0] = 0;
      return 0;
    });
  }
}

const SHRINK = ["a=alloc(1); free(a); aliases; b=alloc(1); free(b); aliases", "shrink"] as const;

/** Repairs of the designs with pools. */
export const DRAIN_REPAIRS: readonly Mutant[] = [
  {
    id: "MU-17",
    kind: "repair",
    title: "the helpers get a queue of their own, and what queue_work() says is heeded (DEF-U1)",
    base: "unbound-drain",
    make: UnboundDrainV3,
    instance: instanceOf(
      "unbound-drain",
      { space: 4, block: 2, lazyMax: 1, workers: { idle: 0 } },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b)",
    ),
    cures: "INV-WQ-NODEADLOCK",
  },
  {
    id: "MU-191",
    kind: "repair",
    title: "queue_work() is believed when it queues nothing (DEF-U4)",
    base: "unbound-drain",
    make: UnboundDrainV3,
    instance: instanceOf(
      "unbound-drain",
      { space: 8, block: 4, cpus: 1, lazyMax: 1, faults: ["queue-work"] },
      "a=alloc(1); b=alloc(1,window=4..5); free(a); free(b); purge",
    ),
    cures: "INV-HELPERS-DONE",
  },
  {
    id: "MU-192",
    kind: "repair",
    title: "the shrinker takes vmap_purge_lock: len counts the list (DEF-P1)",
    base: "size-pools",
    make: ShrinkerTakesMutex,
    instance: instanceOf("size-pools", { space: 4, block: 4, cpus: 1, lazyMax: 8 }, ...SHRINK),
    cures: "INV-POOL-LEN",
  },
  {
    id: "MU-193",
    kind: "repair",
    title: "the shrinker takes vmap_purge_lock: no area is thrown away (DEF-P1)",
    base: "size-pools",
    make: ShrinkerTakesMutex,
    instance: instanceOf(
      "size-pools",
      { space: 4, block: 4, cpus: 1, lazyMax: 8 },
      "a=alloc(1); b=alloc(1); c=alloc(1); free(a); aliases; free(b); aliases; free(c); aliases",
      "shrink; shrink",
    ),
    cures: "INV-CONSERVE",
  },
  {
    id: "MU-194",
    kind: "repair",
    title: "a request for a drain is remembered until there is a queue (DEF-U3)",
    base: "unbound-drain",
    make: RequestRemembered,
    instance: instanceOf(
      "unbound-drain",
      { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "workqueue_init_early" },
      "a=alloc(1); free(a)",
    ),
    cures: "INV-DRAIN",
  },
];
