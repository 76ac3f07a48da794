// SPDX-License-Identifier: GPL-2.0-only
//
// The gate: campaigns over all designs, the claims of the dossiers against their pinned verdicts, the scenarios,
// the mutants. The plan follows from the budget alone, so the same command gives the same report everywhere; a
// clock can only cut it short, and then nothing is called held.

import { CAMPAIGNS } from "../properties/campaigns/catalogue.ts";
import { generatedCampaign } from "../properties/campaigns/generated.ts";
import type { Campaign } from "../properties/campaigns/campaign.ts";
import type { Finding } from "../properties/finding.ts";
import { MUTANTS } from "../properties/mutants/catalogue.ts";
import { killMutant } from "../properties/mutants/kill.ts";
import { killBySearch } from "../properties/mutants/search-kill.ts";
import { SCENARIOS } from "../properties/scenarios/catalogue.ts";
import { expectedToHold, runScenario } from "../properties/scenarios/scenario.ts";
import type { Dossier, Verdict } from "../spec/dossier.ts";
import { DOSSIERS, findDossier } from "../spec/dossiers.ts";
import { ALLOCATOR_IDS, type AllocatorId } from "../spec/instance.ts";
import { invariantsFor } from "../spec/invariants.ts";
import { SEARCH_INSTANCES } from "../spec/search-instances.ts";
import { type SearchInstance, STATES_OF_CLASS } from "../spec/search-instances/entry.ts";
import { type CampaignPlan, type Designs, runCampaign } from "./campaigns.ts";
import { type CorpusEntry, replayKept } from "./corpus.ts";
import { campaignsOfClaims, judgeClaim, revisionCampaigns } from "./claims.ts";
import { type Comparison, compareRevision, comparisonsOf, differenceProblems } from "./differences.ts";
import { exhaustCampaign, exhaustNamed } from "./exhaust.ts";
import { nodeIdProblem } from "./node-ids.ts";
import { count } from "./render/text-layout.ts";
import type {
  CampaignResult,
  CheckReport,
  ClaimResult,
  Heed,
  InvariantLine,
  Judged,
  MutantLine,
  ScenarioLine,
} from "./report.ts";

/** What the gate is asked to do. */
export interface CheckOptions {
  /** Rough bound on the work, in seconds of a slow machine; decides how many interleavings are planned. */
  readonly budgetSeconds: number;
  readonly seed: string;
  /** Ids of dossiers; by default all. */
  readonly patches?: readonly string[] | undefined;
  /** Only what the claims rest on: no scenarios, no mutants, no other campaigns. */
  readonly claimsOnly?: boolean | undefined;
  /** Counterexamples that were kept from before; replayed first, in this order. */
  readonly corpus?: readonly CorpusEntry[] | undefined;
  /** Checked in place of the ports, except where mutants show that the checks can fail. */
  readonly designs?: Designs | undefined;
}

// Interleavings planned per second of budget: what a slow machine does with time to spare.
const RUNS_PER_SECOND = 1100;
// Fewer would not reach every witness.
const RUNS_MIN = 256;
// States of an instance that is searched to its end: the small ones are, unless the budget is very small.
const STATES_PER_SECOND = 2000;
const STATES_MAX = STATES_OF_CLASS.tiny;
// Generated instances per design.
const GENERATED = 40;
const SCENARIO_RUNS = 120;
const MUTANT_RUNS = 4000;
const MUTANT_STATES = 60_000;
// Below this, patches are not compared with their predecessors, and in a review by short programs only.
const COMPARISON_BUDGET = 10;

/** Runs the gate. Throws on the id of a patch that is not in the catalogue. */
export function runCheck(options: CheckOptions, heed: Heed): CheckReport {
  return new Gate(options, heed).run();
}

class Gate {
  private readonly options: CheckOptions;
  private readonly heed: Heed;
  private stopped = false;
  private phase = "";
  private item = "";
  private fraction = 0;
  private runs = 0;
  private steps = 0;

