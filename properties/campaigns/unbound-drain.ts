// SPDX-License-Identifier: GPL-2.0-only
//
// The campaigns of the unbound-drain dossier, and those of the design before the patch, which are the same instances as
// far as it knows them: a difference is the patch's.

import {
  UNBOUND_DRAIN_CAMPAIGNS,
  type UnboundDrainCampaign,
  type UnboundDrainProperty,
} from "../../spec/dossiers/unbound-drain-evidence.ts";
import type { AllocatorId, Instance } from "../../spec/instance.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type { Campaign } from "./campaign.ts";
import type { PoolSituation } from "../situations/pools.ts";

type Case = readonly [machine: Machine, ...programs: readonly string[]];

const CASES: Readonly<Record<UnboundDrainCampaign, readonly Case[]>> = {
  "unbound-drain-pools": [
    [
      { space: 16, block: 4, lazyMax: 1 },
      "a=alloc(1); free(a); b=alloc(1); find(b+0); free(b)",
      "c=alloc(2); free(c); purge; d=alloc(2,align=2); free(d)",
    ],
    // Five areas in one pool, of which two passes take one each; the head of the pool is not aligned.
    [
      { space: 16, block: 4, lazyMax: 8, poolPages: 1 },
      "a=alloc(1); b=alloc(1); c=alloc(1); d=alloc(1); e=alloc(1); free(a); free(b); free(c); free(d); free(e); aliases; aliases; g=alloc(1,align=2); h=alloc(1)",
      "x=alloc(2); free(x)",
    ],
  ],
  "unbound-drain-helpers": [
    [
      { space: 8, block: 2, lazyMax: 1 },
      "a=alloc(1); free(a); b=alloc(2); free(b)",
      "c=alloc(2); free(c); d=alloc(1); free(d); purge",
    ],
    [
      { space: 9, block: 3, lazyMax: 1, nodes: 3, cpus: 3, migrations: 1 },
      "a=alloc(1); free(a)",
      "b=alloc(2); free(b)",
      "c=alloc(1); free(c); aliases",
    ],
  ],
  "unbound-drain-overflow": [
    [
      { space: 4, block: 2, lazyMax: 1, faults: ["alloc", "preload", "split", "kasan"] },
      "a=alloc(2); free(a); b=alloc(2); free(b)",
      "c=alloc(1); free(c); d=alloc(4)",
    ],
    [
      { space: 6, block: 2, lazyMax: 2 },
      "a=cache(2); b=alloc(3); free(b)",
      "c=alloc(2); d=alloc(3); free(c)",
    ],
  ],
  "unbound-drain-windows": [
    [
      { space: 12, block: 3, lazyMax: 1, vmalloc: { start: 0, end: 8 }, modules: { start: 8, end: 12 } },
      "a=alloc(1,window=modules); free(a); b=alloc(1); free(b); e=alloc(1)",
      "c=alloc(1,window=2..6); free(c); d=alloc(1); free(d); aliases",
    ],
  ],
  "unbound-drain-boot": [
    [
      { space: 8, block: 4, lazyMax: 0, boot: "workqueue_init_early" },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ],
    [
      { space: 8, block: 4, lazyMax: 1, boot: "vmalloc_init", faults: ["workqueue"] },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ],
  ],
  "unbound-drain-rescuer": [
    [{ space: 4, block: 2, lazyMax: 1, workers: { idle: 0 } }, "a=alloc(1); free(a)", "b=alloc(1); free(b)"],
    [
      { space: 4, block: 2, lazyMax: 1, faults: ["worker"] },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ],
  ],
  "unbound-drain-stacks": [
    [
      { space: 6, block: 2, lazyMax: 1, workers: { idle: 0, stackPages: 1 } },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ],
    [
      { space: 4, block: 2, lazyMax: 1, workers: { idle: 1, stackPages: 1 } },
      "a=alloc(2); free(a)",
      "b=alloc(2); free(b)",
    ],
  ],
  "unbound-drain-queue-fault": [
    [
      { space: 4, block: 2, lazyMax: 1, faults: ["queue-work"] },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ],
    [
      { space: 9, block: 3, lazyMax: 1, nodes: 3, cpus: 3, faults: ["queue-work"], faultBudget: 2 },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b)",
      "c=alloc(1); free(c); purge",
    ],
  ],
  "unbound-drain-hotplug": [
    [
      { space: 8, block: 2, lazyMax: 1 },
      "a=alloc(1); free(a); offline(0)",
      "b=alloc(1); free(b); purge; online(0); c=alloc(1); free(c)",
    ],
  ],
  "unbound-drain-shrinker": [
    [
      { space: 8, block: 2, lazyMax: 1 },
      "a=alloc(1); free(a); b=alloc(1); free(b); c=alloc(1)",
      "d=alloc(1); free(d); shrink; shrink",
    ],
  ],
};

type Known = UnboundDrainProperty | PoolSituation | "ALLOC-REFUSED" | "DRAIN-RAN" | "HELPER-RAN" | "PURGED";

