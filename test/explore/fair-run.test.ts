// SPDX-License-Identifier: GPL-2.0-only
//
// Fair runs: who gets a turn, where a round begins and how long it is, and that a way out that comes in turn is taken.

import { describe, expect, test } from "vitest";
import { type FairEnd, FairRuns, type Prefix, type Round } from "../../explore/fair-run.ts";
import { type KernelCode, tail } from "../../explore/sync.ts";
import { philosophers } from "./families.ts";
import { Toy } from "./toy-system.ts";

const NOTHING: Prefix = { picks: [], choices: [], steps: 0 };

const after = (...picks: number[]): Prefix => ({ picks, choices: picks.map(() => 0), steps: picks.length });

function roundOf(end: FairEnd): Round {
  if (end.kind !== "round") throw new Error(`expected a round, found ${end.kind}`);
  return end.round;
}

/** Counts up to `before`, then round and round through `length` values. */
function counter(before: number, length: number): Toy {
  const toy = new Toy({ cells: 1 });
  function* count(): KernelCode {
    yield toy.step(() => {
      const next = toy.get(0) + 1;
      toy.set(0, next === before + length ? before : next);
      return 0;
    });
    return tail(toy, count);
  }
  return toy.spawn("counter", count);
}

describe("rounds", () => {
  test.each([
    [0, 1],
    [0, 7],
    [1, 1],
    [5, 1],
    [3, 5],
    [100, 33],
    [33, 100],
  ])("behind %i steps, of %i", (before, length) => {
    const toy = counter(before, length);
    const { begin, picks, turns, deviations } = roundOf(new FairRuns(toy).goOn(NOTHING, 10_000));
    expect([begin, picks.length, turns.length, deviations]).toEqual([before, before + length, length, 0]);
    // The system is where the round begins.
    expect(toy.get(0)).toBe(before);
  });

  test("of a prefix that ends within the round", () => {
    const { begin, turns } = roundOf(new FairRuns(counter(2, 3)).goOn(after(0, 0, 0, 0), 1000));
    expect([begin, turns.length]).toEqual([0, 3]);
  });

  test("none is found in fewer steps than it takes", () => {
    const runs = new FairRuns(counter(100, 33));
    expect(runs.goOn(NOTHING, 120).kind).toBe("limit");
    expect(runs.goOn(NOTHING, 10_000).kind).toBe("round");
    // As often as one likes.
    expect(runs.goOn(NOTHING, 120).kind).toBe("limit");
  });
});

/** Process 0 waits until it is let go; process 1 lets it go now and then, for a single step. */
function seldom(): Toy {
  const toy = new Toy({ cells: 2 });
  toy.spawn("waits", function* (): KernelCode {
    yield toy.waitFor(0);
    yield toy.write(1, 1);
    return 0;
  });
  function* blink(): KernelCode {
    for (const value of [1, 0]) yield toy.write(0, value);
    yield toy.read(1);
    return tail(toy, blink);
  }
  return toy.spawn("blinks", blink);
}

describe("fairness", () => {
  test("who can go on again and again gets a turn, however short the moments are", () => {
    const toy = seldom();
    const { turns, waiting } = roundOf(new FairRuns(toy).goOn(NOTHING, 1000));
    expect(new Set(turns.map(({ process }) => process))).toEqual(new Set([1]));
    expect([toy.get(1), waiting]).toEqual([1, []]);
  });

  test("all that can go on take turns; who never can is told", () => {
    const toy = new Toy({ cells: 2 });
    function* spin(): KernelCode {
      yield toy.read(0);
      return tail(toy, spin);
    }
    toy.spawn("a", spin).spawn("b", spin);
    toy.spawn("stuck", function* (): KernelCode {
      return yield toy.waitFor(1);
    });
    toy.spawnDaemon("idle", function* (): KernelCode {
      return yield toy.stay();
    });
    const turning = ({ turns }: Round): readonly number[] => turns.map(({ process }) => process);
    const round = roundOf(new FairRuns(toy).goOn(NOTHING, 1000));
    expect([turning(round), round.waiting.map(({ name }) => name)]).toEqual([[0, 1], ["stuck"]]);
    // Until those who never have a turn are the first to have one, the order of turns is another one.
    expect(round.begin).toBe(2);
    // The turn of who was last is the last one.
    expect(roundOf(new FairRuns(toy).goOn(after(0), 1000)).picks.slice(0, 2)).toEqual([1, 0]);
  });

  test("a run that ends says who waits", () => {
    const runs = new FairRuns(philosophers(3));
    expect(runs.goOn(NOTHING, 1000)).toMatchObject({ kind: "end", waiting: [{}, {}, {}] });
    expect(runs.goOn(after(0, 0), 1000)).toEqual({ kind: "end", waiting: [] });
  });
});

test("steps that run-to-completion would not take, and choices, are counted", () => {
  const toy = new Toy({ cells: 1 });
  function* spin(): KernelCode {
    yield toy.choose(2);
    return tail(toy, spin);
  }
  toy.spawn("a", spin).spawn("b", spin);
  const runs = new FairRuns(toy);
  expect(roundOf(runs.goOn({ picks: [1, 1], choices: [0, 1], steps: 2 }, 1000))).toMatchObject({
    picks: [0, 1],
    deviations: 1 + 1 + 1 + 1,
  });
  expect(roundOf(runs.goOn(after(0, 0), 1000))).toMatchObject({ picks: [1, 0], deviations: 2 });
});

test("steps are not heard of by side channels", () => {
  const toy = philosophers(2);
  const heard: number[] = [];
  toy.observer = {
    acquired: (process) => heard.push(process),
    released: () => {},
    mightSleep: () => {},
    waitedForWork: () => {},
    workRuns: () => {},
  };
  new FairRuns(toy).goOn(NOTHING, 100);
  expect(heard).toEqual([]);
});
