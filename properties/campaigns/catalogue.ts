// SPDX-License-Identifier: GPL-2.0-only
//
// All campaigns and all situations, by id.

import { MACHINE_SITUATIONS } from "../situations/machine.ts";
import { NODE_BLOCKS_SITUATIONS } from "../situations/node-blocks.ts";
import { POOL_SITUATIONS } from "../situations/pools.ts";
import { RANGE_TREE_SITUATIONS } from "../situations/range-trees.ts";
import type { SituationFactory } from "../situations/situation.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import type { Campaign } from "./campaign.ts";
import { NODE_BLOCKS } from "./node-blocks.ts";
import { DUAL_INDEX, OCCUPIED_INDEX } from "./occupied-index.ts";
import { PREDECESSORS } from "./predecessors.ts";
import { SIZE_POOLS, UNBOUND_DRAIN } from "./unbound-drain.ts";

/** Every campaign. */
export const CAMPAIGNS: readonly Campaign[] = [
  ...PREDECESSORS,
  ...NODE_BLOCKS,
  ...SIZE_POOLS,
  ...UNBOUND_DRAIN,
  ...DUAL_INDEX,
  ...OCCUPIED_INDEX,
];

/** Every situation. */
export const SITUATIONS: readonly SituationFactory[] = [
  ...MACHINE_SITUATIONS,
  ...NODE_BLOCKS_SITUATIONS,
  ...POOL_SITUATIONS,
  ...RANGE_TREE_SITUATIONS,
];

/** The campaign of an id; throws on an id that is not in the catalogue. */
export function campaignOf(id: string): Campaign {
  const found = CAMPAIGNS.find((campaign) => campaign.id === id);
  if (!found) throw new Error(`no campaign ${id} in the catalogue`);
  return found;
}

/**
 * The campaign of an id for another design: the very same instances and witnesses. As it is, if the campaign is of that
 * design.
 */
export function campaignOn(id: string, allocator: AllocatorId): Campaign {
  const campaign = campaignOf(id);
  if (campaign.allocator === allocator) return campaign;
  const { exhausted = [], instances } = campaign;
  return {
    ...campaign,
    id: `${id}/${allocator}`,
    allocator,
    instances: instances.map((each) => ({ ...each, allocator })),
    exhausted: exhausted.map((each) => ({ ...each, allocator })),
  };
}
