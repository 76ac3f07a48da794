// SPDX-License-Identifier: GPL-2.0-only
// Progress: traps of small graphs by hand, and of random ones against forward search from each state.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EdgeLog } from "../../explore/search/progress.ts";
import { search, UNWATCHED } from "../../explore/search/search.ts";
import { type KernelCode, tail } from "../../explore/sync.ts";
import { Toy } from "./toy-system.ts";

type Edge = readonly [from: number, to: number];

function trapped(states: number, edges: readonly Edge[], goals: readonly number[]): number {
  const log = new EdgeLog();
  for (const [from, to] of edges) log.push(from, to);
  return log.firstTrapped(states, (s) => goals.includes(s));
}

describe("the first trapped state", () => {
  test("of a chain with its goal at the end is none", () => {
    expect(
      trapped(
        3,
        [
          [0, 1],
          [1, 2],
        ],
        [2],
      ),
    ).toBe(-1);
  });

  test("is the one behind the goal", () => {
    expect(
      trapped(
        3,
        [
          [0, 1],
          [1, 2],
        ],
        [1],
      ),
    ).toBe(2);
  });

  test("may go round in circles for ever", () => {
    expect(
      trapped(
        4,
        [
          [0, 1],
          [0, 2],
          [2, 3],
          [3, 2],
        ],
        [1],
      ),
    ).toBe(2);
  });

  test("is the initial one where there is no goal", () => {
    expect(
      trapped(
        2,
        [
          [0, 1],
          [1, 0],
        ],
        [],
      ),
    ).toBe(0);
  });
});

test("agrees with a search forwards from each state", () => {
  const graph = fc.integer({ min: 1, max: 12 }).chain((states) =>
    fc.record({
      states: fc.constant(states),
      edges: fc.array(fc.tuple(fc.nat(states - 1), fc.nat(states - 1)), { maxLength: 30 }),
      goals: fc.array(fc.nat(states - 1), { maxLength: 3 }),
    }),
  );
  fc.assert(
    fc.property(graph, ({ states, edges, goals }) => {
      const reaches = (start: number): boolean => {
        const seen = new Set([start]);
        for (const s of seen) for (const [from, to] of edges) if (from === s) seen.add(to);
        return goals.some((goal) => seen.has(goal));
      };
      const first = Array.from({ length: states }, (_, s) => s).findIndex((s) => !reaches(s));
      expect(trapped(states, edges, goals)).toBe(first);
    }),
    { numRuns: 500 },
  );
});

test("grows", () => {
  const log = new EdgeLog();
  for (let i = 0; i < 10_000; i++) log.push(i, i + 1);
  expect(log.count).toBe(10_000);
  expect(log.firstTrapped(10_001, (s) => s === 10_000)).toBe(-1);
  expect(log.firstTrapped(10_001, (s) => s === 9_999)).toBe(10_000);
});

describe("a search for states from which no goal can be reached", () => {
  // Counts a cell round; at 2 it may turn into a circle of 10 and 11 that it never leaves.
  class Counter extends Toy {
    *round(mayStray: number): KernelCode {
      const at = yield this.read(0);
      const strays = at === 2 && mayStray ? yield this.choose(2) : 0;
      if (strays === 1) return tail(this, this.astray);
      yield this.write(0, (at + 1) % 4);
      return tail(this, this.round, mayStray);
    }

    *astray(): KernelCode {
      yield this.write(0, 10);
      yield this.write(0, 11);
      return tail(this, this.astray);
    }
  }
  const run = (mayStray: number): ReturnType<typeof search> => {
    const toy = new Counter({ cells: 1 });
    toy.spawn("counter", toy.round, mayStray);
    return search(toy, { ...UNWATCHED, isGoal: () => toy.get(0) === 0 });
  };

  test("is exhausted where there is always a way back", () => {
    expect(run(0)).toMatchObject({ end: "exhausted", terminals: 0 });
  });

  test("ends at the nearest trap, with a way into it", () => {
    const result = run(1);
    expect(result.end).toBe("trap");
    // Two rounds of two steps, a read, and the wrong choice.
    expect(result.trace!.map(({ choice }) => choice)).toEqual([0, 0, 0, 0, 0, 1]);
  });
});
