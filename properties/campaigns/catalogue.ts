// SPDX-License-Identifier: GPL-2.0-only
//
// All campaigns and all situations, by id.

import { MACHINE_SITUATIONS } from "../situations/machine.ts";
import { NODE_BLOCKS_SITUATIONS } from "../situations/node-blocks.ts";
import type { SituationFactory } from "../situations/situation.ts";
import type { Campaign } from "./campaign.ts";
import { NODE_BLOCKS } from "./node-blocks.ts";
import { PREDECESSORS } from "./predecessors.ts";

/** Every campaign. */
export const CAMPAIGNS: readonly Campaign[] = [...PREDECESSORS, ...NODE_BLOCKS];

/** Every situation. */
export const SITUATIONS: readonly SituationFactory[] = [...MACHINE_SITUATIONS, ...NODE_BLOCKS_SITUATIONS];

/** The campaign of an id; throws on an id that is not in the catalogue. */
export function campaignOf(id: string): Campaign {
  const found = CAMPAIGNS.find((campaign) => campaign.id === id);
  if (!found) throw new Error(`no campaign ${id} in the catalogue`);
  return found;
}
