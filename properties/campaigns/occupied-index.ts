// SPDX-License-Identifier: GPL-2.0-only
//
// The campaigns of the occupied-index dossier, and those of the design before the patch, which are the same instances: a
// difference is the patch's.

import {
  OCCUPIED_INDEX_CAMPAIGNS,
  type OccupiedIndexCampaign,
  type OccupiedIndexProperty,
} from "../../spec/dossiers/occupied-index-evidence.ts";
import type { AllocatorId, Instance } from "../../spec/instance.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type { Campaign } from "./campaign.ts";

type Case = readonly [machine: Machine, ...programs: readonly string[]];

/** The vmalloc window, and that of modules behind it. */
const WINDOWS = { space: 12, vmalloc: { start: 0, end: 8 }, modules: { start: 8, end: 12 } } as const;

const CASES: Readonly<Record<OccupiedIndexCampaign, readonly Case[]>> = {
  "occupied-index-steady": [
    [
      { space: 8, block: 4, lazyMax: 1 },
      "a=alloc(1); free(a); b=alloc(2); find(b+1); free(b)",
      "c=alloc(3); free(c); d=alloc(8); purge",
    ],
    [
      { space: 6, block: 2, lazyMax: 1, faults: ["alloc", "preload", "kasan"] },
      "a=alloc(2); free(a); b=alloc(1); free(b)",
      "c=alloc(1); free(c); d=alloc(6)",
      "purge; aliases",
    ],
  ],
  "occupied-index-aligned": [
    [
      { space: 16, block: 4, lazyMax: 2 },
      "a=alloc(1); b=alloc(2,align=4); free(a); c=alloc(1,align=2)",
      "d=alloc(3,align=2); free(d); e=alloc(2,align=8)",
    ],
    [
      { space: 12, block: 4, lazyMax: 1 },
      "a=alloc(1); b=alloc(1); c=alloc(1); free(b); d=alloc(2,align=2); free(d)",
      "e=alloc(1,align=4,window=0..10); free(e); purge",
    ],
  ],
  "occupied-index-exact": [
    [
      { space: 8, block: 4, lazyMax: 1 },
      "a=alloc(2,align=2,window=2..4); free(a); c=alloc(1); free(c)",
      "b=alloc(4,align=4,window=4..8); purge",
    ],
  ],
  "occupied-index-flip": [
    [
      { space: 8, block: 4, lazyMax: 1, boot: "workqueue_init" },
      "a=alloc(1); free(a); b=alloc(2)",
      "c=alloc(2); free(c); purge",
    ],
    [
      { space: 4, block: 2, lazyMax: 1, boot: "workqueue_init" },
      "a=alloc(1); free(a); aliases; aliases",
      "b=alloc(2); free(b); c=alloc(4)",
    ],
  ],
  "occupied-index-windows": [
    [
      { ...WINDOWS, block: 4, lazyMax: 1, boot: "workqueue_init" },
      "a=alloc(2,window=modules); b=alloc(1,window=modules)",
      "c=alloc(1); free(c); d=alloc(1,window=modules); free(d)",
    ],
  ],
  "occupied-index-pcpu": [
    [
      { space: 8, block: 4, lazyMax: 2 },
      "a=alloc(3); b=alloc(3); free(a)",
      "p=pcpu(0:1,4:1); pfree(p); q=pcpu(0:2)",
    ],
    [
      { ...WINDOWS, block: 4, lazyMax: 1, faults: ["pcpu-record", "kasan"] },
      "a=alloc(2); free(a); b=alloc(2)",
      "p=pcpu(0:2,4:2,align=2); q=pcpu(0:1,2:1); pfree(p); purge",
    ],
  ],
  "occupied-index-pcpu-boot": [
    [
      { space: 8, block: 4, lazyMax: 1, boot: "workqueue_init" },
      "p=pcpu(0:1,2:1); pfree(p); q=pcpu(0:2)",
      "a=alloc(2); free(a); purge",
    ],
  ],
  "occupied-index-stores": [
    [
      { space: 8, block: 4, lazyMax: 1, faults: ["maple"] },
      "a=alloc(1); free(a); b=alloc(2)",
      "c=alloc(2); free(c); purge; aliases",
    ],
    [
      { space: 6, block: 2, lazyMax: 1, faults: ["maple", "kasan"], faultBudget: 2 },
      "a=alloc(1); free(a); aliases; purge",
      "b=alloc(1); free(b)",
    ],
  ],
  "occupied-index-pcpu-stores": [
    [
      { space: 8, block: 4, lazyMax: 1, faults: ["maple", "split", "kasan"] },
      "p=pcpu(0:1,3:1); pfree(p)",
      "a=alloc(1); free(a); purge",
    ],
  ],
};

