// SPDX-License-Identifier: GPL-2.0-only
//
// Schedules as deviations from run-to-completion: a run and its replay are the same run, each deviation deviates,
// and any deviation may be dropped.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../explore/rng.ts";
import { NondeterminismError, profile, Runner } from "../../explore/runner.ts";
import { ExactStrategy } from "../../explore/strategies/exact.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import { runToCompletion, type Strategy, type View } from "../../explore/strategy.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { RUN_TO_COMPLETION, type Schedule } from "../../spec/schedule.ts";
import { everyRun } from "./enumerate.ts";
import { increment, independent, philosophers } from "./families.ts";
import { randomProgram, type RandomProgram, toyOf } from "./random-programs.ts";
import { monitor, Toy } from "./toy-system.ts";

const RUNS = { seed: 20_260_102, numRuns: 150 };

/** All that identifies a run. */
function run(runner: Runner, toy: Toy, strategy: Strategy) {
  const { end, steps } = runner.run(strategy);
  return { end, steps, decisions: runner.decisionDigest(), state: toy.digest() };
}

function randomRun(program: RandomProgram, seed: string) {
  const toy = toyOf(program);
  const runner = new Runner(toy, monitor(), { stepsMax: 200 });
  const strategy = new RandomStrategy(createRng(seed), profile(runner, program.entries.length));
  const first = run(runner, toy, strategy);
  return { toy, runner, first, schedule: runner.lastSchedule() };
}

const without = <T>(list: readonly T[], i: number): T[] => list.filter((_, j) => j !== i);

describe("the schedule of a run", () => {
  test("replays it, decision by decision, also on a fresh system", () => {
    fc.assert(
      fc.property(randomProgram, fc.string(), (program, seed) => {
        const { toy, runner, first, schedule } = randomRun(program, seed);
        // lastSchedule() has run it once more.
        expect(runner.steps).toBe(first.steps);
        expect(runner.decisionDigest()).toBe(first.decisions);
        expect(toy.digest()).toBe(first.state);
        for (const live of [false, true]) {
          const fresh = toyOf(program);
          const replay = new ReplayStrategy(schedule);
          const again = new Runner(fresh, monitor(), { stepsMax: 200, live });
          expect(run(again, fresh, replay)).toEqual(first);
          expect(replay.skipped).toBe(0);
          expect(again.lastSchedule()).toEqual(schedule);
        }
      }),
      RUNS,
    );
  });

  test("holds nothing but real deviations, at most one of a kind per step, in order", () => {
    fc.assert(
      fc.property(randomProgram, fc.string(), (program, seed) => {
        const { toy, runner, first, schedule } = randomRun(program, seed);
        const replay = new ReplayStrategy(schedule);
        let view!: View;
        const differs: number[] = [];
        run(runner, toy, {
          begin: (v) => {
            view = v;
            replay.begin(v);
          },
          next: () => {
            const pick = replay.next();
            if (pick !== runToCompletion(view)) differs.push(view.step);
            return pick;
          },
          choose: (n) => replay.choose(n),
        });
        expect(schedule.switches.map((s) => s.at)).toEqual(differs);
        expect(schedule.choices.every((c) => c.value > 0)).toBe(true);
        for (const list of [schedule.switches, schedule.choices]) {
          const steps = list.map((d) => d.at);
          expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
          expect(steps.every((at) => at < first.steps)).toBe(true);
        }
        // So dropping any one gives another run.
        schedule.switches.forEach((_, i) => {
          const shorter = { ...schedule, switches: without(schedule.switches, i) };
          expect(run(runner, toy, new ReplayStrategy(shorter)).decisions).not.toBe(first.decisions);
        });
      }),
      RUNS,
    );
  });

  test("may lose any deviation: the rest runs, and what no longer fits is counted", () => {
    fc.assert(
      fc.property(randomProgram, fc.string(), (program, seed) => {
        const { toy, runner, schedule } = randomRun(program, seed);
        const shorter: Schedule[] = [
          ...schedule.switches.map((_, i) => ({ ...schedule, switches: without(schedule.switches, i) })),
          ...schedule.choices.map((_, i) => ({ ...schedule, choices: without(schedule.choices, i) })),
        ];
        for (const candidate of shorter) {
          const replay = new ReplayStrategy(candidate);
          const first = run(runner, toy, replay);
          expect(replay.skipped).toBeLessThanOrEqual(candidate.switches.length + candidate.choices.length);
          // What was really done is a schedule again, no longer than what was asked for plus what it led to.
          const done = new ReplayStrategy(runner.lastSchedule());
          expect(run(runner, toy, done)).toEqual(first);
          expect(done.skipped).toBe(0);
        }
      }),
      RUNS,
    );
  });

  test("is empty for run-to-completion, and the empty one is run-to-completion", () => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const toy = toyOf(program);
        const runner = new Runner(toy, monitor(), { stepsMax: 200 });
        const picks: number[] = [];
        let view!: View;
        const plain = run(runner, toy, {
          begin: (v) => {
            view = v;
          },
          next: () => {
            picks.push(runToCompletion(view));
            return picks.at(-1)!;
          },
          choose: () => 0,
        });
        expect(runner.lastSchedule()).toEqual(RUN_TO_COMPLETION);
        expect(run(runner, toy, new ReplayStrategy(RUN_TO_COMPLETION))).toEqual(plain);
      }),
      RUNS,
    );
  });

  test("of each interleaving of a small family is another one", () => {
    for (const make of [() => increment(3), () => philosophers(3)]) {
      const toy = make();
      const schedules = new Set<string>();
      const { runs } = everyRun(make(), (runner) => schedules.add(JSON.stringify(runner.lastSchedule())));
      expect(schedules.size).toBe(runs);
      const runner = new Runner(toy, monitor());
      const replayed = new Set<string>();
      for (const text of schedules) {
        run(runner, toy, new ReplayStrategy(JSON.parse(text) as Schedule));
        replayed.add(JSON.stringify(runner.lastSchedule()));
      }
      expect(replayed).toEqual(schedules);
    }
  });

  test("by example: two processes of three steps", () => {
    const toy = independent(3, 3);
    const runner = new Runner(toy, monitor());
    run(runner, toy, new ExactStrategy([1, 0, 0, 1, 1, 0], []));
    // Back to process 0 at step 5 needs no entry: process 1 has finished.
    expect(runner.lastSchedule().switches).toEqual([
      { at: 0, to: 1 },
      { at: 1, to: 0 },
      { at: 3, to: 1 },
    ]);
  });
});

