// SPDX-License-Identifier: GPL-2.0-only
//
// Mistakes in how items are queued, flushed and initialised, each with the rule that must see it and a case on which
// the faithful code shows nothing.

import type { Heap } from "../../../../impl/heap/heap.ts";
import type { Locks } from "../../../../impl/kernel/locks.ts";
import { FlushBarriers } from "../../../../impl/kernel/workqueue/flush-barriers.ts";
import { LockdepMaps } from "../../../../impl/kernel/workqueue/lockdep-maps.ts";
import { PHASE, type Workqueue } from "../../../../impl/kernel/workqueue/queues.ts";
import { Works } from "../../../../impl/kernel/workqueue/works.ts";
import type { CASES } from "./cases.ts";
import type { RuleId } from "./reference.ts";
import type { Variant } from "./workqueue-system.ts";

/** A mistake. */
export interface Mutant {
  readonly mistake: string;
  readonly breaks: RuleId;
  readonly on: keyof typeof CASES;
  readonly variant: Variant;
}

class AlwaysTrue extends Works {
  override queue(work: number, cpu: number, queue?: number): boolean {
    super.queue(work, cpu, queue);
    return true;
  }
}

class PendingToTheEnd extends Works {
  override isPending(work: number): boolean {
    return super.isPending(work) || this.lists.isRunning(work);
  }
}

class NotAgain extends Works {
  override queue(work: number, cpu: number, queue?: number): boolean {
    if (this.lists.isRunning(work) && !this.isPending(work)) return true;
    return super.queue(work, cpu, queue);
  }
}

class RunsForEver extends Works {
  override finish(work: number): void {
    const pwq = this.lists.runsOn(work);
    super.finish(work);
    if (!this.isPending(work)) this.lists.add(work, pwq);
  }
}

class AnotherPool extends Works {
  protected override pwqFor(work: number, cpu: number, queue: number): number {
    return this.lists.isRunning(work) ? this.lists.pwqOf(queue, cpu) : super.pwqFor(work, cpu, queue);
  }
}

class QueuesTooEarly extends Works {
  protected override canQueue(): boolean {
    return true;
  }
}

class QueuesTooLate extends Works {
  protected override canQueue(): boolean {
    return this.phase === PHASE.ONLINE;
  }
}

class RunsTooEarly extends Works {
  protected override canRun(): boolean {
    return this.phase !== PHASE.NONE;
  }
}

class FlushesTooEarly extends Works {
  protected override canFlush(work: number): boolean {
    return this.hasFunc(work);
  }
}

class FlushesNoFunction extends Works {
  protected override canFlush(): boolean {
    return this.phase === PHASE.ONLINE;
  }
}

class FlushOnlyPending extends Works {
  override beginFlush(work: number): number {
    return this.lists.isPending(work) ? super.beginFlush(work) : 0;
  }
}

class FlushWaitsIdle extends Works {
  override beginFlush(work: number): number {
    return super.beginFlush(work) || 1;
  }
}

class InitKeepsPending extends Works {
  override init(work: number): void {
    if (!this.isPending(work)) super.init(work);
  }
}

class InitKeepsFunction extends Works {
  override init(work: number): void {
    const had = this.hasFunc(work);
    super.init(work);
    if (!had) this.clearFunc(work);
  }
}

/** Replaces what holds the barriers. */
function withBarriers(make: new (heap: Heap, processes: number) => FlushBarriers): Variant {
  return {
    Works: class extends Works {
      protected override makeBarriers(heap: Heap, processes: number): FlushBarriers {
        return new make(heap, processes);
      }
    },
  };
}

class BarrierBehindLater extends FlushBarriers {
  override end(work: number, pending: boolean): void {
    if (!pending) super.end(work, pending);
  }
}

class BarrierBeforeFunction extends FlushBarriers {
  override begin(work: number): void {
    super.begin(work);
    super.end(work, false);
  }
}

class BarrierBehindRunning extends FlushBarriers {
  override insert(process: number, work: number, _pending: boolean): void {
    super.insert(process, work, false);
  }
}

/** Replaces what tells lock analysis. */
function withMaps(make: new (locks: Locks) => LockdepMaps): Variant {
  return {
    Works: class extends Works {
      protected override makeMaps(locks: Locks): LockdepMaps {
        return new make(locks);
      }
    },
  };
}

class NoDependency extends LockdepMaps {
  protected override checkFlushDependency(): void {}
}

class AnyDependency extends LockdepMaps {
  protected override checkFlushDependency(process: number, own: Workqueue, queue: Workqueue): void {
    if (own.hasRescuer) this.locks.observer?.flushDependency?.(process, own.name, queue.name);
  }
}