  constructor(options: CheckOptions, heed: Heed) {
    this.options = options;
    this.heed = heed;
  }

  run(): CheckReport {
    const { designs: standIns } = this.options;
    const dossiers = dossiersOf(this.options.patches);
    const designs = new Set(
      dossiers.flatMap((d) => [
        "global-tree" as const,
        d.before,
        d.after,
        ...d.revisions.map(({ design }) => design),
      ]),
    );
    const { claimsOnly = false, corpus: kept = [] } = this.options;
    const corpus = this.part("corpus", 0, 0, kept, replayKept);
    const needed = dossiers.flatMap(campaignsOfClaims);
    const planned = claimsOnly
      ? needed
      : [...CAMPAIGNS, ...dossiers.flatMap(revisionCampaigns), ...this.generated()];
    const campaigns = this.part(
      "campaigns",
      0,
      0.55,
      planned.filter((c) => designs.has(c.allocator)),
      (c) => this.campaign(c),
    );
    const instances = this.part("instances", 0.55, 0.65, this.searched(designs), (named) =>
      exhaustNamed(named, this.statesMax(), standIns, () => this.tick()),
    );
    const byId = new Map(campaigns.map((c) => [c.id, c]));
    const statesMax = this.statesMax();
    const context = { ...this.plan(), campaigns: byId, instances, statesMax, heed: () => this.tick() };
    const claims = this.part(
      "claims",
      0.65,
      0.7,
      dossiers.flatMap(({ before, claims: own, revisions }) =>
        own.map((claim) => ({ id: claim.id, claim, revisions, before })),
      ),
      ({ before, claim, revisions }) =>
        judgeClaim(claim, claimsOnly ? { ...context, before } : context, revisions),
    );
    const differences = this.part("differences", 0.7, 0.75, this.compared(dossiers), (each) =>
      compareRevision(each, {
        seed: this.options.seed,
        small: !claimsOnly || this.options.budgetSeconds < COMPARISON_BUDGET,
        designs: standIns,
        heed: () => this.tick(),
      }),
    );
    const cases = (claimsOnly ? [] : SCENARIOS).flatMap((scenario) =>
      scenario.designs
        .filter((d) => designs.has(d))
        .map((allocator) => ({ id: scenario.id, scenario, allocator })),
    );
    const scenarios = this.part("scenarios", 0.75, 0.85, cases, ({ scenario, allocator }): ScenarioLine => {
      const standIn = standIns?.[allocator];
      const { asExpected, text, runs } = runScenario(scenario, allocator, SCENARIO_RUNS, standIn);
      return { id: scenario.id, allocator, title: scenario.title, asExpected, text, runs };
    });
    const mutants = this.part(
      "mutants",
      0.85,
      1,
      MUTANTS.filter((m) => !claimsOnly && designs.has(m.base)),
      (mutant): MutantLine => {
        const { id, title } = mutant;
        const { killed, text, runs } = killMutant(mutant, { seed: this.options.seed, runs: MUTANT_RUNS });
        const search = killed ? killBySearch(mutant, MUTANT_STATES) : undefined;
        if (search && !search.killed) return { id, title, killed: false, text: search.text, runs };
        return { id, title, killed, text, runs, ...(search?.steps && { steps: search.steps }) };
      },
    );
    const parts = { corpus, campaigns, instances, claims, differences, scenarios, mutants };
    const ids = new Map(
      [...designs].flatMap((id) => {
        const wrong = nodeIdProblem(id, standIns);
        return wrong ? [[id, wrong] as const] : [];
      }),
    );
    const problems = [
      ...problemsOf(parts),
      ...[...ids.values()].map(({ id, message }) => `${id}: ${message}`),
    ];
    const undecided = undecidedOf(parts);
    if (this.stopped) undecided.push(`stopped in ${this.phase} at ${this.item}`);
    return {
      verdict: problems.length > 0 ? "violated" : undecided.length > 0 ? "not-decided" : "held",
      seed: this.options.seed,
      patches: dossiers.map((d) => d.id),
      ...parts,
      invariants: invariantLines(campaigns, ids),
      problems,
      undecided,
      runs: this.runs,
      steps: this.steps,
    };
  }

