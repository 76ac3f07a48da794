// SPDX-License-Identifier: GPL-2.0-only
// Exhaustive search against known numbers, in every rotation and the reverse of the process list.
import { describe, expect, test } from "vitest";
import { search } from "../../explore/search/search.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { increment, incrementLock, orders, philosophers } from "./families.ts";
import { Toy } from "./toy-system.ts";

describe("states and edges of the families", () => {
  test.each([
    [1, 3, 2],
    [2, 13, 14],
    [3, 84, 111],
    [4, 755, 1156],
    [5, 8638, 15_205],
  ])("increment(%i): %i states, %i edges", (n, states, transitions) => {
    for (const order of orders(n)) {
      const result = search(increment(n, true).reorder(order));
      expect(result).toMatchObject({ end: "exhausted", states, transitions, deadlocks: 0 });
    }
  });

  test.each([
    [1, 5],
    [2, 17],
    [3, 61],
    [4, 257],
    [5, 1301],
  ])("increment_lock(%i): %i states in a tree", (n, states) => {
    for (const order of orders(n)) {
      const result = search(incrementLock(n, true).reorder(order));
      expect(result).toMatchObject({ end: "exhausted", states, transitions: states - 1, revisits: 0 });
    }
  });

  test.each([
    [2, 19],
    [3, 87],
    [4, 391],
    [5, 1743],
    [6, 7759],
  ])("philosophers(%i): %i states, one of two terminal ones a deadlock", (n, states) => {
    for (const order of orders(n)) {
      const result = search(philosophers(n).reorder(order));
      expect(result).toMatchObject({ end: "exhausted", states, terminals: 2, deadlocks: 1 });
    }
  });
});

describe("a deadlock that the monitor does not accept", () => {
  const monitor = { afterStep: () => false, atEnd: (deadlock: boolean) => deadlock };

  test.each([2, 3, 4])("philosophers(%i): the trace is a shortest one", (n) => {
    const result = search(philosophers(n), monitor);
    expect(result.end).toBe("deadlock");
    // Each takes the left fork, and no step less will do.
    expect(result.trace).toHaveLength(n);
    expect(new Set(result.trace!.map(({ process }) => process)).size).toBe(n);
  });
});

test("a limit is no verdict", () => {
  expect(search(philosophers(5), undefined, { statesMax: 100 }).end).toBe("limit");
  expect(search(philosophers(5), undefined, { bytesMax: 1 }).end).toBe("limit");
});

test("a trace names the choices on the way, however many there are", () => {
  const toy = new Toy({ cells: 2 });
  function* body(own: number): KernelCode {
    const value = yield toy.choose(300);
    yield toy.write(own, value);
    return 0;
  }
  toy.spawn("p0", body, 0).spawn("p1", body, 1);
  const wrong = (): boolean => toy.get(0) === 3 && toy.get(1) === 299;
  const result = search(toy, { afterStep: wrong, atEnd: () => false });
  expect(result.end).toBe("violation");
  expect(result.trace).toHaveLength(4);
  const taken = result.trace!.filter(
    (_, i, all) => all.findIndex((each) => each.process === all[i]!.process) === i,
  );
  expect(taken.toSorted((a, b) => a.process - b.process)).toEqual([
    { process: 0, choice: 3 },
    { process: 1, choice: 299 },
  ]);
});
