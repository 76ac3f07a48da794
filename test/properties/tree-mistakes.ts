// SPDX-License-Identifier: GPL-2.0-only
// For each scenario of the designs with range trees that holds, the mistake that it is about, and what is then found; and for
// each that is a finding, the repair.
import { DualIndex } from "../../impl/allocators/dual-index.ts";
import { OccupiedIndex } from "../../impl/allocators/occupied-index.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import type { ScenarioMistake } from "./pool-mistakes.ts";

/** What is rolled back waits twice for another try. */
class QueuedTwice extends DualIndex {
  protected override rollbackBusyInsertFailedAlloc(va: Va): void {
    this.retryQueueAddVa(va);
    this.retryQueueAddVa(va);
  }
}

/** A lazy area is free at once. */
class FreeWhileLazy extends DualIndex {
  protected override eraseAtPublish(va: Va): boolean {
    const start = this.areas.start[va]!;
    const twin = this.areas.allocate(this.kernel.current);
    this.areas.assign(twin, start, this.areas.end[va]!, this.kernel.current);
    return this.mergeOrAddVmapAreaFree(twin);
  }
}

/** Until the perf mode is on, what is given back goes nowhere. */
class LostBeforeFlip extends DualIndex {
  protected override mergeOrAddVmapAreaFree(va: Va): boolean {
    if (this.occupiedMtSupported()) return super.mergeOrAddVmapAreaFree(va);
    this.areas.release(va);
    return true;
  }
}

/** The rows. */
export const TREE_MISTAKES: readonly ScenarioMistake[] = [
  [
    "SC-06c",
    "dual-index",
    "MU-229",
    "INV-COMPLETE-EXACT: no fit was found for 4 pages, but [8,12) is free in the index",
  ],
  ["SC-35b", "dual-index", "MU-202", "INV-BOUNDS: [0,1) was granted for align 1 in window [16,24)"],
  // The patch itself.
  [
    "SC-36b",
    "dual-index",
    OccupiedIndex,
    "INV-OCC-STORE: [0,1) is stored as occupied, and part of it is already",
  ],
  [
    "SC-43s",
    "dual-index",
    OccupiedIndex,
    "INV-PCPU-COMPLETE: congruent areas were refused for good, though at base 0 they are all nobody's",
  ],
  ["SC-39", "occupied-index", "MU-22", '"a": expected failed, found 0'],
  [
    "SC-75",
    "dual-index",
    "MU-229",
    "INV-COMPLETE-EXACT: no fit was found for 2 pages, but [2,4) is free in the index",
  ],
  ["SC-75b", "occupied-index", "MU-22", '"a": expected failed, found 2'],
  [
    "SC-70c",
    "dual-index",
    LostBeforeFlip,
    'INV-CONSERVE: pages [0,2) left "reclaim of node 0" and are in no place now',
  ],
  [
    "SC-71b",
    "dual-index",
    FreeWhileLazy,
    "INV-OWN1: pages [0,1) are in two places: free, and lazy of node 0",
  ],
  [
    "SC-40",
    "occupied-index",
    "MU-241",
    'INV-CONSERVE: pages [0,1) left "in the hands of a free" and are in no place now',
  ],
  ["SC-41", "occupied-index", "MU-236", "INV-CONSERVE: 2 of 2 pages are in no container when all is quiet"],
  [
    "SC-42b",
    "dual-index",
    QueuedTwice,
    "INV-NOWARN: retry_queue_add_va_locked: the area is on another list (WARN_ON_ONCE)",
  ],
  ["SC-73", "occupied-index", "MU-231", "INV-CONSERVE: 1 of 1 pages are in no container when all is quiet"],
];

/** For each scenario of a finding, one of its designs, a repair, and what is then found. */
export const TREE_REPAIRED: readonly (readonly [string, AllocatorId, string, string])[] = [
  ["SC-06b", "occupied-index", "MU-22", "INV-COMPLETE-EXACT was not found"],
  ["SC-35", "occupied-index", "MU-19", "INV-DISJOINT was not found"],
  ["SC-42", "occupied-index", "MU-270", "INV-NOWARN was not found"],
  ["SC-70", "occupied-index", "MU-262", "INV-CONSERVE was not found"],
  ["SC-70b", "occupied-index", "MU-262", "INV-OCC-BOOT was not found"],
  ["SC-71", "occupied-index", "MU-260", "INV-TLB was not found"],
  ["SC-76", "dual-index", "MU-264", "INV-CLIP-ATOMIC was not found"],
  ["SC-76b", "dual-index", "MU-264", "INV-CONSERVE was not found"],
  ["SC-77", "occupied-index", "MU-263", "INV-LAZYNR-GE was not found"],
  ["SC-77b", "occupied-index", "MU-263", "INV-LAZYNR-POS was not found"],
  ["SC-78", "occupied-index", "MU-266", "INV-INDEX was not found"],
  ["SC-79", "dual-index", "MU-265", "INV-INDEX was not found"],
  ["SC-80", "dual-index", "MU-269", "INV-COALESCED was not found"],
  ["SC-83", "occupied-index", "MU-267", "INV-PURGE-NODE was not found"],
];
