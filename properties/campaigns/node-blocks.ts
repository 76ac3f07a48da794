// SPDX-License-Identifier: GPL-2.0-only
//
// The campaigns of the node-blocks dossier. A quarter of a block of 8 pages is 2, of 16 pages 4: requests up to
// that size are served by a node.

import {
  NODE_BLOCKS_CAMPAIGNS,
  type NodeBlocksCampaign,
  type NodeBlocksProperty,
} from "../../spec/dossiers/node-blocks-evidence.ts";
import type { Instance } from "../../spec/instance.ts";
import type { Campaign } from "./campaign.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";

const blocks = (machine: Machine, ...programs: readonly string[]): Instance =>
  instanceOf("node-blocks", machine, ...programs);

const INSTANCES: Readonly<Record<NodeBlocksCampaign, readonly Instance[]>> = {
  "node-blocks-small": [
    blocks(
      { space: 32 },
      "a=alloc(1); free(a); b=alloc(2); free(b)",
      "c=alloc(2); free(c); d=alloc(1); find(d+0)",
      "e=alloc(4); free(e); purge",
    ),
    blocks(
      { space: 40, block: 16, lazyMax: 2, migrations: 1 },
      "a=alloc(2,align=2); b=alloc(1); free(a)",
      "c=alloc(4); free(c); d=alloc(2); free(d)",
      "e=alloc(5); free(e); purge",
    ),
    blocks(
      { space: 20, lazyMax: 1 },
      "a=alloc(2); b=alloc(2); free(a); c=alloc(2); free(b)",
      "d=alloc(1); free(d); e=alloc(2); free(e); aliases",
    ),
    // A request that is above the limit for its alignment alone, and areas of both nodes freed synchronously.
    blocks(
      { space: 24, lazyMax: 2, faults: ["kasan"] },
      "a=alloc(2,align=2); b=alloc(2); free(a)",
      "c=alloc(1); d=alloc(1); free(d); purge",
    ),
  ],
  "node-blocks-fill-race": [
    blocks({ space: 24, nodes: 1 }, "a=alloc(1); free(a)", "b=alloc(1); free(b)", "c=alloc(2); purge"),
    blocks(
      { space: 24, nodes: 1, cpus: 3 },
      "a=alloc(2); b=alloc(2)",
      "c=alloc(2); free(c)",
      "d=alloc(2); free(d)",
    ),
  ],
  "node-blocks-fill-fault": [
    blocks(
      { space: 24, nodes: 1, faults: ["fill-record", "split", "preload"], faultBudget: 2 },
      "a=alloc(1); free(a)",
      "b=alloc(1); b2=alloc(2); free(b2)",
      "c=alloc(2); purge",
    ),
    blocks(
      { space: 24, block: 16, nodes: 1, faults: "all", faultBudget: 2, migrations: 1 },
      "a=alloc(2,align=2); free(a)",
      "b=alloc(1); c=alloc(2,align=2); free(b)",
    ),
  ],
  "node-blocks-kasan": [
    blocks({ space: 8, faults: ["kasan"] }, "a=alloc(1); purge", "b=alloc(1); free(b)"),
    blocks(
      { space: 24, faults: ["kasan"], faultBudget: 2, lazyMax: 1 },
      "a=alloc(1); b=alloc(2); free(b)",
      "c=alloc(2); d=alloc(3); free(d); purge",
    ),
  ],
  "node-blocks-stranded": [
    blocks({ space: 4, block: 4, nodes: 1, cpus: 1 }, "a=alloc(1); b=alloc(1); free(a); c=alloc(1)"),
    blocks(
      { space: 8, lazyMax: 2 },
      "a=alloc(2); b=alloc(2); free(a); d=alloc(2)",
      "c=alloc(1); free(c); e=alloc(1)",
    ),
  ],
  "node-blocks-edges": [
    blocks(
      { space: 24 },
      "a=alloc(1); b=alloc(2); free(a); free(b); purge",
      "c=alloc(2); d=alloc(1); free(d); free(c)",
      "e=alloc(3); purge; free(e)",
    ),
    blocks(
      { space: 19, lazyMax: 0 },
      "x=alloc(3); a=alloc(2); b=alloc(2); c=alloc(2); free(b); free(a); free(c)",
      "d=alloc(2); e=alloc(1); free(e); free(d); purge",
    ),
    // Two neighbouring blocks of one node, beside one of the other, which is free but for a page for a while.
    blocks(
      { space: 24, lazyMax: 2, faults: ["kasan"] },
      "a=alloc(2); b=alloc(2); c=alloc(2); d=alloc(2); free(c); free(d); purge",
      "e=alloc(1); g=alloc(1); free(g); free(e)",
    ),
  ],
  "node-blocks-zones": [
    blocks(
      { space: 32 },
      "x=alloc(3); a=alloc(1); find(a+0); free(a)",
      "y=alloc(9); find(y+0); find(y+8); free(y)",
      "b=alloc(2); find(b+1); purge",
    ),
    blocks(
      { space: 36, nodes: 3, cpus: 3, lazyMax: 2 },
      "x=alloc(5); a=alloc(2); find(a+1); free(a)",
      "y=alloc(10); find(y+9); free(y)",
      "b=alloc(1); find(b+0); free(b); purge",
    ),
  ],
  "node-blocks-windows": [
    blocks(
      { space: 32, vmalloc: { start: 0, end: 24 }, modules: { start: 24, end: 32 } },
      "a=alloc(1,window=modules); free(a); b=alloc(1)",
      "c=alloc(1,window=4..8); free(c); d=alloc(2); free(d)",
      "e=alloc(2,window=modules); find(e+1); purge; free(e)",
    ),
  ],
  "node-blocks-helpers": [
    blocks(
      { space: 32, lazyMax: 1 },
      "a=alloc(1); free(a); b=alloc(2); free(b)",
      "c=alloc(2); free(c); d=alloc(1); free(d)",
      "e=alloc(2); free(e); purge",
    ),
    blocks(
      { space: 40, lazyMax: 1, nodes: 3, cpus: 3 },
      "a=alloc(2); free(a)",
      "b=alloc(2); free(b)",
      "c=alloc(2); free(c); purge",
    ),
  ],
};

