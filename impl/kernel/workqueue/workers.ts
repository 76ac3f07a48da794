// SPDX-License-Identifier: GPL-2.0-only
//
// The threads around work items: the one that executes an item, the manager that creates workers, a task that flushes.
// The thread of an item stands for whichever worker or rescuer executes it: no two of them ever execute one item, and
// which of them it is, PoolThreads knows.
// Source: kernel/workqueue.c: worker_thread, rescuer_thread, process_one_work, maybe_create_worker, flush_work.

import { call, type Call, type KernelCode, site, type Step, tail } from "../../../explore/sync.ts";
import { EVENT } from "../../../spec/events.ts";
import type { EventLog } from "../../heap/event-log.ts";
import type { Works } from "./works.ts";

export const S = {
  dequeue: site("process_one_work", "take the work item, clear pending"),
  done: site("process_one_work", "the work function has returned"),
};

/** Places of a flush, in the designs whose items share queues. */
export const FLUSH_SITES = {
  barrier: site("flush_work", "insert a barrier behind the last queued instance"),
  wait: site("flush_work", "wait for the barrier"),
};

/** Places of the manager, which only some instances have. */
const M = {
  need: site("maybe_create_worker", "a pool with work has no idle worker: create one"),
  created: site("create_worker", "the new worker is idle"),
};

/** What the threads need to know of the items. */
export interface WorkFunctions {
  /** The function of an item, as a call. */
  functionOf(work: number): Call;
  /** Tries to create the memory of a worker; a negative result is a failure. Absent if none can be created. */
  createWorker?(): Call;
}

/** Threads of one simulated kernel. */
export class Workers {
  private readonly works: Works;
  private readonly events: EventLog;
  private readonly functions: WorkFunctions;

  constructor(works: Works, events: EventLog, functions: WorkFunctions) {
    this.works = works;
    this.events = events;
    this.functions = functions;
  }

  /** Executes an item whenever it is queued, for ever. */
  *kworker(work: number): KernelCode {
    const { works } = this;
    const started = yield works.shared ? this.dequeue(work) : this.dequeueOwn(work);
    if (!started) return tail(this, this.kworker, work);
    yield this.functions.functionOf(work);
    yield {
      site: S.done,
      run: () => {
        works.finish(work);
        return 0;
      },
    };
    return tail(this, this.kworker, work);
  }

  /** flush_work(): waits until the last queued instance has finished. Returns whether it has waited. */
  *flushWork(work: number): KernelCode {
    const { works } = this;
    const process = (yield { site: FLUSH_SITES.barrier, run: () => works.beginFlush(work) }) - 1;
    if (process < 0) return 0;
    yield {
      site: FLUSH_SITES.wait,
      ready: () => works.isFlushed(process),
      waitsFor: () => works.waitsFor(work),
      run: () => {
        this.events.emit(EVENT.FLUSHED_WORK, work, 1);
        return 0;
      },
    };
    return 1;
  }

  /**
   * Creates a worker whenever a pool with work has none that is idle, for ever. A failure is tried again. One thread for
   * all pools, as kthreadd forks all kernel threads, one after another; in which order, is the scheduler's choice.
   */
  *manager(): KernelCode {
    const { works } = this;
    const pool = yield {
      site: M.need,
      idle: () => works.poolsInNeed().length === 0,
      ready: () => works.poolsInNeed().length > 0,
      choices: () => works.poolsInNeed().length,
      run: (choice) => works.poolsInNeed()[choice]!,
    };
    const stack = yield this.functions.createWorker!();
    if (!this.isStack(stack)) return tail(this, this.manager);
    yield {
      site: M.created,
      run: () => {
        works.addWorker(pool);
        return 0;
      },
    };
    return tail(this, this.manager);
  }

  /** Whether the stack of a new worker could be allocated. */
  protected isStack(result: number): boolean {
    return result >= 0;
  }

  // Where items share pools: who is pending is not idle, though no thread may come for it.
  private dequeue(work: number): Step {
    const { works } = this;
    return {
      site: S.dequeue,
      idle: () => !works.isPending(work),
      ready: () => works.canStart(work),
      choices: works.startChoices,
      waitsFor: () => works.startWaitsFor(work),
      run: (choice) => (works.start(work, choice) ? 1 : 0),
    };
  }

  private dequeueOwn(work: number): Step {
    const { works } = this;
    return {
      site: S.dequeue,
      idle: true,
      gate: works.pendingGate(work),
      run: () => (works.start(work) ? 1 : 0),
    };
  }
}

/** The call of a flush, for the code of a design. */
export function flushWork(workers: Workers, work: number): Call {
  return call(workers, workers.flushWork, work);
}
