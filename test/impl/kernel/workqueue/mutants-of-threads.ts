// SPDX-License-Identifier: GPL-2.0-only
//
// Mistakes in which item comes next, and on whose thread, each with the rule that must see it and a case on which the
// faithful code shows nothing.

import type { Heap } from "../../../../impl/heap/heap.ts";
import type { EventLog } from "../../../../impl/heap/event-log.ts";
import type { Faults } from "../../../../impl/kernel/faults.ts";
import type { Locks } from "../../../../impl/kernel/locks.ts";
import { PoolThreads } from "../../../../impl/kernel/workqueue/pool-threads.ts";
import type { Workqueue } from "../../../../impl/kernel/workqueue/queues.ts";
import { Workers } from "../../../../impl/kernel/workqueue/workers.ts";
import { NOWHERE, Worklists, type WorklistShape } from "../../../../impl/kernel/workqueue/worklists.ts";
import { Works, type WorksOptions } from "../../../../impl/kernel/workqueue/works.ts";
import type { Mutant } from "./mutants-of-items.ts";
import type { Variant } from "./workqueue-system.ts";

/** Replaces the lists. */
function withLists(make: new (heap: Heap, shape: WorklistShape) => Worklists): Variant {
  return {
    Works: class extends Works {
      protected override makeLists(heap: Heap, count: number, pools: number): Worklists {
        return new make(heap, { count, queues: this.queues, pools });
      }
    },
  };
}

class NoMaxActive extends Worklists {
  protected override hasRoom(): boolean {
    return true;
  }
}

class CountsItems extends Worklists {
  protected override hasRoom(pwq: number): boolean {
    const { count } = this.shape;
    const isActive = (w: number): boolean =>
      this.runsOn(w) === pwq || (this.isActive(w) && this.pendingOn(w) === pwq);
    const works = Array.from({ length: count }, (_, w) => w);
    return works.filter(isActive).length < this.queueOf(pwq).maxActive;
  }
}

class CountsAllCpus extends Worklists {
  protected override hasRoom(pwq: number): boolean {
    const queue = this.queueOf(pwq);
    const pools = Array.from({ length: this.shape.pools }, (_, pool) => pool);
    const others = pools.map((pool) => this.pwqOf(queue.id, pool)).filter((each) => each !== pwq);
    return super.hasRoom(pwq) && others.every((each) => this.before(each) === NOWHERE);
  }
}

class NeverActivates extends Worklists {
  override activate(): void {}
}

class ActivatesLast extends Worklists {
  protected override firstInactive(pwq: number): number {
    let last = NOWHERE;
    for (let w = 0; w < this.shape.count; w++) {
      const waits = this.isPending(w) && !this.isActive(w) && this.pendingOn(w) === pwq;
      if (waits && !this.isRunning(w)) last = w;
    }
    return last;
  }
}

class LastFirst extends Worklists {
  protected override isBefore(work: number, other: number): boolean {
    return super.isBefore(other, work);
  }
}

class OneAtATime extends Worklists {
  override next(pool: number, pwq?: number): number {
    for (let w = 0; w < this.shape.count; w++) {
      if (this.isRunning(w) && this.poolOf(this.runsOn(w)) === pool) return NOWHERE;
    }
    return super.next(pool, pwq);
  }
}

class RescuerInLine extends Worklists {
  override next(pool: number): number {
    return super.next(pool);
  }
}

/** Replaces the threads. */
function withThreads(
  make: new (heap: Heap, pools: number, queues: number, faults: Faults | undefined) => PoolThreads,
): Variant {
  return {
    Works: class extends Works {
      protected override makeThreads(heap: Heap, pools: number, faults: Faults | undefined): PoolThreads {
        return new make(heap, pools, this.queues.length, faults);
      }
    },
  };
}

class ManyRescuers extends PoolThreads {
  override hasRescuer(queue: Workqueue): boolean {
    return queue.hasRescuer;
  }
}

class RescuerNeverComes extends PoolThreads {
  override hasRescuer(): boolean {
    return false;
  }
}

class RescuerOfAll extends PoolThreads {
  override hasRescuer(queue: Workqueue): boolean {
    return super.hasRescuer({ ...queue, hasRescuer: true });
  }
}

class RescuerFirst extends PoolThreads {
  protected override mustRescue(pool: number, queue: Workqueue): boolean {
    return super.mustRescue(pool, queue) || this.hasRescuer(queue);
  }
}

class WorkerFromNowhere extends PoolThreads {
  override hasWorker(): boolean {
    return true;
  }
}

class WorkerLost extends PoolThreads {
  override give(): void {}
}

