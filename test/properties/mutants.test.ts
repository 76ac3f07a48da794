// SPDX-License-Identifier: GPL-2.0-only
// Every check can fail: each mutant is killed by an invariant that was named beforehand, each invariant kills a
// mutant, and the faithful port shows nothing where mutants are hunted.
import { beforeAll, describe, expect, test } from "vitest";
import { ALLOCATORS } from "../../impl/allocators/registry.ts";
import { MUTANTS } from "../../properties/mutants/catalogue.ts";
import {
  huntPort,
  type Kill,
  killMutant,
  type KillPlan,
  operationsOf,
  watchedFor,
} from "../../properties/mutants/kill.ts";
import type { Mistake, Mutant } from "../../properties/mutants/mutant.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import { expectedOf, INVARIANTS, isExpectedToHold } from "../../spec/invariants.ts";
import { printPrograms } from "../../spec/program-text.ts";

const PLAN: KillPlan = { seed: "mutants", runs: 2000 };
const MISTAKES: readonly Mistake[] = MUTANTS.filter((mutant) => mutant.kind === "mistake");
const REPAIRS = MUTANTS.filter((mutant) => mutant.kind === "repair");

const kills = new Map<Mutant, Kill>();

beforeAll(() => {
  for (const mutant of MUTANTS) kills.set(mutant, killMutant(mutant, PLAN));
}, 120_000);

describe("the catalogue", () => {
  test("ids and titles are unique", () => {
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
    expect(new Set(MUTANTS.map(({ title }) => title)).size).toBe(MUTANTS.length);
  });

  test("a mutant is a subclass of its base, hunted in a valid instance of at most 12 operations", () => {
    const wrong = MUTANTS.filter(
      ({ base, make, instance }) =>
        !(make.prototype instanceof ALLOCATORS[base]) ||
        instance.allocator !== base ||
        validateInstance(instance) !== undefined ||
        operationsOf(instance) > 12,
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test("a mistake is to be seen by an invariant that its base keeps, or keeps in this instance", () => {
    const wrong = MISTAKES.filter(
      ({ base, instance, killedBy, watchedToo = [] }) =>
        killedBy.length === 0 ||
        killedBy.some((id) => !isExpectedToHold(id, base, [instance]) && !watchedToo.includes(id)) ||
        watchedToo.some((id) => expectedOf(id, base) !== "violated"),
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test("a repair cures what its base violates", () => {
    const wrong = REPAIRS.filter(({ base, cures }) => expectedOf(cures, base) !== "violated");
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

describe("each mutant is killed", () => {
  test.each(MISTAKES)("$id: $title", (mutant) => {
    const { killed, text } = kills.get(mutant)!;
    expect({ killed, text }).toEqual({ killed: true, text });
  });

  test.each(MISTAKES.filter(({ strictOnly }) => strictOnly))("$id is seen in strict mode only", (mutant) => {
    const { caught, runs } = kills.get(mutant)!;
    expect(caught!.session.sim.kernel.heap.strict).toBeDefined();
    expect(runs).toBeGreaterThan(PLAN.runs);
  });

  test("none needs strict mode that does not say so", () => {
    const strict = MISTAKES.filter((mutant) => kills.get(mutant)!.caught?.session.sim.kernel.heap.strict);
    expect(strict.every(({ strictOnly }) => strictOnly)).toBe(true);
  });

  test("by the same run for the same seed, and also for other seeds", () => {
    for (const mutant of MISTAKES.filter((each) => kills.get(each)!.runs > 1 && !each.strictOnly)) {
      const first = kills.get(mutant)!;
      const again = killMutant(mutant, PLAN);
      expect([again.runs, again.text]).toEqual([first.runs, first.text]);
      const other = killMutant(mutant, { ...PLAN, seed: "others" });
      expect([mutant.id, other.killed, other.text]).toEqual([mutant.id, true, other.text]);
    }
  });
});

describe("each repair cures", () => {
  test.each(REPAIRS)("$id: $title", (mutant) => {
    const { killed, text } = kills.get(mutant)!;
    expect({ killed, text }).toEqual({ killed: true, text });
  });
});

describe("no invariant without a mutant", () => {
  test.each(INVARIANTS)("$id kills one", ({ id }) => {
    const killers = MISTAKES.filter((mutant) => kills.get(mutant)!.killedBy === id);
    expect(killers.length).toBeGreaterThan(0);
  });
});

describe("the faithful port shows nothing where mutants are hunted", () => {
  const seen = new Set<string>();
  const distinct = MISTAKES.filter((mutant) => {
    const key = JSON.stringify([mutant.instance, [...watchedFor(mutant)]]);
    return !seen.has(key) && seen.add(key);
  });
  test.each(distinct.map((mutant) => [mutant.id, printPrograms(mutant.instance.programs), mutant] as const))(
    "%s: %s",
    (_id, _programs, mutant) => {
      expect(huntPort(mutant, PLAN)?.finding).toBeUndefined();
    },
  );
});
