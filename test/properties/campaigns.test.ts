// SPDX-License-Identifier: GPL-2.0-only
// Campaigns: valid instances, every witness reached, nothing violated; and each finds the mistake that it is about.
import { describe, expect, it } from "vitest";
import { CAMPAIGNS, campaignOf, campaignOn, SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { generatedCampaign } from "../../properties/campaigns/generated.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { huntCampaign, runCampaign } from "../../review/campaigns.ts";
import { NODE_BLOCKS_CAMPAIGNS } from "../../spec/dossiers/node-blocks-evidence.ts";
import { UNBOUND_DRAIN_CAMPAIGNS } from "../../spec/dossiers/unbound-drain-evidence.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";

const goOn = (): boolean => false;
const ON_V3 = CAMPAIGNS.filter(({ allocator }) => allocator === "unbound-drain").map(({ id }) =>
  campaignOn(id, "unbound-drain-v3"),
);
const GENERATED = ALLOCATOR_IDS.map((id) => generatedCampaign(id, "campaigns", 40));
const KNOWN: ReadonlySet<string> = new Set(SITUATIONS.map(({ id }) => id));

describe.each([...CAMPAIGNS, ...ON_V3, ...GENERATED])("$id", (campaign) => {
  it("has valid instances of its design, and witnesses that exist", () => {
    const { allocator, instances, witnesses } = campaign;
    expect(instances.length).toBeGreaterThan(0);
    expect(instances.map((each) => validateInstance(each)).filter(Boolean)).toEqual([]);
    expect([...new Set(instances.map((each) => each.allocator))]).toEqual([allocator]);
    expect(witnesses.length).toBeGreaterThan(0);
    expect(witnesses.filter((id) => !KNOWN.has(id))).toEqual([]);
  });

  it("reaches its witnesses and violates nothing", () => {
    const { instances, missing, violation, cutOff } = runCampaign(
      campaign,
      { seed: "test", runs: 300 },
      goOn,
    );
    expect({ instances, missing, violation, cutOff }).toEqual({
      instances: campaign.instances.length,
      missing: [],
      violation: undefined,
      cutOff: 0,
    });
  });
});

describe("the catalogue", () => {
  it("has each id once, and what the dossier names", () => {
    const ids = CAMPAIGNS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const own = (design: string): Readonly<Record<string, string>> =>
      Object.fromEntries(
        CAMPAIGNS.filter(({ allocator }) => allocator === design).map((each) => [each.id, each.statement]),
      );
    expect(own("node-blocks")).toEqual(NODE_BLOCKS_CAMPAIGNS);
    expect(own("unbound-drain")).toEqual(UNBOUND_DRAIN_CAMPAIGNS);
  });

  it("has the campaign of each claim, of the design that the claim is about", () => {
    const named = DOSSIERS.flatMap(({ after, claims }) =>
      claims.flatMap(({ evidence }) => ("campaign" in evidence ? [{ after, id: evidence.campaign }] : [])),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ after, id }) => campaignOf(id).allocator !== after)).toEqual([]);
  });

  it("knows no other id", () => {
    expect(() => campaignOf("node-blocks-large")).toThrow("no campaign node-blocks-large in the catalogue");
  });
});

describe("a campaign finds the mistake that it is about", () => {
  const mistakes: readonly (readonly [string, string, string])[] = [
    [
      "global-tree-small",
      "MU-30",
      "INV-TLB: [12,15) was released for reuse, but CPU 0, 1 may still translate page 12",
    ],
    ["node-index-small", "MU-33", "INV-FLUSH-COVER: [12,15) was flushed, [0,3) is on a purge list"],
    [
      "node-blocks-small",
      "MU-67",
      "INV-BLOCK-EDGE: [1,7) was returned as a block of node 0, which it is not",
    ],
    ["node-blocks-fill-race", "MU-77", "INV-FILL-EXCL: 2 tasks fill node 0 at once"],
    [
      "node-blocks-fill-fault",
      "MU-76",
      "INV-FILL-EXCL: fill_in_progress of node 0 is 1 while 0 tasks fill it",
    ],
    [
      "node-blocks-kasan",
      "MU-11",
      "INV-VNID-OWNER: [1,2) goes to the global heap but lies in a block of node 0",
    ],
    [
      "node-blocks-stranded",
      "MU-66",
      'INV-CONSERVE: pages [2,3) left "block being fetched" and are in no place now',
    ],
    ["node-blocks-edges", "MU-69", "INV-BLOCK-NOMERGE: [5,15) in node-free spans a block's border"],
    [
      "node-blocks-zones",
      "MU-100",
      "INV-BUSY-NODE: [11,20) is busy in node 0, its address belongs to node 1",
    ],
    [
      "node-blocks-windows",
      "MU-75",
      "INV-NOWARN: alloc_vmap_area: address not aligned or outside its window (BUG_ON)",
    ],
    [
      "node-blocks-helpers",
      "MU-51",
      "INV-HELPERS-DONE: the purge ends with areas on the purge list of node 0",
    ],
  ];

  it.each(mistakes)("%s: %s", (id, mutant, found) => {
    const campaign = campaignOf(id);
    const options = { design: mutantOf(mutant).make, watched: expectedToHold(campaign.allocator) };
    const { caught } = huntCampaign(campaign, { seed: "test", runs: 300 }, options, goOn);
    expect(`${caught?.finding.id}: ${caught?.finding.message}`).toBe(found);
  });

  it("each of them", () => {
    const older = CAMPAIGNS.filter(({ allocator }) => !["size-pools", "unbound-drain"].includes(allocator));
    expect(mistakes.map(([id]) => id)).toEqual(older.map(({ id }) => id));
  });
});

describe("generated campaigns", () => {
  it.each(ALLOCATOR_IDS)("of %s: the same for a seed, others for another one", (allocator) => {
    const first = generatedCampaign(allocator, "one", 12);
    expect(generatedCampaign(allocator, "one", 12)).toEqual(first);
    expect(generatedCampaign(allocator, "one", 5).instances).toEqual(first.instances.slice(0, 5));
    const texts = (seed: string): string[] =>
      generatedCampaign(allocator, seed, 12).instances.map((each) => JSON.stringify(each));
    expect(new Set([...texts("one"), ...texts("two")]).size).toBeGreaterThan(20);
    expect(first.instances).toHaveLength(12);
  });
});

describe("a built-in instance that is none", () => {
  it("throws where its program is no program", () => {
    expect(() =>
      instanceOf("global-tree", { space: 8 }, "a=alloc(1); fre(a)"),
    ).toThrowErrorMatchingInlineSnapshot(
      `[Error: built-in program: 1:13: expected an operation (name=alloc(...), name=cache(...), name=pcpu(...), free, pfree, find, purge, aliases, shrink, offline or online), found "fre"]`,
    );
  });

  it("throws where it breaks a rule", () => {
    expect(() => instanceOf("global-tree", { space: 8 }, "free(a)")).toThrowErrorMatchingInlineSnapshot(
      `[Error: built-in instance: programs[0][0].name: expected the name of an area that some program allocates, found "a"]`,
    );
  });
});