type Known =
  | OccupiedIndexProperty
  | "ALLOC-REFUSED"
  | "PCPU-REFUSED"
  | "DRAIN-RAN"
  | "POOL-SERVED"
  | "POPULATED"
  | "PURGED"
  | "SYNC-FREED";

const WITNESSES: Readonly<Record<OccupiedIndexCampaign, readonly Known[]>> = {
  "occupied-index-steady": [
    "POPULATED",
    "PERF-REFUSED",
    "ALLOC-REFUSED",
    "DRAIN-RAN",
    "PURGED",
    "SYNC-FREED",
  ],
  "occupied-index-aligned": ["ALIGNED-SERVED", "PURGED"],
  "occupied-index-exact": ["PURGED"],
  "occupied-index-flip": ["PERF-MODE", "FREE-TREE-SERVES", "PURGED"],
  "occupied-index-windows": ["PERF-MODE", "MODULES-GRANTED"],
  "occupied-index-pcpu": ["PCPU-GRANTED", "PCPU-REFUSED"],
  "occupied-index-pcpu-boot": ["PERF-MODE", "PCPU-GRANTED"],
  "occupied-index-stores": ["RETRIED", "RETRY-DRAINED"],
  "occupied-index-pcpu-stores": ["PCPU-GRANTED", "RETRIED"],
};

// Searched to the end: a few thousand states each.
const EXHAUSTED: Readonly<Partial<Record<OccupiedIndexCampaign, readonly Case[]>>> = {
  "occupied-index-steady": [
    [{ space: 2, block: 1, lazyMax: 2 }, "a=alloc(1); free(a); b=alloc(2)", "purge"],
    [{ space: 3, block: 1, lazyMax: 1 }, "a=alloc(1); free(a); aliases; b=alloc(1)", "purge"],
  ],
  "occupied-index-aligned": [
    [{ space: 5, block: 1, lazyMax: 1 }, "a=alloc(1); b=alloc(1,align=2); free(a)", "c=alloc(1,align=4)"],
  ],
  "occupied-index-flip": [
    [{ space: 2, block: 1, lazyMax: 1, boot: "workqueue_init" }, "a=alloc(1); free(a); purge"],
  ],
};

const ids = Object.keys(CASES) as OccupiedIndexCampaign[];

const made = (allocator: AllocatorId, cases: readonly Case[]): readonly Instance[] =>
  cases.map(([machine, ...programs]) => instanceOf(allocator, machine, ...programs));

/** The campaigns of the patch. */
export const OCCUPIED_INDEX: readonly Campaign[] = ids.map((id) => ({
  id,
  allocator: "occupied-index",
  statement: OCCUPIED_INDEX_CAMPAIGNS[id],
  instances: made("occupied-index", CASES[id]),
  exhausted: made("occupied-index", EXHAUSTED[id] ?? []),
  share: 1 / 2,
  witnesses: WITNESSES[id],
}));

/** The campaigns of the design before it. */
export const DUAL_INDEX: readonly Campaign[] = ids.map((id) => ({
  id: id.replace("occupied-index", "dual-index"),
  allocator: "dual-index",
  statement: OCCUPIED_INDEX_CAMPAIGNS[id],
  instances: made("dual-index", CASES[id]),
  exhausted: made("dual-index", EXHAUSTED[id] ?? []),
  share: 1 / 4,
  witnesses: WITNESSES[id],
}));
