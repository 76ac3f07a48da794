// SPDX-License-Identifier: GPL-2.0-only
// The gate: the same report each time, never "held" for what was not done, and a problem for each thing that is
// not as it should be.
import { beforeAll, describe, expect, it } from "vitest";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { CAMPAIGNS } from "../../properties/campaigns/catalogue.ts";
import { MUTANTS, mutantOf } from "../../properties/mutants/catalogue.ts";
import { SCENARIOS } from "../../properties/scenarios/catalogue.ts";
import type { Designs } from "../../review/campaigns.ts";
import { runCheck } from "../../review/check.ts";
import { revisionCampaigns } from "../../review/claims.ts";
import type { CheckReport, Progress } from "../../review/report.ts";
import { searchInstanceOf } from "../../spec/search-instances.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { TRAITS } from "../../spec/design-traits.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { INVARIANTS } from "../../spec/invariants.ts";

const PATCHES = DOSSIERS.map(({ id }) => id);
const ON_V3 = DOSSIERS.flatMap(revisionCampaigns);
const OPTIONS = { budgetSeconds: 0, seed: "gate" };
const GATE_MS = 180_000;

/** Runs the gate until the progress is as said; returns what it said. */
function checkUntil(stop: (now: Progress, ticks: number) => boolean, designs?: Designs) {
  const progress: Progress[] = [];
  const report = runCheck({ ...OPTIONS, designs }, { tick: (now) => stop(now, progress.push(now)) });
  return { report, progress };
}

/** With a design in place of the port, up to some part. */
const checkWith = (design: AllocatorClass, end: string): CheckReport =>
  runCheck(
    { ...OPTIONS, patches: ["node-blocks"], designs: { "node-blocks": design } },
    { tick: ({ phase }) => phase === end },
  );

