// SPDX-License-Identifier: GPL-2.0-only
//
// Campaigns of the designs that the node-blocks patch builds on: they must keep every rule, or a verdict on the
// patch would be a verdict on something else.

import type { AllocatorId, Instance } from "../../spec/instance.ts";
import type { Campaign } from "./campaign.ts";
import { instanceOf } from "../../spec/small-machine.ts";

function instances(allocator: AllocatorId): readonly Instance[] {
  return [
    instanceOf(
      allocator,
      { space: 16 },
      "a=alloc(2); free(a); b=alloc(1); free(b)",
      "c=alloc(3,align=2); find(c+2); free(c)",
      "d=alloc(9); free(d); purge",
    ),
    instanceOf(
      allocator,
      { space: 8, lazyMax: 1, migrations: 1, faults: ["alloc", "preload", "split", "kasan"], faultBudget: 2 },
      "a=alloc(2); free(a); b=alloc(2,align=2); free(b)",
      "c=alloc(1,window=3..6); free(c); d=alloc(7)",
    ),
    instanceOf(
      allocator,
      { space: 6, lazyMax: 2, vmalloc: { start: 0, end: 4 }, modules: { start: 4, end: 6 } },
      "a=cache(2); b=alloc(2); c=alloc(2); free(c)",
      "d=alloc(1,window=modules); free(d); aliases",
    ),
  ];
}

/** The campaigns of the predecessors. */
export const PREDECESSORS: readonly Campaign[] = (["global-tree", "node-index"] as const).map(
  (allocator) => ({
    id: `${allocator}-small`,
    allocator,
    statement:
      "allocation with overflow, lazy and synchronous frees, purge, drain and notifier in small spaces",
    instances: instances(allocator),
    exhausted: instances(allocator).slice(2),
    witnesses: ["DRAIN-RAN", "PURGED", "SYNC-FREED", "ALLOC-REFUSED", "NOTIFIER-GAVE"],
  }),
);
