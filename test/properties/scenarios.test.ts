// SPDX-License-Identifier: GPL-2.0-only
// Scenarios come out as expected on every design, and each of them can fail: with the mistake that it is about, and
// with any other expectation.
import { describe, expect, it } from "vitest";
import { type KernelCode, tail } from "../../explore/sync.ts";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { SITUATIONS } from "../../properties/campaigns/catalogue.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { SCENARIOS } from "../../properties/scenarios/catalogue.ts";
import { runScenario, type Scenario } from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import { DEFECTS } from "../../spec/defects.ts";
import { isInvariantId } from "../../spec/invariants.ts";
import { areasOf } from "../../spec/operations.ts";
import { PCPU_MISTAKES } from "./pcpu-mistakes.ts";
import { POOL_MISTAKES, type ScenarioMistake } from "./pool-mistakes.ts";
import { TREE_MISTAKES } from "./tree-mistakes.ts";

const RUNS = 30;

const CASES = SCENARIOS.flatMap((scenario) =>
  scenario.designs.map((allocator) => ({ id: scenario.id, allocator, scenario })),
);

const scenarioOf = (id: string): Scenario => SCENARIOS.find((each) => each.id === id)!;

describe("the catalogue", () => {
  it("has unique ids and titles, and a design for each", () => {
    expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
    expect(new Set(SCENARIOS.map(({ title }) => title)).size).toBe(SCENARIOS.length);
    expect(SCENARIOS.filter(({ designs }) => designs.length === 0)).toEqual([]);
  });

  it("names situations, invariants and areas that exist", () => {
    const known = new Set(SITUATIONS.map(({ id }) => id));
    const unknown = CASES.flatMap(({ id, scenario, allocator }) => {
      const { expect: wanted } = scenario;
      const areas = new Set(
        scenario.instance(allocator).programs.flatMap((ops) => ops.flatMap(areasOf).map(({ name }) => name)),
      );
      if (wanted.kind === "finding") return isInvariantId(wanted.id) || known.has(wanted.id) ? [] : [id];
      const names = [...Object.keys(wanted.pages ?? {}), ...(wanted.undecided ?? [])];
      return (wanted.reaches ?? []).some((each) => !known.has(each)) || names.some((each) => !areas.has(each))
        ? [id]
        : [];
    });
    expect(unknown).toEqual([]);
    expect(
      CASES.filter(({ scenario, allocator }) => scenario.instance(allocator).allocator !== allocator),
    ).toEqual([]);
  });

  it("has each scenario that a defect names", () => {
    const named = DEFECTS.flatMap((defect) => ("scenario" in defect ? [defect] : []));
    expect(named.map(({ id, scenario }) => `${id} ${scenario}: ${outcomeOf(scenario)}`))
      .toMatchInlineSnapshot(`
        [
          "DEF-B1 SC-05: holds",
          "DEF-N1 SC-20: NULL-DEREFERENCE",
          "DEF-N2 SC-15: STRANDED-BLOCK",
          "DEF-N6 SC-16: INV-BLOCK-RETURN",
          "DEF-N13 SC-50: INV-COMPLETE-ALL",
          "DEF-N14 SC-51: INV-CONSERVE",
          "DEF-N16 SC-43n: INV-PCPU-COMPLETE",
          "DEF-P1 SC-62: INV-POOL-LEN",
          "DEF-P4 SC-67: holds",
          "DEF-P5 SC-64: INV-NOWARN",
          "DEF-P6 SC-68: INV-HELPERS-DONE",
          "DEF-P7 SC-61c: INV-WQ-NODEADLOCK",
          "DEF-U1 SC-29: INV-WQ-NODEADLOCK",
          "DEF-U3 SC-32: INV-DRAIN",
          "DEF-U4 SC-33: INV-HELPERS-DONE",
          "DEF-U6 SC-31b: INV-WQ-FLUSH",
          "DEF-U9 SC-60: INV-WQ-NODEADLOCK",
          "DEF-U10 SC-61: INV-WQ-NODEADLOCK",
          "DEF-O1 SC-35: INV-DISJOINT",
          "DEF-O2 SC-36: INV-DISJOINT",
          "DEF-O5 SC-06b: INV-COMPLETE-EXACT",
          "DEF-O8 SC-42: INV-NOWARN",
          "DEF-O9 SC-76: INV-CLIP-ATOMIC",
          "DEF-O14 SC-77: INV-LAZYNR-GE",
          "DEF-O15 SC-71: INV-TLB",
          "DEF-O16 SC-70: INV-CONSERVE",
          "DEF-O17 SC-78: INV-INDEX",
          "DEF-O18 SC-79: INV-INDEX",
          "DEF-O19 SC-80: INV-COALESCED",
          "DEF-O20 SC-81: INV-NOWARN",
          "DEF-O21 SC-72: INV-CONSERVE",
          "DEF-O22 SC-82: INV-ALIASES",
          "DEF-O23 SC-83: INV-PURGE-NODE",
          "DEF-O24 SC-84: INV-SKIP",
          "DEF-O25 SC-85: INV-REC",
          "DEF-O26 SC-86: INV-CONSERVE",
          "DEF-O27 SC-43r: INV-PCPU-COMPLETE",
          "DEF-O28 SC-43q: INV-NOWARN",
        ]
      `);
  });
});

