// SPDX-License-Identifier: GPL-2.0-only
//
// Lock analysis of work queues: what lockdep's maps of a queue and of a work find, and what they must not.

import { beforeEach, describe, expect, test } from "vitest";
import { hasCircle, LOCK_PAIRS, LockAnalysis } from "../../explore/lock-analysis.ts";

const A = 0;
const B = 1;
const DRAIN = 0;
const HELPER = 1;
const EVENTS = 0;
const VMAP = 1;

const TASK = 0;
const WORKER = 1;
const OTHER = 2;

let locks: LockAnalysis;

beforeEach(() => {
  locks = new LockAnalysis(3, {
    lock: (c) => ["A", "B"][c]!,
    queue: (c) => ["events", "vmap_drain"][c]!,
    work: (c) => ["drain_vmap_work", "purge_vmap_node"][c]!,
  });
});

/** A worker runs an item of a queue, and meanwhile does something. */
function runs(process: number, queue: number, work: number, body: () => void = () => {}): void {
  locks.queueRuns(process, queue, true);
  locks.workRuns(process, work, true);
  body();
  locks.workRuns(process, work, false);
  locks.queueRuns(process, queue, false);
}

function holding(process: number, lock: number, body: () => void): void {
  locks.acquired(process, lock);
  body();
  locks.released(process, lock);
}

const texts = (): string[] => locks.findings.map(({ kind, message }) => `${kind}: ${message}`);

describe("a work that waits for its own queue", () => {
  test("where that queue comes to run one item at a time", () => {
    runs(WORKER, VMAP, DRAIN, () => {
      locks.waitedForWork(WORKER, HELPER);
      expect(locks.finding).toBeUndefined();
      locks.waitedForQueue(WORKER, VMAP);
    });
    expect(texts()).toEqual([
      "flush: flushes a work of the queue vmap_drain while it runs on the queue vmap_drain, " +
        "which has one rescuer or max_active 1",
    ]);
  });

  test("another queue, or its own one once it is done, is fine", () => {
    runs(WORKER, EVENTS, DRAIN, () => {
      locks.waitedForWork(WORKER, HELPER);
      locks.waitedForQueue(WORKER, VMAP);
    });
    locks.waitedForQueue(WORKER, EVENTS);
    runs(OTHER, VMAP, HELPER);
    expect(texts()).toEqual([]);
  });
});

describe("circles", () => {
  test("two queues whose works wait for each other's queue", () => {
    runs(WORKER, EVENTS, DRAIN, () => {
      locks.waitedForQueue(WORKER, VMAP);
    });
    runs(OTHER, VMAP, HELPER, () => {
      locks.waitedForQueue(OTHER, EVENTS);
    });
    expect(texts()).toEqual([
      "flush: waits for the queue events while it runs on the queue vmap_drain; the opposite order was taken before",
    ]);
  });

  test("a lock that is held across a flush, and taken by another work of the queue", () => {
    runs(OTHER, VMAP, HELPER, () => {
      holding(OTHER, A, () => {});
    });
    holding(TASK, A, () => {
      locks.waitedForWork(TASK, DRAIN);
      locks.waitedForQueue(TASK, VMAP);
    });
    expect(texts()).toEqual([
      "flush: waits for the queue vmap_drain while it holds A; the opposite order was taken before",
    ]);
  });

  test("through the lock and the work as well: two findings, of two kinds", () => {
    holding(TASK, A, () => {
      locks.waitedForWork(TASK, DRAIN);
      locks.waitedForQueue(TASK, VMAP);
    });
    runs(WORKER, VMAP, DRAIN, () => {
      holding(WORKER, A, () => {});
    });
    expect(texts()).toEqual([
      "flush: takes A while it runs on the queue vmap_drain; the opposite order was taken before",
      "order: takes A while it runs the work drain_vmap_work; the opposite order was taken before",
    ]);
  });

  test("a queue between two locks closes a circle of its own", () => {
    holding(TASK, A, () => {
      locks.waitedForQueue(TASK, VMAP);
    });
    runs(WORKER, VMAP, DRAIN, () => {
      holding(WORKER, B, () => {});
    });
    expect(texts()).toEqual([]);
    holding(TASK, B, () => {
      holding(TASK, A, () => {});
    });
    expect(texts()).toEqual([
      "flush: takes A while it holds B; the opposite order was taken before: A, then the queue vmap_drain, then B",
    ]);
  });

  test("one that has no queue in it stays a finding about locks, though works run meanwhile", () => {
    runs(WORKER, VMAP, DRAIN, () => {
      holding(WORKER, A, () => {
        holding(WORKER, B, () => {});
      });
    });
    holding(TASK, B, () => {
      holding(TASK, A, () => {});
    });
    expect(texts()).toEqual(["order: takes A while it holds B; the opposite order was taken before"]);
  });

  test("in orders that two observers have seen", () => {
    const orders = new Float64Array(LOCK_PAIRS);
    runs(OTHER, VMAP, HELPER, () => {
      holding(OTHER, A, () => {});
    });
    locks.noteOrders(orders);
    locks.reset();
    holding(TASK, A, () => {
      locks.waitedForQueue(TASK, VMAP);
    });
    expect([locks.finding, hasCircle(orders)]).toEqual([undefined, false]);
    locks.noteOrders(orders);
    expect(hasCircle(orders)).toBe(true);
  });
});

test("a queue for memory reclaim that waits for one that is not", () => {
  locks.flushDependency(WORKER, "vmap_drain", "events");
  locks.flushDependency(WORKER, "vmap_drain", "events_unbound");
  expect(texts()).toEqual(["flush: WQ_MEM_RECLAIM vmap_drain flushes !WQ_MEM_RECLAIM events"]);
});

test("what a worker that may not sleep holds and runs is told", () => {
  runs(WORKER, VMAP, DRAIN, () => {
    locks.acquired(WORKER, A);
    locks.mightSleep(WORKER);
  });
  expect(texts()).toEqual([
    "sleep: may sleep while it holds A and runs the work drain_vmap_work and runs on the queue vmap_drain",
  ]);
});

test("without names, queues have numbers", () => {
  locks = new LockAnalysis(1, () => "A");
  locks.acquired(0, A);
  locks.waitedForQueue(0, 2);
  locks.released(0, A);
  locks.queueRuns(0, 2, true);
  locks.acquired(0, A);
  expect(texts()).toEqual([
    "flush: takes A while it runs on the queue 2; the opposite order was taken before",
  ]);
});