  private generated(): readonly Campaign[] {
    return ALLOCATOR_IDS.map((id) => generatedCampaign(id, this.options.seed, GENERATED));
  }

  // Named instances that the budget has room for, as far as their states are known.
  private searched(designs: ReadonlySet<AllocatorId>): readonly SearchInstance[] {
    const most = this.statesMax();
    return SEARCH_INSTANCES.filter(
      ({ allocator, size, states }) => designs.has(allocator) && size === "tiny" && states <= most,
    );
  }

  private compared(dossiers: readonly Dossier[]): readonly Comparison[] {
    const { budgetSeconds, claimsOnly = false } = this.options;
    return claimsOnly || budgetSeconds >= COMPARISON_BUDGET ? dossiers.flatMap(comparisonsOf) : [];
  }

  private statesMax(): number {
    return Math.min(STATES_MAX, this.options.budgetSeconds * STATES_PER_SECOND);
  }

  private plan(): CampaignPlan {
    const { budgetSeconds, seed, designs } = this.options;
    const all = [...CAMPAIGNS, ...DOSSIERS.flatMap(revisionCampaigns)];
    const instances = all.reduce((n, c) => n + c.instances.length, 0);
    const runs = Math.max(RUNS_MIN, Math.floor((budgetSeconds * RUNS_PER_SECOND) / instances));
    return { seed, runs, designs };
  }

  private campaign(campaign: Campaign): CampaignResult {
    const result = runCampaign(campaign, this.plan(), () => this.tick());
    this.runs += result.runs;
    this.steps += result.steps;
    if (!campaign.exhausted || result.violation) return result;
    const exhausted = exhaustCampaign(campaign, this.statesMax(), this.options.designs, () => this.tick());
    return { ...result, exhausted, violation: exhausted.violation };
  }

  // One part of the plan, from one fraction of it to another.
  private part<T extends { readonly id: string }, R>(
    phase: string,
    from: number,
    to: number,
    items: readonly T[],
    run: (item: T) => R,
  ): R[] {
    const results: R[] = [];
    for (const [i, item] of items.entries()) {
      if (this.stopped) break;
      this.phase = phase;
      this.item = item.id;
      this.fraction = from + ((to - from) * i) / items.length;
      if (this.tick()) break;
      results.push(run(item));
    }
    return results;
  }

  private tick(): boolean {
    const { phase, item, fraction } = this;
    this.stopped ||= this.heed.tick({
      phase,
      item,
      fraction,
      runs: this.runs,
      steps: this.steps,
    });
    return this.stopped;
  }
}

function dossiersOf(patches: readonly string[] | undefined): readonly Dossier[] {
  return (
    patches?.map((id) => {
      const found = findDossier(id);
      if (!found) throw new Error(`no patch ${id} in the catalogue`);
      return found;
    }) ?? DOSSIERS
  );
}

type Parts = Pick<
  CheckReport,
  "corpus" | "campaigns" | "instances" | "claims" | "differences" | "scenarios" | "mutants"
>;

interface Judgement extends Pick<Judged, "verdict" | "text"> {
  readonly id: string;
  readonly asPinned: boolean;
  readonly pinned: string;
  /** Whether it needs the condition of the claim, where that is what differs. */
  readonly need: string;
}

// Each claim, and then what later revisions come to in it.
function judgements(claims: readonly ClaimResult[]): readonly Judgement[] {
  return claims.flatMap((result) => {
    const { claim, revisions = [] } = result;
    const line = (id: string, each: Judged & { readonly asPinned: boolean }, pinned: Verdict): Judgement => {
      const same = each.verdict === pinned && each.conditional !== undefined;
      const need = same ? ` ${each.conditional ? "under" : "without"} its condition` : "";
      return { id, verdict: each.verdict, text: each.text, asPinned: each.asPinned, pinned, need };
    };
    const dossier = DOSSIERS.find(({ claims: own }) => own.some(({ id }) => id === claim.id));
    const pinnedIn = (id: string): Verdict =>
      dossier?.revisions.find((each) => each.id === id)?.pinned[claim.id]?.verdict ?? claim.pinned;
    return [
      line(claim.id, result, claim.pinned),
      ...revisions.map((each) => line(`${claim.id} on ${each.id}`, each, pinnedIn(each.id))),
    ];
  });
}

