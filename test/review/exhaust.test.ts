// SPDX-License-Identifier: GPL-2.0-only
// The small instances of campaigns are searched to the end; what is not exhausted counts for nothing, and a claim says
// no more than the search checked.
import { describe, expect, it } from "vitest";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { createRng } from "../../explore/rng.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { CAMPAIGNS, campaignOf, SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { replayCounterexample } from "../../properties/counterexample.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { searchInstance } from "../../properties/search/search-instance.ts";
import { Session } from "../../properties/session.ts";
import { judgeClaim } from "../../review/claims.ts";
import { exhaustCampaign, exhaustNamed } from "../../review/exhaust.ts";
import { checkText } from "../../review/render/check-text.ts";
import type { CampaignResult, ClaimResult, Exhausted, InstanceResult } from "../../review/report.ts";
import type { Claim } from "../../spec/dossier.ts";
import { NODE_BLOCKS_DOSSIER } from "../../spec/dossiers/node-blocks.ts";
import { isInvariantId } from "../../spec/invariants.ts";
import { searchInstanceOf } from "../../spec/search-instances.ts";
import { GOOD_REPORT } from "./sample-report.ts";

const STATES_MAX = 60_000;
const goOn = (): boolean => false;

const exhaust = (id: string, statesMax = STATES_MAX): Exhausted =>
  exhaustCampaign(campaignOf(id), statesMax, undefined, goOn);

describe("the instances of a campaign", () => {
  it("are exhausted, all that do not end in a known violation", () => {
    const rows = CAMPAIGNS.filter(({ exhausted = [] }) => exhausted.length > 0).map(({ id, exhausted }) => {
      const { instances, states, finding } = exhaust(id);
      return [id, exhausted!.length - instances, instances, states, finding];
    });
    expect(rows).toEqual([
      ["global-tree-small", 0, 1, 17_794, undefined],
      ["node-index-small", 0, 1, 19_559, undefined],
      ["node-blocks-small", 0, 1, 9274, undefined],
      ["node-blocks-fill-race", 0, 1, 42_821, undefined],
      ["node-blocks-fill-fault", 0, 2, 4218, undefined],
      ["node-blocks-kasan", 0, 2, 38_540, undefined],
      ["node-blocks-stranded", 0, 2, 4474, undefined],
      ["node-blocks-edges", 0, 2, 3799, undefined],
      ["node-blocks-zones", 0, 1, 2880, undefined],
      ["node-blocks-windows", 0, 1, 565, undefined],
      ["node-blocks-helpers", 0, 1, 4498, undefined],
      ["size-pools-pools", 0, 1, 807, undefined],
      ["size-pools-helpers", 0, 1, 1162, undefined],
      ["size-pools-overflow", 0, 1, 933, undefined],
      ["size-pools-windows", 0, 1, 188, undefined],
      ["size-pools-boot", 0, 1, 50, undefined],
      ["unbound-drain-pools", 0, 1, 807, undefined],
      ["unbound-drain-helpers", 0, 1, 906, undefined],
      ["unbound-drain-overflow", 0, 1, 933, undefined],
      ["unbound-drain-windows", 0, 1, 188, undefined],
      // These end in what the design is known for: the claims are told by them.
      ["unbound-drain-boot", 1, 0, 0, undefined],
      ["unbound-drain-rescuer", 1, 0, 0, undefined],
      ["unbound-drain-queue-fault", 1, 0, 0, undefined],
      ["dual-index-steady", 0, 2, 2238, undefined],
      ["dual-index-aligned", 0, 1, 851, undefined],
      ["dual-index-flip", 0, 1, 87, undefined],
      ["occupied-index-steady", 0, 2, 2216, undefined],
      ["occupied-index-aligned", 0, 1, 851, undefined],
      // And this one.
      ["occupied-index-flip", 1, 0, 0, undefined],
    ]);
  });

  it("count for nothing if a limit or a stop comes first", () => {
    expect(exhaust("node-blocks-kasan", 1000)).toEqual({ instances: 1, states: 862, reached: [] });
    expect(exhaust("node-blocks-kasan", 0)).toEqual({ instances: 0, states: 0, reached: [] });
    const campaign = campaignOf("node-blocks-edges");
    expect(exhaustCampaign(campaign, STATES_MAX, undefined, () => true)).toEqual({
      instances: 0,
      states: 0,
      reached: [],
    });
  });

  // The mistakes that claim C2-11 is about, except one that needs a failing allocation.
  it.each(["MU-12", "MU-56", "MU-57", "MU-64"])("show %s by a run that replays", (id) => {
    const { make, ...mutant } = mutantOf(id);
    const designs = { "node-blocks": make };
    const { finding, violation } = exhaustCampaign(
      campaignOf("node-blocks-edges"),
      STATES_MAX,
      designs,
      goOn,
    );
    const { invariant } = violation!.violation;
    expect(finding).toMatch(new RegExp(`^${invariant}: `));
    expect(mutant).toMatchObject({ killedBy: [invariant] });
    const options = { design: make, watched: new Set(isInvariantId(invariant) ? [invariant] : []) };
    expect(replayCounterexample(violation!, options).differences).toEqual([]);
  });

  it("are not empty evidence: each of node-blocks-edges comes to what its claims are about", () => {
    for (const instance of campaignOf("node-blocks-edges").exhausted!) {
      const session = new Session(instance, { watched: new Set(), situations: SITUATIONS });
      const strategy = new RandomStrategy(createRng("edges"), session.profile);
      const reached = new Set<string>();
      for (let run = 0; run < 300; run++) {
        session.run(strategy);
        for (const id of session.checker.reached.keys()) reached.add(id);
      }
      expect([...reached]).toEqual(expect.arrayContaining(["NEIGHBOUR-BLOCKS", "FOREIGN-PURGE-ADDRESS"]));
    }
  });
});