function outcomeOf(id: string): string {
  const { expect: wanted } = scenarioOf(id);
  return wanted.kind === "finding" ? wanted.id : "holds";
}

describe("each scenario comes out as expected", () => {
  it.each(CASES)("$id on $allocator", ({ scenario, allocator }) => {
    const { asExpected, text, runs, failing } = runScenario(scenario, allocator, RUNS);
    const { expect: wanted } = scenario;
    const begins = wanted.kind === "holds" ? `held in ${runs} interleavings` : `${wanted.id}: `;
    expect([asExpected, text.slice(0, begins.length)]).toEqual([true, begins]);
    expect(failing?.finding.id).toBe(wanted.kind === "holds" ? undefined : wanted.id);
  });

  it("and a finding comes with its shortest run, which replays", () => {
    const shortest = CASES.filter(({ scenario }) => scenario.expect.kind === "finding").map(
      ({ id, scenario, allocator }) => {
        const { failing } = runScenario(scenario, allocator, RUNS);
        const session = new Session(scenario.instance(allocator), {
          design: scenario.design,
          watched: isInvariantId(failing!.finding.id) ? new Set([failing!.finding.id]) : new Set(),
          situations: SITUATIONS,
          stopAt: failing!.finding.id,
        });
        const { finding, steps } = session.replay(failing!.schedule);
        expect([finding, steps]).toEqual([failing!.finding, failing!.steps]);
        const { switches, choices } = failing!.schedule;
        return `${id}: ${switches.length} switches, ${choices.length} choices, ${steps} steps`;
      },
    );
    expect(shortest).toMatchInlineSnapshot(`
      [
        "SC-15: 0 switches, 1 choices, 30 steps",
        "SC-15b: 0 switches, 1 choices, 16 steps",
        "SC-16: 0 switches, 1 choices, 14 steps",
        "SC-20: 0 switches, 0 choices, 26 steps",
        "SC-50: 0 switches, 0 choices, 43 steps",
        "SC-51: 7 switches, 0 choices, 28 steps",
        "SC-62: 1 switches, 0 choices, 69 steps",
        "SC-62: 1 switches, 0 choices, 69 steps",
        "SC-62: 1 switches, 0 choices, 69 steps",
        "SC-62b: 0 switches, 0 choices, 35 steps",
        "SC-62b: 0 switches, 0 choices, 35 steps",
        "SC-62b: 0 switches, 0 choices, 35 steps",
        "SC-29: 0 switches, 0 choices, 46 steps",
        "SC-29b: 0 switches, 0 choices, 27 steps",
        "SC-31b: 0 switches, 0 choices, 46 steps",
        "SC-32: 0 switches, 0 choices, 16 steps",
        "SC-32: 0 switches, 0 choices, 17 steps",
        "SC-33: 0 switches, 1 choices, 47 steps",
        "SC-33b: 0 switches, 1 choices, 67 steps",
        "SC-60: 0 switches, 0 choices, 44 steps",
        "SC-61: 0 switches, 0 choices, 52 steps",
        "SC-61c: 0 switches, 0 choices, 56 steps",
        "SC-68: 1 switches, 0 choices, 51 steps",
        "SC-64: 0 switches, 0 choices, 14 steps",
        "SC-43n: 0 switches, 0 choices, 17 steps",
        "SC-36: 0 switches, 0 choices, 10 steps",
        "SC-43q: 0 switches, 1 choices, 28 steps",
        "SC-43r: 0 switches, 0 choices, 50 steps",
        "SC-06b: 0 switches, 0 choices, 4 steps",
        "SC-35: 0 switches, 0 choices, 11 steps",
        "SC-70: 0 switches, 0 choices, 31 steps",
        "SC-70b: 0 switches, 0 choices, 38 steps",
        "SC-71: 1 switches, 0 choices, 21 steps",
        "SC-72: 1 switches, 0 choices, 45 steps",
        "SC-72b: 1 switches, 0 choices, 60 steps",
        "SC-74: 0 switches, 0 choices, 32 steps",
        "SC-42: 0 switches, 1 choices, 8 steps",
        "SC-76: 0 switches, 1 choices, 6 steps",
        "SC-76b: 0 switches, 1 choices, 6 steps",
        "SC-77: 0 switches, 0 choices, 13 steps",
        "SC-77: 0 switches, 0 choices, 13 steps",
        "SC-77b: 1 switches, 0 choices, 27 steps",
        "SC-77b: 1 switches, 0 choices, 27 steps",
        "SC-78: 0 switches, 1 choices, 10 steps",
        "SC-78b: 0 switches, 1 choices, 42 steps",
        "SC-79: 0 switches, 1 choices, 6 steps",
        "SC-80: 0 switches, 1 choices, 8 steps",
        "SC-81: 0 switches, 1 choices, 20 steps",
        "SC-81b: 0 switches, 1 choices, 20 steps",
        "SC-82: 0 switches, 1 choices, 35 steps",
        "SC-82: 0 switches, 1 choices, 35 steps",
        "SC-82b: 0 switches, 1 choices, 37 steps",
        "SC-82b: 0 switches, 1 choices, 37 steps",
        "SC-83: 0 switches, 1 choices, 39 steps",
        "SC-83: 0 switches, 1 choices, 35 steps",
        "SC-84: 0 switches, 1 choices, 46 steps",
        "SC-84: 0 switches, 1 choices, 46 steps",
        "SC-85: 0 switches, 0 choices, 49 steps",
        "SC-85b: 0 switches, 0 choices, 49 steps",
        "SC-85c: 0 switches, 0 choices, 52 steps",
        "SC-83b: 1 switches, 0 choices, 68 steps",
        "SC-86: 0 switches, 0 choices, 6 steps",
      ]
    `);
  });
});

