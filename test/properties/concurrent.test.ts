// SPDX-License-Identifier: GPL-2.0-only
// Any instance, under many schedules each: the ports keep every invariant that the catalogue says they keep.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instanceArbitrary } from "../../properties/arbitraries/instances.ts";
import { scheduleArbitrary } from "../../properties/arbitraries/schedules.ts";
import { huntInstance, newStats } from "../../properties/hunt.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session, type SessionOptions } from "../../properties/session.ts";
import { ALLOCATOR_IDS, type Instance } from "../../spec/instance.ts";

const SEED = 20_230_829;
const PLAN = { runs: 60, strictRuns: 0, strategy: "mixed", seed: "concurrent" } as const;

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  const optionsFor = (instance: Instance): SessionOptions => ({
    watched: expectedToHold(allocator, [instance]),
    stepsMax: 5000,
  });

  it("keeps its invariants under sampled schedules", () => {
    const stats = newStats();
    const instances = instanceArbitrary(allocator, { pagesMax: 40, tasks: 4, opsPerTask: 6 });
    const property = fc.property(instances, (instance) => {
      return huntInstance(instance, PLAN, optionsFor(instance), stats)?.finding === undefined;
    });
    fc.assert(property, { seed: SEED, numRuns: 150 });
    expect(stats.runs).toBe(9_000);
  });

  it("keeps its invariants under arbitrary deviations", () => {
    const property = fc.property(
      instanceArbitrary(allocator),
      fc.array(scheduleArbitrary({ stepsMax: 60, processes: 6 }), { maxLength: 10, size: "max" }),
      (instance, schedules) => {
        // The drain of v6.6 goes round for as long as nothing else runs and a free stands between its addition to
        // vmap_lazy_nr and its insertion: such a run is cut off.
        const session = new Session(instance, { ...optionsFor(instance), stepsMax: 1000 });
        return schedules.every((schedule) => session.replay(schedule).end !== "violation");
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 150 });
  });
});
