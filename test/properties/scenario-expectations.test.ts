// SPDX-License-Identifier: GPL-2.0-only
// What is expected of a scenario is looked at: another expectation, or a repaired design, and it does not come out.
import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { type KernelCode, tail } from "../../explore/sync.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { SCENARIOS } from "../../properties/scenarios/catalogue.ts";
import {
  type Expectation,
  expectedToHold,
  runScenario,
  type Scenario,
} from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { TREE_REPAIRED } from "./tree-mistakes.ts";

const RUNS = 30;

const CASES = SCENARIOS.flatMap((scenario) =>
  scenario.designs.map((allocator) => ({ id: scenario.id, allocator, scenario })),
);

const scenarioOf = (id: string): Scenario => SCENARIOS.find((each) => each.id === id)!;

/** A scenario with another expectation. */
const expecting = (id: string, expect: Expectation): Scenario => ({ ...scenarioOf(id), expect });

/** Takes the notifier chain for a success, whatever it gave back. */
class NeverGivesUp extends GlobalTree {
  override *allocOverflow(va: number, size: number, align: number, vstart: number, vend: number): KernelCode {
    return tail(this, this.allocRetry, va, size, align, vstart, vend, 1);
  }
}

describe("a finding of range trees goes with its repair", () => {
  it.each(TREE_REPAIRED)("%s on %s with %s", (id, allocator, mutant, text) => {
    const result = runScenario(scenarioOf(id), allocator, RUNS, mutantOf(mutant).make);
    expect([result.asExpected, result.text]).toEqual([false, text]);
  });
});

describe("an expectation that is wrong is found out", () => {
  const pages = CASES.flatMap(({ id, allocator, scenario }) =>
    scenario.expect.kind === "holds"
      ? Object.entries(scenario.expect.pages ?? {}).map(([name, page]) => ({ id, allocator, name, page }))
      : [],
  );

  it.each(pages)("$id on $allocator: the page of $name", ({ id, allocator, name, page }) => {
    const holds = scenarioOf(id).expect as Extract<Expectation, { kind: "holds" }>;
    const other = page === "failed" ? 0 : page + 1;
    const changed = expecting(id, { ...holds, pages: { ...holds.pages, [name]: other } });
    const { asExpected, text } = runScenario(changed, allocator, RUNS);
    expect([asExpected, text]).toEqual([false, `"${name}": expected ${other}, found ${page}`]);
  });

  it("a success where a failure is expected", () => {
    const changed = expecting("SC-06", { kind: "holds", pages: { x: "failed" } });
    expect(runScenario(changed, "global-tree", 0).text).toMatchInlineSnapshot(
      `""x": expected failed, found 4"`,
    );
  });

  it("a situation that no run reaches", () => {
    const changed = expecting("SC-13", { kind: "holds", reaches: ["FILL-LOSER-GLOBAL", "HELPER-RAN"] });
    const { asExpected, text } = runScenario(changed, "node-blocks", RUNS);
    expect([asExpected, text]).toEqual([false, "HELPER-RAN was never reached"]);
  });

  it("the split of SC-04 is refused because of the migration alone", () => {
    const scenario = scenarioOf("SC-04");
    const instance = (id: AllocatorId) => ({ ...scenario.instance(id), migrations: 0 });
    const { asExpected, text } = runScenario({ ...scenario, instance }, "global-tree", RUNS);
    expect([asExpected, text]).toEqual([false, "SPLIT-REFUSED was never reached"]);
  });

  it("another finding than the expected one", () => {
    const { asExpected, text } = runScenario(
      expecting("SC-50", { kind: "finding", id: "INV-BLOCK-RETURN" }),
      "node-blocks",
      RUNS,
    );
    expect([asExpected, text]).toEqual([false, "INV-BLOCK-RETURN was not found"]);
    expect(expectedToHold("node-blocks")).not.toContain("INV-COMPLETE-ALL");
  });
});

describe("allocations that some run refuses and another one serves", () => {
  const contested = (programs: readonly string[], undecided: readonly string[]): Scenario => ({
    id: "SC-T",
    title: "two tasks want the last pages",
    designs: ["global-tree"],
    instance: (allocator) => instanceOf(allocator, { space: 4 }, ...programs),
    expect: { kind: "holds", undecided },
  });

  it.each([
    [["a=alloc(3)", "b=alloc(3)"], ["a", "b"], true, "held in 99 interleavings"],
    [["a=alloc(3)", "b=alloc(1)"], ["a"], false, '"a" never failed'],
    [["a=alloc(3); b=alloc(3)", "-"], ["b"], false, '"b" never succeeded'],
  ])("%j: %j", (programs, undecided, asExpected, text) => {
    const result = runScenario(contested(programs, undecided), "global-tree", RUNS);
    expect([result.asExpected, result.text]).toEqual([asExpected, text]);
  });
});

describe("an interleaving that does not end", () => {
  it("counts for nothing where a single deviation is unfair", () => {
    const first = runScenario(scenarioOf("SC-09"), "global-tree", 0);
    const { steps } = new Session(scenarioOf("SC-09").instance("global-tree")).replay({
      switches: [],
      choices: [],
    });
    expect(first.asExpected).toBe(true);
    expect(first.runs).toBeLessThan(1 + steps * 5);
  });

  it("is nothing that holds where the schedule is fair", () => {
    // Nobody looks for livelocks.
    const scenario: Scenario = { ...scenarioOf("SC-10b"), watched: ["INV-OWN1"] };
    const { asExpected, text, runs } = runScenario(scenario, "global-tree", 0, NeverGivesUp);
    expect([asExpected, text, runs]).toEqual([false, "an interleaving did not end", 0]);
  });
});