// What speaks against what this project stands for.
function problemsOf(parts: Parts): string[] {
  const problems = parts.corpus
    .filter(({ reproduced }) => !reproduced)
    .map(({ name, text }) => `${name}: ${text}`);
  for (const c of parts.campaigns) {
    if (c.violation) problems.push(`${c.id}: ${c.violation.violation.invariant} is violated`);
    else if (c.exhausted?.finding) problems.push(`${c.id}: ${c.exhausted.finding}`);
  }
  for (const { id, finding, verdict } of parts.instances)
    if (finding !== undefined && verdict !== "as-pinned") problems.push(`${id}: ${finding}`);
  for (const c of judgements(parts.claims)) {
    if (c.asPinned || c.verdict === "not-decided") continue;
    problems.push(`${c.id}: ${c.verdict}${c.need}, pinned as ${c.pinned}: ${c.text}`);
  }
  problems.push(...differenceProblems(parts.differences));
  for (const s of parts.scenarios) if (!s.asExpected) problems.push(`${s.id} on ${s.allocator}: ${s.text}`);
  for (const m of parts.mutants) if (!m.killed) problems.push(`${m.id}: ${m.text}`);
  return problems;
}

// What was not done, or proved nothing.
function undecidedOf(parts: Parts): string[] {
  const lines: string[] = [];
  if (parts.campaigns.length === 0) lines.push("no campaign was run");
  for (const c of parts.campaigns) {
    for (const witness of c.missing) lines.push(`${c.id}: ${witness} was never reached`);
    if (c.cutOff > 0) lines.push(`${c.id}: ${count(c.cutOff, "interleaving")} did not end`);
  }
  for (const { id, verdict, vacuous, states } of parts.instances) {
    for (const why of vacuous) lines.push(`${id}: vacuous: ${why}`);
    if (verdict === "not-decided")
      lines.push(`${id}: not searched to its end, ${count(states, "state")} seen`);
  }
  for (const c of judgements(parts.claims)) {
    if (c.verdict === "not-decided") lines.push(`${c.id}: not decided: ${c.text}`);
  }
  for (const { patch, version, undecided } of parts.differences)
    for (const why of undecided) lines.push(`${patch} ${version}: ${why}`);
  return lines;
}

// How far each invariant of each design was watched in the campaigns; `ids` is what the computation on node ids found.
function invariantLines(
  campaigns: readonly CampaignResult[],
  nodeIds: ReadonlyMap<AllocatorId, Finding>,
): InvariantLine[] {
  return ALLOCATOR_IDS.flatMap((allocator) => {
    const own = campaigns.filter((c) => c.allocator === allocator);
    if (own.length === 0) return [];
    const runs = own.reduce((n, c) => n + c.runs, 0);
    const broken = new Set(own.flatMap((c) => (c.violation ? [c.violation.violation.invariant] : [])));
    const ids = nodeIds.get(allocator);
    if (ids) broken.add(ids.id);
    const holds = expectedToHold(allocator);
    return invariantsFor(allocator).flatMap(({ id, when, designs }): InvariantLine[] => {
      const expected = designs[allocator];
      const except = expected?.verdict === "violated" ? expected.where : undefined;
      const result = broken.has(id) ? "violated" : holds.has(id) ? "held" : "known";
      if (when !== "static") return [{ id, allocator, runs, result, ...(except && { except }) }];
      // The computation ends with what it finds first: nothing is known of the others then.
      return ids && ids.id !== id ? [] : [{ id, allocator, runs: 0, result }];
    });
  });
}
