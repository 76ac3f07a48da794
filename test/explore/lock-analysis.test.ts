// SPDX-License-Identifier: GPL-2.0-only
//
// Lock analysis: each rule has programs that break it, in runs that go well by luck, and one that obeys it.

import { describe, expect, test } from "vitest";
import { hasCircle, LOCK_PAIRS, LockAnalysis } from "../../explore/lock-analysis.ts";
import { Runner } from "../../explore/runner.ts";
import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import type { KernelCode, Op } from "../../explore/sync.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";
import { everyRun } from "./enumerate.ts";
import { monitor, Toy } from "./toy-system.ts";

const A = 0;
const B = 1;
const C = 2;
const NAMES = ["A", "B", "C", "D"];

/** A toy of four locks and two works in which each process does one list of operations, one after the other. */
function toyOf(...processes: ((toy: Toy) => Op[])[]): { toy: Toy; locks: LockAnalysis } {
  const toy = new Toy({ cells: 1, locks: 4, works: 2 });
  const locks = new LockAnalysis(8, (c) => NAMES[c]!);
  toy.observer = locks;
  processes.forEach((operations, p) => {
    toy.spawn(`p${p}`, function* (): KernelCode {
      for (const operation of operations(toy)) yield operation;
      return 0;
    });
  });
  return { toy, locks };
}

/** What is found in the run in which each process runs to its end. */
function found({ toy, locks }: { toy: Toy; locks: LockAnalysis }): string {
  locks.reset();
  const { end } = new Runner(toy, monitor(), { doubleStepEvery: 1 }).run(
    new ReplayStrategy(RUN_TO_COMPLETION),
  );
  return `${end}: ${locks.finding ? `${locks.finding.kind}: ${locks.finding.message}` : "nothing"}`;
}

const nest =
  (...classes: number[]) =>
  (toy: Toy): Op[] => [...classes.map((c) => toy.lock(c)), ...classes.toReversed().map((c) => toy.unlock(c))];

describe("order", () => {
  test("A then B, B then A, in two processes that never meet", () => {
    expect(found(toyOf(nest(A, B), nest(B, A)))).toBe(
      "done: order: takes A while it holds B; the opposite order was taken before",
    );
  });

  test("the same within one process", () => {
    expect(found(toyOf((toy) => [...nest(A, B)(toy), ...nest(B, A)(toy)]))).toMatch(/^done: order: takes A/);
  });

  test("a cycle of three and of four classes", () => {
    expect(found(toyOf(nest(A, B), nest(B, C), nest(C, A)))).toBe(
      "done: order: takes A while it holds C; the opposite order was taken before: A, then B, then C",
    );
    expect(found(toyOf(nest(A, B), nest(C, 3), nest(B, C), nest(3, A)))).toMatch(/^done: order: takes A/);
    expect(found(toyOf(nest(C, A), nest(A, B, C)))).toMatch(/^done: order: takes C while it holds A/);
  });

  test("a lock that is not the innermost one counts as held", () => {
    const outer = (toy: Toy): Op[] => [
      toy.lock(A),
      toy.lock(B),
      toy.unlock(B),
      toy.lock(C),
      toy.unlock(C),
      toy.unlock(A),
    ];
    expect(found(toyOf(outer, nest(C, A)))).toMatch(/^done: order: takes A while it holds C/);
  });

  test("one order everywhere, and locks that never nest, are fine", () => {
    expect(found(toyOf(nest(A, B, C), nest(A, C), nest(B, C), nest(A, B)))).toBe("done: nothing");
    expect(
      found(
        toyOf(
          (toy) => [...nest(A)(toy), ...nest(B)(toy)],
          (toy) => [...nest(B)(toy), ...nest(A)(toy)],
        ),
      ),
    ).toBe("done: nothing");
    // Released before the other one is taken, though the section began inside.
    const chain = (toy: Toy): Op[] => [
      toy.lock(A),
      toy.lock(B),
      toy.unlock(A),
      toy.lock(C),
      toy.unlock(B),
      toy.unlock(C),
    ];
    expect(found(toyOf(chain, chain, nest(C)))).toBe("done: nothing");
  });

  test("is found in each complete interleaving, and the deadlocks are the others", () => {
    const { toy, locks } = toyOf(nest(A, B), nest(B, A));
    locks.reset();
    const { runs, deadlocks } = everyRun(toy, (_, end) => {
      expect(locks.finding?.kind).toBe(end === "deadlock" ? undefined : "order");
      locks.reset();
    });
    expect({ runs, deadlocks }).toEqual({ runs: 6, deadlocks: 2 });
  });
});