class NeverRunsOut extends PoolThreads {
  override runOut(): void {
    super.runOut();
    super.addWorker(0);
  }
}

class WorkerWithoutStack extends Workers {
  protected override isStack(): boolean {
    return true;
  }
}

class AnyPool extends Works {
  override poolsInNeed(): readonly number[] {
    return super.poolsInNeed().length > 0 ? [0] : [];
  }
}

class OfflineStandsStill extends Works {
  private readonly isOnline: (cpu: number) => boolean;

  constructor(heap: Heap, options: WorksOptions, events: EventLog, locks: Locks, faults?: Faults) {
    super(heap, options, events, locks, faults);
    this.isOnline = (cpu) => cpu === options.cpus || options.isOnline!(cpu);
  }

  override canStart(work: number): boolean {
    return super.canStart(work) && this.isOnline(this.lists.poolOf(this.lists.pendingOn(work)));
  }
}

class WorkersOnCpuZero extends Works {
  protected override pwqFor(work: number, cpu: number, queue: number): number {
    return super.pwqFor(work, this.lists.isRunning(0) && cpu < 0 ? 0 : cpu, queue);
  }
}

/** All of them. */
export const THREAD_MUTANTS: readonly Mutant[] = [
  {
    mistake: "max_active is ignored",
    breaks: "max-active",
    on: "max_active 1, three items",
    variant: withLists(NoMaxActive),
  },
  {
    mistake: "an item that runs and is pending counts once",
    breaks: "max-active",
    on: "max_active 2, one of them queued again",
    variant: withLists(CountsItems),
  },
  {
    mistake: "max_active counts the items of all CPUs",
    breaks: "progress",
    on: "max_active 1 is of each CPU",
    variant: withLists(CountsAllCpus),
  },
  {
    mistake: "inactive items never become active",
    breaks: "progress",
    on: "max_active 1, three items",
    variant: withLists(NeverActivates),
  },
  {
    mistake: "the inactive item that came last becomes active first",
    breaks: "max-active",
    on: "max_active 1, three items",
    variant: withLists(ActivatesLast),
  },
  {
    mistake: "the last item of a pool starts first",
    breaks: "order",
    on: "two queues in one pool",
    variant: withLists(LastFirst),
  },
  {
    mistake: "an item that sleeps stops the others",
    breaks: "progress",
    on: "a sleeping item stops no other",
    variant: withLists(OneAtATime),
  },
  {
    mistake: "a rescuer takes an item only if it is the first of the pool",
    breaks: "progress",
    on: "no worker, an item without a rescuer before one with",
    variant: withLists(RescuerInLine),
  },
  {
    mistake: "a rescuer runs two items at one time",
    breaks: "rescuer-single",
    on: "no worker, items of one queue",
    variant: withThreads(ManyRescuers),
  },
  {
    mistake: "a rescuer never comes",
    breaks: "progress",
    on: "no worker, parent and child on two queues",
    variant: withThreads(RescuerNeverComes),
  },
  {
    mistake: "every queue has a rescuer",
    breaks: "worker",
    on: "no worker, an item of the system's queue",
    variant: withThreads(RescuerOfAll),
  },
  {
    mistake: "a rescuer runs an item although a worker is idle",
    breaks: "rescuer-last",
    on: "one worker, parent and child on one queue",
    variant: withThreads(RescuerFirst),
  },
  {
    mistake: "a worker comes although none can be created",
    breaks: "worker",
    on: "no worker, an item of the system's queue",
    variant: withThreads(WorkerFromNowhere),
  },
  {
    mistake: "a worker that is done is lost",
    breaks: "progress",
    on: "one worker, two items",
    variant: withThreads(WorkerLost),
  },
  {
    mistake: "a worker is there although its creation has failed",
    breaks: "worker",
    on: "creation fails for good, the system's queue",
    variant: withThreads(NeverRunsOut),
  },
  {
    mistake: "a worker is created without a stack",
    breaks: "manager",
    on: "a worker needs a stack, and there is none",
    variant: { Workers: WorkerWithoutStack },
  },
  {
    mistake: "a worker is created for a pool that needs none",
    breaks: "manager",
    on: "two pools need a worker",
    variant: { Works: AnyPool },
  },
  {
    mistake: "the items of a CPU that is offline stand still",
    breaks: "progress",
    on: "a CPU goes offline at any moment",
    variant: { Works: OfflineStandsStill },
  },
  {
    mistake: "an item that a worker queues goes to another CPU",
    breaks: "worker",
    on: "a worker queues on its own CPU",
    variant: { Works: WorkersOnCpuZero },
  },
];
