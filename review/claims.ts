// SPDX-License-Identifier: GPL-2.0-only
//
// From a claim to a verdict. The verdict is computed from the evidence named in the dossier and only then compared
// with the pinned one.

import { campaignOf, SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { mutantOf } from "../properties/mutants/catalogue.ts";
import { SEARCHED } from "../properties/search/search-instance.ts";
import type { SessionOptions } from "../properties/session.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import type { Claim, Evidence, Verdict } from "../spec/dossier.ts";
import type { NodeBlocksMeasure, NodeBlocksStaticCheck } from "../spec/dossiers/node-blocks-evidence.ts";
import { expectedOf, type InvariantId } from "../spec/invariants.ts";
import { type CampaignPlan, huntCampaign, shrunk } from "./campaigns.ts";
import { MEASURES } from "./measures.ts";
import { nodeIdsOf } from "./node-ids.ts";
import { count } from "./render/text-layout.ts";
import type { CampaignResult, ClaimResult, Exhausted, InstanceResult } from "./report.ts";
import { STATIC_CHECKS } from "./static-checks.ts";

/** What a claim is judged with: the campaigns that were run, and the plan that they followed. */
export interface ClaimContext extends CampaignPlan {
  readonly campaigns: ReadonlyMap<string, CampaignResult>;
  /** Named instances that were searched to their end. */
  readonly instances: readonly InstanceResult[];
  /** Whether to stop. */
  readonly heed: () => boolean;
}

type Judged = Omit<ClaimResult, "claim" | "asPinned">;

/** Judges a claim. */
export function judgeClaim(claim: Claim, context: ClaimContext): ClaimResult {
  const judged = judge(claim.evidence, context);
  return { claim, asPinned: judged.verdict === claim.pinned, ...judged };
}

function judge(evidence: Evidence, context: ClaimContext): Judged {
  switch (evidence.kind) {
    case "none":
      return { verdict: "not-checkable", text: evidence.reason, runs: 0 };
    case "static":
      return {
        ...STATIC_CHECKS[evidence.check as NodeBlocksStaticCheck](nodeIdsOf(context.designs)),
        runs: 0,
      };
    case "measured": {
      const { verdict, text, unit, rows } = MEASURES[evidence.measure as NodeBlocksMeasure](context.designs);
      return { verdict, text: `${unit}: ${text}`, runs: 0, rows };
    }
    case "invariants":
      return judgeInvariants(evidence, context);
    case "reachable":
      return judgeReachable(evidence, context);
  }
}

function judgeInvariants(evidence: Extract<Evidence, { kind: "invariants" }>, context: ClaimContext): Judged {
  const campaign = context.campaigns.get(evidence.campaign);
  if (!campaign) return notRun(evidence.campaign);
  const { allocator } = campaignOf(evidence.campaign);
  const covered = evidence.ids.every((id) => expectedOf(id, allocator) === "holds");
  if (covered && evidence.mutant === undefined) {
    const { violation } = campaign;
    if (violation && (evidence.ids as readonly string[]).includes(violation.violation.invariant)) {
      return refuted(violation, campaign.runs);
    }
    const judged = held(evidence, campaign, campaign.runs, violation !== undefined);
    return judged.verdict === "holds"
      ? withExhausted(judged, evidence.ids, campaign, context.instances)
      : judged;
  }
  const options: SessionOptions = { watched: new Set(evidence.ids), situations: SITUATIONS };
  const hunted = hunt(evidence.campaign, options, context, evidence.mutant);
  if (hunted.counterexample) return refuted(hunted.counterexample, hunted.runs);
  return held(evidence, campaign, hunted.runs, hunted.stopped);
}

function judgeReachable(evidence: Extract<Evidence, { kind: "reachable" }>, context: ClaimContext): Judged {
  const campaign = context.campaigns.get(evidence.campaign);
  if (!campaign) return notRun(evidence.campaign);
  const missing = (evidence.witnesses ?? []).find((id) => !(id in campaign.reached));
  if (missing !== undefined) return empty(missing, campaign.runs);
  const times = campaign.reached[evidence.property] ?? 0;
  if (times === 0) {
    if (campaign.violation) return cutShort(campaign, campaign.runs);
    return notReached(evidence, campaign);
  }
  const also = evidence.never !== undefined && evidence.never in campaign.reached;
  const verdict: Verdict = also ? "partly" : evidence.reached;
  const text = `${evidence.property} was reached in ${count(times, "interleaving")}${also ? `, ${evidence.never} as well` : ""}`;
  if (verdict === "holds") return { verdict, text, runs: campaign.runs };
  // A run that ends there, for the reader.
  const options: SessionOptions = { watched: new Set(), situations: SITUATIONS, stopAt: evidence.property };
  const { counterexample } = hunt(evidence.campaign, options, context);
  return { verdict, text, runs: campaign.runs, counterexample };
}

function notReached(
  { property, reached, unreached }: Extract<Evidence, { kind: "reachable" }>,
  { exhausted, runs }: CampaignResult,
): Judged {
  const text = `${property} was not reached`;
  const shown = SITUATIONS.some(({ id, searchable }) => id === property && searchable);
  if (!shown || !exhausted || exhausted.instances === 0) return { verdict: unreached, text, runs };
  if (exhausted.reached.includes(property)) {
    return { verdict: reached, text: `${property} was reached in a search only`, runs };
  }
  return { verdict: unreached, text: `${text}; exhausted: ${farText(exhausted)}`, runs };
}

// Hunts through a campaign for what the options watch, in the port, its stand-in or a mutant; shrinks what it finds.
function hunt(
  id: string,
  watched: SessionOptions,
  context: ClaimContext,
  mutant?: string,
): { readonly counterexample?: Counterexample; readonly runs: number; readonly stopped: boolean } {
  const campaign = campaignOf(id);
  const design = mutant === undefined ? context.designs?.[campaign.allocator] : mutantOf(mutant).make;
  const options = { ...watched, design };
  const { caught, stats, stopped } = huntCampaign(campaign, context, options, context.heed);
  return { runs: stats.runs, stopped, ...(caught && { counterexample: shrunk(caught, options, mutant) }) };
}

function held(
  evidence: Extract<Evidence, { kind: "invariants" }>,
  campaign: CampaignResult,
  runs: number,
  isCutShort: boolean,
): Judged {
  const missing = (evidence.witnesses ?? []).find((id) => !(id in campaign.reached));
  if (missing !== undefined) return empty(missing, runs);
  if (isCutShort) return cutShort(campaign, runs);
  return { verdict: "holds", text: `${evidence.ids.join(", ")} held`, runs };
}

// A search checks some invariants only, and says nothing of the instances that it does not exhaust. Named instances
// are searched for all of them, whatever campaign a claim is about.
function withExhausted(
  judged: Judged,
  ids: readonly InvariantId[],
  { allocator, exhausted }: CampaignResult,
  named: readonly InstanceResult[],
): Judged {
  if (!ids.every((id) => SEARCHED.has(id))) return judged;
  const held = named.filter((each) => each.allocator === allocator && each.verdict === "held");
  const sum = {
    instances: (exhausted?.instances ?? 0) + held.length,
    states: held.reduce((states, each) => states + each.states, exhausted?.states ?? 0),
  };
  if (sum.instances === 0) return judged;
  return { ...judged, text: `${judged.text}; exhausted: ${farText(sum)}` };
}

function farText({ instances, states }: Pick<Exhausted, "instances" | "states">): string {
  return `${count(states, "state")} of ${count(instances, "instance")}`;
}

function refuted(counterexample: Counterexample, runs: number): Judged {
  const { invariant, message } = counterexample.violation;
  return { verdict: "refuted", text: `${invariant}: ${message}`, runs, counterexample };
}

function cutShort(campaign: CampaignResult, runs: number): Judged {
  return { verdict: "not-decided", text: `${campaign.id} was cut short`, runs };
}

function empty(missing: string, runs: number): Judged {
  return { verdict: "not-decided", text: `the witness ${missing} was never reached`, runs };
}

function notRun(campaign: string): Judged {
  return { verdict: "not-decided", text: `${campaign} was not run`, runs: 0 };
}
