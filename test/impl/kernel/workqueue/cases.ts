// SPDX-License-Identifier: GPL-2.0-only
//
// Cases for each rule of the workqueue, and how the search of each ends: `exhausted` if all that is queued gets done
// whatever the order, `deadlock` if some order ends with a process that waits for ever, `trap` if one never gets done.

import { SYSTEM_WQ } from "../../../../impl/kernel/workqueue/queues.ts";
import type { SearchResult } from "../../../../explore/search/search.ts";
import {
  clearFunc,
  flush,
  initWork,
  offline,
  online,
  ORDERED,
  post,
  queue,
  RESCUED,
  RESCUED_TOO,
  type SmallCase,
  STACKS,
  UNBOUND,
  waitFor,
} from "./small-case.ts";

/** A case with its end. */
export interface Expected extends SmallCase {
  readonly end: SearchResult["end"];
}

/** Nobody is to be had. */
const NOBODY = { idle: 0 };
const FAILS = { budget: 1, points: ["worker"] } as const;

/** Queueing and flushing. */
export const QUEUEING = {
  "two tasks queue one item": { end: "exhausted", works: [[]], tasks: [[queue(0)], [queue(0)]] },
  "one queues, one flushes": { end: "exhausted", works: [[]], tasks: [[queue(0), flush(0)], [flush(0)]] },
  "queued again while it runs, and flushed": {
    end: "exhausted",
    works: [[post(0)]],
    tasks: [
      [queue(0), queue(0)],
      [flush(0), flush(0)],
    ],
  },
  "two items on the two CPUs": {
    end: "exhausted",
    works: [[], []],
    tasks: [
      [queue(0), queue(1), flush(0)],
      [queue(1), queue(0), flush(1)],
    ],
  },
  "two queues in one pool": {
    end: "exhausted",
    queues: [UNBOUND, RESCUED],
    works: [[], [], []],
    tasks: [
      [queue(0, 1), queue(1, 2)],
      [queue(2, 1), flush(1)],
    ],
  },
  "an item that queues itself once": {
    end: "exhausted",
    works: [[], [queue(0)]],
    tasks: [[queue(1), flush(1), flush(0)]],
  },
  "an item that flushes itself": { end: "deadlock", works: [[flush(0)]], tasks: [[queue(0)]] },
  "an item without a function": {
    end: "exhausted",
    works: [[]],
    tasks: [[queue(0), clearFunc(0), flush(0)], [flush(0)]],
  },
  // On CPU 0 there is one worker; on CPU 1 the only one waits until item 0 has run twice.
  "queued again on another CPU while it runs": {
    end: "exhausted",
    workers: { idle: 1 },
    works: [[waitFor(0), post(1)], [waitFor(1)]],
    tasks: [[queue(0, SYSTEM_WQ, 0), queue(1, SYSTEM_WQ, 1), queue(0, SYSTEM_WQ, 1)], [post(0)]],
  },
} as const satisfies Record<string, Expected>;

/** INIT_WORK, of items that are idle, pending or running. */
export const INIT_WORK = {
  "INIT_WORK of an idle item": {
    end: "exhausted",
    works: [[]],
    tasks: [[clearFunc(0), initWork(0), queue(0), flush(0)]],
  },
  "INIT_WORK at any moment": {
    end: "exhausted",
    works: [[post(0)]],
    tasks: [[queue(0), queue(0)], [initWork(0)]],
  },
  "INIT_WORK and a flush behind it": {
    end: "exhausted",
    works: [[post(0)]],
    tasks: [[queue(0)], [initWork(0), flush(0)]],
  },
  "INIT_WORK while a flush waits": {
    end: "deadlock",
    works: [[]],
    tasks: [[queue(0), flush(0)], [initWork(0)]],
  },
  "INIT_WORK of a running item on an ordered queue": {
    end: "exhausted",
    queues: [ORDERED],
    works: [[initWork(0)], []],
    tasks: [[queue(0, 1), queue(1, 1), flush(1)]],
  },
} as const satisfies Record<string, Expected>;

