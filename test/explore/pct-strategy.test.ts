// SPDX-License-Identifier: GPL-2.0-only
//
// Acceptance of probabilistic concurrency testing: a bug of depth d in n processes of k steps in all is hit with
// probability at least 1 / (n k^(d-1)), and a bug that needs d constraints is out of reach of a smaller depth.

import { describe, expect, test } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { profile, Runner } from "../../explore/runner.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { rateCeiling, rateFloor } from "./statistics.ts";
import { monitor, Toy } from "./toy-system.ts";

const X = 0;
const BUG = 1;
const IDLE = 2;
const TRIES = 20_000;

/** A bug, the number of steps of its two processes, and the exact odds when they are alone. */
interface Bug {
  readonly depth: number;
  readonly make: (bystanders: number) => Toy;
  /** Probability of a hit by PCT of the bug's depth; k is the number of steps of all processes. */
  readonly odds: (k: number) => number;
}

function withBystanders(toy: Toy, bystanders: number): Toy {
  function* bystander(): KernelCode {
    for (let i = 0; i < 3; i++) yield toy.fetchAdd(IDLE, 1);
    return 0;
  }
  for (let p = 0; p < bystanders; p++) toy.spawn(`bystander ${p}`, bystander);
  return toy;
}

/** B uses x before A, after some other work, has set it: one constraint. */
const useBeforeSet: Bug = {
  depth: 1,
  make: (bystanders) => {
    const toy = new Toy({ cells: 3 });
    function* a(): KernelCode {
      yield toy.fetchAdd(IDLE, 1);
      yield toy.write(X, 1);
      return 0;
    }
    function* b(): KernelCode {
      yield toy.step(() => {
        if (toy.get(X) === 0) toy.set(BUG, 1);
        return 0;
      });
      return 0;
    }
    return withBystanders(toy.spawn("a", a).spawn("b", b), bystanders);
  },
  odds: () => 1 / 2,
};

/** B changes x between A's check and A's use: A.check < B.set < A.use. */
const changeBetween: Bug = {
  depth: 2,
  make: (bystanders) => {
    const toy = new Toy({ cells: 3 });
    function* a(): KernelCode {
      yield toy.fetchAdd(IDLE, 1);
      const seen = yield toy.read(X);
      yield toy.step(() => {
        if (toy.get(X) !== seen) toy.set(BUG, 1);
        return 0;
      });
      return 0;
    }
    function* b(): KernelCode {
      yield toy.write(X, 1);
      return 0;
    }
    return withBystanders(toy.spawn("a", a).spawn("b", b), bystanders);
  },
  odds: (k) => 1 / (2 * k),
};

/** Two atomicity violations in one: A.1 < B.1 < A.2 < B.2. */
const changeTwice: Bug = {
  depth: 3,
  make: (bystanders) => {
    const toy = new Toy({ cells: 3 });
    const expectThenSet = (expected: number, value: number) =>
      toy.step(() => {
        if (toy.get(X) === expected) toy.set(X, value);
        if (value === 4 && toy.get(X) === 4) toy.set(BUG, 1);
        return 0;
      });
    function* a(): KernelCode {
      yield toy.fetchAdd(IDLE, 1);
      yield expectThenSet(0, 1);
      yield expectThenSet(2, 3);
      return 0;
    }
    function* b(): KernelCode {
      yield expectThenSet(1, 2);
      yield expectThenSet(3, 4);
      return 0;
    }
    return withBystanders(toy.spawn("a", a).spawn("b", b), bystanders);
  },
  odds: (k) => 1 / (2 * k * k),
};

function hunt(bug: Bug, bystanders: number, depth: number): { rate: number; n: number; k: number } {
  const toy = bug.make(bystanders);
  const n = toy.processes.length;
  const runner = new Runner(
    toy,
    monitor(() => toy.get(BUG) === 1),
  );
  const measured = profile(runner, n);
  let hits = 0;
  for (let seed = 0; seed < TRIES; seed++) {
    const strategy = new PctStrategy(createRng(`pct/${seed}`), measured, depth);
    if (runner.run(strategy).end === "violation") hits++;
  }
  return { rate: hits / TRIES, n, k: measured.total };
}

describe.each([
  ["used before it is set", useBeforeSet],
  ["changed between check and use", changeBetween],
  ["changed in two places", changeTwice],
])("%s", (_name, bug) => {
  test.each([0, 2])("is hit often enough beside %i bystanders", (bystanders) => {
    const { rate, n, k } = hunt(bug, bystanders, bug.depth);
    expect(rate).toBeGreaterThan(rateFloor(1 / (n * k ** (bug.depth - 1)), TRIES));
    // Computed by hand; where nobody else runs, depths 2 and 3 meet the bound exactly.
    expect(rate).toBeGreaterThan(rateFloor(bug.odds(k), TRIES));
    expect(rate).toBeLessThan(rateCeiling(bug.odds(k), TRIES));
  });

  test("is out of reach of every smaller depth", () => {
    for (let depth = 1; depth < bug.depth; depth++) {
      for (const bystanders of [0, 2]) expect(hunt(bug, bystanders, depth).rate).toBe(0);
    }
  });
});

test("the order of priorities alone is even: each of 4 processes runs last once in 4 runs", () => {
  const toy = withBystanders(new Toy({ cells: 3 }), 4);
  let last = -1;
  const runner = new Runner(toy, monitor(), {
    onStep: (process) => {
      last = process;
    },
  });
  const measured = profile(runner, 4);
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 4000; seed++) {
    runner.run(new PctStrategy(createRng(`last/${seed}`), measured, 1));
    counts[last]!++;
  }
  for (const count of counts) {
    expect(count / 4000).toBeGreaterThan(rateFloor(1 / 4, 4000));
    expect(count / 4000).toBeLessThan(rateCeiling(1 / 4, 4000));
  }
});
