// SPDX-License-Identifier: GPL-2.0-only
//
// Scenarios of the drain and its helpers on workqueues: rescuers, the boot, refused works (SC-29 to SC-33, SC-49,
// SC-60 on).

import type { Machine } from "../../spec/small-machine.ts";
import { type Scenario, scenarioOf as scenario } from "./scenario.ts";

/** Two nodes with work and twice the limit: one helper. */
const TWO_TASKS = ["a=alloc(1); free(a)", "b=alloc(1); free(b)"];
const TWO_NODES: Machine = { space: 4, block: 2, lazyMax: 1 };
const TWO_LAZY = "a=alloc(1); b=alloc(1,window=4..5); free(a); free(b); purge";
const HELPER: Machine = { space: 8, block: 4, cpus: 1, lazyMax: 1 };

/** Scenarios of workqueues. */
export const WORKQUEUE_SCENARIOS: readonly Scenario[] = [
  scenario(
    "SC-29",
    "the drain runs on the rescuer and waits for a helper that only the rescuer could run (DEF-U1)",
    ["unbound-drain"],
    { ...TWO_NODES, workers: { idle: 0 } },
    TWO_TASKS,
    { kind: "finding", id: "INV-WQ-NODEADLOCK" },
  ),
  scenario(
    "SC-29b",
    "without a worker the system's queue runs nothing: before the patch a drain is stuck, too (DEF-N15)",
    ["size-pools"],
    { ...TWO_NODES, workers: { idle: 0 } },
    TWO_TASKS,
    { kind: "finding", id: "INV-WQ-NODEADLOCK" },
  ),
  scenario(
    "SC-31",
    "the drain runs on the last worker, the rescuer runs its helper",
    ["unbound-drain", "unbound-drain-v3"],
    { ...TWO_NODES, workers: { idle: 1 } },
    TWO_TASKS,
    { kind: "holds", reaches: ["DRAIN-RAN", "HELPER-RAN"] },
  ),
  scenario(
    "SC-31b",
    "the drain flushes a helper of its own queue, which has a rescuer: lock debugging reports it (DEF-U6)",
    ["unbound-drain"],
    TWO_NODES,
    TWO_TASKS,
    { kind: "finding", id: "INV-WQ-FLUSH" },
  ),
  scenario(
    "SC-32",
    "a free above the limit finds no queue yet, and no purge ever follows (DEF-U3)",
    ["unbound-drain", "unbound-drain-v3"],
    { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "workqueue_init_early" },
    ["a=alloc(1); free(a)"],
    { kind: "finding", id: "INV-DRAIN" },
  ),
  scenario(
    "SC-32b",
    "before the patch the same free queues the drain, which runs once there are workers",
    ["size-pools"],
    { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "workqueue_init_early" },
    ["a=alloc(1); free(a)"],
    { kind: "holds", reaches: ["DRAIN-RAN", "PURGED"] },
    { watched: ["INV-DRAIN", "INV-NOWARN"] },
  ),
  scenario(
    "SC-32c",
    "the queue could not be allocated: overflow still purges",
    ["unbound-drain", "unbound-drain-v3"],
    { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "workqueue_init", faults: ["workqueue"] },
    ["a=alloc(4); free(a); b=alloc(4)"],
    { kind: "holds", pages: { a: 0, b: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-33",
    "queue_work() says false: the node is purged by nobody (DEF-U4)",
    ["unbound-drain"],
    { ...HELPER, faults: ["queue-work"] },
    [TWO_LAZY],
    { kind: "finding", id: "INV-HELPERS-DONE" },
    { watched: [] },
  ),
  scenario(
    "SC-33b",
    "and the next purge begins with an empty list: the area is lost (DEF-U4)",
    ["unbound-drain"],
    { ...HELPER, faults: ["queue-work"] },
    [`${TWO_LAZY}; purge`],
    { kind: "finding", id: "INV-CONSERVE" },
    { watched: [] },
  ),
  scenario(
    "SC-49",
    "v3: the drain runs on its rescuer, the helper on the other queue's",
    ["unbound-drain-v3"],
    { ...TWO_NODES, workers: { idle: 0 } },
    TWO_TASKS,
    { kind: "holds", reaches: ["DRAIN-RAN", "HELPER-RAN"] },
  ),
  scenario(
    "SC-49b",
    "v3: a node whose helper queue_work() refuses is purged on the spot",
    ["unbound-drain-v3"],
    { ...HELPER, faults: ["queue-work"] },
    [`${TWO_LAZY}; purge; c=alloc(8)`],
    { kind: "holds", pages: { c: 0 }, reaches: ["PURGED"] },
  ),
  scenario(
    "SC-60",
    "a task that purges waits for its helper, the rescuer is taken by a drain that waits for vmap_purge_lock (DEF-U1)",
    ["unbound-drain"],
    { ...HELPER, workers: { idle: 0 } },
    [TWO_LAZY],
    { kind: "finding", id: "INV-WQ-NODEADLOCK" },
  ),
  scenario(
    "SC-60b",
    "v3: the helper of a task that purges has a rescuer, whatever the drain waits for",
    ["unbound-drain-v3"],
    { ...HELPER, workers: { idle: 0 } },
    [TWO_LAZY],
    { kind: "holds", reaches: ["HELPER-RAN"] },
  ),
  scenario(
    "SC-61",
    "the stack of a new worker is a vmalloc allocation, which waits for the purge that waits for the worker (DEF-U10)",
    ["unbound-drain"],
    { ...TWO_NODES, space: 2, block: 1, workers: { idle: 0, stackPages: 1 } },
    TWO_TASKS,
    { kind: "finding", id: "INV-WQ-NODEADLOCK" },
  ),
  scenario(
    "SC-61c",
    "mainline: who creates a worker purges for its stack, and waits for a helper that needs the worker (DEF-P7)",
    ["size-pools"],
    { space: 4, block: 2, lazyMax: 1, workers: { idle: 0, stackPages: 1 } },
    ["a=alloc(2); free(a)", "b=alloc(2); free(b)"],
    { kind: "finding", id: "INV-WQ-NODEADLOCK" },
  ),
  scenario(
    "SC-68",
    "mainline: before workers run, flush_work() does not wait, and a purge ends with areas on its lists (DEF-P6)",
    ["size-pools"],
    { space: 2, block: 1, lazyMax: 1, boot: "workqueue_init_early" },
    ["a=alloc(1); free(a); purge", "b=alloc(1); free(b); purge"],
    { kind: "finding", id: "INV-HELPERS-DONE" },
  ),
  scenario(
    "SC-61b",
    "v3: the purge ends on the rescuers, and the stack of the new worker is there",
    ["unbound-drain-v3"],
    { ...TWO_NODES, space: 2, block: 1, workers: { idle: 0, stackPages: 1 } },
    TWO_TASKS,
    { kind: "holds", reaches: ["HELPER-RAN"] },
  ),
  scenario(
    "SC-64",
    "before workqueue_init_early() a free above the limit queues on a queue that does not exist (DEF-P5)",
    ["size-pools"],
    { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "vmalloc_init" },
    ["a=alloc(1); free(a)"],
    { kind: "finding", id: "INV-NOWARN" },
  ),
  scenario(
    "SC-64b",
    "with the patch the same free looks for its own queue and follows no NULL pointer",
    ["unbound-drain", "unbound-drain-v3"],
    { space: 4, block: 4, cpus: 1, lazyMax: 0, boot: "vmalloc_init" },
    ["a=alloc(1); free(a); purge"],
    { kind: "holds", reaches: ["PURGED"] },
  ),
];