class NoRecursion extends LockdepMaps {
  protected override stallsAsOne(queue: Workqueue): boolean {
    return queue.maxActive === 1;
  }
}

class NoOrderedRecursion extends LockdepMaps {
  protected override stallsAsOne(queue: Workqueue): boolean {
    return queue.hasRescuer;
  }
}

class QueueRunsOn extends LockdepMaps {
  override ends(process: number, workClass: number): void {
    super.ends(process, workClass, undefined);
  }
}

/** All of them. */
export const ITEM_MUTANTS: readonly Mutant[] = [
  {
    mistake: "queue_work() is always true",
    breaks: "queue-result",
    on: "two tasks queue one item",
    variant: { Works: AlwaysTrue },
  },
  {
    mistake: "pending is cleared only behind the function",
    breaks: "queue-result",
    on: "queued again while it runs, and flushed",
    variant: { Works: PendingToTheEnd },
  },
  {
    mistake: "a running item is not queued again",
    breaks: "progress",
    on: "queued again while it runs, and flushed",
    variant: { Works: NotAgain },
  },
  {
    mistake: "an item that is done is pending again",
    breaks: "pending",
    on: "two tasks queue one item",
    variant: { Works: RunsForEver },
  },
  {
    mistake: "a running item is queued on the pool of another CPU",
    breaks: "progress",
    on: "queued again on another CPU while it runs",
    variant: { Works: AnotherPool },
  },
  {
    mistake: "queueing works before workqueue_init_early()",
    breaks: "boot-queue",
    on: "from vmalloc_init on, at any moment",
    variant: { Works: QueuesTooEarly },
  },
  {
    mistake: "queueing works only behind workqueue_init()",
    breaks: "boot-queue",
    on: "from vmalloc_init on, at any moment",
    variant: { Works: QueuesTooLate },
  },
  {
    mistake: "items run before workqueue_init()",
    breaks: "boot-run",
    on: "from workqueue_init_early on, at any moment",
    variant: { Works: RunsTooEarly },
  },
  {
    mistake: "a flush waits before workqueue_init()",
    breaks: "flush-warn",
    on: "from workqueue_init_early on, at any moment",
    variant: { Works: FlushesTooEarly },
  },
  {
    mistake: "a flush waits for an item without a function",
    breaks: "flush-warn",
    on: "an item without a function",
    variant: { Works: FlushesNoFunction },
  },
  {
    mistake: "a flush returns while the item runs",
    breaks: "flush-waits",
    on: "one queues, one flushes",
    variant: { Works: FlushOnlyPending },
  },
  {
    mistake: "a flush of an idle item waits",
    breaks: "flush-idle",
    on: "one queues, one flushes",
    variant: { Works: FlushWaitsIdle },
  },
  {
    mistake: "a flush waits for instances that were queued later",
    breaks: "flush-later",
    on: "queued again while it runs, and flushed",
    variant: withBarriers(BarrierBehindLater),
  },
  {
    mistake: "a flush returns when the function begins",
    breaks: "flush-waits",
    on: "one queues, one flushes",
    variant: withBarriers(BarrierBeforeFunction),
  },
  {
    mistake: "a flush waits for the running instance, not for the pending one",
    breaks: "flush-waits",
    on: "queued again while it runs, and flushed",
    variant: withBarriers(BarrierBehindRunning),
  },
  {
    mistake: "INIT_WORK leaves a pending item pending",
    breaks: "init-work",
    on: "INIT_WORK at any moment",
    variant: { Works: InitKeepsPending },
  },
  {
    mistake: "INIT_WORK sets no function",
    breaks: "init-work",
    on: "INIT_WORK of an idle item",
    variant: { Works: InitKeepsFunction },
  },
  {
    mistake: "no warning where a reclaim item flushes another queue",
    breaks: "flush-dependency",
    on: "a reclaim item flushes one of the system's queue",
    variant: withMaps(NoDependency),
  },
  {
    mistake: "a warning where a reclaim item flushes a reclaim queue",
    breaks: "flush-dependency",
    on: "a reclaim item flushes one of another reclaim queue",
    variant: withMaps(AnyDependency),
  },
  {
    mistake: "a flush through a rescuer's queue leaves its map alone",
    breaks: "flush-recursion",
    on: "a reclaim item flushes one of its own queue",
    variant: withMaps(NoRecursion),
  },
  {
    mistake: "a flush through an ordered queue leaves its map alone",
    breaks: "flush-recursion",
    on: "an item of the system's queue flushes one of an ordered queue",
    variant: withMaps(NoOrderedRecursion),
  },
  {
    mistake: "the queue of an item that is done still runs",
    breaks: "lockdep",
    on: "two tasks queue one item",
    variant: withMaps(QueueRunsOn),
  },
];