// Up to 40,000 states each.
const EXHAUSTED: Readonly<Partial<Record<NodeBlocksCampaign, readonly Instance[]>>> = {
  "node-blocks-small": INSTANCES["node-blocks-small"].slice(3),
  "node-blocks-fill-race": INSTANCES["node-blocks-fill-race"].slice(0, 1),
  "node-blocks-fill-fault": [
    blocks(
      { space: 8, nodes: 1, faults: ["fill-record", "split", "preload"] },
      "a=alloc(1); free(a)",
      "b=alloc(1); c=alloc(2)",
    ),
    blocks(
      { space: 16, nodes: 1, faults: ["fill-record", "split", "preload"], faultBudget: 2 },
      "a=alloc(1); free(a)",
      "b=alloc(2)",
    ),
  ],
  "node-blocks-kasan": INSTANCES["node-blocks-kasan"],
  "node-blocks-stranded": INSTANCES["node-blocks-stranded"],
  // Two blocks of different nodes that touch, and areas that a purge takes from a node whose zone they are not in.
  "node-blocks-edges": [
    blocks({ space: 16, lazyMax: 2 }, "a=alloc(2); b=alloc(1); free(a); purge", "c=alloc(2); free(c)"),
    blocks({ space: 19, lazyMax: 2 }, "x=alloc(3); a=alloc(2); free(a); free(x); purge", "c=alloc(2)"),
  ],
  "node-blocks-zones": [
    blocks(
      { space: 19, lazyMax: 2 },
      "x=alloc(3); a=alloc(1); find(a+0); free(a)",
      "y=alloc(9); find(y+8); free(y)",
    ),
  ],
  "node-blocks-windows": [
    blocks(
      { space: 16, block: 4, vmalloc: { start: 0, end: 12 }, modules: { start: 12, end: 16 } },
      "a=alloc(1,window=modules); free(a); b=alloc(1)",
      "c=alloc(1,window=4..8); free(c); d=alloc(1,window=modules)",
    ),
  ],
  "node-blocks-helpers": [
    blocks({ space: 16, lazyMax: 1 }, "a=alloc(1); free(a)", "b=alloc(2); free(b); purge"),
  ],
};

const WITNESSES: Readonly<Record<NodeBlocksCampaign, readonly (NodeBlocksProperty | MachineWitness)[]>> = {
  "node-blocks-small": ["DRAIN-RAN", "PART-RELEASE", "LIMIT-EXCEEDED-GLOBAL"],
  "node-blocks-fill-race": ["FILL-LOSER-GLOBAL"],
  "node-blocks-fill-fault": ["SPLIT-REFUSED"],
  "node-blocks-kasan": ["SYNC-FREED", "ID-ZERO-FREED"],
  "node-blocks-stranded": ["ALLOC-REFUSED"],
  "node-blocks-edges": ["NEIGHBOUR-BLOCKS", "FOREIGN-PURGE-ADDRESS"],
  "node-blocks-zones": ["BLOCK-SPANS-ZONES", "ZONE-CROSSING"],
  "node-blocks-windows": ["WINDOW-GLOBAL-SERVED"],
  "node-blocks-helpers": ["HELPER-RAN"],
};

type MachineWitness =
  "DRAIN-RAN" | "HELPER-RAN" | "ALLOC-REFUSED" | "SPLIT-REFUSED" | "SYNC-FREED" | "PURGED";

/** The campaigns of the patch. */
export const NODE_BLOCKS: readonly Campaign[] = (Object.keys(INSTANCES) as NodeBlocksCampaign[]).map(
  (id) => ({
    id,
    allocator: "node-blocks",
    statement: NODE_BLOCKS_CAMPAIGNS[id],
    instances: INSTANCES[id],
    exhausted: EXHAUSTED[id] ?? [],
    witnesses: WITNESSES[id],
  }),
);
