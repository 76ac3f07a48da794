// SPDX-License-Identifier: GPL-2.0-only
//
// Campaigns of generated instances: machines and programs that nobody thought of, drawn by fast-check from a seed.

import fc from "fast-check";
import { createRng } from "../../explore/rng.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { instanceArbitrary } from "../arbitraries/instances.ts";
import type { Campaign } from "./campaign.ts";

/** Draws a campaign. The same seed draws the same instances. */
export function generatedCampaign(allocator: AllocatorId, seed: string, count: number): Campaign {
  return {
    id: `${allocator}-generated`,
    allocator,
    statement:
      "machines and programs drawn at random: faults, migrations, windows, alignments, frees by other tasks",
    instances: fc.sample(instanceArbitrary(allocator), {
      seed: createRng(`instances/${seed}`).below(2 ** 31),
      numRuns: count,
    }),
    share: 1 / 16,
    witnesses: ["PURGED", "SYNC-FREED", "ALLOC-REFUSED"],
  };
}
