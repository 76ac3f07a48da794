// SPDX-License-Identifier: GPL-2.0-only
//
// Hunts through the instances of a campaign. The gate and a claim that needs a run of its own go the same way
// with the same seed, so what a campaign has reached can be reached again and shown.

import type { AllocatorClass } from "../impl/allocators/registry.ts";
import type { Campaign } from "../properties/campaigns/campaign.ts";
import { SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { type Catch, huntInstance, type HuntStats, newStats } from "../properties/hunt.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import type { SessionOptions } from "../properties/session.ts";
import { capture, shrink } from "../properties/shrink/shrink.ts";
import { toCounterexample } from "../properties/counterexample.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import type { CampaignResult } from "./report.ts";

/** Classes that are checked in place of the ports: the next version of a patch, say. */
export type Designs = Readonly<Partial<Record<AllocatorId, AllocatorClass>>>;

/** How much is done, and with which schedules. */
export interface CampaignPlan {
  readonly seed: string;
  /** Interleavings per instance of a campaign that gets its full share. */
  readonly runs: number;
  readonly designs?: Designs | undefined;
}

const STRICT_SHARE = 0.004;

/** What a hunt through a campaign came to. */
export interface CampaignHunt {
  readonly caught: Catch | undefined;
  readonly stats: HuntStats;
  /** Whether `heed` cut it short. */
  readonly stopped: boolean;
}

/** Hunts through the instances in turn, up to the first finding. Options may depend on the instance. */
export function huntCampaign(
  campaign: Campaign,
  plan: CampaignPlan,
  options: SessionOptions | ((instance: Instance) => SessionOptions),
  heed: () => boolean,
): CampaignHunt {
  const runs = Math.ceil(plan.runs * (campaign.share ?? 1));
  const hunt = {
    runs,
    strictRuns: Math.ceil(runs * STRICT_SHARE),
    strategy: "mixed",
    seed: `${plan.seed}/${campaign.id}`,
  } as const;
  const stats = newStats();
  let stopped = false;
  const heedOnce = (): boolean => {
    stopped ||= heed();
    return stopped;
  };
  let caught: Catch | undefined;
  for (const instance of campaign.instances) {
    const own = typeof options === "function" ? options(instance) : options;
    caught = huntInstance(instance, hunt, own, stats, heedOnce);
    if (caught || stopped) break;
  }
  return { caught, stats, stopped };
}

/** Runs a campaign, with all invariants that its design is expected to keep and all situations. */
export function runCampaign(campaign: Campaign, plan: CampaignPlan, heed: () => boolean): CampaignResult {
  const { id, allocator, statement, witnesses } = campaign;
  const options = (instance: Instance): SessionOptions => ({
    design: plan.designs?.[allocator],
    watched: expectedToHold(allocator, [instance]),
    situations: SITUATIONS,
  });
  const { caught, stats } = huntCampaign(campaign, plan, options, heed);
  return {
    id,
    allocator,
    statement,
    instances: stats.instances,
    runs: stats.runs,
    steps: stats.steps,
    cutOff: stats.cutOff,
    reached: Object.fromEntries([...stats.reached].sort(([a], [b]) => (a < b ? -1 : 1))),
    missing: witnesses.filter((w) => !stats.reached.has(w)),
    violation: caught && shrunk(caught, options(caught.session.instance)),
  };
}

/** The minimal counterexample of a catch. */
export function shrunk(caught: Catch, options: SessionOptions, mutant?: string): Counterexample {
  const { session, finding } = caught;
  const same = { ...options, strict: session.sim.kernel.heap.strict !== undefined };
  const least = shrink(session.instance, capture(session, finding), same);
  return toCounterexample(least, same, mutant);
}
