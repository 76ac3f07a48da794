// SPDX-License-Identifier: GPL-2.0-only
// Small instances of all designs, searched to the end: known numbers, no finding, and every end that runs come to.
import { describe, expect, test } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { PctStrategy } from "../../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import { campaignOf } from "../../../properties/campaigns/catalogue.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { searchInstance } from "../../../properties/search/search-instance.ts";
import { Session } from "../../../properties/session.ts";
import { endOf, searchWith } from "./searches.ts";

// States, transitions, depth, states in which a run ends; the same for those who do not look back.
const KNOWN: readonly (readonly [
  campaign: string,
  at: number,
  numbers: readonly number[],
  now: readonly number[],
])[] = [
  ["global-tree-small", 2, [17_794, 40_322, 69, 8], [6855, 15_861, 69, 4]],
  ["node-index-small", 2, [19_559, 42_740, 82, 8], [7332, 16_339, 80, 4]],
  ["node-blocks-small", 3, [9274, 16_784, 74, 30], [8374, 15_457, 74, 30]],
  ["node-blocks-kasan", 0, [862, 1575, 50, 7], [854, 1567, 50, 7]],
  ["node-blocks-stranded", 0, [45, 44, 44, 1], [45, 44, 44, 1]],
  ["node-blocks-stranded", 1, [4429, 8215, 95, 17], [4261, 7903, 95, 17]],
];

/** Runs that are compared with the search of an instance. */
const RUNS = 300;

describe.each(KNOWN)("%s, instance %i", (campaign, at, numbers, now) => {
  const { allocator, instances } = campaignOf(campaign);
  const instance = instances[at]!;

  test.each([
    [" and of the past", {}, numbers],
    ["", { past: false }, now],
  ])("holds in all reachable states%s, which are as many as ever", (_past, options, expected) => {
    const result = searchInstance(instance, expectedToHold(allocator), options);
    expect(result).toMatchObject({ end: "exhausted", finding: undefined, deadlocks: 0 });
    const { states, transitions, depth, terminals } = result;
    expect([states, transitions, depth, terminals]).toEqual(expected);
  });

  test("no run ends where the search has not been", () => {
    const { ends } = searchWith(instance);
    expect(ends.size).toBe(now[3]);
    const session = new Session(instance, { watched: expectedToHold(allocator) });
    const rng = createRng("ends");
    const strategies = [new RandomStrategy(rng, session.profile), new PctStrategy(rng, session.profile, 3)];
    const seen = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      expect(session.run(strategies[run % strategies.length]!).end).toBe("done");
      seen.add(endOf(session.sim));
    }
    expect([...seen].filter((end) => !ends.has(end))).toEqual([]);
    expect(seen.size).toBeGreaterThan(ends.size / 3);
  });
});

test("a limit is no verdict, and the odds of a collision grow with the square of the states", () => {
  const instance = campaignOf("node-blocks-kasan").instances[0]!;
  const watched = expectedToHold("node-blocks");
  expect(searchInstance(instance, watched, { statesMax: 800 }).end).toBe("limit");
  const { collisionOdds } = searchInstance(instance, watched);
  expect(collisionOdds).toBe(862 ** 2 / 2 ** 65);
});
