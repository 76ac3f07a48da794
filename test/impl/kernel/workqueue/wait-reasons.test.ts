// SPDX-License-Identifier: GPL-2.0-only
// Whom items and flushes wait for, as reports of deadlocks tell it.
import { expect, test } from "vitest";
import type { InternedExecutor } from "../../../../explore/positions.ts";
import { search } from "../../../../explore/search/search.ts";
import { isIdle, isReady } from "../../../../explore/sync.ts";
import { SYSTEM_WQ } from "../../../../impl/kernel/workqueue/queues.ts";
import { flush, ORDERED, queue, RESCUED, type SmallCase, UNBOUND, waitFor } from "./small-case.ts";
import { WorkqueueSystem } from "./workqueue-system.ts";

/** All reasons of all states. */
function reasonsOf(small: SmallCase): string[] {
  const system = new WorkqueueSystem(small);
  const { processes } = system;
  const reasons = new Set<string>();
  let at: InternedExecutor | undefined;
  const look = (): boolean => {
    at!.pending.forEach((step, p) => {
      if (!step?.waitsFor || isReady(step) || isIdle(step)) return;
      const { holder, kind, resource } = step.waitsFor();
      const held = holder < 0 ? "nobody" : processes[holder]!.name;
      reasons.add(`${processes[p]!.name} waits for ${resource} (${held})${kind ? `: ${kind}` : ""}`);
    });
    return false;
  };
  search(system, {
    attach: (executor) => {
      at = executor;
    },
    afterStep: look,
    atEnd: () => false,
  });
  return [...reasons].sort();
}

test("a flush waits for the thread of the item", () => {
  expect(reasonsOf({ works: [[]], tasks: [[queue(0), flush(0)]] })).toEqual([
    "task 0 waits for work work 0 (kworker/0)",
  ]);
});

test("an inactive item waits for the active one", () => {
  const tasks = [[queue(0, 1), queue(1, 1)]];
  expect(reasonsOf({ queues: [ORDERED], works: [[waitFor(0)], []], tasks })).toEqual([
    "kworker/1 waits for its turn in ordered (kworker/0): worker",
  ]);
});

test("the second item of a pool waits for the first one", () => {
  const tasks = [[queue(0, 1), queue(1, 1)]];
  expect(reasonsOf({ queues: [UNBOUND], works: [[], []], tasks })).toEqual([
    "kworker/1 waits for its turn in unbound (kworker/0): worker",
  ]);
});

test("without a worker, an item waits for the rescuer, or for ever", () => {
  const tasks = [[queue(0, 1), queue(1, 1), queue(2, SYSTEM_WQ, 0)]];
  const works = [[waitFor(0)], [], []];
  expect(reasonsOf({ queues: [RESCUED], workers: { idle: 0 }, works, tasks })).toEqual([
    "kworker/1 waits for its turn in rescued (kworker/0): worker",
    "kworker/1 waits for the rescuer of rescued (kworker/0): worker",
    "kworker/2 waits for a worker for events (nobody): worker",
  ]);
});

test("before workqueue_init(), all items wait for it", () => {
  expect(reasonsOf({ boot: "workqueue_init_early", works: [[]], tasks: [[queue(0)]] })).toEqual([
    "kworker/0 waits for workqueue_init() (nobody): worker",
  ]);
});
