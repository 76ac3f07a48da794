// SPDX-License-Identifier: GPL-2.0-only
// Campaigns: valid instances, every witness reached, nothing violated; and each finds the mistake that it is about.
import { describe, expect, it } from "vitest";
import { CAMPAIGNS, campaignOf, campaignOn, SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { generatedCampaign } from "../../properties/campaigns/generated.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import type { SessionOptions } from "../../properties/session.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { huntCampaign, runCampaign } from "../../review/campaigns.ts";
import { NODE_BLOCKS_CAMPAIGNS } from "../../spec/dossiers/node-blocks-evidence.ts";
import { OCCUPIED_INDEX_CAMPAIGNS } from "../../spec/dossiers/occupied-index-evidence.ts";
import { UNBOUND_DRAIN_CAMPAIGNS } from "../../spec/dossiers/unbound-drain-evidence.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import { ALLOCATOR_IDS, type Instance } from "../../spec/instance.ts";

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
    expect(own("occupied-index")).toEqual(OCCUPIED_INDEX_CAMPAIGNS);
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
    ["dual-index-steady", "MU-210", "INV-OCC-DUAL: page 3 is free, and occupied"],
    ["dual-index-aligned", "MU-222", 'INV-CONSERVE: pages [1,4) left "free" and are in no place now'],
    [
      "dual-index-exact",
      "MU-229",
      "INV-COMPLETE-EXACT: no fit was found for 2 pages, but [2,4) is free in the index",
    ],
    ["dual-index-flip", "MU-220", "INV-INDEX: [1,8) is free, its tree does not say so"],
    ["dual-index-windows", "MU-202", "INV-BOUNDS: [1,3) was granted for align 1 in window [8,12)"],
    ["dual-index-pcpu", "MU-221", "INV-INDEX: [0,2) is free, its tree does not say so"],
    [
      "dual-index-pcpu-boot",
      "MU-224",
      "INV-COALESCED: [6,8) touches a neighbour in the free tree and was not merged with it",
    ],
    [
      "dual-index-stores",
      "MU-223",
      "INV-COMPLETE-ALL: 2 pages were refused for good, though [0,2) is nobody's",
    ],
    [
      "dual-index-pcpu-stores",
      "MU-223",
      "INV-PCPU-COMPLETE: congruent areas were refused for good, though at base 4 they are all nobody's",
    ],
    [
      "occupied-index-steady",
      "MU-213",
      "INV-OCC-EQ: pages [3,4) are in two places: gap of the occupied tree, and purge of node 0",
    ],
    ["occupied-index-aligned", "MU-203", "INV-OCC-PAD: 2 gaps were looked at for an alignment of 4"],
    [
      "occupied-index-exact",
      "MU-212",
      "INV-OCC-EQ: pages [0,1) are in two places: gap of the occupied tree, and lazy of node 0",
    ],
    ["occupied-index-flip", "MU-204", "INV-LOWEST: [3,5) was chosen, the lowest fit is [0,2)"],
    [
      "occupied-index-windows",
      "MU-208",
      "INV-OCC-STORE: [8,11) is stored as occupied, and part of it is already",
    ],
    ["occupied-index-pcpu", "MU-230", "INV-RETRY-DRAIN: [3,6) waits for another try that nobody makes"],
    [
      "occupied-index-pcpu-boot",
      "MU-255",
      "INV-LOCKORDER: takes lazy.lock while it holds free_vmap_area_lock; the opposite order was taken before",
    ],
    [
      "occupied-index-stores",
      "MU-232",
      "INV-OCC-EQ: pages [2,3) are in two places: gap of the occupied tree, and retry",
    ],
    [
      "occupied-index-pcpu-stores",
      "MU-233",
      "INV-LAZYNR-EQ: vmap_lazy_nr is -1 when all is quiet, 0 pages are lazy",
    ],
  ];

  it.each(mistakes)("%s: %s", (id, mutant, found) => {
    const campaign = campaignOf(id);
    const options = (instance: Instance): SessionOptions => ({
      design: mutantOf(mutant).make,
      watched: expectedToHold(campaign.allocator, [instance]),
    });
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
      `[Error: built-in program: 1:13: expected an operation (name=alloc(...), name=cache(...), name=pcpu(...), free, pfree, find, purge, aliases, shrink, flip, offline or online), found "fre"]`,
    );
  });

  it("throws where it breaks a rule", () => {
    expect(() => instanceOf("global-tree", { space: 8 }, "free(a)")).toThrowErrorMatchingInlineSnapshot(
      `[Error: built-in instance: programs[0][0].name: expected the name of an area that some program allocates, found "a"]`,
    );
  });
});
