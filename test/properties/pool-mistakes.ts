// SPDX-License-Identifier: GPL-2.0-only
// For each scenario of the designs with pools that holds, the mistake that it is about, and what is then found.
import { type KernelCode, tail } from "../../explore/sync.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SizePools } from "../../impl/allocators/size-pools.ts";
import { UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { PHASE } from "../../impl/kernel/workqueue/queues.ts";
import type { AllocatorId } from "../../spec/instance.ts";

/** A scenario, one of its designs, a mutant or a class in the design's place, and the text of the result. */
export type ScenarioMistake = readonly [string, AllocatorId, string | AllocatorClass, string];

/** A request that no pool serves gets no id. */
class NoIdOnMiss extends SizePools {
  override *allocMiss(size: number, align: number, vstart: number, vend: number): KernelCode {
    return tail(this, super.allocMiss, size, align, vstart, vend, 0);
  }
}

/** A quarter is rounded up. */
class QuarterRoundedUp extends SizePools {
  protected override decayOf(len: number, fullDecay: number): number {
    return fullDecay ? len : Math.ceil(len / 4);
  }
}

/** full_pool_decay is not looked at. */
class NeverFullDecay extends SizePools {
  protected override decayOf(len: number): number {
    return len >>> 2;
  }
}

/** The request for a drain is dropped until workers run. */
class DropsEarlyDrain extends SizePools {
  override *scheduleDrain(): KernelCode {
    if (this.kernel.works.phase === PHASE.ONLINE) return tail(this, super.scheduleDrain);
    return 0;
  }
}

/** Without a queue nothing is purged. */
class NoPurgeWithoutQueue extends UnboundDrain {
  override *purgeVmapAreaLazy(fullPoolDecay: number): KernelCode {
    if (this.drainVmapWq[0] === 0) return 0;
    return tail(this, super.purgeVmapAreaLazy, fullPoolDecay);
  }
}

/** find_vmap_area() of a design with pools looks in the zone of the address only. */
class LooksInOneZone extends SizePools {
  override *findVmapArea(page: number): KernelCode {
    return tail(this, this.findFrom, page, this.addrToNode(page), 1);
  }
}

/** Helpers of a CPU that is gone are not waited for. */
class OfflineNotAwaited extends SizePools {
  protected override nextHelper(from: number): number {
    const next = super.nextHelper(from);
    return next >= 0 && !this.kernel.cpus.isOnline(next) ? super.nextHelper(next + 1) : next;
  }
}

/** The mistakes. */
export const POOL_MISTAKES: readonly ScenarioMistake[] = [
  [
    "SC-23",
    "size-pools",
    LooksInOneZone,
    "INV-BUSY-FIND: page 4 of the live area at 0 was looked up and not found",
  ],
  ["SC-24", "size-pools", NoIdOnMiss, '"b": expected 1, found 0'],
  ["SC-25", "size-pools", "MU-156", "INV-BOUNDS: [2,4) was granted for align 4 in window [0,12)"],
  ["SC-26", "size-pools", "MU-162", "INV-POOL-LEN: the pool of node 0 for 1 pages has len 4 and 3 areas"],
  ["SC-26b", "size-pools", QuarterRoundedUp, '"p": expected 2, found 1'],
  [
    "SC-31",
    "unbound-drain",
    "MU-180",
    "INV-PURGE-COUNT: the purge reports 1 areas, it took 2 off the lazy lists",
  ],
  [
    "SC-32b",
    "size-pools",
    DropsEarlyDrain,
    "INV-DRAIN: a free saw too many lazy pages, and no purge began after it",
  ],
  [
    "SC-32c",
    "unbound-drain",
    NoPurgeWithoutQueue,
    "INV-ALIASES: page 0 was freed before the purge began and is stale behind it",
  ],
  ["SC-48", "size-pools", "MU-153", "INV-POOL-WINDOW: [4,5) of another window is in a pool"],
  [
    "SC-49",
    "unbound-drain-v3",
    "MU-187",
    "INV-WQ-FLUSH: flushes a work of the queue vmap_drain while it runs on the queue vmap_drain, which has one rescuer or max_active 1",
  ],
  [
    "SC-49b",
    "unbound-drain-v3",
    "MU-189",
    "INV-PURGE-COUNT: the purge reports 1 areas, it took 2 off the lazy lists",
  ],
  [
    "SC-60b",
    "unbound-drain-v3",
    "MU-187",
    "INV-WQ-NODEADLOCK: task 0 waits in flush_work for work node 0 purge_work, held by kworker/node 0 purge_work; kworker/node 0 purge_work waits in process_one_work for the rescuer of vmap_drain, held by kworker/drain_vmap_work; kworker/drain_vmap_work waits in mutex_lock for vmap_purge_lock, held by task 0",
  ],
  [
    "SC-61b",
    "unbound-drain-v3",
    "MU-187",
    "INV-WQ-FLUSH: flushes a work of the queue vmap_drain while it runs on the queue vmap_drain, which has one rescuer or max_active 1",
  ],
  [
    "SC-64b",
    "unbound-drain-v3",
    "MU-176",
    "INV-NOWARN: queue_work: the workqueue does not exist yet (NULL dereference)",
  ],
  [
    "SC-65",
    "size-pools",
    OfflineNotAwaited,
    "INV-PURGE-COUNT: the purge reports 1 areas, it took 2 off the lazy lists",
  ],
  ["SC-66", "size-pools", "MU-16", "INV-SKIP: a purge that empties the pools puts an area into one"],
  ["SC-67", "size-pools", NeverFullDecay, '"c": expected 4, found failed'],
];