describe("recursion", () => {
  test("a second lock of the class that is held", () => {
    const locks = new LockAnalysis(1, (c) => NAMES[c]!);
    locks.acquired(0, B);
    locks.acquired(0, A);
    expect(locks.finding).toBeUndefined();
    locks.acquired(0, B);
    expect(locks.finding).toEqual({ kind: "recursion", message: "takes a second B while it holds A, B" });
  });

  test("again after a release, or by another process, is fine", () => {
    expect(found(toyOf((toy) => [...nest(A)(toy), ...nest(A)(toy)], nest(A)))).toBe("done: nothing");
    const locks = new LockAnalysis(2, (c) => NAMES[c]!);
    locks.acquired(0, A);
    locks.acquired(1, A);
    expect(locks.finding).toBeUndefined();
  });
});

describe("sleep", () => {
  const mutexB = (...processes: ((toy: Toy) => Op[])[]) => {
    const made = toyOf(...processes);
    made.toy.mutexes = [B];
    return made;
  };

  test("a mutex under a spinlock", () => {
    expect(found(mutexB(nest(A, B)))).toBe("done: sleep: may sleep while it holds A");
  });

  test("a spinlock under a mutex, and a mutex after a spinlock, are fine", () => {
    expect(found(mutexB(nest(B, A)))).toBe("done: nothing");
    expect(found(mutexB((toy) => [...nest(A)(toy), ...nest(B)(toy)]))).toBe("done: nothing");
  });
});

describe("waiting for work", () => {
  /** A task, and a worker of item 0 that does `work`. */
  function withWorker(task: (toy: Toy) => Op[], work: (toy: Toy) => Op[]) {
    const made = toyOf(task);
    made.toy.spawnWorker(0, function* (): KernelCode {
      for (const operation of work(made.toy)) yield operation;
      return 0;
    });
    return made;
  }
  const queue = (toy: Toy): Op[] => [toy.queueWork(0)];
  const flush = (toy: Toy): Op[] => [toy.queueWork(0), toy.flushWork(0)];

  test("while holding a lock that the work has taken before", () => {
    const task = (toy: Toy): Op[] => [...flush(toy), toy.lock(A), toy.flushWork(0), toy.unlock(A)];
    expect(found(withWorker(task, nest(A)))).toBe(
      "done: order: takes work class 0 (wait for work) while it holds A; the opposite order was taken before",
    );
  });

  test("while holding a lock that the work takes later", () => {
    const task = (toy: Toy): Op[] => [toy.lock(A), toy.flushWork(0), toy.unlock(A), ...flush(toy)];
    expect(found(withWorker(task, nest(A)))).toBe(
      "done: order: takes A while it holds work class 0 (wait for work); the opposite order was taken before",
    );
  });

  test("with another lock in between", () => {
    const task = (toy: Toy): Op[] => [
      ...nest(B, A)(toy),
      ...flush(toy),
      toy.lock(B),
      toy.flushWork(0),
      toy.unlock(B),
    ];
    expect(found(withWorker(task, nest(A, B)))).toMatch(/^done: order/);
    const indirect = (toy: Toy): Op[] => [
      ...nest(C, B)(toy),
      ...flush(toy),
      toy.lock(B),
      toy.flushWork(0),
      toy.unlock(B),
    ];
    expect(found(withWorker(indirect, nest(C)))).toMatch(/^done: order: takes work class 0/);
  });

  test("from within work of the same class", () => {
    const locks = new LockAnalysis(1, (c) => NAMES[c]!);
    locks.workRuns(0, 1, true);
    locks.waitedForWork(0, 0);
    expect(locks.finding).toBeUndefined();
    locks.waitedForWork(0, 1);
    expect(locks.finding?.kind).toBe("recursion");
  });

  test("two works that wait for each other", () => {
    const locks = new LockAnalysis(2, (c) => NAMES[c]!);
    locks.workRuns(0, 0, true);
    locks.waitedForWork(0, 1);
    locks.workRuns(0, 0, false);
    locks.workRuns(1, 1, true);
    expect(locks.finding).toBeUndefined();
    locks.waitedForWork(1, 0);
    expect(locks.finding?.kind).toBe("order");
  });

  test("without that lock, or without waiting, is fine", () => {
    const elsewhere = (toy: Toy): Op[] => [...nest(A)(toy), ...flush(toy), ...nest(A)(toy), ...flush(toy)];
    expect(found(withWorker(elsewhere, nest(A)))).toBe("done: nothing");
    const other = (toy: Toy): Op[] => [toy.lock(B), ...flush(toy), toy.unlock(B)];
    expect(found(withWorker(other, nest(A)))).toBe("done: nothing");
    const queues = (toy: Toy): Op[] => [toy.lock(A), ...queue(toy), toy.unlock(A)];
    expect(found(withWorker(queues, nest(A)))).toBe("done: nothing");
  });
});

