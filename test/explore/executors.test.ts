// SPDX-License-Identifier: GPL-2.0-only
//
// The two executors do the same, whatever the code is made of; and interned positions forget what nobody reads
// any more, without ever mixing up two places.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Executor, LiveExecutor } from "../../explore/executor.ts";
import { InternedExecutor } from "../../explore/positions.ts";
import { createRng, type Rng } from "../../explore/rng.ts";
import { profile, Runner } from "../../explore/runner.ts";
import { PctStrategy } from "../../explore/strategies/pct.ts";
import { RandomStrategy } from "../../explore/strategies/random.ts";
import { call, type KernelCode, type KernelFunction, tail } from "../../explore/sync.ts";
import { randomProgram, toyOf } from "./random-programs.ts";
import { monitor, Toy } from "./toy-system.ts";

const RUNS = { seed: 20_260_101, numRuns: 150 };
const STEPS_MAX = 300;

/** Everything that a few runs showed. */
function story(toy: Toy, live: boolean, strategies: (runner: Runner) => (RandomStrategy | PctStrategy)[]) {
  const lines: string[] = [];
  const runner = new Runner(toy, monitor(), {
    live,
    stepsMax: STEPS_MAX,
    onStep: (p, step, choice, result) => lines.push(`${p} ${step.site.what} ${choice} -> ${result}`),
  });
  for (const strategy of strategies(runner)) {
    const { end, steps } = runner.run(strategy);
    const waits = runner.waiting().map((w) => `${w.name} at ${w.site.what}`);
    lines.push(
      `${end} ${steps} ${runner.decisionDigest()} ${toy.digest()} ${runner.choicesSeen} ${waits.join()}`,
    );
  }
  return lines;
}

/** Drives an executor by random picks, from where it is, without a runner. */
function drive(toy: Toy, executor: Executor, rng: Rng, stepsMax = STEPS_MAX): string[] {
  const lines: string[] = [];
  while (lines.length < stepsMax) {
    const enabled = toy.processes.flatMap((_, p) => {
      const step = executor.pending[p];
      return step && (step.ready?.() ?? true) ? [p] : [];
    });
    if (enabled.length === 0) break;
    const process = enabled[rng.below(enabled.length)]!;
    const step = executor.pending[process]!;
    const choice = rng.below(step.choices?.() ?? 1);
    toy.begin(process);
    const result = step.run(choice);
    executor.advance(process, result);
    lines.push(`${process} ${step.site.what} ${choice} -> ${result} ${toy.digest()}`);
  }
  return lines;
}

function begin(toy: Toy, executor: Executor): void {
  toy.reset();
  executor.reset();
}

