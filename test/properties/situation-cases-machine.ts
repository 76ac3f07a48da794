// SPDX-License-Identifier: GPL-2.0-only
// For each situation that any design can reach one small run that reaches it, and near misses that do not.
import { blocks, fault, MergeFails, near, NotAligned, type SituationCase, tree } from "./situation-runs.ts";

/** Situations of the machine around the designs. */
export const MACHINE_CASES: readonly SituationCase[] = [
  {
    id: "DRAIN-RAN",
    ...tree({ space: 4, lazyMax: 0 }, "a=alloc(1); free(a)"),
    reached: "step 12: the drain work runs",
    near: [
      near(
        "the task purges, and the limit is not exceeded",
        tree({ space: 4, lazyMax: 1 }, "a=alloc(1); free(a); purge"),
        "PURGED",
      ),
    ],
  },
  {
    id: "HELPER-RAN",
    ...blocks({ space: 16, cpus: 2, lazyMax: 1 }, ["a=alloc(1); free(a)", "b=alloc(1); free(b); purge"]),
    reached: "step 42: node 0 purge_work",
    near: [
      near(
        "two nodes to purge, and less than twice the limit",
        blocks({ space: 16, cpus: 2, lazyMax: 2 }, ["a=alloc(1); free(a)", "b=alloc(1); free(b); purge"]),
        "NEIGHBOUR-BLOCKS",
        "PURGED",
      ),
    ],
  },
  {
    id: "ALLOC-REFUSED",
    ...tree({ space: 4 }, "a=alloc(2); b=alloc(3)"),
    reached: "step 14: 3 pages were refused",
    near: [
      near(
        "refused at first and served after the purge",
        tree({ space: 4 }, "a=alloc(2); free(a); b=alloc(4)"),
        "PURGED",
      ),
      near(
        "no record for the area: the space was not asked",
        tree({ space: 4, faults: ["alloc"] }, "a=alloc(2)", fault(0)),
      ),
    ],
  },
  {
    id: "NOTIFIER-GAVE",
    ...tree({ space: 4, lazyMax: 8 }, "a=cache(2); b=alloc(2); c=alloc(2)"),
    reached: "step 19: the area at 0 was given back",
    near: [
      near(
        "the chain has nothing to give",
        tree({ space: 4, lazyMax: 8 }, "a=alloc(2); b=alloc(2); c=alloc(2)"),
        "ALLOC-REFUSED",
      ),
      near(
        "the purge gives enough",
        tree({ space: 4, lazyMax: 8 }, "a=cache(2); b=alloc(2); free(b); c=alloc(2)"),
        "PURGED",
      ),
    ],
  },
  {
    id: "NULL-DEREFERENCE",
    ...blocks({ space: 16, nodes: 1 }, "a=alloc(2); b=alloc(1); free(a); purge", undefined, MergeFails),
    reached: "step 25: purge_vmap_node: va_size() of a NULL record (NULL dereference)",
    near: [near("a BUG_ON", tree({ space: 8 }, "a=alloc(1); b=alloc(2,align=2)", undefined, NotAligned))],
  },
  {
    id: "SPLIT-REFUSED",
    ...tree({ space: 8, faults: ["split", "preload"], faultBudget: 2 }, "a=alloc(1,window=3..5)", {
      switches: [],
      choices: [
        { at: 2, value: 1 },
        { at: 3, value: 1 },
      ],
    }),
    reached: "step 3: a split found no record",
    near: [
      near(
        "the preload fails, and the split gets a record",
        tree({ space: 8, faults: ["split", "preload"], faultBudget: 2 }, "a=alloc(1,window=3..5)", fault(2)),
      ),
    ],
  },
  {
    id: "PURGED",
    ...tree({ space: 4 }, "a=alloc(1); free(a); purge"),
    reached: "step 15: a purge released 1 areas",
    near: [near("a purge that finds nothing", tree({ space: 4 }, "a=alloc(1); purge; free(a)"))],
  },
  {
    id: "SYNC-FREED",
    ...tree({ space: 4, faults: ["kasan"] }, "a=alloc(1)", fault(5)),
    reached: "step 7: at 0",
    near: [
      near(
        "the task's own purge releases the area",
        tree({ space: 4, faults: ["kasan"] }, "a=alloc(1); free(a); purge"),
        "PURGED",
      ),
    ],
  },
  {
    id: "PCPU-SHORT",
    ...tree({ space: 4, lazyMax: 8 }, "a=alloc(3); free(a); p=pcpu(0:1,2:1)"),
    reached: "step 12: there is no base",
    near: [near("the areas fit at once", tree({ space: 4 }, "a=alloc(1); p=pcpu(0:1,2:1)"))],
  },
  {
    id: "PCPU-REFUSED",
    ...tree({ space: 4 }, "a=alloc(3); p=pcpu(0:1,1:1)"),
    reached: "step 12: 2 congruent areas were refused",
    near: [
      near(
        "refused at first and served after the purge",
        tree({ space: 4, lazyMax: 8 }, "a=alloc(3); free(a); p=pcpu(0:1,2:1)"),
        "PCPU-SHORT",
        "PURGED",
      ),
      near(
        "no record for an area: the space was not asked",
        tree({ space: 4, faults: ["pcpu-record"] }, "p=pcpu(0:1,1:1)", fault(0)),
      ),
    ],
  },
  {
    id: "PCPU-UNDONE",
    ...tree({ space: 4, faults: ["kasan"] }, "p=pcpu(0:1,2:1)", fault(3)),
    reached: "step 4: [1,2) was given back",
    near: [
      near(
        "a recovery gives nothing back that was granted",
        tree({ space: 6, faults: ["split"] }, "p=pcpu(2:1,0:1)", fault(1)),
        "SPLIT-REFUSED",
      ),
    ],
  },
];
