// SPDX-License-Identifier: GPL-2.0-only
// What kills a mutant shrinks to a counterexample that replays, and from which nothing can be dropped.
import { describe, expect, test } from "vitest";
import { withoutSome } from "../../explore/minimize.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import { killMutant, operationsOf, shrinkKill, watchedFor } from "../../properties/mutants/kill.ts";
import { Session, type SessionOptions } from "../../properties/session.ts";
import { shrink, type Shrunk } from "../../properties/shrink/shrink.ts";
import { simplerInstances } from "../../properties/shrink/simpler.ts";
import { printPrograms } from "../../spec/program-text.ts";
import type { Schedule } from "../../spec/schedule.ts";

// A race, a choice, a fault, a helper, a deep schedule, and one that only strict mode sees.
const SAMPLE = ["MU-4", "MU-63", "MU-96", "MU-51", "MU-79", "MU-116"];

function shrunkOf(id: string): { options: SessionOptions; shrunk: Shrunk } {
  const mutant = mutantOf(id);
  const kill = killMutant(mutant, { seed: "shrink", runs: 2000 });
  const strict = kill.caught!.session.sim.kernel.heap.strict !== undefined;
  return {
    options: { design: mutant.make, watched: watchedFor(mutant), strict },
    shrunk: shrinkKill(kill)!,
  };
}

function replay(shrunk: Shrunk, schedule: Schedule, options: SessionOptions): readonly unknown[] {
  const session = new Session(shrunk.instance, options);
  const { end, steps, finding } = session.replay(schedule);
  return [end, steps, finding, session.sim.digest(), session.runner.decisionDigest()];
}

describe.each(SAMPLE)("%s", (id) => {
  const { options, shrunk } = shrunkOf(id);

  test("is minimal, and has at most 12 operations", () => {
    expect(shrunk.minimal).toBe(true);
    expect(operationsOf(shrunk.instance)).toBeLessThanOrEqual(12);
    expect(operationsOf(shrunk.instance)).toBeLessThanOrEqual(operationsOf(mutantOf(id).instance));
  });

  test("replays to the same violation in the same state", () => {
    const first = replay(shrunk, shrunk.schedule, options);
    expect(first.slice(0, 3)).toEqual(["violation", shrunk.steps, shrunk.finding]);
    expect(replay(shrunk, shrunk.schedule, options)).toEqual(first);
  });

  test("loses the finding with any deviation", () => {
    const { switches, choices } = shrunk.schedule;
    const fewer = [
      ...[...withoutSome(switches)].map((some) => ({ switches: some, choices })),
      ...[...withoutSome(choices)].map((some) => ({ switches, choices: some })),
    ];
    for (const schedule of fewer) {
      const finding = new Session(shrunk.instance, options).replay(schedule).finding;
      expect(finding?.id).not.toBe(shrunk.finding.id);
    }
  });

  test("stays as it is when shrunk again", () => {
    const again = shrink(shrunk.instance, shrunk, options);
    expect(printPrograms(again.instance.programs)).toBe(printPrograms(shrunk.instance.programs));
    expect(again.instance).toEqual(shrunk.instance);
    expect(again.schedule).toEqual(shrunk.schedule);
  });

  test("holds in each simpler instance under run-to-completion and its own schedule", () => {
    for (const simpler of simplerInstances(shrunk.instance)) {
      const session = new Session(simpler, { ...options, stepsMax: 2000 });
      expect(session.replay(shrunk.schedule).finding?.id).not.toBe(shrunk.finding.id);
      expect(session.replay({ switches: [], choices: [] }).finding?.id).not.toBe(shrunk.finding.id);
    }
  });
});