/** max_active, and items that sleep. */
export const MAX_ACTIVE = {
  "max_active 1, three items": {
    end: "exhausted",
    queues: [ORDERED],
    works: [[post(0)], [post(0)], [post(0)]],
    tasks: [[queue(0, 1), queue(1, 1), queue(2, 1)]],
  },
  "max_active 1, three items, two tasks": {
    end: "exhausted",
    queues: [ORDERED],
    works: [[], [], []],
    tasks: [
      [queue(0, 1), queue(1, 1)],
      [queue(2, 1), flush(2)],
    ],
  },
  "max_active 1, the first waits for the second": {
    end: "deadlock",
    queues: [ORDERED],
    works: [[waitFor(0)], [post(0)]],
    tasks: [[queue(0, 1), queue(1, 1)]],
  },
  "a sleeping item stops no other": {
    end: "exhausted",
    queues: [UNBOUND],
    works: [[waitFor(0)], [waitFor(1)], [post(0), post(1)]],
    tasks: [[queue(0, 1), queue(1, 1), queue(2, 1)]],
  },
  "max_active 1 is of each CPU": {
    end: "exhausted",
    queues: [{ name: "percpu", maxActive: 1 }],
    works: [[waitFor(0)], [post(0)]],
    tasks: [[queue(0, 1, 0), queue(1, 1, 1)]],
  },
  // The instance that runs and the one that is pending count for two.
  "max_active 2, one of them queued again": {
    end: "exhausted",
    queues: [{ name: "pairs", unbound: true, maxActive: 2 }],
    works: [[waitFor(0)], []],
    tasks: [[queue(0, 1), queue(0, 1), queue(1, 1)], [post(0)]],
  },
} as const satisfies Record<string, Expected>;

/** Rescuers, and queues without one. */
export const RESCUERS = {
  "no worker, items of one queue": {
    end: "exhausted",
    queues: [RESCUED],
    workers: NOBODY,
    works: [[post(0)], [post(0)], []],
    tasks: [
      [queue(0, 1), queue(1, 1)],
      [queue(2, 1), flush(2)],
    ],
  },
  "no worker, parent and child on one queue": {
    end: "deadlock",
    queues: [RESCUED],
    workers: NOBODY,
    works: [[queue(1, 1), flush(1)], []],
    tasks: [[queue(0, 1)]],
  },
  "no worker, parent and child on two queues": {
    end: "exhausted",
    queues: [RESCUED, RESCUED_TOO],
    workers: NOBODY,
    works: [[queue(1, 2), flush(1)], []],
    tasks: [[queue(0, 1), flush(0)]],
  },
  "one worker, parent and child on one queue": {
    end: "exhausted",
    queues: [RESCUED],
    workers: { idle: 1 },
    works: [[queue(1, 1), flush(1)], []],
    tasks: [[queue(0, 1)]],
  },
  "one worker, two parents and a child": {
    end: "deadlock",
    queues: [RESCUED],
    workers: { idle: 1 },
    works: [[flush(2)], [flush(2)], []],
    tasks: [[queue(0, 1), queue(1, 1), queue(2, 1)]],
  },
  "no worker, an item of the system's queue": {
    end: "deadlock",
    workers: NOBODY,
    works: [[]],
    tasks: [[queue(0)]],
  },
  // The first of the pool has no rescuer: the second one's comes all the same.
  "no worker, an item without a rescuer before one with": {
    end: "trap",
    queues: [{ name: "percpu", memReclaim: true }],
    workers: { idle: 0, stackPages: 1 },
    works: [[], []],
    tasks: [[queue(0, SYSTEM_WQ, 0), queue(1, 1, 0), flush(1)]],
  },
  "no worker, two queues, and the rescuer of the first is busy": {
    end: "exhausted",
    queues: [RESCUED, RESCUED_TOO],
    workers: NOBODY,
    works: [[waitFor(0)], [], [post(0)]],
    tasks: [[queue(0, 1), queue(1, 1), queue(2, 2)]],
  },
} as const satisfies Record<string, Expected>;