const WITNESSES: Readonly<Record<UnboundDrainCampaign, readonly Known[]>> = {
  "unbound-drain-pools": ["POPULATED", "POOL-SERVED", "POOL-PASSED-BY", "POOL-DECAYED", "POOL-TOO-SMALL"],
  "unbound-drain-helpers": ["HELPER-RAN", "HELPER-QUEUED-IN-DRAIN", "HELPERS-MANY"],
  "unbound-drain-overflow": ["POOL-SERVED", "POPULATE-SKIPPED", "ALLOC-REFUSED"],
  "unbound-drain-windows": ["POPULATED", "POOL-SERVED", "DRAIN-RAN"],
  "unbound-drain-boot": ["DRAIN-DROPPED", "LOCAL-IN-BOOT"],
  "unbound-drain-rescuer": ["RESCUER-RAN", "NO-WORKER"],
  "unbound-drain-stacks": ["WORKER-CREATED", "RESCUER-RAN"],
  "unbound-drain-queue-fault": ["QUEUE-REFUSED", "HELPER-RAN"],
  "unbound-drain-hotplug": ["HOTPLUGGED", "HELPER-RAN"],
  "unbound-drain-shrinker": ["SHRUNK", "POPULATED"],
};

// Searched to the end: a few thousand states each.
const EXHAUSTED: Readonly<Partial<Record<UnboundDrainCampaign, readonly Case[]>>> = {
  "unbound-drain-pools": [
    [{ space: 3, block: 1, lazyMax: 1 }, "a=alloc(1); free(a); aliases; b=alloc(1)", "purge"],
  ],
  "unbound-drain-helpers": [
    [{ space: 2, block: 1, lazyMax: 1 }, "a=alloc(1); free(a)", "b=alloc(1); free(b)"],
  ],
  "unbound-drain-overflow": [
    [{ space: 2, block: 1, lazyMax: 2 }, "a=alloc(1); free(a); b=alloc(2)", "purge"],
  ],
  "unbound-drain-windows": [
    [
      { space: 4, block: 2, lazyMax: 0, vmalloc: { start: 0, end: 3 }, modules: { start: 3, end: 4 } },
      "a=alloc(1,window=modules); free(a); b=alloc(1)",
    ],
  ],
  "unbound-drain-boot": [
    [{ space: 2, block: 1, lazyMax: 0, boot: "workqueue_init_early" }, "a=alloc(1); free(a)"],
  ],
  "unbound-drain-rescuer": [
    [{ space: 2, block: 1, lazyMax: 1, workers: { idle: 0 } }, "a=alloc(1); free(a)", "b=alloc(1); free(b)"],
  ],
  "unbound-drain-queue-fault": [
    [
      { space: 2, block: 1, lazyMax: 1, faults: ["queue-work"] },
      "a=alloc(1); free(a)",
      "b=alloc(1); free(b); purge",
    ],
  ],
};

const ids = Object.keys(CASES) as UnboundDrainCampaign[];

const made = (allocator: AllocatorId, cases: readonly Case[]): readonly Instance[] =>
  cases.map(([machine, ...programs]) => instanceOf(allocator, machine, ...programs));

/** The campaigns of the patch. */
export const UNBOUND_DRAIN: readonly Campaign[] = ids.map((id) => ({
  id,
  allocator: "unbound-drain",
  statement: UNBOUND_DRAIN_CAMPAIGNS[id],
  instances: made("unbound-drain", CASES[id]),
  exhausted: made("unbound-drain", EXHAUSTED[id] ?? []),
  // Its runs are twice as long as those of older designs, and there are those of later revisions as well.
  share: 1 / 2,
  witnesses: WITNESSES[id],
}));

// Its queue has no rescuer and is there from the start, and nobody looks at what queue_work() returns.
const BEFORE: Readonly<Partial<Record<UnboundDrainCampaign, readonly Known[]>>> = {
  "unbound-drain-pools": WITNESSES["unbound-drain-pools"],
  "unbound-drain-helpers": WITNESSES["unbound-drain-helpers"],
  "unbound-drain-overflow": WITNESSES["unbound-drain-overflow"],
  "unbound-drain-windows": WITNESSES["unbound-drain-windows"],
  "unbound-drain-boot": ["PURGED", "HELPER-RAN"],
  "unbound-drain-stacks": ["WORKER-CREATED"],
  "unbound-drain-hotplug": ["HOTPLUGGED", "HELPER-RAN"],
  "unbound-drain-shrinker": WITNESSES["unbound-drain-shrinker"],
};

// A fault of the patch's own queue is none here.
const plain = ([machine, ...programs]: Case): Case => {
  const { faults, ...rest } = machine;
  return [faults?.includes("workqueue") ? rest : machine, ...programs];
};

/** The campaigns of the design before it. */
export const SIZE_POOLS: readonly Campaign[] = ids.flatMap((id) => {
  const witnesses = BEFORE[id];
  if (!witnesses) return [];
  return [
    {
      id: id.replace("unbound-drain", "size-pools"),
      allocator: "size-pools" as const,
      statement: UNBOUND_DRAIN_CAMPAIGNS[id],
      instances: made("size-pools", CASES[id].map(plain)),
      exhausted: made("size-pools", (EXHAUSTED[id] ?? []).map(plain)),
      share: 1 / 4,
      witnesses,
    },
  ];
});