describe("the gate", () => {
  let report: CheckReport;
  let progress: readonly Progress[];

  beforeAll(() => {
    ({ report, progress } = checkUntil(() => false));
  }, GATE_MS);

  it("holds", () => {
    const { verdict, problems, undecided, seed, patches } = report;
    expect({ verdict, problems, undecided, seed, patches }).toEqual({
      verdict: "held",
      problems: [],
      undecided: [],
      seed: "gate",
      patches: PATCHES,
    });
  });

  it("has run everything there is", () => {
    const ids = (lines: readonly { readonly id: string }[]): readonly string[] => [
      ...new Set(lines.map(({ id }) => id)),
    ];
    expect(ids(report.campaigns)).toEqual([
      ...ids(CAMPAIGNS),
      ...ids(ON_V3),
      ...ALLOCATOR_IDS.map((id) => `${id}-generated`),
    ]);
    expect(report.claims.map(({ claim }) => claim)).toEqual(DOSSIERS.flatMap(({ claims }) => claims));
    expect(report.claims.filter(({ asPinned }) => !asPinned)).toEqual([]);
    expect(report.claims.flatMap(({ revisions = [] }) => revisions.filter((each) => !each.asPinned))).toEqual(
      [],
    );
    expect(ids(report.scenarios)).toEqual(ids(SCENARIOS));
    expect(report.scenarios.filter(({ asExpected }) => !asExpected)).toEqual([]);
    expect(ids(report.mutants)).toEqual(ids(MUTANTS));
    expect(report.mutants.filter(({ killed }) => !killed)).toEqual([]);
    expect(ids(report.invariants).toSorted()).toEqual(ids(INVARIANTS).toSorted());
  });

  it("counts what its campaigns count", () => {
    const sum = (of: (each: CheckReport["campaigns"][number]) => number): number =>
      report.campaigns.reduce((n, each) => n + of(each), 0);
    expect(report.runs).toBe(sum(({ runs }) => runs));
    expect(report.steps).toBe(sum(({ steps }) => steps));
    const instances = [...CAMPAIGNS, ...ON_V3].reduce((n, each) => n + each.instances.length, 0);
    expect(sum((each) => each.instances)).toBe(instances + 40 * ALLOCATOR_IDS.length);
  });

  it("says of each invariant how far it was watched, or that it was computed", () => {
    const lines = report.invariants.map(({ allocator, id, runs, result }) => ({
      allocator,
      id,
      runs,
      result,
    }));
    const watched = new Set(lines.map(({ allocator, runs }) => `${allocator} ${runs > 0}`));
    const withIds = ALLOCATOR_IDS.filter((id) => TRAITS[id].blocks || TRAITS[id].pools);
    expect(watched).toEqual(
      new Set([...ALLOCATOR_IDS.map((id) => `${id} true`), ...withIds.map((id) => `${id} false`)]),
    );
    expect(lines.filter(({ runs }) => runs === 0).map(({ id }) => id)).toEqual(
      withIds.flatMap(() => ["INV-VNID-RT", "INV-VNID-CAP"]),
    );
    expect(
      lines.filter(({ result }) => result !== "held").map(({ id, result }) => `${id} ${result}`),
    ).toEqual([
      "INV-COMPLETE-ALL known",
      "INV-BLOCK-RETURN known",
      "INV-WQ-FLUSH known",
      "INV-LAZYNR-GE known",
      "INV-LAZYNR-POS known",
      "INV-COMPLETE-EXACT known",
      "INV-LAZYNR-GE known",
      "INV-LAZYNR-POS known",
    ]);
  });

  it("says the same the second time, and of one patch what it says of all", { timeout: GATE_MS }, () => {
    const alone = runCheck({ ...OPTIONS, patches: ["node-blocks"] }, { tick: () => false });
    for (const part of ["campaigns", "claims", "scenarios", "mutants"] as const) {
      expect(alone[part].length).toBeGreaterThan(0);
      for (const line of alone[part]) expect(report[part]).toContainEqual(line);
    }
  });

  it("goes from 0 to at most 1, and never back", () => {
    const fractions = progress.map(({ fraction }) => fraction);
    expect(fractions[0]).toBe(0);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual([
      "campaigns",
      "claims",
      "scenarios",
      "mutants",
    ]);
    const steps = progress.map((now) => now.steps);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
});

describe("a gate that is stopped", () => {
  it("at once has checked nothing, and says so", () => {
    const { report, progress } = checkUntil(() => true);
    expect(progress).toHaveLength(1);
    expect(report).toEqual({
      verdict: "not-decided",
      seed: "gate",
      patches: PATCHES,
      corpus: [],
      campaigns: [],
      instances: [],
      invariants: [],
      claims: [],
      differences: [],
      scenarios: [],
      mutants: [],
      problems: [],
      undecided: ["no campaign was run", "stopped in campaigns at global-tree-small"],
      runs: 0,
      steps: 0,
    });
  });

  it("in the middle of a campaign reports what that campaign did, and no violation", () => {
    const { report } = checkUntil((_, ticks) => ticks === 2);
    expect(report.campaigns.map(({ id, instances, runs }) => ({ id, instances, runs }))).toEqual([
      { id: "global-tree-small", instances: 1, runs: 2 },
    ]);
    const { verdict, problems, undecided } = report;
    expect({ verdict, problems, undecided }).toMatchInlineSnapshot(`
      {
        "problems": [],
        "undecided": [
          "global-tree-small: SYNC-FREED was never reached",
          "global-tree-small: ALLOC-REFUSED was never reached",
          "global-tree-small: NOTIFIER-GAVE was never reached",
          "stopped in campaigns at global-tree-small",
        ],
        "verdict": "not-decided",
      }
    `);
  });

  it("before the claims is not decided", { timeout: GATE_MS }, () => {
    const { report } = checkUntil(({ phase }) => phase === "claims");
    const { verdict, problems, undecided, claims } = report;
    expect({ verdict, problems, undecided, claims }).toEqual({
      verdict: "not-decided",
      problems: [],
      undecided: ["stopped in claims at C2-1"],
      claims: [],
    });
  });

  it("in the hunt for a claim leaves that claim open", { timeout: GATE_MS }, () => {
    let inClaim = 0;
    const { report } = checkUntil((now) => now.item === "C2-12" && ++inClaim === 2, {
      "node-blocks": mutantOf("MU-14").make,
    });
    const { claim, verdict } = report.claims.at(-1)!;
    expect([claim.id, verdict, report.verdict]).toEqual(["C2-12", "not-decided", "not-decided"]);
    expect(report.undecided).toContain("C2-12: not decided: node-blocks-kasan was cut short");
  });
});

describe("the named instances that the budget has room for", () => {
  // 2,000 states for each second.
  const budgetSeconds = 8;
  const FIRST = "node-index/closed-tiny-migration";
  const LAST = "node-blocks/bounded-tiny-helpers";
  const CONGRUENT = "node-index/bounded-tiny-pcpu";
  const STRANDED = "node-blocks/bounded-tiny-pcpu-stranded";
  const BEFORE = ["node-blocks/closed-tiny", "node-blocks/closed-tiny-pcpu", "node-blocks/bounded-tiny-pcpu"];
  const BEHIND = "node-blocks/closed-tiny-migration";

  it("are searched, and not decided if they are stopped", { timeout: GATE_MS }, () => {
    let ticks = 0;
    const { instances, problems, undecided } = runCheck(
      { ...OPTIONS, budgetSeconds },
      { tick: ({ phase, item }) => phase === "instances" && item === LAST && ++ticks === 2 },
    );
    expect(instances.map(({ id, verdict }) => [id, verdict])).toEqual([
      ...[FIRST, CONGRUENT, ...BEFORE].map((id) => [id, "held"]),
      [STRANDED, "as-pinned"],
      [BEHIND, "held"],
      [LAST, "not-decided"],
    ]);
    expect(instances[0]!.states).toBe(searchInstanceOf(FIRST)!.states);
    expect(problems).toEqual([]);
    expect(undecided[0]).toMatch(/^node-blocks\/\S+: not searched to its end, [\d,]+ states? seen$/);
  });

  it("are a problem if they are violated, and not decided if they are vacuous", { timeout: GATE_MS }, () => {
    class NoBlocks extends NodeBlocks {
      protected override refuses(): boolean {
        return true;
      }
    }
    const designs = { "node-index": mutantOf("MU-114").make, "node-blocks": NoBlocks };
    const { instances, problems, undecided } = runCheck(
      { ...OPTIONS, patches: ["node-blocks"], budgetSeconds, designs },
      { tick: ({ phase }) => phase === "claims" },
    );
    expect(instances.map(({ id, verdict }) => [id, verdict])).toEqual([
      ...[FIRST, CONGRUENT].map((id) => [id, "violated"]),
      ...BEFORE.map((id) => [id, "vacuous"]),
      [STRANDED, "violated"],
      ...[BEHIND, LAST].map((id) => [id, "vacuous"]),
    ]);
    expect(instances[0]!.violation?.violation.invariant).toMatch(/^INV-/);
    expect(problems).toContain(`${FIRST}: ${instances[0]!.finding}`);
    expect(undecided).toContain(
      `${LAST}: vacuous: never executed: node_alloc_fill: under free_vmap_area_lock: take a block`,
    );
  });
});

describe("a design that stands in for a port", () => {
  it("and is broken is violated, wherever it shows", { timeout: GATE_MS }, () => {
    const { verdict, problems, campaigns, invariants } = checkWith(mutantOf("MU-67").make, "mutants");
    expect(verdict).toBe("violated");
    expect(problems).toMatchInlineSnapshot(`
      [
        "node-blocks-small: INV-BLOCK-EDGE is violated",
        "node-blocks-fill-race: INV-BLOCK-EDGE is violated",
        "node-blocks-fill-fault: INV-BLOCK-EDGE is violated",
        "node-blocks-kasan: INV-BLOCK-EDGE is violated",
        "node-blocks-stranded: INV-BLOCK-EDGE is violated",
        "node-blocks-edges: INV-BLOCK-EDGE is violated",
        "node-blocks-zones: INV-BLOCK-EDGE is violated",
        "node-blocks-windows: INV-BLOCK-EDGE is violated",
        "node-blocks-helpers: INV-BLOCK-EDGE is violated",
        "node-blocks-generated: INV-BLOCK-EDGE is violated",
        "C2-9: refuted, pinned as holds: INV-BLOCK-EDGE: [1,3) was returned as a block of node 0, which it is not",
        "SC-08 on node-blocks: INV-BLOCK-EDGE: [9,15) was returned as a block of node 1, which it is not",
        "SC-09 on node-blocks: INV-BLOCK-EDGE: [9,15) was returned as a block of node 1, which it is not",
        "SC-11 on node-blocks: INV-BLOCK-EDGE: [1,7) was returned as a block of node 0, which it is not",
        "SC-12 on node-blocks: INV-BLOCK-EDGE: [1,7) was returned as a block of node 0, which it is not",
        "SC-14 on node-blocks: INV-BLOCK-EDGE: [1,7) was returned as a block of node 0, which it is not",
        "SC-18 on node-blocks: INV-BLOCK-EDGE: [9,15) was returned as a block of node 1, which it is not",
        "SC-19 on node-blocks: INV-BLOCK-EDGE: [1,7) was returned as a block of node 0, which it is not",
      ]
    `);
    const found = campaigns.filter(({ violation }) => violation);
    expect(found.every(({ allocator }) => allocator === "node-blocks")).toBe(true);
    expect(invariants.filter(({ result }) => result === "violated").map(({ id }) => id)).toEqual([
      "INV-BLOCK-EDGE",
    ]);
  });

  it("and breaks what only a computation shows is violated", { timeout: GATE_MS }, () => {
    const { verdict, problems, invariants } = checkWith(mutantOf("MU-60").make, "scenarios");
    expect(verdict).toBe("violated");
    expect(problems).toMatchInlineSnapshot(`
      [
        "C2-6: refuted, pinned as holds: node 127 of 128 with flags 0: 0x8000",
        "INV-VNID-RT: node 127 is stored as 0x8000, which decodes to -1",
      ]
    `);
    const computed = invariants.filter(({ runs }) => runs === 0);
    expect(computed.map(({ id, result }) => `${id} ${result}`)).toEqual(["INV-VNID-RT violated"]);
  });

  it("and is repaired makes the pins wrong", { timeout: GATE_MS }, () => {
    const { verdict, problems, undecided } = checkWith(mutantOf("MU-14").make, "mutants");
    expect({ verdict, problems, undecided }).toMatchInlineSnapshot(`
      {
        "problems": [
          "C2-12: holds, pinned as refuted: INV-BLOCK-RETURN held",
          "SC-15 on node-blocks: STRANDED-BLOCK was not found",
          "SC-15b on node-blocks: INV-BLOCK-RETURN was not found",
        ],
        "undecided": [
          "stopped in mutants at MU-1",
        ],
        "verdict": "violated",
      }
    `);
  });

  it("and does nothing proves nothing", { timeout: GATE_MS }, () => {
    class NoNode extends NodeBlocks {
      protected override refuses(): boolean {
        return true;
      }
    }
    const { undecided } = checkWith(NoNode, "scenarios");
    expect(undecided).toMatchInlineSnapshot(`
      [
        "node-blocks-small: PART-RELEASE was never reached",
        "node-blocks-fill-race: FILL-LOSER-GLOBAL was never reached",
        "node-blocks-kasan: ID-ZERO-FREED was never reached",
        "node-blocks-stranded: ALLOC-REFUSED was never reached",
        "node-blocks-edges: NEIGHBOUR-BLOCKS was never reached",
        "node-blocks-edges: FOREIGN-PURGE-ADDRESS was never reached",
        "node-blocks-zones: BLOCK-SPANS-ZONES was never reached",
        "node-blocks-helpers: HELPER-RAN was never reached",
        "C2-4: not decided: the witness FILL-LOSER-GLOBAL was never reached",
        "C2-9: not decided: the witness NEIGHBOUR-BLOCKS was never reached",
        "C2-10: not decided: the witness NEIGHBOUR-BLOCKS was never reached",
        "C2-11: not decided: the witness FOREIGN-PURGE-ADDRESS was never reached",
        "C2-13: not decided: the witness PART-RELEASE was never reached",
        "stopped in scenarios at SC-01",
      ]
    `);
  });
});

it("a patch that is not in the catalogue is an error, and no patch at all is nothing checked", () => {
  const tick = { tick: () => false };
  expect(() => runCheck({ ...OPTIONS, patches: ["size-pools"] }, tick)).toThrow(
    "no patch size-pools in the catalogue",
  );
  const { verdict, undecided } = runCheck({ ...OPTIONS, patches: [] }, tick);
  expect([verdict, undecided]).toEqual(["not-decided", ["no campaign was run"]]);
});
