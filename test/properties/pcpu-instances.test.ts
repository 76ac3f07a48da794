// SPDX-License-Identifier: GPL-2.0-only
// Any instance with congruent areas: the ports keep every invariant, the checks of every step and of the whole state
// agree, and strict mode finds nothing. What is drawn without congruent areas stays what it is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { Runner } from "../../explore/runner.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { type InstanceBounds, instanceArbitrary } from "../../properties/arbitraries/instances.ts";
import { FullMonitor } from "../../properties/full/full-monitor.ts";
import { huntInstance, newStats } from "../../properties/hunt.ts";
import { expectedToHold } from "../../properties/scenarios/scenario.ts";
import { Session } from "../../properties/session.ts";
import { simplerInstances } from "../../properties/shrink/simpler.ts";
import { ALLOCATOR_IDS, type AllocatorId, type Instance } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import { hasPcpu, type Operation } from "../../spec/operations.ts";
import { printPrograms } from "../../spec/program-text.ts";
import { TRAITS } from "../../spec/design-traits.ts";

const SEED = 5336;
const BOUNDS: InstanceBounds = { pcpu: true, pagesMax: 24, tasks: 3, opsPerTask: 5 };

function sampled(allocator: AllocatorId, numRuns: number, bounds = BOUNDS): readonly Instance[] {
  return fc.sample(instanceArbitrary(allocator, bounds), { seed: SEED, numRuns });
}

const kinds = (instances: readonly Instance[]): ReadonlySet<Operation["op"]> =>
  new Set(instances.flatMap(({ programs }) => programs.flat().map(({ op }) => op)));

describe.each(ALLOCATOR_IDS)("%s", (allocator) => {
  it("gets valid instances, with all that congruent areas may have", () => {
    const instances = sampled(allocator, 200);
    expect(instances.flatMap((each) => validateInstance(each) ?? [])).toEqual([]);
    const requests = instances.flatMap(({ programs }) =>
      programs.flat().flatMap((op) => (op.op === "pcpu" ? [op] : [])),
    );
    expect(kinds(instances)).toContain("pfree");
    expect(requests.some(({ offsets }) => offsets.length === 3 && offsets[0]! > offsets[2]!)).toBe(true);
    expect(requests.some(({ offsets }) => offsets.length === 1 && offsets[0]! > 0)).toBe(true);
    expect(requests.some(({ align }) => align === 4)).toBe(true);
    expect(instances.some(({ faults }) => faults.points.includes("pcpu-record"))).toBe(true);
    expect(kinds(sampled(allocator, 100, {})).has("pcpu")).toBe(false);
  });

  it("keeps its invariants under sampled schedules", () => {
    const stats = newStats();
    const plan = { runs: 30, strictRuns: 4, strategy: "mixed", seed: "pcpu" } as const;
    const property = fc.property(instanceArbitrary(allocator, BOUNDS), (instance) => {
      const options = { watched: expectedToHold(allocator, [instance]), stepsMax: 5000 };
      return huntInstance(instance, plan, options, stats)?.finding === undefined;
    });
    const numRuns = TRAITS[allocator].rangeTrees ? 50 : 150;
    fc.assert(property, { seed: SEED, numRuns });
    expect(stats.runs).toBe(numRuns * plan.runs);
  }, 60_000);

  it("satisfies the check of the whole state after every step", () => {
    for (const instance of sampled(allocator, 25, { ...BOUNDS, workers: false })) {
      const session = new Session(instance, { watched: expectedToHold(allocator, [instance]) });
      const monitor = new FullMonitor(session);
      const runner = new Runner(session.sim, monitor, { stepsMax: 5000, doubleStepEvery: 7 });
      const strategy = new RandomStrategy(createRng(printPrograms(instance.programs)), session.profile);
      for (let run = 0; run < 6; run++) {
        const { end } = runner.run(strategy);
        const { stepwise, full } = monitor;
        expect({ end, stepwise, full, instance }).toEqual({
          end: "done",
          stepwise: undefined,
          full: undefined,
          instance,
        });
      }
    }
  });
});

describe("simpler instances", () => {
  const congruent = sampled("global-tree", 100).filter(({ programs }) => hasPcpu(programs));

  it("are valid, and never freed without being allocated", () => {
    for (const instance of congruent.slice(0, 20)) {
      for (const simpler of simplerInstances(instance)) expect(validateInstance(simpler)).toBeUndefined();
    }
  });

  it("have fewer areas, smaller ones, lower offsets and less alignment", () => {
    const offers = (text: Operation): readonly string[] => {
      const instance: Instance = {
        ...congruent[0]!,
        spacePages: 16,
        vmalloc: { start: 0, end: 16 },
        programs: [[text]],
      };
      const programs = [...simplerInstances(instance)].map((each) => printPrograms(each.programs));
      return [...new Set(programs)].filter((program) => program.includes("pcpu"));
    };
    const areas = { op: "pcpu", name: "p", offsets: [4, 0], sizes: [4, 2], align: 2 } as const;
    expect(offers(areas)).toMatchInlineSnapshot(`
      [
        "p=pcpu(4:4,0:2,align=2)",
        "p=pcpu(0:2,align=2)",
        "p=pcpu(4:4,align=2)",
        "p=pcpu(2:2,0:1)",
        "p=pcpu(4:4,0:2)",
        "p=pcpu(4:2,0:2,align=2)",
        "p=pcpu(2:4,0:2,align=2)",
      ]
    `);
    expect(offers({ ...areas, offsets: [1], sizes: [1], align: 1 })).toMatchInlineSnapshot(`
      [
        "p=pcpu(1:1)",
        "p=pcpu(0:1)",
      ]
    `);
  });
});
