// SPDX-License-Identifier: GPL-2.0-only
//
// Invariants of the machine below the allocator: records, locks, sleeping, warnings, and agreement with the model.

import {
  ALL_HOLD,
  AREAS_LOST,
  HOLDS,
  type InvariantEntry,
  poolDesigns,
  storeFails,
  treeDesigns,
  violatedWhere,
} from "./entry.ts";

// Drain and helpers are on the system's queues, which have no rescuer.
const NO_RESCUER = violatedWhere(["DEF-N15", "DEF-P7"], "no-worker");

/** Invariants of records, locks and refinement. */
export const MACHINE_INVARIANTS = [
  {
    id: "INV-REC",
    kind: "discipline",
    when: "step",
    statement: "Every area record goes back to the slab exactly once, unlinked, and is not used afterwards.",
    designs: {
      ...AREAS_LOST,
      ...treeDesigns(
        violatedWhere(["DEF-O25", "DEF-P6"], "maple-fault", "early-boot"),
        violatedWhere(["DEF-P6", "DEF-O9"], "early-boot", "store-before-flip"),
      ),
    },
    source: "kmem_cache_free(vmap_area_cachep, ...)",
  },
  {
    id: "INV-LOCKORDER",
    kind: "discipline",
    when: "step",
    statement: "The order in which locks are taken, and works waited for, has no circle.",
    designs: ALL_HOLD,
    source: "lockdep; fc2c22693c60 (2024)",
  },
  {
    id: "INV-WQ-FLUSH",
    kind: "discipline",
    when: "step",
    statement:
      "No work item waits for another one of its own queue with a rescuer, nor a queue with WQ_MEM_RECLAIM for one " +
      "without.",
    designs: poolDesigns(HOLDS, { verdict: "violated", by: ["DEF-U6", "C0-8"] }, HOLDS),
    source: "kernel/workqueue.c: start_flush_work, check_flush_dependency",
  },
  {
    id: "INV-REFINE",
    kind: "safety",
    when: "step",
    statement:
      "Each event is one that the reference model allows, and after each step the heap stands for the model's state.",
    designs: {
      ...ALL_HOLD,
      ...treeDesigns(storeFails("DEF-O9"), violatedWhere(["DEF-O16", "DEF-O2"], "flip", "pcpu")),
    },
    source: "the reference model",
  },
  {
    id: "INV-NOWARN",
    kind: "discipline",
    when: "step",
    statement:
      "No WARN fires, no BUG is hit and no NULL pointer is followed, except for the WARN of an injected split failure.",
    designs: {
      ...ALL_HOLD,
      "size-pools": violatedWhere(["DEF-P5", "DEF-P6"], "boot"),
      ...treeDesigns(
        violatedWhere(["DEF-O9", "DEF-O17", "DEF-O20", "DEF-P5", "DEF-P6"], "maple-fault", "early-boot"),
        violatedWhere(
          ["DEF-O2", "DEF-O8", "DEF-O15", "DEF-O17", "DEF-O20", "DEF-P5", "DEF-P6"],
          "maple-fault",
          "flip",
          "pcpu",
        ),
      ),
    },
    source: "WARN_ON, BUG_ON and pointer uses of mm/vmalloc.c",
  },
  {
    id: "INV-DEADLOCK",
    kind: "progress",
    when: "step",
    statement: "There is no state in which a task waits and nothing can run.",
    designs: ALL_HOLD,
    source: "spinlocks, vmap_purge_lock, flush_work",
  },
  {
    id: "INV-WQ-NODEADLOCK",
    kind: "progress",
    when: "liveness",
    statement: "A pending work item is executed in the end, also if no worker can be created.",
    designs: {
      ...poolDesigns(NO_RESCUER, violatedWhere(["DEF-U1", "DEF-U9", "DEF-U10", "C0-3"], "no-worker"), HOLDS),
      ...treeDesigns(NO_RESCUER, NO_RESCUER),
    },
    source:
      "kernel/workqueue.c: rescuer_thread; mm/vmalloc: use dedicated unbound workqueues for vmap drain (v3)",
  },
  {
    id: "INV-LIVELOCK",
    kind: "progress",
    when: "liveness",
    statement: "Under a fair schedule every operation ends.",
    designs: ALL_HOLD,
    source: "drain_vmap_area_work, the loops of mm/vmalloc.c; c12cd77cb028 (2022)",
  },
  {
    id: "INV-SLEEP",
    kind: "discipline",
    when: "step",
    statement: "Nothing that may sleep is called while a spinlock is held.",
    designs: ALL_HOLD,
    source: "might_sleep; Documentation/locking/locktypes.rst",
  },
  {
    id: "INV-STRICT",
    kind: "discipline",
    when: "step",
    statement: "Kernel state is touched only inside a step, and a guarded field only while its lock is held.",
    designs: { ...ALL_HOLD, "dual-index": storeFails("DEF-O9") },
    source: "the premise that interleaving steps loses nothing: no data race",
  },
] as const satisfies readonly InvariantEntry[];
