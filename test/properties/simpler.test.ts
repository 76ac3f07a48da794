// SPDX-License-Identifier: GPL-2.0-only
// Simpler instances: all of them valid, each simpler in one thing, and no way from one leads back to it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simplerInstances } from "../../properties/shrink/simpler.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import type { Instance } from "../../spec/instance.ts";
import { printPrograms } from "../../spec/program-text.ts";
import { INSTANCE, instanceArbitrary, POOLED, pooledInstance } from "../spec/sample.ts";

it("every simpler instance is valid, and every way to simpler ones ends", () => {
  fc.assert(
    fc.property(instanceArbitrary, fc.infiniteStream(fc.nat(99)), (instance, picks) => {
      let now: Instance = instance;
      for (let steps = 0; ; steps++) {
        const simpler = [...simplerInstances(now)];
        if (simpler.length === 0) return;
        for (const each of simpler) expect(validateInstance(each)).toBeUndefined();
        expect(steps).toBeLessThan(2000);
        now = simpler[picks.next().value! % simpler.length]!;
      }
    }),
    { numRuns: 30 },
  );
});

it("takes away tasks, operations, windows and sizes", () => {
  const simpler = [...simplerInstances(INSTANCE)];
  expect(simpler.map(({ programs }) => printPrograms(programs))).toContain(
    "a=alloc(2); find(a+1); free(a); purge",
  );
  expect(simpler.map(({ cpus }) => cpus)).toContain(1);
});

describe.each(POOLED)("%s", (allocator) => {
  const pooled = pooledInstance(allocator);
  const simpler = [...simplerInstances(pooled)];

  it("may do without boot, workers, stacks and a size of pools", () => {
    const { boot, workers, poolPages, ...rest } = pooled;
    expect(simpler).toContainEqual({ ...rest, workers, poolPages });
    expect(simpler).toContainEqual({ ...rest, boot, poolPages });
    expect(simpler).toContainEqual({ ...rest, boot, workers });
    expect(simpler).toContainEqual({ ...pooled, workers: { idle: 1 } });
    expect(simpler).toContainEqual({ ...pooled, workers: { idle: 1, stackPages: 1 } });
    expect(simpler).toContainEqual({ ...pooled, boot: "workqueue_init" });
    expect(simpler).toContainEqual({ ...pooled, poolPages: 1 });
  });

  it("has as many idle workers, or all that are asked for", () => {
    const idle = new Set(simpler.map(({ workers }) => workers?.idle));
    expect([...idle]).toEqual([1, undefined]);
  });

  it("may do without the shrinker and without hotplug, and then with one CPU", () => {
    const last = simpler.map(({ programs }) => printPrograms(programs.slice(2)));
    expect(last).toContain("shrink; online(1)");
    expect(last).toContain("offline(1); online(1)");
    expect(last).toContain("offline(0); shrink; online(1)");
    expect(simpler.some(({ cpus }) => cpus === 1)).toBe(false);
    const without = simpler.find(({ programs }) => !programs.flat().some((op) => "cpu" in op))!;
    expect([...simplerInstances(without)].some(({ cpus }) => cpus === 1)).toBe(true);
  });
});
