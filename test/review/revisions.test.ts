// SPDX-License-Identifier: GPL-2.0-only
// Claims of the unbound-drain patch: as pinned on v2 and on v3, and another verdict as soon as the design is another.
import { beforeAll, describe, expect, it } from "vitest";
import { UnboundDrainV3 } from "../../impl/allocators/unbound-drain-v3.ts";
import { replayCounterexample } from "../../properties/counterexample.ts";
import { type Designs, runCampaign } from "../../review/campaigns.ts";
import { campaignsOfClaims, type ClaimContext, judgeClaim } from "../../review/claims.ts";
import type { ClaimResult } from "../../review/report.ts";
import type { Claim } from "../../spec/dossier.ts";
import { findDossier } from "../../spec/dossiers.ts";
import type { InvariantId } from "../../spec/invariants.ts";

const PLAN = { seed: "claims", runs: 400 };
const DOSSIER = findDossier("unbound-drain")!;
const goOn = (): boolean => false;
// The equivalence of the loops has tests of its own.
const CLAIMS: readonly Claim[] = DOSSIER.claims.filter(({ evidence }) => evidence.kind !== "static");

function contextOf(designs?: Designs): ClaimContext {
  const campaigns = new Map(
    campaignsOfClaims(DOSSIER).map((each) => [each.id, runCampaign(each, { ...PLAN, designs }, goOn)]),
  );
  return { ...PLAN, designs, campaigns, instances: [], statesMax: 20_000, heed: goOn };
}

const judged = (context: ClaimContext): readonly ClaimResult[] =>
  CLAIMS.map((claim) => judgeClaim(claim, context, DOSSIER.revisions));

const said = (results: readonly ClaimResult[]): readonly string[] =>
  results.map(({ claim, verdict, conditional, revisions = [] }) =>
    [`${claim.id} ${verdict}${conditional ? " if" : ""}`, ...revisions.map((each) => each.verdict)].join(
      ", ",
    ),
  );

let results: readonly ClaimResult[];

beforeAll(() => {
  results = judged(contextOf());
}, 180_000);

describe("each claim", () => {
  it("comes out as pinned on v2 and on v3", () => {
    expect(said(results)).toEqual([
      "C0-1 not-checkable, not-checkable",
      "C0-2 not-checkable, not-checkable",
      "C0-3 refuted, holds",
      "C0-4 partly, partly",
      "C0-6 holds if, holds",
      "C0-7 holds, holds",
      "C0-8 refuted, holds",
    ]);
    expect(results.filter((each) => !each.asPinned)).toEqual([]);
    expect(results.flatMap(({ revisions = [] }) => revisions).filter((each) => !each.asPinned)).toEqual([]);
  });

  it("has a counterexample that no run of its instance undercuts and that replays on its own design", () => {
    const found = results
      .flatMap((each) => [each, ...(each.revisions ?? [])])
      .filter((each) => each.counterexample);
    expect(found.map(({ shortest }) => shortest)).toEqual(found.map(() => true));
    expect(found.map(({ counterexample }) => counterexample!.instance.allocator)).toEqual([
      "unbound-drain",
      "unbound-drain",
      "unbound-drain-v3",
      "unbound-drain",
      "unbound-drain",
    ]);
    for (const { counterexample } of found) {
      const watched = new Set([counterexample!.violation.invariant as InvariantId]);
      expect(replayCounterexample(counterexample!, { watched }).differences).toEqual([]);
    }
  });
});

it("v2 comes to what v3 comes to if v3 stands in for it", { timeout: 180_000 }, () => {
  const standIn = judged(contextOf({ "unbound-drain": UnboundDrainV3 }));
  expect(said(standIn)).toEqual([
    "C0-1 not-checkable, not-checkable",
    "C0-2 not-checkable, not-checkable",
    "C0-3 holds, holds",
    "C0-4 partly, partly",
    "C0-6 holds, holds",
    "C0-7 holds, holds",
    "C0-8 holds, holds",
  ]);
  expect(standIn.filter(({ asPinned }) => !asPinned).map(({ claim }) => claim.id)).toEqual([
    "C0-3",
    "C0-6",
    "C0-8",
  ]);
});

describe("the evidence", () => {
  const claim = DOSSIER.claims.find(({ id }) => id === "C0-4")!;

  it("against a claim stands alone if nothing that speaks for it was reached", () => {
    const context = contextOf();
    const { evidence } = claim;
    const alone: Claim = { ...claim, evidence: { ...evidence, despite: "NO-WORKER" } as Claim["evidence"] };
    expect(judgeClaim(alone, context).verdict).toBe("refuted");
    expect(judgeClaim(claim, { ...context, campaigns: new Map() }).verdict).toBe("not-decided");
  });
});
