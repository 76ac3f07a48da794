// SPDX-License-Identifier: GPL-2.0-only
// A search finds the mistakes that a state or a step can show, by a shortest way, and what it finds replays.
import { describe, expect, test } from "vitest";
import { replayCounterexample, toCounterexample } from "../../../properties/counterexample.ts";
import { MISTAKES, mutantOf } from "../../../properties/mutants/catalogue.ts";
import { killMutant, shrinkKill, watchedFor } from "../../../properties/mutants/kill.ts";
import { SEARCHED, searchInstance } from "../../../properties/search/search-instance.ts";
import { toSchedule } from "../../../properties/search/trace.ts";

const STATES_MAX = 20_000;

/** Mistakes that the search does not find, and why. */
const NOT_FOUND: Readonly<Record<string, string>> = {
  "MU-43": "no more than the limit stays lazy: that a free saw more and no purge followed is history",
};

/** Mistakes that the check of the whole state sees as something else than the checks of every step. */
const FOUND_AS: Readonly<Record<string, string>> = {
  "MU-70": "INV-REC",
  "MU-106": "INV-REC",
  "MU-120": "INV-TLB",
};

/** Mistakes that the checks of every step see later. */
const LATER: ReadonlySet<string> = new Set(["MU-84", ...Object.keys(FOUND_AS)]);

const EXPECTED = MISTAKES.filter(({ killedBy }) => killedBy.some((id) => SEARCHED.has(id)));

test("every invariant of a search has a mistake that the search finds", () => {
  const killers = EXPECTED.filter(({ id }) => !(id in NOT_FOUND) && !(id in FOUND_AS)).flatMap(
    ({ killedBy }) => killedBy,
  );
  expect([...SEARCHED].filter((id) => !killers.includes(id))).toEqual([]);
});

describe.each(EXPECTED.map((mutant) => [mutant.id, mutant] as const))("%s", (id, mutant) => {
  const { instance, make, killedBy } = mutant;
  const watched = watchedFor(mutant);
  const { end, finding, trace, states } = searchInstance(instance, watched, { statesMax: STATES_MAX }, make);

  if (id in NOT_FOUND) {
    test("is not found", () => {
      expect([end, finding]).toEqual(["exhausted", undefined]);
    });
    return;
  }

  test("is found, and the trace leads there in a run", () => {
    expect(id in FOUND_AS ? [FOUND_AS[id]] : killedBy).toContain(finding?.id);
    expect(states).toBeLessThan(STATES_MAX);
    // Some are seen later by the checks of every step, or as what they lead to.
    const options = { design: make, watched };
    const schedule = toSchedule(instance, trace!, options)!;
    const kept = toCounterexample({ instance, schedule }, options, id);
    expect(killedBy).toContain(kept.violation.invariant);
    expect(kept.violation.step + 1).toBeGreaterThanOrEqual(trace!.length);
    expect(replayCounterexample(kept, options).differences).toEqual([]);
    if (LATER.has(id)) return;
    expect(kept.violation.invariant).toBe(finding?.id);
    expect(kept.violation.step + 1).toBe(trace!.length);
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
  const { finding, trace } = searchInstance(shrunk.instance, watchedFor(mutant), {}, mutant.make);
  expect(finding?.id).toBe(shrunk.finding.id);
  expect(trace!.length).toBeLessThanOrEqual(shrunk.steps);
});
