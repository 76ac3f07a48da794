// SPDX-License-Identifier: GPL-2.0-only
//
// Circles and chains of waits: by hand, in all small graphs against brute force, and of a system that deadlocks.

import { describe, expect, test } from "vitest";
import { Runner } from "../../explore/runner.ts";
import { ExactStrategy } from "../../explore/strategies/exact.ts";
import { call, site } from "../../explore/sync.ts";
import type { ProcessSpec } from "../../explore/system.ts";
import { type Waiting, waitChain, waitingIn, waitText } from "../../explore/wait-cycle.ts";
import { philosophers } from "./families.ts";
import { monitor } from "./toy-system.ts";

const WAIT = site("f", "wait");

/** Waiting processes by number, each with the one that holds what it waits for. */
function waits(holders: Readonly<Record<number, number>>): Waiting[] {
  return Object.entries(holders).map(([p, holder]) => ({
    process: Number(p),
    name: `p${p}`,
    site: WAIT,
    reason: { resource: `r${p}`, holder },
  }));
}

function shape(holders: Readonly<Record<number, number>>): string {
  const chain = waitChain(waits(holders));
  return chain ? `${chain.end} ${chain.waits.map(({ process }) => process).join(" ")}` : "nothing";
}

describe("by hand", () => {
  test.each([
    ["two that wait for each other", { 0: 1, 1: 0 }, "circle 0 1"],
    ["one that waits for itself", { 3: 3 }, "circle 3"],
    ["a way into a circle is no part of it", { 0: 2, 1: 3, 2: 1, 3: 2 }, "circle 1 3 2"],
    ["of two circles, the one that is reached first", { 0: 5, 1: 2, 2: 1, 4: 5, 5: 4 }, "circle 4 5"],
    ["a circle rather than a chain", { 0: -1, 2: 1, 1: 2 }, "circle 1 2"],
    ["a chain that ends at nobody", { 0: 2, 2: 1, 1: -1 }, "nobody 0 2 1"],
    ["a chain that ends at one that does not wait", { 1: 3, 3: 0 }, "other 1 3"],
    ["nobody waits", {}, "nothing"],
  ] as const)("%s", (_, holders, expected) => {
    expect(shape(holders)).toBe(expected);
  });
});

// Who has not come to an end after as many steps as there are processes goes round, and so does who is there then.
function expectedShape(holders: Readonly<Record<number, number>>, n: number): string {
  const numbers = Object.keys(holders).map(Number);
  const after = (p: number, steps: number): number | undefined =>
    Array.from({ length: steps }).reduce<number | undefined>(
      (at) => (at === undefined ? at : holders[at]),
      p,
    );
  const round = numbers.map((p) => after(p, n)).find((p) => p !== undefined && p >= 0 && p in holders);
  if (round !== undefined) {
    const circle = Array.from({ length: n }, (_, i) => after(round, i)!);
    const lowest = Math.min(...circle);
    const length = new Set(circle).size;
    return ["circle", ...Array.from({ length }, (_, i) => after(lowest, i)!)].join(" ");
  }
  if (numbers.length === 0) return "nothing";
  const way = Array.from({ length: n + 1 }, (_, i) => after(numbers[0]!, i)).filter((p) => p !== undefined);
  const chain = way.filter((p) => p in holders);
  return [way.includes(-1) ? "nobody" : "other", ...chain].join(" ");
}

test("all graphs of four processes", () => {
  const n = 4;
  const wrong: unknown[] = [];
  // Each process waits for one of four, for nobody (4), or does not wait (5).
  for (let code = 0; code < 6 ** n; code++) {
    const to = Array.from({ length: n }, (_, p) => Math.floor(code / 6 ** p) % 6);
    const holders: Record<number, number> = {};
    to.forEach((holder, p) => {
      if (holder !== 5) holders[p] = holder === 4 ? -1 : holder;
    });
    if (shape(holders) !== expectedShape(holders, n)) wrong.push([holders, shape(holders)]);
  }
  expect(wrong).toEqual([]);
});

const PROCESSES: readonly ProcessSpec[] = Array.from({ length: 6 }, (_, p) => ({
  name: `p${p}`,
  entry: call({}, function* () {
    return yield { site: WAIT, run: () => 0 };
  }),
  daemon: p === 5,
}));

test("one line names the circle first, then the others", () => {
  expect(waitText(waits({ 0: 2, 2: 3, 3: 2, 4: -1 }), PROCESSES)).toBe(
    "p2 waits in f for r2, held by p3; p3 waits in f for r3, held by p2; " +
      "p0 waits in f for r0, held by p2; p4 waits in f for r4, held by nobody",
  );
  expect(waitText(waits({ 1: 1 }), PROCESSES)).toBe("p1 waits in f for r1, held by p1 (itself)");
  const [unknown] = waits({ 0: -1 });
  expect(waitText([{ ...unknown!, reason: undefined }], PROCESSES)).toBe(
    "p0 waits in f for its turn, held by nobody",
  );
});

test("who is done, or has nothing to do, does not wait", () => {
  const idle = { site: WAIT, idle: true, run: () => 0 };
  const pending = [idle, undefined, { ...idle, idle: () => false }, undefined, undefined, idle];
  expect(waitingIn(PROCESSES, pending).map(({ process }) => process)).toEqual([0, 2]);
});

test("philosophers, each with one fork", () => {
  const runner = new Runner(philosophers(3), monitor());
  expect(runner.run(new ExactStrategy([0, 1, 2], [])).end).toBe("deadlock");
  const { waits: circle, end } = waitChain(runner.waiting())!;
  expect([end, circle.map(({ process, reason }) => [process, reason!.holder])]).toEqual([
    "circle",
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ],
  ]);
});
