// SPDX-License-Identifier: GPL-2.0-only
// Progress: traps of small graphs by hand, and of random ones against forward search from each state.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EdgeLog, firstTrapped } from "../../explore/search/progress.ts";
import { search, UNWATCHED } from "../../explore/search/search.ts";
import { type KernelCode, tail } from "../../explore/sync.ts";
import { Toy } from "./toy-system.ts";

type Edge = readonly [from: number, to: number];

// Numbers from 0 in order of discovery by a breadth-first search, whose chunks go round; by state of the graph.
interface Walk {
  readonly trap: number;
  readonly numbers: ReadonlyMap<number, number>;
  readonly bytes: number;
}

function walk(edges: readonly Edge[], goals: readonly number[], workers = 1, chunkRows = 2): Walk {
  const logs = Array.from({ length: workers }, () => new EdgeLog());
  const next = logs.map((_, w) => (w === 0 ? workers : w));
  const numbers = new Map([[0, 0]]);
  const order = [0];
  for (let at = 0, chunk = 0; at < order.length; chunk++) {
    const worker = chunk % workers;
    const log = logs[worker]!;
    const first = numbers.get(order[at]!)!;
    log.begin(next[worker]!, first, chunk);
    const end = Math.min(order.length, at + chunkRows);
    for (let row = 0; at < end && numbers.get(order[at]!) === first + row * workers; row++, at++) {
      for (const [from, to] of edges) {
        if (from !== order[at]) continue;
        const known = numbers.get(to);
        if (known !== undefined) {
          log.known(known, next[worker]!);
          continue;
        }
        numbers.set(to, next[worker]!);
        order.push(to);
        next[worker]! += workers;
        log.fresh(goals.includes(to));
      }
      log.end();
    }
  }
  const taken = { logs, stride: workers, end: Math.max(...next), initialIsGoal: goals.includes(0) };
  const bytes = logs.reduce((sum, log) => sum + log.log.length, 0);
  return { trap: firstTrapped(taken), numbers, bytes };
}

function trapped(edges: readonly Edge[], goals: readonly number[]): number {
  const { numbers, trap } = walk(edges, goals);
  return [...numbers].find(([, number]) => number === trap)?.[0] ?? -1;
}

describe("the first trapped state", () => {
  test("of a chain with its goal at the end is none", () => {
    expect(
      trapped(
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
        [
          [0, 1],
          [1, 0],
        ],
        [],
      ),
    ).toBe(0);
  });
});

test("agrees with a search forwards from each state, with the logs of any number of workers", () => {
  const graph = fc.integer({ min: 1, max: 14 }).chain((states) =>
    fc.record({
      edges: fc.array(fc.tuple(fc.nat(states - 1), fc.nat(states - 1)), { maxLength: 40 }),
      goals: fc.array(fc.nat(states - 1), { maxLength: 3 }),
      workers: fc.integer({ min: 1, max: 3 }),
      chunkRows: fc.integer({ min: 1, max: 5 }),
    }),
  );
  let traps = 0;
  fc.assert(
    fc.property(graph, ({ edges, goals, workers, chunkRows }) => {
      const behind = (start: number): ReadonlySet<number> => {
        const seen = new Set([start]);
        for (const s of seen) for (const [from, to] of edges) if (from === s) seen.add(to);
        return seen;
      };
      const { numbers, trap } = walk(edges, goals, workers, chunkRows);
      // In order of discovery.
      const order = [...numbers.keys()];
      const first = order.find((s) => !goals.some((goal) => behind(s).has(goal)));
      if (first !== undefined) traps++;
      expect(trap).toBe(first === undefined ? -1 : numbers.get(first));
    }),
    { numRuns: 500 },
  );
  expect(traps).toBeGreaterThan(50);
});

test("of a long chain, with edges far back, in few bytes", () => {
  const length = 3000;
  const edges = Array.from({ length }, (_, i): Edge[] => [
    [i, i + 1],
    [i, i - (i % 1000)],
  ]).flat();
  expect(walk(edges, [length]).trap).toBe(-1);
  expect(walk(edges, [length - 1]).trap).toBe(length);
  // New, known up to 1000 back, end.
  expect(walk(edges, []).bytes / length).toBeLessThan(4);
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
