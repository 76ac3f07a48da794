// SPDX-License-Identifier: GPL-2.0-only
// Hunts through arbitrary programs: they keep silent about the faithful ports, end in the same small case for the
// same seed, and say when they were interrupted.
import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../impl/allocators/global-tree.ts";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { type ArbitraryHuntPlan, findByArbitrary } from "../../properties/arbitrary-hunt.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { printPrograms } from "../../spec/program-text.ts";
import { configurationOf } from "./small-instance.ts";

const PLAN: ArbitraryHuntPlan = {
  configuration: configurationOf("global-tree"),
  tasks: 3,
  opsPerTask: 4,
  cases: 60,
  runsPerCase: 40,
  strategy: "mixed",
  seed: "arbitrary hunt",
};

/** The purge does not flush. */
class NoFlush extends GlobalTree {
  protected override flushRange(): number {
    this.range[0] = 0;
    this.range[1] = 0;
    return 1;
  }
}

/** fill_in_progress is set without a look at what it was. */
class FillsAlways extends NodeBlocks {
  protected override tryBeginFill(node: number): number {
    this.fillInProgress[node] = 0;
    return super.tryBeginFill(node);
  }
}

describe("a hunt through arbitrary programs", () => {
  it.each(ALLOCATOR_IDS)("finds nothing in %s that the catalogue says holds", (allocator) => {
    const configuration = configurationOf(allocator, {
      spacePages: 24,
      faults: { budget: 1, points: ["split", "kasan", "fill-record"] },
      migrations: 1,
    });
    const watched = expectedToHold(allocator);
    const result = findByArbitrary({ ...PLAN, configuration, watched, strictRunsPerCase: 2 });
    expect(result.found).toBeUndefined();
    expect([result.cases, result.stats.runs, result.interrupted]).toEqual([60, 2400, false]);
  });

  it("ends in a small case, the same for the same seed, that a session shows again", () => {
    const plan = { ...PLAN, design: NoFlush, shrinkCasesMax: 60 };
    const result = findByArbitrary(plan);
    const again = findByArbitrary(plan);
    expect({ ...again, found: { ...again.found, options: undefined } }).toEqual({
      ...result,
      found: { ...result.found, options: undefined },
    });
    const { instance, schedule, finding, steps, minimal, options, original } = result.found!;
    expect(printPrograms(instance.programs)).toMatchInlineSnapshot(`"b=alloc(1); free(b)"`);
    expect({ finding, schedule, steps, minimal }).toMatchInlineSnapshot(`
      {
        "finding": {
          "id": "INV-TLB",
          "message": "[0,1) was released for reuse, but CPU 0 may still translate page 0",
        },
        "minimal": true,
        "schedule": {
          "choices": [],
          "switches": [],
        },
        "steps": 17,
      }
    `);
    expect(original.programs.flat().length).toBeGreaterThan(instance.programs.flat().length);
    const outcome = new Session(instance, options).replay(schedule);
    expect(outcome).toEqual({ end: "violation", steps, finding });
  });

  it("finds other cases for another seed", () => {
    const digest = (seed: string): number => findByArbitrary({ ...PLAN, seed, cases: 10 }).stats.steps;
    expect(digest("a")).not.toBe(digest("b"));
  });

  it("shrinks to the kind of finding that it began with", () => {
    const { found } = findByArbitrary({
      ...PLAN,
      configuration: configurationOf("node-blocks", { nodes: 1, spacePages: 32 }),
      design: FillsAlways,
      watched: expectedToHold("node-blocks"),
    });
    expect(found!.finding.id).toBe("INV-FILL-EXCL");
    expect(printPrograms(found!.instance.programs)).toMatchInlineSnapshot(`
      "a=alloc(1)
      b=alloc(1)"
    `);
  });

  it("says that it was interrupted, and then claims nothing", () => {
    let calls = 0;
    const result = findByArbitrary({ ...PLAN, runsPerCase: 300, cases: 1000 }, () => ++calls === 7);
    expect(result.interrupted).toBe(true);
    expect(result.found).toBeUndefined();
    expect(result.cases).toBeLessThan(10);
    expect(calls).toBe(7);
  });
});
