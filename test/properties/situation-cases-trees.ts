// SPDX-License-Identifier: GPL-2.0-only
// For each situation of range trees one small run that reaches it, and near misses that do not.
import { NO_ADDRESS } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import { fault, near, type Run, type SituationCase } from "./situation-runs.ts";

const WINDOWS: Machine = { space: 4, vmalloc: { start: 0, end: 2 }, modules: { start: 2, end: 4 } };
const STORES: Machine = { space: 2, lazyMax: 1, faults: ["maple"] };
const FREED = "a=alloc(1); free(a); aliases";

/** In perf mode, what has no gap is looked for in the free tree. */
class WalksBack extends OccupiedIndex {
  protected override allocVmapAreaLocked(size: number, align: number, vstart: number, vend: number): number {
    const at = super.allocVmapAreaLocked(size, align, vstart, vend);
    return at === NO_ADDRESS ? this.allocFromFreeMt(size, align, vstart, vend) : at;
  }
}

/** A run of one task on occupied-index. */
function occupied(machine: Machine, program: string, failing = -1, design?: AllocatorClass): Run {
  return {
    instance: instanceOf("occupied-index", { block: 2, cpus: 1, ...machine }, program),
    schedule: failing < 0 ? { switches: [], choices: [] } : fault(failing),
    ...(design === undefined ? {} : { design }),
  };
}

/** Situations of the occupied-index dossier. */
export const TREE_CASES: readonly SituationCase[] = [
  {
    id: "PERF-MODE",
    ...occupied({ space: 2 }, "flip"),
    reached: "step 0: the perf mode is on",
    near: [
      near(
        "a store of the seeding fails",
        occupied({ space: 2, faults: ["maple"] }, "a=alloc(2); flip", 8),
        "FREE-TREE-SERVES",
      ),
      near("it is on from the start", occupied({ space: 2 }, "a=alloc(1)")),
    ],
  },
  {
    id: "PERF-REFUSED",
    ...occupied({ space: 2 }, "a=alloc(2); b=alloc(1)"),
    reached: "step 12: nothing for 1 pages",
    near: [
      near(
        "before the perf mode",
        occupied({ space: 2 }, "a=alloc(2); b=alloc(1); flip"),
        "ALLOC-REFUSED",
        "FREE-TREE-SERVES",
        "PERF-MODE",
      ),
    ],
  },
  {
    id: "FALLBACK-WALK",
    ...occupied({ space: 2 }, "a=alloc(2); b=alloc(1)", -1, WalksBack),
    reached: "step 12: [0,1) out of the free tree",
    near: [
      near(
        "the free tree serves before the perf mode",
        occupied({ space: 2 }, "a=alloc(2); flip", -1, WalksBack),
        "FREE-TREE-SERVES",
        "PERF-MODE",
      ),
      near(
        "congruent areas come out of the free tree",
        occupied({ space: 3 }, "p=pcpu(0:1)"),
        "PCPU-GRANTED",
      ),
    ],
  },
  {
    id: "FREE-TREE-SERVES",
    ...occupied({ space: 2 }, "a=alloc(1); flip"),
    reached: "step 5: [0,1)",
    near: [near("in perf mode", occupied({ space: 2 }, "flip; a=alloc(1)"), "PERF-MODE")],
  },
  {
    id: "ALIGNED-SERVED",
    ...occupied({ space: 4 }, "a=alloc(1,align=2)"),
    reached: "step 5: [0,1), align 2",
    near: [
      near(
        "before the perf mode",
        occupied({ space: 4 }, "a=alloc(1,align=2); flip"),
        "FREE-TREE-SERVES",
        "PERF-MODE",
      ),
      near(
        "out of a pool",
        occupied({ space: 4 }, "a=alloc(2); free(a); aliases; b=alloc(2,align=2)"),
        "POOL-SERVED",
        "POPULATED",
        "PURGED",
      ),
    ],
  },
  {
    id: "RETRIED",
    ...occupied(STORES, FREED, 6),
    reached: "step 7: [0,1) waits for another try",
    near: [near("another store fails", occupied(STORES, FREED, 10), "POPULATED", "PURGED")],
  },
  {
    id: "RETRY-DRAINED",
    ...occupied(STORES, FREED, 12),
    reached: "step 21: [0,1) is lazy",
    near: [near("nothing has failed", occupied(STORES, FREED), "POPULATED", "PURGED")],
  },
  {
    id: "PCPU-GRANTED",
    ...occupied({ space: 4 }, "p=pcpu(0:1)"),
    reached: "step 1: [3,4)",
    near: [
      near(
        "before the perf mode",
        occupied({ space: 4 }, "p=pcpu(0:1); flip"),
        "FREE-TREE-SERVES",
        "PERF-MODE",
      ),
    ],
  },
  {
    id: "MODULES-GRANTED",
    ...occupied(WINDOWS, "a=alloc(1,window=modules)"),
    reached: "step 3: [2,3)",
    near: [
      near("in the vmalloc window", occupied(WINDOWS, "a=alloc(1)")),
      near(
        "before the perf mode",
        occupied(WINDOWS, "a=alloc(1,window=modules); flip"),
        "FREE-TREE-SERVES",
        "PERF-MODE",
      ),
    ],
  },
];
