// SPDX-License-Identifier: GPL-2.0-only
// For each situation of pools and of shared queues one small run that reaches it, and near misses that do not.
import { drain, fault, near, type SituationCase } from "./situation-runs.ts";

const BOTH = ["a=alloc(1); free(a)", "b=alloc(1); free(b); purge"];
const FIVE = "a=alloc(1); b=alloc(1); c=alloc(1); d=alloc(1); free(a); free(b); free(c); free(d); aliases";

/** Situations of the unbound-drain dossier and of the designs around it. */
export const POOL_CASES: readonly SituationCase[] = [
  {
    id: "POPULATED",
    ...drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); aliases"),
    reached: "step 25: [0,1) into the pool of node 0",
    near: [
      near(
        "the purge empties the pools",
        drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); purge"),
        "POPULATE-SKIPPED",
        "PURGED",
      ),
    ],
  },
  {
    id: "POOL-SERVED",
    ...drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); aliases; b=alloc(1)"),
    reached: "step 35: [0,1) from the pool of node 0",
    near: [
      near(
        "another size",
        drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); aliases; b=alloc(2)"),
        "POPULATED",
        "PURGED",
      ),
      near(
        "another node's pool",
        drain({ space: 4, lazyMax: 4 }, ["a=alloc(1); free(a); aliases", "b=alloc(1)"]),
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "POOL-PASSED-BY",
    ...drain(
      { space: 6, lazyMax: 4 },
      "x=alloc(1); a=alloc(1); free(x); free(a); aliases; b=alloc(1,align=2)",
    ),
    reached: "step 51: the area at 0 was in the pool of node 0, [2,3) was taken",
    near: [
      near(
        "nothing in the pool fits",
        drain({ space: 6, lazyMax: 4 }, "x=alloc(1); a=alloc(1); free(a); aliases; b=alloc(1,align=2)"),
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "POOL-DECAYED",
    ...drain({ space: 6, lazyMax: 8 }, `${FIVE}; aliases`),
    reached: "step 78: 1 of 4 areas leave a pool of node 0",
    near: [
      near(
        "three areas, of which a quarter is none",
        drain(
          { space: 6, lazyMax: 8 },
          "a=alloc(1); b=alloc(1); c=alloc(1); free(a); free(b); free(c); aliases; aliases",
        ),
        "POPULATED",
        "PURGED",
      ),
      near("all of them go", drain({ space: 6, lazyMax: 8 }, `${FIVE}; purge`), "POPULATED", "PURGED"),
    ],
  },
  {
    id: "POOL-TOO-SMALL",
    ...drain({ space: 4, lazyMax: 4, poolPages: 1 }, "a=alloc(2); free(a); aliases"),
    reached: "step 24: no pool keeps [0,2)",
    near: [
      near(
        "just as large",
        drain({ space: 4, lazyMax: 4, poolPages: 2 }, "a=alloc(2); free(a); aliases"),
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "POPULATE-SKIPPED",
    ...drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); purge"),
    reached: "step 24: [0,1) goes to the free tree",
    near: [
      near(
        "an area that no pool keeps",
        drain({ space: 4, lazyMax: 4, poolPages: 1 }, "a=alloc(2); free(a); purge"),
        "POOL-TOO-SMALL",
        "PURGED",
      ),
    ],
  },
  {
    id: "DRAIN-DROPPED",
    ...drain({ space: 4, lazyMax: 0, boot: "workqueue_init" }, "a=alloc(1); free(a); purge"),
    reached: "step 13: a request for a drain was dropped",
    near: [
      near(
        "the boot is over",
        drain({ space: 4, lazyMax: 0 }, "a=alloc(1); free(a)"),
        "DRAIN-RAN",
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "QUEUE-REFUSED",
    ...drain({ space: 4, lazyMax: 1, faults: ["queue-work"] }, BOTH, fault(38)),
    reached: "step 38: node 0 purge_work",
    near: [
      near(
        "it is queued",
        drain({ space: 4, lazyMax: 1 }, BOTH),
        "DRAIN-RAN",
        "HELPER-RAN",
        "POPULATE-SKIPPED",
        "PURGED",
      ),
    ],
  },
  {
    id: "NO-WORKER",
    ...drain({ space: 4, lazyMax: 0, faults: ["worker"] }, "a=alloc(1); free(a)", fault(14)),
    reached: "step 14: no worker can be created",
    near: [
      near(
        "there was none to begin with",
        drain({ space: 4, lazyMax: 0, workers: { idle: 0 } }, "a=alloc(1); free(a)"),
        "DRAIN-RAN",
        "POPULATED",
        "PURGED",
        "RESCUER-RAN",
      ),
    ],
  },
  {
    id: "WORKER-CREATED",
    ...drain({ space: 4, lazyMax: 0, workers: { idle: 0, stackPages: 1 } }, "a=alloc(1); free(a)", {
      switches: [{ at: 14, to: 4 }],
      choices: [],
    }),
    reached: "step 20: a stack at 1",
    near: [
      near(
        "one is idle",
        drain({ space: 4, lazyMax: 0, workers: { idle: 1, stackPages: 1 } }, "a=alloc(1); free(a)"),
        "DRAIN-RAN",
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "HOTPLUGGED",
    ...drain({ space: 4 }, "offline(1); online(1)"),
    reached: "step 0: CPU 1 goes",
    near: [near("a CPU that is online", drain({ space: 4 }, "online(1)"))],
  },
  {
    id: "SHRUNK",
    ...drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); aliases; shrink"),
    reached: "step 36: 1 areas leave a pool of node 0",
    near: [
      near("empty pools", drain({ space: 4, lazyMax: 4 }, "a=alloc(1); shrink")),
      near(
        "a purge empties them",
        drain({ space: 4, lazyMax: 4 }, "a=alloc(1); free(a); aliases; purge"),
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "HELPER-QUEUED-IN-DRAIN",
    ...drain({ space: 4, lazyMax: 1 }, ["a=alloc(1); free(a)", "b=alloc(1); free(b)"]),
    reached: "step 39: node 0 purge_work",
    near: [
      near(
        "a task queues it",
        drain({ space: 4, lazyMax: 1 }, BOTH),
        "DRAIN-RAN",
        "HELPER-RAN",
        "POPULATE-SKIPPED",
        "PURGED",
      ),
    ],
  },
  {
    id: "RESCUER-RAN",
    ...drain({ space: 4, lazyMax: 0, workers: { idle: 0 } }, "a=alloc(1); free(a)"),
    reached: "step 14: the rescuer runs drain_vmap_work",
    near: [
      near(
        "a worker is idle",
        drain({ space: 4, lazyMax: 0, workers: { idle: 1 } }, "a=alloc(1); free(a)"),
        "DRAIN-RAN",
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "LOCAL-IN-BOOT",
    ...drain({ space: 4, lazyMax: 1, boot: "workqueue_init" }, BOTH),
    reached: "step 39: [0,1) was purged on the spot",
    near: [
      near(
        "no helper was allowed",
        drain({ space: 4, lazyMax: 2, boot: "workqueue_init" }, BOTH),
        "POPULATE-SKIPPED",
        "PURGED",
      ),
      near(
        "a helper is queued",
        drain({ space: 4, lazyMax: 1 }, BOTH),
        "DRAIN-RAN",
        "HELPER-RAN",
        "POPULATE-SKIPPED",
        "PURGED",
      ),
    ],
  },
  {
    id: "HELPERS-MANY",
    ...drain({ space: 6, nodes: 3, cpus: 3, lazyMax: 1 }, [
      "a=alloc(1); free(a)",
      "c=alloc(1); free(c)",
      "b=alloc(1); free(b); purge",
    ]),
    reached: "step 55: 2 helpers for 3 nodes",
    near: [
      near(
        "one helper for three nodes",
        drain({ space: 6, nodes: 3, cpus: 3, lazyMax: 1 }, [
          "a=alloc(1); free(a)",
          "b=alloc(1); free(b); purge",
        ]),
        "DRAIN-RAN",
        "HELPER-RAN",
        "POPULATE-SKIPPED",
        "PURGED",
      ),
    ],
  },
];