describe("a named instance", () => {
  const named = searchInstanceOf("global-tree/closed-tiny-purge")!;

  it("holds, with as many states as the catalogue says", () => {
    const { id, allocator, statement, states } = named;
    const held = { id, allocator, statement, states, transitions: 120_190, verdict: "held", vacuous: [] };
    expect(exhaustNamed(named, STATES_MAX, undefined, goOn)).toEqual(held);
  });

  it("is not decided if a limit or a stop comes first", () => {
    const cut = exhaustNamed(named, 1000, undefined, goOn);
    expect(cut).toMatchObject({ verdict: "not-decided", vacuous: [] });
    expect(cut.states).toBeGreaterThan(1000);
    expect(exhaustNamed(named, STATES_MAX, undefined, () => true).verdict).toBe("not-decided");
  });

  it("is vacuous if a step was never executed that it must come to", () => {
    const careless = { ...named, unreachable: named.unreachable.slice(1) };
    const { verdict, vacuous } = exhaustNamed(careless, STATES_MAX, undefined, goOn);
    expect(verdict).toBe("vacuous");
    expect(vacuous).toEqual(["never executed: preload_this_cpu_lock: preemptible: the task may migrate"]);
  });

  // One with look-ups in the way, one with purges.
  it.each(["closed-tiny", "closed-tiny-purge"])("%s shows a mistake by a run that replays", (name) => {
    const { make } = mutantOf("MU-1");
    const searched = searchInstanceOf(`global-tree/${name}`)!;
    const { verdict, finding, violation } = exhaustNamed(searched, STATES_MAX, { "global-tree": make }, goOn);
    expect([verdict, finding]).toEqual(["violated", expect.stringMatching(/^INV-TLB: /)]);
    const options = { design: make, watched: new Set(["INV-TLB" as const]) };
    expect(replayCounterexample(violation!, options).differences).toEqual([]);
  });

  const instances = (change: Partial<InstanceResult>): InstanceResult[] => [
    { ...exhaustNamed(named, STATES_MAX, undefined, goOn), ...change },
  ];

  it("is a row of the text, whatever came of it", () => {
    const text = (change: Partial<InstanceResult>): string =>
      checkText({ ...GOOD_REPORT, instances: instances(change) });
    expect(text({})).toMatch(/^Instances$/m);
    expect(text({})).toMatch(/^ +global-tree\/closed-tiny-purge +43,883 +120,190 +held in all$/m);
    expect(text({}).replaceAll(/\s+/g, " ")).toContain("except in 1 small instance (43,883 states)");
    expect(text({ verdict: "vacuous" })).toMatch(/120,190 +VACUOUS$/m);
    expect(text({ verdict: "vacuous" })).not.toContain("small instance");
    expect(text({ verdict: "violated", finding: "INV-X: y" })).toMatch(/120,190 +VIOLATED: INV-X: y$/m);
  });
});

