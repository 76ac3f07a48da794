// SPDX-License-Identifier: GPL-2.0-only
//
// All named instances for exhaustive search, by design, small ones first.

import type { AllocatorId } from "./instance.ts";
import type { SearchInstance } from "./search-instances/entry.ts";
import { GLOBAL_TREE_INSTANCES } from "./search-instances/global-tree.ts";
import { NODE_BLOCKS_INSTANCES } from "./search-instances/node-blocks.ts";
import { NODE_INDEX_INSTANCES } from "./search-instances/node-index.ts";
import { POOL_INSTANCES } from "./search-instances/pools.ts";
import { RANGE_TREE_INSTANCES } from "./search-instances/range-trees.ts";

/** Every named instance. */
export const SEARCH_INSTANCES: readonly SearchInstance[] = [
  ...GLOBAL_TREE_INSTANCES,
  ...NODE_INDEX_INSTANCES,
  ...NODE_BLOCKS_INSTANCES,
  ...POOL_INSTANCES,
  ...RANGE_TREE_INSTANCES,
];

/** The name of the instance that every design has, and that is searched if nobody asks for another one. */
export const USUAL_INSTANCE = "closed-tiny";

/** The named instance of an id, which is the allocator's and its own name with a slash between them. */
export function searchInstanceOf(id: string): SearchInstance | undefined {
  return SEARCH_INSTANCES.find((each) => each.id === id);
}

/** The named instances of a design. */
export function searchInstancesOf(allocator: AllocatorId): readonly SearchInstance[] {
  return SEARCH_INSTANCES.filter((each) => each.allocator === allocator);
}
