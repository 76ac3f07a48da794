// SPDX-License-Identifier: GPL-2.0-only
//
// The places in the code of each design, so that a verdict can say which of them it never saw. A design has the
// places of those that it extends, without those in the methods that it replaces.

import type { Site } from "../../explore/sync.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { S as ALLOCATOR_SITES } from "./allocator.ts";
import { S as GLOBAL_TREE_SITES } from "./global-tree.ts";
import { S as NODE_BLOCKS_SITES } from "./node-blocks.ts";
import { S as NODE_INDEX_SITES } from "./node-index.ts";

const {
  find: _find,
  findUnlink: _findUnlink,
  collect: _collect,
  flush: _flush,
  purgeOne: _purgeOne,
  recheck: _recheck,
  ...KEPT_BY_NODE_INDEX
} = GLOBAL_TREE_SITES;

const { record: _record, ...KEPT_BY_NODE_BLOCKS } = KEPT_BY_NODE_INDEX;

const { purgeOne: _purgeNode, sum: _sum, ...INDEX_KEPT_BY_NODE_BLOCKS } = NODE_INDEX_SITES;

/** Every place that the code of a design can come to, in the order of the source. */
export const DESIGN_SITES: Readonly<Record<AllocatorId, readonly Site[]>> = {
  "global-tree": sitesOf(ALLOCATOR_SITES, GLOBAL_TREE_SITES),
  "node-index": sitesOf(ALLOCATOR_SITES, KEPT_BY_NODE_INDEX, NODE_INDEX_SITES),
  "node-blocks": sitesOf(ALLOCATOR_SITES, KEPT_BY_NODE_BLOCKS, INDEX_KEPT_BY_NODE_BLOCKS, NODE_BLOCKS_SITES),
};

function sitesOf(...groups: readonly Readonly<Record<string, Site>>[]): readonly Site[] {
  return groups.flatMap((group) => Object.values(group));
}