/** Workers that cannot be created, or only with a stack. */
export const WORKER_CREATION = {
  "creation fails for good, the system's queue": {
    end: "deadlock",
    faults: FAILS,
    works: [[]],
    tasks: [[queue(0)]],
  },
  "creation fails for good, a queue with a rescuer": {
    end: "exhausted",
    queues: [RESCUED],
    faults: FAILS,
    works: [[], []],
    tasks: [[queue(0, 1), queue(1, 1), flush(0)]],
  },
  "creation fails for good while an item runs": {
    end: "deadlock",
    faults: FAILS,
    works: [[waitFor(0)], [post(0)]],
    tasks: [[queue(0, SYSTEM_WQ, 0), queue(1, SYSTEM_WQ, 0)]],
  },
  "one worker, two items": {
    end: "exhausted",
    workers: { idle: 1 },
    works: [[post(0)], []],
    tasks: [[queue(0, SYSTEM_WQ, 0), queue(1, SYSTEM_WQ, 0)]],
  },
  "one worker, and the first item waits for the second": {
    end: "deadlock",
    workers: { idle: 1 },
    works: [[waitFor(0)], [post(0)]],
    tasks: [[queue(0, SYSTEM_WQ, 0), queue(1, SYSTEM_WQ, 0)]],
  },
  "two workers, and the first item waits for the second": {
    end: "exhausted",
    workers: { idle: 2 },
    works: [[waitFor(0)], [post(0)]],
    tasks: [[queue(0, SYSTEM_WQ, 0), queue(1, SYSTEM_WQ, 0)]],
  },
  "a worker needs a stack, and there is none": {
    end: "trap",
    workers: { idle: 0, stackPages: 1 },
    works: [[]],
    tasks: [[queue(0)]],
  },
  "a worker needs a stack, and one comes": {
    end: "exhausted",
    workers: { idle: 0, stackPages: 1 },
    works: [[]],
    tasks: [[queue(0), flush(0)], [post(STACKS)]],
  },
  "the item with a rescuer frees the stack for the other's worker": {
    end: "exhausted",
    queues: [{ name: "percpu", memReclaim: true }],
    workers: { idle: 0, stackPages: 1 },
    works: [[], [post(STACKS)]],
    tasks: [[queue(0, SYSTEM_WQ, 0), flush(0)], [queue(1, 1, 0)]],
  },
  "two pools need a worker": {
    end: "exhausted",
    workers: { idle: 0, stackPages: 1 },
    works: [[], []],
    tasks: [
      [queue(0), post(STACKS)],
      [queue(1), post(STACKS)],
    ],
  },
} as const satisfies Record<string, Expected>;

/** CPUs that come and go. */
export const HOTPLUG = {
  "a CPU goes offline at any moment": {
    end: "exhausted",
    works: [[post(0)]],
    tasks: [
      [queue(0, SYSTEM_WQ, 1), flush(0)],
      [offline(1), online(1)],
    ],
  },
  "an item is queued on a CPU that is offline": {
    end: "exhausted",
    workers: { idle: 1 },
    works: [[], []],
    tasks: [[offline(1), queue(0, SYSTEM_WQ, 1), queue(1, SYSTEM_WQ, 1), flush(1)]],
  },
  "a worker queues on its own CPU": {
    end: "exhausted",
    workers: { idle: 1 },
    works: [[queue(1)], []],
    tasks: [[queue(0, SYSTEM_WQ, 1)], [offline(1)]],
  },
} as const satisfies Record<string, Expected>;

/** The boot. */
export const BOOT = {
  "from vmalloc_init on, at any moment": {
    end: "exhausted",
    boot: "vmalloc_init",
    works: [[]],
    tasks: [[queue(0), flush(0)], [queue(0)]],
  },
  "from workqueue_init_early on, at any moment": {
    end: "exhausted",
    boot: "workqueue_init_early",
    queues: [RESCUED],
    works: [[], []],
    tasks: [
      [queue(0), flush(0)],
      [queue(1, 1), flush(1)],
    ],
  },
  "the rescuer waits for the boot as well": {
    end: "exhausted",
    boot: "workqueue_init_early",
    queues: [RESCUED],
    workers: NOBODY,
    works: [[], []],
    tasks: [[queue(0, 1), queue(1, 1)]],
  },
} as const satisfies Record<string, Expected>;

/** Who flushes what, on which queue. */
export const FLUSH_DEPENDENCIES = {
  "a reclaim item flushes one of the system's queue": {
    end: "exhausted",
    queues: [RESCUED],
    works: [[flush(1)], []],
    tasks: [[queue(1), queue(0, 1)]],
  },
  "a reclaim item flushes one of its own queue": {
    end: "exhausted",
    queues: [RESCUED],
    works: [[flush(1)], []],
    tasks: [[queue(1, 1), queue(0, 1)]],
  },
  "a reclaim item flushes one of another reclaim queue": {
    end: "exhausted",
    queues: [RESCUED, RESCUED_TOO],
    works: [[flush(1)], []],
    tasks: [[queue(1, 2), queue(0, 1)]],
  },
  "an item of the system's queue flushes one of an ordered queue": {
    end: "exhausted",
    queues: [ORDERED],
    works: [[flush(1)], []],
    tasks: [[queue(1, 1), queue(0)]],
  },
} as const satisfies Record<string, Expected>;

/** All of them. */
export const CASES: Readonly<Record<string, Expected>> = {
  ...QUEUEING,
  ...INIT_WORK,
  ...MAX_ACTIVE,
  ...RESCUERS,
  ...WORKER_CREATION,
  ...HOTPLUG,
  ...BOOT,
  ...FLUSH_DEPENDENCIES,
};
