// SPDX-License-Identifier: GPL-2.0-only
// Items that flush items: what lock analysis finds in some interleaving.
import { expect, test } from "vitest";
import { LockAnalysis } from "../../../../explore/lock-analysis.ts";
import { search } from "../../../../explore/search/search.ts";
import { FLUSH_DEPENDENCIES } from "./cases.ts";
import { describeCases } from "./judged.ts";
import { flush, ORDERED, queue, RESCUED, type SmallCase } from "./small-case.ts";
import { WorkqueueSystem } from "./workqueue-system.ts";

/** More processes than any case has. */
const PROCESSES = 8;

/** All findings of a search, which jumps from state to state: what runs in a state is announced anew. */
function findingsOf(small: SmallCase): string[] {
  const names = ["events", ...(small.queues ?? []).map(({ name }) => name)];
  const locks = new LockAnalysis(PROCESSES, { lock: String, queue: (q) => names[q]! });
  const system = new WorkqueueSystem(small, { observer: locks });
  const nothing = new Int32Array(PROCESSES);
  const held = new Int32Array(PROCESSES);
  const found = new Set<string>();
  const result = search(system, {
    enter: () => {
      locks.restoreHeld(nothing);
      locks.announcing = true;
      system.works.announceRunning();
      locks.announcing = false;
      locks.saveHeld(held);
    },
    afterStep: () => {
      for (const { kind, message } of locks.findings) found.add(`${kind}: ${message}`);
      locks.forgetFindings();
      locks.restoreHeld(held);
      return false;
    },
    atEnd: () => false,
  });
  expect(result.end).toBe("exhausted");
  return [...found];
}

describeCases("flushes from work functions", FLUSH_DEPENDENCIES);

const itself = (name: string): string =>
  `flush: flushes a work of the queue ${name} while it runs on the queue ${name}, which has one rescuer or max_active 1`;

test.each([
  [
    "a reclaim item flushes one of the system's queue",
    ["flush: WQ_MEM_RECLAIM rescued flushes !WQ_MEM_RECLAIM events"],
  ],
  ["a reclaim item flushes one of its own queue", [itself("rescued")]],
  ["a reclaim item flushes one of another reclaim queue", []],
  ["an item of the system's queue flushes one of an ordered queue", []],
] as const)("%s: what is found", (name, findings) => {
  expect(findingsOf(FLUSH_DEPENDENCIES[name])).toEqual(findings);
});

test("an item of an ordered queue flushes another one of it", () => {
  const works = [[flush(1)], []];
  const tasks = [[queue(1, 1), queue(0, 1)]];
  // Queued first, it is done before the other one runs: that does not wait.
  expect(findingsOf({ queues: [ORDERED], works, tasks })).toEqual([]);
  expect(findingsOf({ queues: [ORDERED], works, tasks: [[queue(0, 1), queue(1, 1)]] })).toEqual([
    itself("ordered"),
  ]);
});

test("two reclaim queues whose items flush each other's: the second order closes the circle", () => {
  const queues = [RESCUED, { ...RESCUED, name: "other" }];
  const works = [[flush(2)], [flush(3)], [], []];
  const tasks = [[queue(2, 2), queue(3, 1), queue(0, 1)], [queue(1, 2)]];
  expect(findingsOf({ queues, works, tasks }).filter((text) => text.startsWith("flush: waits"))).toEqual([
    "flush: waits for the queue other while it runs on the queue rescued; the opposite order was taken before",
  ]);
});
