// SPDX-License-Identifier: GPL-2.0-only
//
// The places in the code of each design, so that a verdict can say which of them it never saw. A design has the
// places of those that it extends, without those in the methods that it replaces. Places that only some instances have
// (the boot, the manager of workers, CPU hotplug, the shrinker's task) are not among them; those of congruent areas are
// added where an instance asks for some.

import type { Site } from "../../explore/sync.ts";
import type { AllocatorId, Instance } from "../../spec/instance.ts";
import { hasPcpu } from "../../spec/operations.ts";
import { FLUSH_SITES } from "../kernel/workqueue/workers.ts";
import { S as ALLOCATOR_SITES } from "./allocator.ts";
import { S as GLOBAL_TREE_SITES } from "./global-tree-sites.ts";
import { S as NODE_BLOCKS_SITES } from "./node-blocks.ts";
import { S as NODE_INDEX_SITES } from "./node-index.ts";
import { S as NODE_POOLS_SITES } from "./node-pools.ts";
import { MAPLE_SITES } from "./maple-sites.ts";
import { HELPER_SITES, S as OWN_WORKER_SITES } from "./node-purge.ts";
import { S as PCPU_SITES } from "./pcpu-areas.ts";
import { S as SIZE_POOLS_SITES } from "./size-pools.ts";
import { S as UNBOUND_DRAIN_SITES } from "./unbound-drain.ts";

const KEPT_BY_NODE_INDEX = without(
  GLOBAL_TREE_SITES,
  "find",
  "findUnlink",
  "collect",
  "flush",
  "purgeOne",
  "recheck",
);
const KEPT_BY_NODES = without(KEPT_BY_NODE_INDEX, "record");
const INDEX_KEPT_BY_NODE_BLOCKS = without(NODE_INDEX_SITES, "purgeOne", "sum");
const INDEX_KEPT_BY_POOLS = without(NODE_INDEX_SITES, "peek", "purgeOne", "sum");

const POOL_SITES = [without(KEPT_BY_NODES, "lazyInsert"), INDEX_KEPT_BY_POOLS, NODE_POOLS_SITES];

const UNBOUND_DRAIN = sitesOf(
  ALLOCATOR_SITES,
  ...POOL_SITES.map((group) => without(group, "schedule")),
  without(HELPER_SITES, "dispatch"),
  FLUSH_SITES,
  without(SIZE_POOLS_SITES, "inline", "helper", "helped"),
  UNBOUND_DRAIN_SITES,
);

const RANGE_TREES = sitesOf(
  ALLOCATOR_SITES,
  without(KEPT_BY_NODES, "search", "bind", "unbind", "mergeFree", "lazyAdd", "lazyInsert"),
  without(NODE_INDEX_SITES, "peek", "collect", "purgeOne", "sum"),
  without(NODE_POOLS_SITES, "reclaim"),
  HELPER_SITES,
  FLUSH_SITES,
  without(SIZE_POOLS_SITES, "lazyInsert", "peek", "reclaim"),
  MAPLE_SITES,
);

/** Every place that the code of a design can come to, in the order of the source. */
export const DESIGN_SITES: Readonly<Record<AllocatorId, readonly Site[]>> = {
  "global-tree": sitesOf(ALLOCATOR_SITES, GLOBAL_TREE_SITES),
  "node-index": sitesOf(ALLOCATOR_SITES, KEPT_BY_NODE_INDEX, NODE_INDEX_SITES),
  "node-blocks": sitesOf(
    ALLOCATOR_SITES,
    KEPT_BY_NODES,
    INDEX_KEPT_BY_NODE_BLOCKS,
    OWN_WORKER_SITES,
    NODE_BLOCKS_SITES,
  ),
  "size-pools": sitesOf(ALLOCATOR_SITES, ...POOL_SITES, HELPER_SITES, FLUSH_SITES, SIZE_POOLS_SITES),
  "unbound-drain": UNBOUND_DRAIN,
  "unbound-drain-v3": UNBOUND_DRAIN,
  "dual-index": RANGE_TREES,
  "occupied-index": RANGE_TREES,
};

const INSERTED_AT_ONCE = without(PCPU_SITES, "insertInNode");
const INSERTED_BY_NODE = without(PCPU_SITES, "insert");

/** Every place that the code of an instance's design can come to, with those that only such instances have. */
export function sitesIn({ allocator, programs }: Pick<Instance, "allocator" | "programs">): readonly Site[] {
  const sites = DESIGN_SITES[allocator];
  if (!hasPcpu(programs)) return sites;
  return [...sites, ...sitesOf(allocator === "global-tree" ? INSERTED_AT_ONCE : INSERTED_BY_NODE)];
}

type Sites = Readonly<Record<string, Site>>;

function without(sites: Sites, ...names: readonly string[]): Sites {
  return Object.fromEntries(Object.entries(sites).filter(([name]) => !names.includes(name)));
}

function sitesOf(...groups: readonly Sites[]): readonly Site[] {
  return groups.flatMap((group) => Object.values(group));
}
