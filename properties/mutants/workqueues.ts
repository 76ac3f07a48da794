// SPDX-License-Identifier: GPL-2.0-only
//
// Mutants of the helpers on workqueues: which queue they are on, which of them is waited for, what is reset.

import { type KernelCode, tail } from "../../explore/sync.ts";
import { NODE, UnboundDrain } from "../../impl/allocators/unbound-drain.ts";
import { UnboundDrainV3 } from "../../impl/allocators/unbound-drain-v3.ts";
import { SYSTEM_WQ, WORK_CPU_UNBOUND } from "../../impl/kernel/workqueue/queues.ts";
import type { KernelOptions } from "../../impl/kernel/kernel.ts";
import { EVENT } from "../../spec/events.ts";
import type { Instance } from "../../spec/instance.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { TWO_LAZY } from "./draining.ts";
import type { Mutant } from "./mutant.ts";

class NoneAwaited extends UnboundDrain {
  override *flushHelpers(): KernelCode {
    return yield this.sumPurged();
  }
}

class FirstAwaited extends UnboundDrain {
  override *flushHelpers(from: number): KernelCode {
    if (from > 0) return yield this.sumPurged();
    return tail(this, super.flushHelpers, from);
  }
}

/** And vn->nr_purged keeps its value until the node is purged again, as in the kernel. */
class QueuedNotReset extends UnboundDrain {
  protected override resetQueued(): void {}

  protected override addPurged(node: number): number {
    const purged = this.nrPurged[node]!;
    super.addPurged(node);
    this.nrPurged[node] = purged;
    return 0;
  }

  protected override takePurged(): number {
    const sum = this.purgedAreas[0]!;
    this.purgedAreas[0] = 0;
    return sum;
  }
}

class InitWhilePending extends UnboundDrain {
  protected override initHelper(): void {}

  protected override scheduleHelper(work: number, refused: number): boolean {
    const queued = super.scheduleHelper(work, refused);
    this.kernel.works.init(work);
    return queued;
  }
}

class PurgerNotCounted extends UnboundDrain {
  protected override countHelpers(): number {
    const marked = this.marked();
    const nr = this.lazyNr[0]!;
    const helpers = Math.min(Math.max(Math.floor(nr / this.lazyMaxPages()), 1), marked);
    this.kernel.events.emit(EVENT.PURGE_HELPERS, helpers, marked, nr);
    return helpers;
  }
}

class HelpersForEmptyNodes extends UnboundDrain {
  protected override isListEmpty(): boolean {
    return false;
  }
}

class EmptyNodesCounted extends UnboundDrain {
  protected override marked(): number {
    return super.marked() === 0 ? 0 : this.nodes;
  }
}

class OneQueueAgain extends UnboundDrainV3 {
  protected override scheduleHelper(work: number, refused: number): boolean {
    return this.scheduleDrainVmapWork(work, refused);
  }
}

class HelpersOnSystemWq extends UnboundDrainV3 {
  protected override scheduleHelper(work: number): boolean {
    return this.kernel.works.queue(work, WORK_CPU_UNBOUND, SYSTEM_WQ);
  }
}

/** alloc_workqueue("vmap_drain", WQ_UNBOUND, 0): no rescuer. */
class WithoutMemReclaim extends UnboundDrain {
  constructor(instance: Instance, options: KernelOptions) {
    super(instance, options, [{ name: "vmap_drain", unbound: true }]);
  }
}

class ResultDropped extends UnboundDrainV3 {
  protected override scheduleHelper(work: number, refused: number): boolean {
    super.scheduleHelper(work, refused);
    return this.drainVmapWq[1] !== 0;
  }
}

/** Without a queue, the node that was to get a helper is left for the next purge. */
class NotQueuedNotPurged extends UnboundDrain {
  protected override dispatchOne(node: number, helpers: number, refused: number): number {
    const result = super.dispatchOne(node, helpers, refused);
    return helpers > 0 && result === NODE.INLINE ? NODE.SKIPPED : result;
  }
}

const HELPER = { space: 8, block: 4, cpus: 1, lazyMax: 1 } as const;

