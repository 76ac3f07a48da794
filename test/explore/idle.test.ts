// SPDX-License-Identifier: GPL-2.0-only
//
// A worker that waits in one and the same step has nothing to do, or is stuck: the state says which.

import { expect, test } from "vitest";
import { Runner } from "../../explore/runner.ts";
import { search } from "../../explore/search/search.ts";
import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import { isIdle, type KernelCode, site, type Step } from "../../explore/sync.ts";
import { isQuiet } from "../../properties/quiet.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";
import { everyState } from "./enumerate.ts";
import { monitor, Toy } from "./toy-system.ts";

const WORK = 0;
const THREAD = 1;
const UNUSED = 2;
const DEQUEUE = site("toy_worker_thread", "take the item, if there is a thread to run it");

/** A worker whose item is pending while the cell WORK is 1, and which has a thread while the cell THREAD is 1. */
function dequeue(toy: Toy): Step {
  return {
    site: DEQUEUE,
    idle: () => toy.get(WORK) === 0,
    ready: () => toy.get(WORK) === 1 && toy.get(THREAD) === 1,
    waitsFor: () => ({ resource: "a worker thread", holder: -1 }),
    run: () => 0,
  };
}

/** A task that queues the item if `queues`, beside its worker. */
function world(queues: boolean): Toy {
  const toy = new Toy({ cells: 3 });
  toy.spawn("task", function* (): KernelCode {
    yield toy.write(queues ? WORK : UNUSED, 1);
    return 0;
  });
  return toy.spawnDaemon("worker", function* (): KernelCode {
    return yield dequeue(toy);
  });
}

test.each([true, false])("a run, live: %s", (live) => {
  for (const [queues, end] of [[false, "done"] as const, [true, "deadlock"] as const]) {
    const runner = new Runner(world(queues), monitor(), { live });
    expect(runner.run(new ReplayStrategy(RUN_TO_COMPLETION))).toEqual({ end, steps: 1 });
    expect(runner.waiting().map(({ name }) => name)).toEqual(queues ? ["worker"] : []);
  }
});

test("a search", () => {
  for (const queues of [false, true]) {
    const expected = { end: "exhausted", states: 2, terminals: 1, deadlocks: queues ? 1 : 0 };
    expect(search(world(queues))).toMatchObject(expected);
    expect(everyState(world(queues))).toMatchObject({ states: 2, deadlocks: expected.deadlocks });
  }
});

test("all is quiet only while the item is not pending", () => {
  const toy = new Toy({ cells: 3 });
  const pending = [undefined, dequeue(toy)];
  expect(isQuiet(pending, 1)).toBe(true);
  toy.write(WORK, 1).run(0);
  expect(isIdle(pending[1]!)).toBe(false);
  expect(isQuiet(pending, 1)).toBe(false);
});

test("a step that does not say so is not idle", () => {
  expect(isIdle({ site: DEQUEUE, run: () => 0 })).toBe(false);
  expect(isIdle({ site: DEQUEUE, run: () => 0, idle: true })).toBe(true);
});