describe("live and interned executors agree", () => {
  test("on random programs, run after run", () => {
    fc.assert(
      fc.property(randomProgram, fc.string(), (program, seed) => {
        const strategies = (runner: Runner) => {
          const measured = profile(runner, program.entries.length);
          return [1, 2, 3, 4].flatMap((run) => [
            new RandomStrategy(createRng(`${seed}/${run}`), measured),
            new PctStrategy(createRng(`${seed}/${run}`), measured, 3),
          ]);
        };
        expect(story(toyOf(program), false, strategies)).toEqual(story(toyOf(program), true, strategies));
      }),
      RUNS,
    );
  });

  test("on code whose captured locals change later", () => {
    const make = (): Toy => {
      const toy = new Toy({ cells: 5 });
      function* body(): KernelCode {
        let i = 0;
        while (i < 4) {
          yield toy.step(() => {
            toy.set(i, toy.get(i) + 1);
            return 0;
          });
          i++;
        }
        return 0;
      }
      return toy.spawn("a", body).spawn("b", body);
    };
    const strategies = () =>
      Array.from(
        { length: 20 },
        (_, run) => new RandomStrategy(createRng(`captured/${run}`), { steps: [4, 4], choices: 0, total: 8 }),
      );
    const lines = story(make(), false, strategies);
    expect(lines).toEqual(story(make(), true, strategies));
    expect(lines.at(-1)).toContain(" 2,2,2,2,0 ");
  });

  test("on equal functions with equal arguments of different objects", () => {
    class Counter {
      readonly cell: number;
      private readonly toy: Toy;
      constructor(toy: Toy, cell: number) {
        this.toy = toy;
        this.cell = cell;
      }
      *count(by: number): KernelCode {
        yield this.toy.fetchAdd(this.cell, by);
        return 0;
      }
    }
    for (const Kind of [LiveExecutor, InternedExecutor]) {
      const toy = new Toy({ cells: 3 });
      const counters = [0, 1, 2].map((cell) => new Counter(toy, cell));
      function* some(which: number): KernelCode {
        const counter = counters[yield toy.choose(2)]!;
        return tail(counter, counter.count, which);
      }
      toy.spawn("some", some, 5).spawn("more", some, 5);
      const executor = new Kind(toy);
      const seen = new Set<string>();
      for (let run = 0; run < 20; run++) {
        begin(toy, executor);
        drive(toy, executor, createRng(`objects/${run}`));
        seen.add(toy.digest());
      }
      expect([...seen].sort()).toEqual(["0,10,0", "10,0,0", "5,5,0"]);
    }
  });

  test("on five thousand calls without a step, and they refuse to run in circles", () => {
    for (const Kind of [LiveExecutor, InternedExecutor]) {
      const toy = new Toy({ cells: 1 });
      // eslint-disable-next-line require-yield
      function* nothing(): KernelCode {
        return 1;
      }
      function* many(): KernelCode {
        let sum = 0;
        for (let i = 0; i < 5_000; i++) sum += yield call(toy, nothing);
        yield toy.write(0, sum);
        return 0;
      }
      // eslint-disable-next-line require-yield
      function* nested(depth: number): KernelCode {
        return depth > 0 ? tail(toy, nested, depth - 1) : tail(toy, many);
      }
      toy.spawn("many", nested, 5_000);
      const executor = new Kind(toy);
      begin(toy, executor);
      drive(toy, executor, createRng("many"));
      expect(toy.digest()).toBe("5000");

      const circle = new Toy({ cells: 1 });
      // eslint-disable-next-line require-yield
      function* round(): KernelCode {
        return tail(circle, round);
      }
      circle.spawn("round", round);
      expect(() => {
        begin(circle, new Kind(circle));
      }).toThrow(/without a step/);
    }
  });

  test("both tell a strict system that code between steps runs", () => {
    for (const Kind of [LiveExecutor, InternedExecutor]) {
      const toy = new Toy({ cells: 1 });
      function* peeks(early: number): KernelCode {
        if (early) toy.get(0);
        yield toy.read(0);
        return toy.get(0);
      }
      expect(() => {
        begin(toy, new Kind(toy.spawn("late", peeks, 0)));
      }).not.toThrow();
      const executor = new Kind(toy);
      begin(toy, executor);
      expect(() => {
        executor.advance(0, 0);
      }).toThrow("access between two steps");
      toy.betweenSteps(false);
      expect(() => {
        begin(toy, new Kind(toy.spawn("early", peeks, 1)));
      }).toThrow("access between two steps");
    }
  });
});

