// SPDX-License-Identifier: GPL-2.0-only
// Small instances of all designs, searched to the end: known numbers, no finding, and every end that runs come to.
import { describe, expect, test } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { PctStrategy } from "../../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import { campaignOf } from "../../../properties/campaigns/catalogue.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { Canonical } from "../../../properties/search/canonical.ts";
import { searchInstance } from "../../../properties/search/search-instance.ts";
import { Session } from "../../../properties/session.ts";
import { endOf, searchWith } from "./searches.ts";

// States, transitions, depth, states in which a run ends.
const KNOWN: readonly (readonly [campaign: string, at: number, numbers: readonly number[]])[] = [
  ["global-tree-small", 2, [6855, 15_861, 69, 4]],
  ["node-index-small", 2, [7332, 16_339, 80, 4]],
  ["node-blocks-small", 3, [8374, 15_457, 74, 30]],
  ["node-blocks-kasan", 0, [854, 1567, 50, 7]],
  ["node-blocks-stranded", 0, [45, 44, 44, 1]],
  ["node-blocks-stranded", 1, [4261, 7903, 95, 17]],
];

/** Runs that are compared with the search of an instance. */
const RUNS = 300;

describe.each(KNOWN)("%s, instance %i", (campaign, at, numbers) => {
  const { allocator, instances } = campaignOf(campaign);
  const instance = instances[at]!;

  test("holds in all reachable states, which are as many as ever", () => {
    const { end, finding, states, transitions, depth, terminals, deadlocks } = searchInstance(
      instance,
      expectedToHold(allocator),
    );
    expect({ end, finding, deadlocks }).toEqual({ end: "exhausted", finding: undefined, deadlocks: 0 });
    expect([states, transitions, depth, terminals]).toEqual(numbers);
  });

  test("no run ends where the search has not been", () => {
    const { ends } = searchWith(instance, (sim) => {
      const canonical = new Canonical(sim);
      return (executor, into) => canonical.fingerprint(executor, into);
    });
    expect(ends.size).toBe(numbers[3]);
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
  expect(collisionOdds).toBe(854 ** 2 / 2 ** 65);
});
