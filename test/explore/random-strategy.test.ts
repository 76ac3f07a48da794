// SPDX-License-Identifier: GPL-2.0-only
//
// Acceptance of the random strategy: every interleaving of processes of known length is equally likely, and
// sampling long enough visits every run of the small families.

import { describe, expect, test } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { profile, Runner } from "../../explore/runner.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import type { Strategy, View } from "../../explore/strategy.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { everyRun } from "./enumerate.ts";
import {
  ainc,
  binc,
  increment,
  incrementLock,
  independent,
  lastzero,
  philosophers,
  readers,
} from "./families.ts";
import { chiSquare, chiSquareLimit } from "./statistics.ts";
import { monitor, Toy } from "./toy-system.ts";

/** A sampler that draws one run and names it by the processes that took its steps. */
function sampler(toy: Toy, seed: string, fair = false): () => string {
  let path = "";
  const runner = new Runner(toy, monitor(), {
    onStep: (process) => {
      path += process;
    },
  });
  const rng = createRng(seed);
  const strategy = fair ? fairCoin(seed) : new RandomStrategy(rng, profile(runner, toy.processes.length));
  return () => {
    path = "";
    runner.run(strategy);
    return path;
  };
}

/** What one would write first: a fair coin per step. */
function fairCoin(seed: string): Strategy {
  const rng = createRng(seed);
  let view!: View;
  return {
    begin: (v) => {
      view = v;
    },
    next: () => view.enabled[rng.below(view.enabledCount)]!,
    choose: (n) => rng.below(n),
  };
}

/** How often the single step of process 0 came after 0, 1 .. k steps of process 1. */
function gaps(k: number, fair: boolean): number[] {
  const sample = sampler(independent(1, k), `gaps/${k}`, fair);
  const counts = Array.from({ length: k + 1 }, () => 0);
  for (let i = 0; i < 20_000; i++) counts[sample().indexOf("0")]!++;
  return counts;
}

function interleavings(fair: boolean): number[] {
  const sample = sampler(independent(2, 2, 2), "ninety", fair);
  const counts = new Map<string, number>();
  for (let i = 0; i < 45_000; i++) {
    const path = sample();
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return [...counts.values()];
}

describe("interleavings are equally likely", () => {
  test.each([1, 3, 9])("a single step lands in each of the %i + 1 gaps of another process", (k) => {
    expect(chiSquare(gaps(k, false))).toBeLessThan(chiSquareLimit(k + 1));
  });

  test("3 processes of 2 steps: each of 90", () => {
    const counts = interleavings(false);
    expect(counts).toHaveLength(90);
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(90));
  });

  test("a fair coin per step fails the same tests", () => {
    expect(chiSquare(gaps(3, true))).toBeGreaterThan(10 * chiSquareLimit(4));
    expect(chiSquare(gaps(9, true))).toBeGreaterThan(10 * chiSquareLimit(10));
    expect(chiSquare(interleavings(true))).toBeGreaterThan(10 * chiSquareLimit(90));
  });
});

describe("sampling visits every run", () => {
  // The rarest run of philosophers(3) has odds of 1 in 20,790: long runs past a neighbour who holds a fork.
  const SAMPLES_MAX = 300_000;
  test.each<[string, () => Toy, number]>([
    ["readers(3)", () => readers(3), 24],
    ["ainc(4)", () => ainc(4), 24],
    ["binc(3)", () => binc(3), 90],
    ["inc(2)", () => increment(2), 6],
    ["inc(3)", () => increment(3), 90],
    ["lockinc(4)", () => incrementLock(4), 24],
    ["philosophers(2)", () => philosophers(2), 6],
    ["philosophers(3)", () => philosophers(3), 168],
    ["lastzero(2)", () => lastzero(2), 35],
    ["lastzero(3)", () => lastzero(3), 920],
  ])("%s", (name, make, total) => {
    const sample = sampler(make(), `coverage/${name}`);
    const visited = new Set<string>();
    for (let i = 0; i < SAMPLES_MAX && visited.size < total; i++) visited.add(sample());
    expect(`visited ${visited.size} of ${total}`).toBe(`visited ${total} of ${total}`);
    for (let i = 0; i < 1000; i++) visited.add(sample());
    expect(visited.size).toBe(total);
  });
});

describe("choices", () => {
  /** Two processes with three choices each. */
  function chooser(): Toy {
    const toy = new Toy({ cells: 2 });
    toy.spawn("a", body, 0).spawn("b", body, 1);
    function* body(cell: number): KernelCode {
      for (const of of [2, 3, 1]) {
        const value = yield toy.choose(of);
        yield toy.fetchAdd(cell, 1 + value);
      }
      return 0;
    }
    return toy;
  }

  test("every outcome comes up, and the default one mostly", () => {
    const toy = chooser();
    const counts = new Map<string, number>();
    const runner = new Runner(toy, monitor(), {
      onStep: (_, step, choice) => {
        if (!step.choices || step.choices() === 1) return;
        const key = `${choice} of ${step.choices()}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      },
    });
    const measured = profile(runner, 2);
    expect(measured).toEqual({ steps: [6, 6], choices: 4, total: 12 });
    counts.clear();
    const strategy = new RandomStrategy(createRng("choices"), measured);
    for (let i = 0; i < 2000; i++) runner.run(strategy);
    expect([...counts.keys()].sort()).toEqual(["0 of 2", "0 of 3", "1 of 2", "1 of 3", "2 of 3"]);
    // Odds of 1 in 2 to look away from the default, which is then one outcome of n.
    expect(counts.get("0 of 2")! / 4000).toBeCloseTo(3 / 4, 1);
    expect(counts.get("0 of 3")! / 4000).toBeCloseTo(2 / 3, 1);
  });

  test("enumeration goes through choices as through schedules: 924 interleavings times 36 outcomes", () => {
    expect(everyRun(chooser()).runs).toBe(924 * 36);
  });
});