describe("a claim", () => {
  const judged = (
    id: string,
    exhausted: Exhausted,
    instances: readonly InstanceResult[] = [],
  ): ClaimResult => {
    const claim: Claim = NODE_BLOCKS_DOSSIER.claims.find((each) => each.id === id)!;
    const { evidence } = claim;
    if (evidence.kind !== "invariants" && evidence.kind !== "reachable")
      throw new Error(`${id} is not judged`);
    const { campaign, witnesses = [] } = evidence;
    const result: CampaignResult = {
      ...GOOD_REPORT.campaigns[0]!,
      id: campaign,
      allocator: "node-blocks",
      reached: Object.fromEntries(witnesses.map((witness) => [witness, 1])),
      missing: [],
      exhausted,
    };
    const campaigns = new Map([[campaign, result]]);
    return judgeClaim(claim, { seed: "exhaust", runs: 1, campaigns, instances, heed: goOn });
  };
  const NOTHING: Exhausted = { instances: 0, states: 0, reached: [] };
  const SOME: Exhausted = { instances: 2, states: 3565, reached: [] };

  it("says how far it was exhausted", () => {
    const held = "INV-PURGE-NODE, INV-VNID-OWNER held";
    expect(judged("C2-11", SOME).text).toBe(`${held}; exhausted: 3,565 states of 2 instances`);
    expect(judged("C2-11", NOTHING).text).toBe(held);
  });

  it("counts the named instances of its design that held", () => {
    const row = { id: "", allocator: "node-blocks", statement: "", transitions: 1, vacuous: [] } as const;
    const instances: readonly InstanceResult[] = [
      { ...row, states: 1000, verdict: "held" },
      { ...row, states: 20_000, verdict: "vacuous" },
      { ...row, states: 300_000, verdict: "held", allocator: "global-tree" },
    ];
    expect(judged("C2-11", SOME, instances).text).toMatch(/exhausted: 4,565 states of 3 instances$/);
    expect(judged("C2-11", NOTHING, instances).text).toMatch(/exhausted: 1,000 states of 1 instance$/);
  });

  it("that something never happens rests on all states, and falls with one", () => {
    const id = "WINDOW-NODE-SERVED";
    expect(judged("C2-15", NOTHING)).toMatchObject({ verdict: "holds", text: `${id} was not reached` });
    expect(judged("C2-15", SOME)).toMatchObject({
      verdict: "holds",
      text: `${id} was not reached; exhausted: 3,565 states of 2 instances`,
    });
    expect(judged("C2-15", { ...SOME, reached: [id] })).toMatchObject({
      verdict: "refuted",
      text: `${id} was reached in a search only`,
    });
  });
});

it("a search comes to a situation that spans two steps", () => {
  class ServesAll extends NodeBlocks {
    protected override refuses(size: number, align: number): boolean {
      return size + (align > 1 ? align : 0) > this.nodeSize >> 2;
    }
  }
  const faithful = exhaustCampaign(campaignOf("node-blocks-windows"), STATES_MAX, undefined, goOn);
  expect(faithful).toEqual({ instances: 1, states: 565, reached: [] });
  const [instance] = campaignOf("node-blocks-windows").exhausted!;
  // Without the invariants that it breaks as well.
  const options = { design: ServesAll, situations: SITUATIONS };
  expect(searchInstance(instance!, new Set(), options).reached).toEqual(["WINDOW-NODE-SERVED"]);
});

it("the text says which states were all seen, and that the rest is sampled", () => {
  const campaigns = GOOD_REPORT.campaigns.map((each) => ({
    ...each,
    exhausted: { instances: 2, states: 1234, reached: [] },
  }));
  const text = checkText({ ...GOOD_REPORT, campaigns }).replaceAll(/\s+/g, " ");
  expect(text).toContain("held; exhausted: 1,234 states of 2 instances");
  expect(text).toContain(`not exhausted, except in ${2 * campaigns.length} small instances (`);
  const broken = campaigns.map((each) => ({
    ...each,
    exhausted: { ...each.exhausted, finding: "INV-X: y" },
  }));
  expect(checkText({ ...GOOD_REPORT, campaigns: broken })).toContain("INV-X: y VIOLATED");
});