describe("deviations that do not fit are counted", () => {
  function chooser(): Toy {
    const toy = new Toy({ cells: 1 });
    function* body(): KernelCode {
      yield toy.choose(3);
      yield toy.write(0, 1);
      return 0;
    }
    return toy.spawn("a", body).spawn("b", body);
  }

  test.each<[string, Schedule, number]>([
    ["all fit", { switches: [{ at: 1, to: 1 }], choices: [{ at: 0, value: 2 }] }, 0],
    ["a process that has finished", { switches: [{ at: 3, to: 0 }], choices: [] }, 1],
    ["a process that does not exist", { switches: [{ at: 0, to: 7 }], choices: [] }, 1],
    ["a switch behind the end", { switches: [{ at: 4, to: 1 }], choices: [] }, 1],
    ["an outcome that does not exist", { switches: [], choices: [{ at: 0, value: 3 }] }, 1],
    ["a step without a choice", { switches: [], choices: [{ at: 1, value: 1 }] }, 1],
    ["a choice at the last step", { switches: [], choices: [{ at: 3, value: 1 }] }, 1],
    ["a choice behind the end", { switches: [], choices: [{ at: 9, value: 1 }] }, 1],
    [
      "one that does not fit does not spoil the next one",
      {
        switches: [],
        choices: [
          { at: 1, value: 1 },
          { at: 2, value: 1 },
        ],
      },
      1,
    ],
  ])("%s", (_name, schedule, skipped) => {
    const replay = new ReplayStrategy(schedule);
    const { end, steps } = new Runner(chooser(), monitor()).run(replay);
    expect({ end, steps, skipped: replay.skipped }).toEqual({ end: "done", steps: 4, skipped });
  });
});

describe("a system that behaves differently the second time", () => {
  test("has no schedule", () => {
    let runs = 0;
    const toy = new Toy({ cells: 1 });
    function* body(): KernelCode {
      yield { ...toy.write(0, 1), ready: () => runs % 2 === 1 };
      return 0;
    }
    toy.spawn("a", body);
    toy.spawn("b", function* (): KernelCode {
      yield toy.read(0);
      return 0;
    });
    const count = { ...monitor(), reset: () => void runs++ };
    const runner = new Runner(toy, count);
    runner.run(new ReplayStrategy(RUN_TO_COMPLETION));
    expect(() => runner.lastSchedule()).toThrow(NondeterminismError);
  });
});