/** Takes the notifier chain for a success, whatever it gave back. */
class NeverGivesUp extends GlobalTree {
  override *allocOverflow(va: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    return tail(this, this.allocRetry, va, size, align, vstart, vend, 1);
  }
}

/** The fill that gets nothing leaves without atomic_set(&vn->fill_in_progress, 0). */
class KeepsFillFlag extends NodeBlocks {
  protected override endFill(node: number): number {
    const flag = this.fillInProgress[node]!;
    super.endFill(node);
    if (this.kernel.faults.spent > 0) this.fillInProgress[node] = flag;
    return 0;
  }
}

/** find_vmap_area() looks in one node only. */
class LooksInOneNode extends NodeBlocks {
  override *findVmapArea(page: number): KernelCode {
    return tail(this, this.findFrom, page, this.addrToNode(page), 1);
  }
}

describe("each scenario that holds fails with the mistake that it is about", () => {
  const mistakes: readonly ScenarioMistake[] = [
    ["SC-01", "global-tree", "MU-89", "INV-LOWEST: [4,5) was chosen, the lowest fit is [0,1)"],
    ["SC-02", "global-tree", "MU-6", "INV-REC: a vmap_area record was freed that is linked or not allocated"],
    ["SC-03", "global-tree", "MU-96", "INV-CLIP-ATOMIC: a clip failed but changed the record [0,8)"],
    ["SC-04", "global-tree", "MU-96", "INV-CLIP-ATOMIC: a clip failed but changed the record [1,8)"],
    ["SC-05", "global-tree", "MU-93", "ALLOC-REFUSED was never reached"],
    [
      "SC-06",
      "global-tree",
      "MU-91",
      "INV-COMPLETE-EXACT: no fit was found for 4 pages, but [4,8) is free in the index",
    ],
    [
      "SC-07",
      "global-tree",
      "MU-30",
      "INV-TLB: [6,8) was released for reuse, but CPU 0, 1 may still translate page 6",
    ],
    [
      "SC-08",
      "global-tree",
      "MU-36",
      "INV-LAZYNR-GE: vmap_lazy_nr is 0, but 1 pages are on lazy and purge lists",
    ],
    [
      "SC-09",
      "global-tree",
      "MU-43",
      "INV-DRAIN: a free saw too many lazy pages, and no purge began after it",
    ],
    ["SC-10", "global-tree", "MU-98", '"c": expected 0, found failed'],
    [
      "SC-10b",
      "global-tree",
      NeverGivesUp,
      "INV-LIVELOCK: task 0 goes round in preload_this_cpu_lock, __alloc_vmap_area; from step 14 on",
    ],
    ["SC-11", "global-tree", "MU-45", "INV-PURGE-SERIAL: a purge begins while another is going on"],
    [
      "SC-12",
      "node-blocks",
      "MU-67",
      "INV-BLOCK-EDGE: [1,7) was returned as a block of node 0, which it is not",
    ],
    ["SC-13", "node-blocks", "MU-77", "INV-FILL-EXCL: 2 tasks fill node 0 at once"],
    [
      "SC-14",
      "node-blocks",
      KeepsFillFlag,
      "INV-FILL-EXCL: fill_in_progress of node 0 is 1 while 0 tasks fill it",
    ],
    [
      "SC-18",
      "node-blocks",
      "MU-65",
      "INV-BLOCK-EDGE: pages [7,8) are in two places: node-free of node 0, and block edge",
    ],
    ["SC-19", "node-blocks", "MU-71", '"e": expected 0, found failed'],
    [
      "SC-21b",
      "node-blocks",
      LooksInOneNode,
      "INV-BUSY-FIND: page 4 of the live area at 0 was looked up and not found",
    ],
    [
      "SC-50b",
      "node-index",
      "MU-98",
      "INV-COMPLETE-ALL: 1 pages were refused for good, though [0,1) is nobody's",
    ],
    ...POOL_MISTAKES,
    ...PCPU_MISTAKES,
    ...TREE_MISTAKES,
  ];

  it.each(mistakes)("%s on %s", (id, allocator, mistake, text) => {
    const design = typeof mistake === "string" ? mutantOf(mistake).make : mistake;
    const result = runScenario(scenarioOf(id), allocator, RUNS, design);
    expect([result.asExpected, result.text]).toEqual([false, text]);
  });

  it("and no scenario is left out, but the one that is such a comparison itself", () => {
    const left = SCENARIOS.filter(
      ({ id, expect: wanted }) => wanted.kind === "holds" && !mistakes.some(([of]) => of === id),
    );
    expect(left.map(({ id }) => id)).toEqual(["SC-51b", "SC-74b"]);
  });
});

describe("each scenario with a finding fails without the defect", () => {
  it.each([
    ["SC-15", "MU-14", "STRANDED-BLOCK was not found"],
    ["SC-15b", "MU-14", "INV-BLOCK-RETURN was not found"],
    ["SC-50", "MU-15", "INV-COMPLETE-ALL was not found"],
    [
      "SC-16",
      "MU-10",
      "INV-BLOCK-EDGE: pages [0,1) are in two places: granted, not yet busy, and block edge",
    ],
  ])("%s with %s", (id, mutant, text) => {
    const result = runScenario(scenarioOf(id), "node-blocks", RUNS, mutantOf(mutant).make);
    expect([result.asExpected, result.text]).toEqual([false, text]);
  });

  it("a design of its own is not replaced", () => {
    expect(runScenario(scenarioOf("SC-20"), "node-blocks", 0, mutantOf("MU-14").make).asExpected).toBe(true);
  });
});