describe("interned positions", () => {
  const VALUES = [3, 1, 4, 1, 5, 9, 2, 6];

  /** Positions behind the first step of `body`, over all its results. */
  function positionsBehind(make: (toy: Toy) => KernelFunction): number {
    const toy = new Toy({ cells: 1 });
    toy.spawn("p", make(toy));
    const executor = new InternedExecutor(toy);
    const behind = new Set<number>();
    for (const value of VALUES) {
      begin(toy, executor);
      executor.advance(0, value);
      behind.add(executor.save()[0]!);
    }
    return behind.size;
  }

  test("a local that is kept keeps positions apart", () => {
    expect(
      positionsBehind(
        (toy) =>
          function* (): KernelCode {
            const value = yield toy.read(0);
            yield toy.write(0, value);
            return 0;
          },
      ),
    ).toBe(new Set(VALUES).size);
  });

  test("a frame that has returned does not", () => {
    expect(
      positionsBehind((toy) => {
        function* look(): KernelCode {
          yield toy.read(0);
          return 0;
        }
        return function* (): KernelCode {
          yield call(toy, look);
          yield toy.write(0, 1);
          return 0;
        };
      }),
    ).toBe(1);
  });

  test("nor does one below another, nor one that returned without a step", () => {
    expect(
      positionsBehind((toy) => {
        // eslint-disable-next-line require-yield
        function* parity(value: number): KernelCode {
          return value % 2;
        }
        function* look(): KernelCode {
          const value = yield toy.read(0);
          return tail(toy, parity, value);
        }
        function* outer(): KernelCode {
          return yield call(toy, look);
        }
        return function* (): KernelCode {
          const odd = yield call(toy, outer);
          yield toy.write(0, odd);
          return 0;
        };
      }),
    ).toBe(2);
  });

  test("a tail call forgets its caller's results", () => {
    expect(
      positionsBehind((toy) => {
        function* rest(): KernelCode {
          yield toy.write(0, 1);
          return 0;
        }
        return function* (): KernelCode {
          yield toy.read(0);
          return tail(toy, rest);
        };
      }),
    ).toBe(1);
  });

  test("a loop by tail call has as many positions as its body", () => {
    const toy = new Toy({ cells: 1 });
    function* loop(): KernelCode {
      yield toy.fetchAdd(0, 1);
      yield toy.fetchAdd(0, 0);
      return tail(toy, look);
    }
    function* look(): KernelCode {
      const value = yield toy.read(0);
      return value < 1000 ? tail(toy, loop) : 0;
    }
    toy.spawn("p", loop);
    const executor = new InternedExecutor(toy);
    begin(toy, executor);
    drive(toy, executor, createRng("loop"), 10_000);
    expect(toy.get(0)).toBe(1000);
    // One before each of the three steps; the results of fetch-add keep 1000 places before the second step apart.
    expect(executor.size).toBe(1 + 1 + 1000 + 1);
  });

  test("processes with equal entries share them", () => {
    const make = (processes: number): number => {
      const toy = new Toy({ cells: 1 });
      function* body(): KernelCode {
        yield toy.write(0, 1);
        yield toy.write(0, 2);
        return 0;
      }
      for (let p = 0; p < processes; p++) toy.spawn(`p${p}`, body);
      const executor = new InternedExecutor(toy);
      begin(toy, executor);
      drive(toy, executor, createRng("share"));
      return executor.size;
    };
    expect(make(4)).toBe(make(1));
  });

  test("a table that is full is begun anew, and nothing else changes", () => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const small = toyOf(program);
        const large = toyOf(program);
        const cramped = new InternedExecutor(small, 3);
        const roomy = new InternedExecutor(large);
        for (let run = 0; run < 6; run++) {
          const seed = `overflow/${run}`;
          begin(small, cramped);
          begin(large, roomy);
          expect(drive(small, cramped, createRng(seed))).toEqual(drive(large, roomy, createRng(seed)));
          expect(cramped.size).toBeLessThanOrEqual(roomy.size);
        }
      }),
      RUNS,
    );
  });

  test("a full table is really begun anew", () => {
    const toy = new Toy({ cells: 1 });
    function* body(): KernelCode {
      const value = yield toy.choose(1000);
      yield toy.write(0, value);
      return 0;
    }
    toy.spawn("p", body);
    const executor = new InternedExecutor(toy, 20);
    for (let run = 0; run < 200; run++) {
      begin(toy, executor);
      drive(toy, executor, createRng(`anew/${run}`));
      expect(executor.size).toBeLessThanOrEqual(22);
    }
  });

  test("save and load go back to a place and on from it alike", () => {
    fc.assert(
      fc.property(randomProgram, fc.nat({ max: 20 }), (program, steps) => {
        const toy = toyOf(program);
        const executor = new InternedExecutor(toy);
        begin(toy, executor);
        drive(toy, executor, createRng("there"), steps);
        const memory = toy.snapshot();
        const positions = executor.save();
        const onward = drive(toy, executor, createRng("on"));
        // Elsewhere in between.
        begin(toy, executor);
        drive(toy, executor, createRng("elsewhere"));
        toy.restore(memory);
        executor.load(positions);
        expect(executor.save()).toEqual(positions);
        expect(drive(toy, executor, createRng("on"))).toEqual(onward);
      }),
      RUNS,
    );
  });
});
