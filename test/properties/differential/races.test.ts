// SPDX-License-Identifier: GPL-2.0-only
//
// Sets of outcomes over all interleavings, and what only one of two designs can come to.

import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { outcomesOf } from "../../../properties/differential/outcomes.ts";
import { compareRaces } from "../../../properties/differential/races.ts";
import { instanceOf } from "../../../spec/small-machine.ts";
import { against, mutantClass, swapped } from "./pairs.ts";

const PLAN = {
  moves: ["A=alloc(1)", "A=alloc(4)", "free(A)"],
  machines: [{ space: 4, cpus: 2, nodes: 1, lazyMax: 9 }],
  operationsMax: 3,
} as const;

const STATES = 50_000;

describe("outcomes", () => {
  const machine = { space: 4, cpus: 2, nodes: 1, lazyMax: 9 };

  it("of two allocations: either comes first", () => {
    const instance = instanceOf("global-tree", machine, "a=alloc(1)", "b=alloc(1)");
    expect(outcomesOf(instance, undefined, STATES)).toMatchObject({
      answers: ["a: succeeds, b: succeeds"],
      addresses: ["a: page 0, b: page 1", "a: page 1, b: page 0"],
      complete: true,
    });
  });

  it("of a purge that gives back what the other task has freed", () => {
    const instance = instanceOf("global-tree", machine, "a=alloc(4); free(a)", "b=alloc(4)");
    const all = ["a: fails, b: succeeds", "a: succeeds, b: fails", "a: succeeds, b: succeeds"];
    expect(outcomesOf(instance, undefined, STATES).answers).toEqual(all);
    expect(outcomesOf(instance, mutantClass("MU-97"), STATES).answers).toEqual(all.slice(0, 2));
  });

  it("are not complete where a limit ends the search", () => {
    const instance = instanceOf("global-tree", machine, "a=alloc(1)", "b=alloc(1)");
    expect(outcomesOf(instance, undefined, 10).complete).toBe(false);
  });
});

describe("races", () => {
  const missed = {
    race: { programs: ["a=alloc(1)", "b=alloc(4); free(b)"] },
    both: ["a: fails, b: succeeds", "a: succeeds, b: fails"],
  };

  it("show what only one of two designs can come to", () => {
    const pair = against(mutantClass("MU-97"));
    const kind = "only the predecessor can come to successes and failures";
    const only = [["a: succeeds, b: succeeds"], []];
    expect(compareRaces(pair, PLAN).differences).toMatchObject([{ kind, ...missed, only }]);
    expect(compareRaces(swapped(pair), PLAN).differences).toMatchObject([
      { kind: "only the patch can come to successes and failures", ...missed, only: only.toReversed() },
    ]);
  });

  it("compare addresses where the answers are the same", () => {
    const plan = { ...PLAN, moves: ["A=alloc(1)"], machines: [{ space: 16, cpus: 2, nodes: 2, lazyMax: 9 }] };
    const { differences } = compareRaces([{ allocator: "node-index" }, { allocator: "node-blocks" }], plan);
    expect(differences.map(({ kind }) => kind)).toEqual([
      "only the predecessor can come to addresses",
      "only the patch can come to addresses",
    ]);
    expect(differences[0]!.only).toEqual([
      ["a: page 0, b: page 1", "a: page 1, b: page 0"],
      ["a: page 1, b: page 9", "a: page 9, b: page 1"],
    ]);
  });

  it("show nothing between a design and itself", () => {
    const { differences, programs, undecided } = compareRaces(against(GlobalTree), PLAN);
    expect([differences, undecided]).toEqual([[], 0]);
    expect(programs).toBeGreaterThan(5);
  });

  it("say nothing of what could not be searched", () => {
    // Lost pages end a search at once.
    const { undecided } = compareRaces(against(mutantClass("MU-94")), PLAN);
    expect(undecided).toBe(11);
  });
});
