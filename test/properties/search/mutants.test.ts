// SPDX-License-Identifier: GPL-2.0-only
// A search finds the mistakes that a state or a step can show, by a shortest way, and what it finds replays.
import { describe, expect, test } from "vitest";
import { replayCounterexample, toCounterexample } from "../../../properties/counterexample.ts";
import { MISTAKES, mutantOf } from "../../../properties/mutants/catalogue.ts";
import { killMutant, shrinkKill, watchedFor } from "../../../properties/mutants/kill.ts";
import { SEARCHED, searchInstance } from "../../../properties/search/search-instance.ts";
import { toSchedule } from "../../../properties/search/trace.ts";

const STATES_MAX = 20_000;

const EXPECTED = MISTAKES.filter(
  ({ computed, killedBy }) => !computed && killedBy.some((invariant) => SEARCHED.has(invariant)),
);

test("every invariant of a search has a mistake that the search finds", () => {
  const killers = EXPECTED.flatMap(({ killedBy }) => killedBy);
  expect([...SEARCHED].filter((id) => !killers.includes(id))).toEqual([]);
});

describe.each(EXPECTED.map((mutant) => [mutant.id, mutant] as const))("%s", (id, mutant) => {
  const { instance, make, killedBy } = mutant;
  const watched = watchedFor(mutant);
  const { finding, trace, states } = searchInstance(instance, watched, {
    statesMax: STATES_MAX,
    design: make,
  });

  test("is found, and the trace leads there in a run", () => {
    expect(killedBy).toContain(finding?.id);
    expect(states).toBeLessThan(STATES_MAX);
    const options = { design: make, watched };
    const schedule = toSchedule(instance, trace!, options)!;
    const kept = toCounterexample({ instance, schedule }, options, id);
    expect(kept.violation.invariant).toBe(finding?.id);
    expect(kept.violation.step + 1).toBe(trace!.length);
    expect(replayCounterexample(kept, options).differences).toEqual([]);
  });
});

test("the faithful ports show nothing where the mistakes are found", () => {
  for (const mutant of EXPECTED) {
    const { finding } = searchInstance(mutant.instance, watchedFor(mutant), { statesMax: 2000 });
    expect([mutant.id, finding]).toEqual([mutant.id, undefined]);
  }
});

// A race, a lost update, a helper, a work, a preload.
test.each(["MU-4", "MU-37", "MU-51", "MU-54", "MU-111"])("%s: no run found at random is shorter", (id) => {
  const mutant = mutantOf(id);
  const shrunk = shrinkKill(killMutant(mutant, { seed: "search", runs: 2000 }))!;
  const { finding, trace } = searchInstance(shrunk.instance, watchedFor(mutant), { design: mutant.make });
  expect(finding?.id).toBe(shrunk.finding.id);
  expect(trace!.length).toBeLessThanOrEqual(shrunk.steps);
});