/** Mutants of workqueues. */
export const WORKQUEUE_MUTANTS: readonly Mutant[] = [
  {
    id: "MU-180",
    kind: "mistake",
    title: "the drain on its own queue waits for no helper",
    base: "unbound-drain",
    make: NoneAwaited,
    instance: instanceOf("unbound-drain", HELPER, TWO_LAZY),
    killedBy: ["INV-HELPERS-DONE", "INV-PURGE-COUNT"],
  },
  {
    id: "MU-181",
    kind: "mistake",
    title: "only the first helper is waited for",
    base: "unbound-drain",
    make: FirstAwaited,
    instance: instanceOf(
      "unbound-drain",
      { ...HELPER, space: 12, nodes: 3 },
      "a=alloc(1); b=alloc(1,window=4..5); c=alloc(1,window=8..9); free(a); free(b); free(c); purge",
    ),
    killedBy: ["INV-HELPERS-DONE", "INV-PURGE-COUNT"],
  },
  {
    id: "MU-182",
    kind: "mistake",
    title: "vn->work_queued is not reset before the next purge",
    base: "unbound-drain",
    make: QueuedNotReset,
    instance: instanceOf("unbound-drain", HELPER, `${TWO_LAZY}; c=alloc(1,window=5..6); free(c); purge`),
    killedBy: ["INV-PURGE-COUNT"],
  },
  {
    id: "MU-183",
    kind: "mistake",
    title: "INIT_WORK() of a helper meets it pending on the drain's queue",
    base: "unbound-drain",
    make: InitWhilePending,
    instance: instanceOf("unbound-drain", HELPER, TWO_LAZY),
    killedBy: ["INV-INITWORK"],
  },
  {
    id: "MU-184",
    kind: "mistake",
    title: "the purging task itself is not taken off the number of helpers",
    base: "unbound-drain",
    make: PurgerNotCounted,
    instance: instanceOf("unbound-drain", HELPER, TWO_LAZY),
    killedBy: ["INV-HELPER-COUNT"],
  },
  {
    id: "MU-185",
    kind: "mistake",
    title: "without list_empty() an empty node gets the helper of another one",
    base: "unbound-drain",
    make: HelpersForEmptyNodes,
    instance: instanceOf(
      "unbound-drain",
      { ...HELPER, space: 12, nodes: 3 },
      "b=alloc(1,window=4..5); c=alloc(1,window=8..9); free(b); free(c); purge",
    ),
    killedBy: ["INV-HELPER-COUNT"],
  },
  {
    id: "MU-186",
    kind: "mistake",
    title: "all nodes count for the number of helpers, those without work too",
    base: "unbound-drain",
    make: EmptyNodesCounted,
    instance: instanceOf("unbound-drain", HELPER, "a=alloc(1); b=alloc(1); free(a); free(b); purge"),
    killedBy: ["INV-HELPER-COUNT"],
  },
  {
    id: "MU-187",
    kind: "mistake",
    title: "drain and helpers share one queue with a rescuer again, as in v2",
    base: "unbound-drain-v3",
    make: OneQueueAgain,
    instance: instanceOf("unbound-drain-v3", HELPER, TWO_LAZY.replace("; purge", "")),
    killedBy: ["INV-WQ-FLUSH"],
  },
  {
    id: "MU-195",
    kind: "mistake",
    title: "vmap_drain is allocated without WQ_MEM_RECLAIM",
    base: "unbound-drain",
    make: WithoutMemReclaim,
    instance: instanceOf(
      "unbound-drain",
      { space: 1, block: 1, cpus: 1, nodes: 1, lazyMax: 0, workers: { idle: 0 } },
      "a=alloc(1); free(a)",
    ),
    killedBy: ["INV-WQ-NODEADLOCK"],
    watchedToo: ["INV-WQ-NODEADLOCK"],
  },
  {
    id: "MU-188",
    kind: "mistake",
    title: "the helpers stay on the system's queue, which has no rescuer",
    base: "unbound-drain-v3",
    make: HelpersOnSystemWq,
    instance: instanceOf("unbound-drain-v3", HELPER, TWO_LAZY.replace("; purge", "")),
    killedBy: ["INV-WQ-FLUSH"],
  },
  {
    id: "MU-189",
    kind: "mistake",
    title: "a helper that queue_work() refused is taken for queued, as in v2",
    base: "unbound-drain-v3",
    make: ResultDropped,
    instance: instanceOf("unbound-drain-v3", { ...HELPER, faults: ["queue-work"] }, TWO_LAZY),
    killedBy: ["INV-HELPERS-DONE", "INV-PURGE-COUNT"],
  },
  {
    id: "MU-190",
    kind: "mistake",
    title: "a node whose helper found no queue is not purged on the spot",
    base: "unbound-drain",
    make: NotQueuedNotPurged,
    instance: instanceOf("unbound-drain", { ...HELPER, boot: "workqueue_init" }, TWO_LAZY),
    killedBy: ["INV-HELPERS-DONE", "INV-PURGE-COUNT"],
  },
];