describe("between runs", () => {
  test("orders, held locks and findings are forgotten; acquisitions are counted on", () => {
    const locks = new LockAnalysis(2, (c) => NAMES[c]!);
    const takes = (process: number, ...classes: number[]): void => {
      for (const c of classes) locks.acquired(process, c);
      for (const c of classes) locks.released(process, c);
    };
    locks.reset();
    takes(0, A, B);
    locks.acquired(1, C);
    locks.reset();
    takes(1, C);
    takes(1, B, A);
    expect(locks.finding).toBeUndefined();
    takes(0, A, B);
    expect(locks.finding?.kind).toBe("order");
    locks.reset();
    expect(locks.finding).toBeUndefined();
    expect([...locks.acquisitions.subarray(0, 4)]).toEqual([3, 3, 2, 0]);
  });

  test("the first finding of a run is kept", () => {
    const locks = new LockAnalysis(1, (c) => NAMES[c]!);
    locks.acquired(0, A);
    locks.mightSleep(0);
    locks.acquired(0, A);
    expect(locks.finding?.kind).toBe("sleep");
  });
});

test("classes beyond the numbering are refused, not taken for others", () => {
  const locks = new LockAnalysis(1, (c) => `class ${c}`);
  locks.acquired(0, 19);
  expect(() => {
    locks.acquired(0, 20);
  }).toThrow("lock class 20: at most 20 are numbered");
  locks.queueRuns(0, 3, true);
  expect(() => {
    locks.queueRuns(0, 4, true);
  }).toThrow("queue class 4: at most 4 are numbered");
  expect(() => {
    locks.workRuns(0, 8, true);
  }).toThrow("work class 8: at most 8 are numbered");
  locks.workRuns(0, 7, true);
  locks.waitedForWork(0, 7);
  expect(locks.finding?.kind).toBe("recursion");
});

describe("processes", () => {
  test("more than were announced are watched as well", () => {
    const locks = new LockAnalysis(1, (c) => NAMES[c]!);
    locks.acquired(5, A);
    locks.acquired(5, B);
    locks.released(5, B);
    locks.acquired(6, B);
    locks.acquired(6, A);
    expect(locks.finding?.kind).toBe("order");
  });

  test("what they hold is saved and put back; masks for fewer processes are refused", () => {
    const locks = new LockAnalysis(1, (c) => NAMES[c]!);
    locks.watch(3);
    locks.acquired(2, A);
    locks.queueRuns(1, 0, true);
    const masks = new Int32Array(3);
    locks.saveHeld(masks);
    locks.released(2, A);
    locks.queueRuns(1, 0, false);
    locks.restoreHeld(masks);
    locks.acquired(2, A);
    locks.waitedForQueue(1, 0);
    expect(locks.findings.map(({ kind }) => kind)).toEqual(["recursion", "flush"]);
    expect(() => {
      locks.saveHeld(new Int32Array(2));
    }).toThrow();
  });

  test("what was taken before it is told of has no order", () => {
    const locks = new LockAnalysis(1, (c) => NAMES[c]!);
    locks.announcing = true;
    locks.acquired(0, B);
    locks.acquired(0, A);
    locks.announcing = false;
    expect(locks.hasNewOrder).toBe(false);
    locks.acquired(0, C);
    expect(locks.hasNewOrder).toBe(true);
    locks.released(0, B);
    locks.acquired(0, B);
    expect(locks.finding?.message).toBe("takes B while it holds C; the opposite order was taken before");
  });
});

test("orders of two observers have a circle that neither has seen", () => {
  const orders = new Float64Array(LOCK_PAIRS);
  const observe = (first: number, then: number): void => {
    const locks = new LockAnalysis(1, String);
    locks.acquired(0, first);
    locks.acquired(0, then);
    expect([locks.finding, locks.hasNewOrder]).toEqual([undefined, true]);
    locks.noteOrders(orders);
    expect(locks.hasNewOrder).toBe(false);
  };
  observe(1, 2);
  observe(2, 3);
  observe(1, 3);
  expect(hasCircle(orders)).toBe(false);
  observe(3, 1);
  expect(hasCircle(orders)).toBe(true);
});
