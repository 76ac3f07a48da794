// SPDX-License-Identifier: GPL-2.0-only
// The same seed gives the same run, in another session, under the other executor, with strict mode on, and again
// from the schedule that was read off it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { instanceArbitrary } from "../../properties/arbitraries/instances.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session, type SessionOptions } from "../../properties/session.ts";
import { ALLOCATOR_IDS, type Instance } from "../../spec/instance.ts";

interface Print {
  readonly end: string;
  readonly steps: number;
  readonly state: string;
  readonly decisions: string;
}

const RUNS = 8;

/** Digests of some runs of a fresh session. */
function prints(instance: Instance, options: SessionOptions): Print[] {
  const watched = expectedToHold(instance.allocator, [instance]);
  const session = new Session(instance, { stepsMax: 3000, watched, ...options });
  const rng = createRng("determinism");
  const strategies = [new RandomStrategy(rng, session.profile), new PctStrategy(rng, session.profile, 2)];
  return Array.from({ length: RUNS }, (_, i) => {
    const { end, steps } = session.run(strategies[i % 2]!);
    return { end, steps, state: session.sim.digest(), decisions: session.runner.decisionDigest() };
  });
}

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  const instances = fc.sample(instanceArbitrary(allocator), { seed: 20_230_829, numRuns: 40 });

  it("runs alike in every session, under both executors, strict or not", () => {
    const seen = new Set<string>();
    for (const instance of instances) {
      const first = prints(instance, {});
      expect(prints(instance, {})).toEqual(first);
      expect(prints(instance, { live: true })).toEqual(first);
      expect(prints(instance, { strict: true }).slice(0, 2)).toEqual(first.slice(0, 2));
      for (const { decisions } of first) seen.add(decisions);
    }
    expect(seen.size).toBeGreaterThan(instances.length);
  });

  it("runs again from its schedule", () => {
    for (const instance of instances) {
      for (const live of [false, true]) {
        const session = new Session(instance, { live, stepsMax: 3000, watched: expectedToHold(allocator) });
        const strategy = new RandomStrategy(createRng("schedules"), session.profile);
        for (let i = 0; i < 3; i++) {
          const { end } = session.run(strategy);
          const [state, decisions] = [session.sim.digest(), session.runner.decisionDigest()];
          expect(() => session.runner.repeatAndCompare()).not.toThrow();
          const schedule = session.lastSchedule();
          const other = new Session(instance, {
            live: !live,
            stepsMax: 3000,
            watched: expectedToHold(allocator),
          });
          expect(other.replay(schedule).end).toBe(end);
          expect([other.sim.digest(), other.runner.decisionDigest()]).toEqual([state, decisions]);
        }
      }
    }
  });
});
