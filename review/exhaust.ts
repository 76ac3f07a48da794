// SPDX-License-Identifier: GPL-2.0-only
//
// Searches the small instances of a campaign to their last state, beside the runs that are sampled.

import type { Campaign } from "../properties/campaigns/campaign.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import { searchInstance } from "../properties/search/search-instance.ts";
import { searchedCounterexample } from "../properties/search/trace.ts";
import type { Designs } from "./campaigns.ts";
import type { Exhausted } from "./report.ts";

/**
 * Searches with all invariants that the design is expected to keep and that a search can check. An instance with more
 * states than `statesMax` counts for nothing, nor does one at which `heed` says to stop.
 */
export function exhaustCampaign(
  { allocator, exhausted = [] }: Campaign,
  statesMax: number,
  designs: Designs | undefined,
  heed: () => boolean,
): Exhausted {
  const design = designs?.[allocator];
  const watched = expectedToHold(allocator);
  let instances = 0;
  let states = 0;
  for (const instance of statesMax === 0 ? [] : exhausted) {
    if (heed()) break;
    const result = searchInstance(instance, watched, { statesMax, heed, design });
    const { finding } = result;
    if (finding) {
      const violation = searchedCounterexample(result, { instance, watched: [...watched], design });
      return { instances, states, finding: `${finding.id}: ${finding.message}`, violation };
    }
    if (result.end !== "exhausted") continue;
    instances++;
    states += result.states;
  }
  return { instances, states };
}
