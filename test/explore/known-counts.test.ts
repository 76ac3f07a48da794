// SPDX-License-Identifier: GPL-2.0-only
//
// The engine against published and analytic numbers: states, edges, terminal states and complete runs of small
// families, in every rotation and the reverse of the process list. A mismatch of one is a failure.

import { describe, expect, test } from "vitest";
import { everyRun, everyState } from "./enumerate.ts";
import {
  ainc,
  binc,
  increment,
  incrementLock,
  lastzero,
  orders,
  parLength,
  philosophers,
  readers,
} from "./families.ts";
import type { Toy } from "./toy-system.ts";

function inEveryOrder(make: () => Toy, check: (toy: Toy) => void): void {
  for (const order of orders(make().processes.length)) check(make().reorder(order));
}

describe("states, with the locals of finished processes", () => {
  test.each([
    [1, 3, 2],
    [2, 13, 14],
    [3, 84, 111],
    [4, 755, 1156],
    [5, 8638, 15_205],
  ])("increment(%i): %i states, %i edges", (n, states, edges) => {
    inEveryOrder(
      () => increment(n, true),
      (toy) => {
        expect(everyState(toy)).toMatchObject({ states, edges, deadlocks: 0 });
      },
    );
  });

  test.each([
    [1, 5],
    [2, 17],
    [3, 61],
    [4, 257],
    [5, 1301],
  ])("increment_lock(%i): %i states in a tree", (n, states) => {
    inEveryOrder(
      () => incrementLock(n, true),
      (toy) => {
        expect(everyState(toy)).toMatchObject({ states, edges: states - 1, deadlocks: 0 });
      },
    );
  });

  test.each([
    [2, 19],
    [3, 87],
    [4, 391],
    [5, 1743],
  ])("philosophers(%i): %i states, one of two terminal ones a deadlock", (n, states) => {
    inEveryOrder(
      () => philosophers(n),
      (toy) => {
        expect(everyState(toy)).toMatchObject({ states, terminal: 2, deadlocks: 1 });
      },
    );
  });
});

describe("states, when finished processes forget their locals", () => {
  // Counted by hand, with nothing of the engine: a process is 0 before its read, 1 + v after it, -1 at its end.
  function incrementByHand(n: number): { states: number; edges: number } {
    const seen = new Set<string>();
    const queue: number[][] = [];
    let edges = -1;
    const meet = (state: number[]): void => {
      edges++;
      if (seen.has(state.join())) return;
      seen.add(state.join());
      queue.push(state);
    };
    meet([0, ...Array.from({ length: n }, () => 0)]);
    for (const [x, ...processes] of queue) {
      processes.forEach((at, p) => {
        if (at < 0) return;
        meet(at === 0 ? [x!, ...processes.with(p, 1 + x!)] : [at, ...processes.with(p, -1)]);
      });
    }
    return { states: seen.size, edges };
  }

  test.each([1, 2, 3, 4])("increment(%i) has the states of a hand-written search", (n) => {
    inEveryOrder(
      () => increment(n),
      (toy) => {
        expect(everyState(toy)).toMatchObject(incrementByHand(n));
      },
    );
  });

  test("and so fewer than with them", () => {
    expect(incrementByHand(2)).toEqual({ states: 12, edges: 14 });
    expect(everyState(incrementLock(2)).states).toBe(16);
  });
});

describe("complete runs", () => {
  const families: [name: string, make: () => Toy, runs: number][] = [
    ["readers(1)", () => readers(1), 2],
    ["readers(2)", () => readers(2), 6],
    ["readers(3)", () => readers(3), 24],
    ["readers(4)", () => readers(4), 120],
    ["ainc(3)", () => ainc(3), 6],
    ["ainc(5)", () => ainc(5), 120],
    ["binc(2)", () => binc(2), 6],
    ["binc(3)", () => binc(3), 90],
    ["binc(4)", () => binc(4), 2520],
    ["inc(2)", () => increment(2), 6],
    ["inc(3)", () => increment(3), 90],
    ["inc(4)", () => increment(4), 2520],
    ["lockinc(2)", () => incrementLock(2), 2],
    ["lockinc(3)", () => incrementLock(3), 6],
    ["lockinc(5)", () => incrementLock(5), 120],
    ["philosophers(2)", () => philosophers(2), 6],
    ["philosophers(3)", () => philosophers(3), 168],
    ["lastzero(2)", () => lastzero(2), 35],
    ["lastzero(3)", () => lastzero(3), 920],
    ["par_length(1)", () => parLength(1), 70],
    ["par_length(2)", () => parLength(2), 924],
  ];

  test.each(families)("%s", (_name, make, runs) => {
    inEveryOrder(make, (toy) => {
      expect(everyRun(toy).runs).toBe(runs);
    });
  });

  test.each([
    ["philosophers(4)", () => philosophers(4), 98_184],
    ["lastzero(4)", () => lastzero(4), 44_300],
    ["par_length(3)", () => parLength(3), 12_870],
  ])("%s, in one order", (_name, make, runs) => {
    expect(everyRun(make()).runs).toBe(runs);
  });

  test("no two runs take the same decisions", () => {
    const paths = new Set<string>();
    const { runs } = everyRun(philosophers(3), (runner) => {
      const { switches } = runner.lastSchedule();
      paths.add(switches.map(({ at, to }) => `${at}:${to}`).join());
    });
    expect(paths.size).toBe(runs);
  });
});
