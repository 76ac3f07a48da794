// SPDX-License-Identifier: GPL-2.0-only
// The checks of every step against the check of the whole state, after every step of random runs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../../explore/rng.ts";
import { Runner } from "../../../explore/runner.ts";
import { PctStrategy } from "../../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../../explore/strategies/random.ts";
import { instanceArbitrary } from "../../../properties/arbitraries/instances.ts";
import { FullMonitor } from "../../../properties/full/full-monitor.ts";
import { expectedToHold } from "../../../properties/scenarios/scenario.ts";
import { Session } from "../../../properties/session.ts";
import { ALLOCATOR_IDS, type Instance } from "../../../spec/instance.ts";
import { printPrograms } from "../../../spec/program-text.ts";
import { TRAITS } from "../../../spec/design-traits.ts";

const RUNS = 10;
/** Without workers, a run may end in a deadlock. */
const ENDS = { workers: false };

function bothSilent(instance: Instance, runs: number, strict: boolean): number {
  const session = new Session(instance, { strict, watched: expectedToHold(instance.allocator, [instance]) });
  const monitor = new FullMonitor(session);
  const runner = new Runner(session.sim, monitor, { stepsMax: 5000, doubleStepEvery: strict ? 7 : 0 });
  const rng = createRng(printPrograms(instance.programs));
  const strategies = [new RandomStrategy(rng, session.profile), new PctStrategy(rng, session.profile, 3)];
  let steps = 0;
  for (let i = 0; i < runs; i++) {
    const result = runner.run(strategies[i % strategies.length]!);
    steps += result.steps;
    const { stepwise, full } = monitor;
    expect({ ...result, stepwise, full, instance }).toEqual({
      end: "done",
      steps: result.steps,
      stepwise: undefined,
      full: undefined,
      instance,
    });
  }
  return steps;
}

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  it("satisfies both checks after every step of random runs", () => {
    const instances = fc.sample(instanceArbitrary(allocator, { pagesMax: 40, ...ENDS }), {
      seed: 20_230_829,
      numRuns: TRAITS[allocator].rangeTrees ? 40 : 100,
    });
    const steps = instances.reduce((sum, instance) => sum + bothSilent(instance, RUNS, false), 0);
    expect(steps).toBeGreaterThan(TRAITS[allocator].rangeTrees ? 8000 : 20_000);
  }, 60_000);

  it("satisfies both checks in strict mode", () => {
    for (const instance of fc.sample(instanceArbitrary(allocator, ENDS), { seed: 829, numRuns: 10 })) {
      bothSilent(instance, 4, true);
    }
  });
});
