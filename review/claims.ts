// SPDX-License-Identifier: GPL-2.0-only
//
// From a claim to a verdict. The verdict is computed from the evidence named in the dossier and only then compared
// with the pinned one.

import type { Campaign } from "../properties/campaigns/campaign.ts";
import { campaignOf, campaignOn, SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { mutantOf } from "../properties/mutants/catalogue.ts";
import { SEARCHED } from "../properties/search/search-instance.ts";
import type { SessionOptions } from "../properties/session.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import type { Claim, Dossier, Evidence, Revision, Verdict } from "../spec/dossier.ts";
import type { AllocatorId } from "../spec/instance.ts";
import { type InvariantId, isExpectedToHold } from "../spec/invariants.ts";
import { type CampaignPlan, huntCampaign, shrunk } from "./campaigns.ts";
import { fewestSteps, searchedIn } from "./fewest-steps.ts";
import { measureOf } from "./measures.ts";
import { originOf } from "./origin.ts";
import { count } from "./render/text-layout.ts";
import type {
  CampaignResult,
  ClaimResult,
  Exhausted,
  InstanceResult,
  Judged,
  RevisionResult,
} from "./report.ts";
import { staticCheckOf } from "./static-checks.ts";

/** What a claim is judged with: the campaigns that were run, and the plan that they followed. */
export interface ClaimContext extends CampaignPlan {
  readonly campaigns: ReadonlyMap<string, CampaignResult>;
  /** Named instances that were searched to their end. */
  readonly instances: readonly InstanceResult[];
  /** Most states of a search for a counterexample with the fewest steps; by default there is none. */
  readonly statesMax?: number | undefined;
  /** The code before the patch, if it is to be asked where violations come from. */
  readonly before?: AllocatorId | undefined;
  /** Whether to stop. */
  readonly heed: () => boolean;
}

// A context on the way, with the design of the revision that is judged if it is not the first one.
interface Judging extends ClaimContext {
  readonly revision?: AllocatorId | undefined;
}

/** Judges a claim, on the patch that makes it and on later revisions of it. */
export function judgeClaim(
  claim: Claim,
  context: ClaimContext,
  revisions: readonly Revision[] = [],
): ClaimResult {
  const judged = withOrigin(judge(claim.evidence, context), context);
  return {
    claim,
    asPinned: isAsPinned(judged, { verdict: claim.pinned, condition: claim.condition }),
    ...judged,
    ...(revisions.length > 0 && { revisions: revisions.map((each) => judgeRevision(claim, each, context)) }),
  };
}

function judgeRevision(
  claim: Claim,
  { id, design, pinned }: Revision,
  context: ClaimContext,
): RevisionResult {
  const judged = withOrigin(judge(claim.evidence, { ...context, revision: design }), context);
  return { id, asPinned: isAsPinned(judged, pinned[claim.id]), ...judged };
}

function withOrigin(
  judged: Judged,
  { before, designs, heed, runs, seed, statesMax = 0 }: ClaimContext,
): Judged {
  if (before === undefined || !judged.counterexample) return judged;
  const origin = originOf(judged.counterexample, before, { statesMax, runs, seed, designs, heed });
  return origin ? { ...judged, origin } : judged;
}

// A verdict that needs a condition is not the one that needs none.
function isAsPinned(
  { verdict, conditional }: Judged,
  pinned: { readonly verdict: Verdict; readonly condition?: string | undefined } | undefined,
): boolean {
  if (verdict !== pinned?.verdict) return false;
  return conditional === undefined || conditional === (pinned.condition !== undefined);
}

/** The campaigns that the claims of a dossier rest on, on the patch and on later revisions. */
export function campaignsOfClaims(dossier: Dossier): readonly Campaign[] {
  return [...campaignIds(dossier).map(campaignOf), ...revisionCampaigns(dossier)];
}

/** Those of them that are of later revisions. */
export function revisionCampaigns(dossier: Dossier): readonly Campaign[] {
  return dossier.revisions.flatMap(({ design }) => campaignIds(dossier).map((id) => campaignOn(id, design)));
}

function campaignIds({ claims }: Dossier): readonly string[] {
  const ids = claims.flatMap(({ evidence }) => {
    if (evidence.kind === "reachable") return [evidence.campaign];
    if (evidence.kind !== "invariants") return [];
    return evidence.unless === undefined ? [evidence.campaign] : [evidence.campaign, evidence.unless];
  });
  return [...new Set(ids)];
}

function judge(evidence: Evidence, context: Judging): Judged {
  switch (evidence.kind) {
    case "none":
      return { verdict: "not-checkable", text: evidence.reason, runs: 0 };
    case "static": {
      const { designs, revision } = context;
      return { ...staticCheckOf(evidence.check)({ designs, design: revision }), runs: 0 };
    }
    case "measured": {
      const { verdict, text, unit, rows, title, rule } = measureOf(evidence.measure)(context.designs);
      const shown = { ...(title !== undefined && { title }), ...(rule !== undefined && { rule }) };
      return { verdict, text: `${unit}: ${text}`, runs: 0, rows, ...shown };
    }
    case "invariants":
      return judgeInvariants(evidence, context);
    case "reachable":
      return judgeReachable(evidence, context);
  }
}

type OnInvariants = Extract<Evidence, { kind: "invariants" }>;

function judgeInvariants(evidence: OnInvariants, context: Judging): Judged {
  const campaign = campaignIn(evidence.campaign, context);
  const result = context.campaigns.get(campaign.id);
  if (!result) return notRun(campaign.id);
  const judged = judgeIn(campaign, result, evidence, context);
  if (judged.verdict === "refuted" && evidence.despite !== undefined && evidence.despite in result.reached) {
    const times = count(result.reached[evidence.despite]!, "interleaving");
    return { ...judged, verdict: "partly", text: `${judged.text}; but ${evidence.despite} in ${times}` };
  }
  if (judged.verdict !== "holds" || evidence.unless === undefined) return judged;
  return judgeCondition(judged, campaignIn(evidence.unless, context), evidence, context);
}

function judgeIn(
  campaign: Campaign,
  result: CampaignResult,
  evidence: OnInvariants,
  context: Judging,
): Judged {
  const { allocator, instances } = campaign;
  const covered = evidence.ids.every((id) => isExpectedToHold(id, allocator, instances));
  if (covered && evidence.mutant === undefined) {
    const { violation } = result;
    if (violation && (evidence.ids as readonly string[]).includes(violation.violation.invariant)) {
      return refuted(violation, result.runs);
    }
    const judged = held(evidence, result, result.runs, violation !== undefined);
    return judged.verdict === "holds"
      ? withExhausted(judged, evidence.ids, result, context.instances)
      : judged;
  }
  const options: SessionOptions = { watched: new Set(evidence.ids), situations: SITUATIONS };
  const hunted = hunt(campaign, options, context, evidence.mutant);
  if (hunted.counterexample) {
    return { ...refuted(hunted.counterexample, hunted.runs), ...(hunted.shortest && { shortest: true }) };
  }
  return held(evidence, result, hunted.runs, hunted.stopped);
}

// What holds where the condition is met: does it hold where it is not?
function judgeCondition(judged: Judged, campaign: Campaign, { ids }: OnInvariants, context: Judging): Judged {
  const result = context.campaigns.get(campaign.id);
  if (!result) return notRun(campaign.id);
  if (result.missing.length > 0) return empty(result.missing[0]!, result.runs);
  const { counterexample, runs, shortest, stopped } = hunt(campaign, { watched: new Set(ids) }, context);
  if (stopped) return cutShort(result, runs);
  if (!counterexample) {
    const text = `${judged.text}; in ${campaign.id} as well`;
    return { ...judged, conditional: false, text, runs: judged.runs + runs };
  }
  const { invariant, message } = counterexample.violation;
  const text = `${judged.text}; without the condition ${invariant}: ${message}`;
  return {
    ...judged,
    conditional: true,
    text,
    runs: judged.runs + runs,
    counterexample,
    ...(shortest && { shortest }),
  };
}

function judgeReachable(evidence: Extract<Evidence, { kind: "reachable" }>, context: Judging): Judged {
  const campaign = campaignIn(evidence.campaign, context);
  const result = context.campaigns.get(campaign.id);
  if (!result) return notRun(campaign.id);
  const missing = (evidence.witnesses ?? []).find((id) => !(id in result.reached));
  if (missing !== undefined) return empty(missing, result.runs);
  const times = result.reached[evidence.property] ?? 0;
  if (times === 0) {
    if (result.violation) return cutShort(result, result.runs);
    return notReached(evidence, result);
  }
  const also = evidence.never !== undefined && evidence.never in result.reached;
  const verdict: Verdict = also ? "partly" : evidence.reached;
  const text = `${evidence.property} was reached in ${count(times, "interleaving")}${also ? `, ${evidence.never} as well` : ""}`;
  if (verdict === "holds") return { verdict, text, runs: result.runs };
  // A run that ends there, for the reader.
  const options: SessionOptions = { watched: new Set(), situations: SITUATIONS, stopAt: evidence.property };
  const { counterexample } = hunt(campaign, options, context);
  return { verdict, text, runs: result.runs, counterexample };
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

// The campaign of an id, of the revision that is judged.
function campaignIn(id: string, { revision }: Judging): Campaign {
  return revision === undefined ? campaignOf(id) : campaignOn(id, revision);
}

interface Hunted {
  readonly counterexample?: Counterexample | undefined;
  readonly shortest?: boolean | undefined;
  readonly runs: number;
  readonly stopped: boolean;
}

// Hunts through a campaign for what the options watch, in the port, its stand-in or a mutant; shrinks what it finds. If
// it finds nothing, a search of the small instances may, and a search of the shrunken one finds the fewest steps.
function hunt(campaign: Campaign, watched: SessionOptions, context: Judging, mutant?: string): Hunted {
  const design = mutant === undefined ? context.designs?.[campaign.allocator] : mutantOf(mutant).make;
  const options = { ...watched, design };
  const { caught, stats, stopped } = huntCampaign(campaign, context, options, context.heed);
  const { runs } = stats;
  const bounds = { statesMax: context.statesMax ?? 0, heed: context.heed, mutant };
  const found = caught
    ? shrunk(caught, options, mutant)
    : stopped
      ? undefined
      : searchedIn(campaign.exhausted ?? [], options, bounds);
  if (!found) return { runs, stopped };
  const least = fewestSteps(found, options, bounds);
  return { runs, stopped, counterexample: least ?? found, shortest: least !== undefined };
}

function held(evidence: OnInvariants, campaign: CampaignResult, runs: number, isCutShort: boolean): Judged {
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
