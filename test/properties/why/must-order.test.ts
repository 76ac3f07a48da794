// SPDX-License-Identifier: GPL-2.0-only
// Which steps are in order by necessity: by their process, by a work item, by a wait for it; never by a lock.
import { expect, test } from "vitest";
import type { TracedStep, WorkEvent } from "../../../properties/why/access-trace.ts";
import { MustOrder } from "../../../properties/why/must-order.ts";

function step(process: number, ...works: readonly WorkEvent["kind"][]): TracedStep {
  return {
    step: 0,
    process,
    cpu: 0,
    site: { id: 0, fn: "f", what: "" },
    accesses: new Map(),
    deeds: [],
    works: works.map((kind) => ({ kind, work: "work w" })),
    heldBefore: [],
    taken: [7],
    heldAfter: [],
    ends: false,
  };
}

test("steps of one process are ordered, those of two are not, whatever lock both take", () => {
  const order = new MustOrder([step(0), step(1), step(0)], 2);
  expect([order.ordered(0, 2), order.ordered(0, 1), order.ordered(1, 2)]).toEqual([true, false, false]);
});

test("what queues an item comes before its run, and that before who has waited", () => {
  const steps = [step(0, "queued"), step(1, "started"), step(1, "ended"), step(2), step(0, "waited")];
  const order = new MustOrder(steps, 3);
  expect([order.ordered(0, 1), order.ordered(2, 4), order.ordered(1, 4)]).toEqual([true, true, true]);
  expect([order.ordered(0, 3), order.ordered(3, 4)]).toEqual([false, false]);
});

test("what a process does behind the queueing is not before the run", () => {
  const order = new MustOrder([step(0, "queued"), step(0), step(1, "started")], 2);
  expect([order.ordered(0, 2), order.ordered(1, 2)]).toEqual([true, false]);
});
