// SPDX-License-Identifier: GPL-2.0-only
//
// How runs end, what is said about processes that wait, and whether code that breaks the rules of steps is found.

import { describe, expect, test } from "vitest";
import { NondeterminismError, profile, Runner } from "../../explore/runner.ts";
import { ExactStrategy } from "../../explore/strategies/exact.ts";
import { ReplayStrategy } from "../../explore/strategies/replay.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { RUN_TO_COMPLETION } from "../../spec/schedule.ts";
import { everyRun } from "./enumerate.ts";
import { increment, independent, philosophers } from "./families.ts";
import { monitor, Toy } from "./toy-system.ts";

const plain = () => new ReplayStrategy(RUN_TO_COMPLETION);

describe("deadlock", () => {
  test("philosophers(2): 2 of 6 interleavings, both in the same state", () => {
    const ends = new Set<string>();
    const toy = philosophers(2);
    const { runs, deadlocks } = everyRun(toy, (_, end) => ends.add(`${end} ${toy.digest()}`));
    expect({ runs, deadlocks }).toEqual({ runs: 6, deadlocks: 2 });
    // Fork 0 held by process 0 and fork 1 by process 1, or no fork held.
    expect([...ends].sort()).toEqual(["deadlock 1,2", "done 0,0"]);
  });

  test("names each process, where it waits, for what, and who holds it", () => {
    const runner = new Runner(philosophers(3), monitor());
    expect(runner.run(new ExactStrategy([2, 0, 1], []))).toEqual({ end: "deadlock", steps: 3 });
    const lines = runner.waiting().map(({ process, name, site, reason }) => {
      return `${process} ${name}, ${site.fn}: ${site.what}: ${reason?.resource} held by ${reason?.holder}`;
    });
    expect(lines).toEqual([
      "0 philosopher 0, toy_lock: lock: lock 1 held by 1",
      "1 philosopher 1, toy_lock: lock: lock 2 held by 2",
      "2 philosopher 2, toy_lock: lock: lock 0 held by 0",
    ]);
  });

  test("a run that ends has nobody waiting", () => {
    const runner = new Runner(philosophers(3), monitor());
    expect(runner.run(plain()).end).toBe("done");
    expect(runner.waiting()).toEqual([]);
  });

  test("a process that waits for itself", () => {
    const toy = new Toy({ cells: 0, locks: 1 });
    toy.spawn("twice", function* (): KernelCode {
      yield toy.lock(0);
      yield toy.lock(0);
      return 0;
    });
    const runner = new Runner(toy, monitor());
    expect(runner.run(plain()).end).toBe("deadlock");
    expect(runner.waiting()).toMatchObject([
      { process: 0, name: "twice", reason: { resource: "lock 0", holder: 0 } },
    ]);
  });
});

describe("daemons", () => {
  test("a daemon that waits idly does not keep a run from being complete", () => {
    const toy = new Toy({ cells: 1, works: 1 });
    toy.spawn("task", function* (): KernelCode {
      yield toy.queueWork(0);
      yield toy.flushWork(0);
      return 0;
    });
    toy.spawnWorker(0, function* (): KernelCode {
      yield toy.fetchAdd(0, 1);
      return 0;
    });
    const runner = new Runner(toy, monitor());
    expect(runner.run(plain())).toEqual({ end: "done", steps: 5 });
    expect(toy.get(0)).toBe(1);
    expect(runner.waiting()).toEqual([]);
  });

  test("a daemon that is stuck elsewhere does", () => {
    const toy = new Toy({ cells: 1, locks: 1, works: 1 });
    toy.spawn("task", function* (): KernelCode {
      yield toy.lock(0);
      yield toy.queueWork(0);
      return 0;
    });
    toy.spawnWorker(0, function* (): KernelCode {
      yield toy.lock(0);
      return 0;
    });
    const runner = new Runner(toy, monitor());
    expect(runner.run(plain()).end).toBe("deadlock");
    expect(runner.waiting()).toMatchObject([{ name: "worker 0", reason: { resource: "lock 0", holder: 0 } }]);
  });

  test("only a daemon may wait idly for ever", () => {
    for (const [add, end] of [["spawnDaemon", "done"] as const, ["spawn", "deadlock"] as const]) {
      const toy = new Toy({ cells: 1 });
      toy[add]("p", function* (): KernelCode {
        yield toy.stay();
        return 0;
      });
      const runner = new Runner(toy, monitor());
      expect(runner.run(plain())).toEqual({ end, steps: 0 });
      expect(runner.waiting()).toHaveLength(end === "done" ? 0 : 1);
    }
  });
});

describe("other ends", () => {
  test("a run of just as many steps as allowed is complete; one more is cut off", () => {
    const end = (stepsMax: number) => new Runner(independent(4, 3), monitor(), { stepsMax }).run(plain());
    expect(end(7)).toEqual({ end: "done", steps: 7 });
    expect(end(6)).toEqual({ end: "limit", steps: 6 });
  });

  test("an endless run is cut off", () => {
    const toy = new Toy({ cells: 1 });
    toy.spawn("endless", function* (): KernelCode {
      for (;;) yield toy.write(0, 1);
    });
    const runner = new Runner(toy, monitor(), { stepsMax: 5000, live: true });
    expect(runner.run(plain())).toEqual({ end: "limit", steps: 5000 });
    expect(runner.lastSchedule()).toEqual(RUN_TO_COMPLETION);
  });

  test("the monitor ends a run, after a step or at its end, and stays out of it otherwise", () => {
    const toy = increment(2);
    const ends = (watch: Parameters<typeof monitor>[0]) => new Runner(toy, monitor(watch)).run(plain());
    expect(ends(() => toy.get(0) === 1)).toEqual({ end: "violation", steps: 2 });
    const atEnd = { ...monitor(), atQuiescence: () => true };
    expect(new Runner(toy, atEnd).run(plain())).toEqual({ end: "violation", steps: 4 });
    // A deadlock is no quiescence.
    const stuck = new Runner(philosophers(2), atEnd).run(new ExactStrategy([0, 1], []));
    expect(stuck).toEqual({ end: "deadlock", steps: 2 });
  });

  test("a strategy that picks what cannot run is refused", () => {
    const runner = new Runner(philosophers(2), monitor());
    const bad = (process: number) => ({ begin: () => {}, next: () => process, choose: () => 0 });
    expect(() => runner.run(bad(5))).toThrow("strategy picked 5, which cannot run");
    let step = 0;
    const waiting = { begin: () => {}, next: () => [0, 1, 0][step++]!, choose: () => 0 };
    expect(runner.run(plain()).end).toBe("done");
    const three = new Runner(philosophers(3), monitor());
    expect(() => three.run(waiting)).toThrow("strategy picked 0, which cannot run");
  });

  test("profile measures run-to-completion from each process", () => {
    expect(profile(new Runner(independent(4, 1, 2), monitor()), 3)).toEqual({
      steps: [4, 1, 2],
      choices: 0,
      total: 7,
    });
  });
});

/** A system of one process that misbehaves, or not, beside one that changes the cell that it looks at. */
function suspect(make: (toy: Toy) => () => KernelCode): Toy {
  const toy = new Toy({ cells: 2 });
  return toy.spawn("suspect", make(toy)).spawn("other", function* (): KernelCode {
    yield toy.fetchAdd(0, 1);
    yield toy.fetchAdd(0, 1);
    return 0;
  });
}

describe("every step twice", () => {
  const twice = (toy: Toy) => new Runner(toy, monitor(), { doubleStepEvery: 1 });

  test("finds a step that counts in a captured local", () => {
    const toy = suspect(
      () =>
        function* (): KernelCode {
          let calls = 0;
          yield toy.step(() => ++calls);
          return 0;
        },
    );
    expect(() => twice(toy).run(plain())).toThrow(NondeterminismError);
    expect(() => twice(toy).run(plain())).toThrow('toy: "write": the same step from the same state differs');
  });

  test("finds a step that writes something else into the heap, although its result is the same", () => {
    let hidden = 0;
    const toy = suspect(
      () =>
        function* (): KernelCode {
          yield toy.step(() => {
            toy.set(1, hidden++);
            return 0;
          });
          return 0;
        },
    );
    expect(() => twice(toy).run(plain())).toThrow(NondeterminismError);
  });

  test("finds nothing in clean code and changes nothing", () => {
    for (const make of [() => increment(3), () => philosophers(3), () => independent(2, 2)]) {
      const ends = (doubleStepEvery: number): string => {
        const toy = make();
        const runner = new Runner(toy, monitor(), { doubleStepEvery });
        const { end, steps } = runner.run(plain());
        return `${end} ${steps} ${runner.decisionDigest()} ${toy.digest()}`;
      };
      expect(ends(1)).toBe(ends(0));
      expect(ends(3)).toBe(ends(0));
    }
  });

  test("looks at every n-th step only, if told so", () => {
    let calls = 0;
    const toy = new Toy({ cells: 1 });
    toy.spawn("counts", function* (): KernelCode {
      for (let i = 0; i < 10; i++) {
        yield toy.step(() => {
          calls++;
          return 0;
        });
      }
      return 0;
    });
    new Runner(toy, monitor(), { doubleStepEvery: 5 }).run(plain());
    expect(calls).toBe(10 + 2 * 2);
  });

  test("a step that throws leaves the system as usable as before", () => {
    const toy = new Toy({ cells: 1, locks: 1 });
    const heard: number[] = [];
    let broken = true;
    toy.observer = {
      acquired: (process) => heard.push(process),
      released: () => {},
      mightSleep: () => {},
      waitedForWork: () => {},
      workRuns: () => {},
    };
    toy.spawn("throws", function* (): KernelCode {
      yield toy.lock(0);
      yield toy.step(() => {
        if (broken) throw new Error("broken");
        return 0;
      });
      return 0;
    });
    const runner = twice(toy);
    expect(() => runner.run(plain())).toThrow("broken");
    broken = false;
    expect(runner.run(plain()).end).toBe("done");
    // Once per run: rehearsals are not heard.
    expect(heard).toEqual([0, 0]);
  });
});

describe("every run twice", () => {
  const check = (toy: Toy, picks: number[], live = false): void => {
    const runner = new Runner(toy, monitor(), { live });
    runner.run(new ExactStrategy(picks, []));
    runner.repeatAndCompare();
  };

  test.each([false, true])("finds nothing in clean code (live: %s)", (live) => {
    check(increment(2), [0, 1, 1, 0], live);
    check(philosophers(2), [0, 1], live);
    const runner = new Runner(increment(2), monitor(), { live });
    runner.run(plain());
    runner.repeatAndCompare();
    expect(runner.run(plain()).steps).toBe(4);
  });

  test.each([false, true])("finds state outside the heap (live: %s)", (live) => {
    let hidden = 0;
    const writes = suspect(
      () =>
        function* (): KernelCode {
          yield writes.step(() => {
            writes.set(1, hidden++);
            return 0;
          });
          return 0;
        },
    );
    expect(() => check(writes, [0, 1, 1], live)).toThrow(NondeterminismError);

    const shortens = suspect(
      () =>
        function* (): KernelCode {
          const first = yield shortens.step(() => hidden++);
          if (first % 2 === 1) yield shortens.read(0);
          return 0;
        },
    );
    expect(() => check(shortens, [1, 0, 1, 0], live)).toThrow(NondeterminismError);

    const blocks = suspect(
      () =>
        function* (): KernelCode {
          yield { ...blocks.read(0), ready: () => hidden++ % 2 === 0 };
          return 0;
        },
    );
    expect(() => check(blocks, [0, 1, 1], live)).toThrow(NondeterminismError);
  });

  test("finds a step that hands its result on through a local, which executing it twice cannot", () => {
    const toy = suspect(
      () =>
        function* (): KernelCode {
          let seen = 0;
          yield toy.step(() => {
            seen = toy.get(0);
            return 0;
          });
          yield toy.step(() => {
            toy.set(1, seen);
            return 0;
          });
          return 0;
        },
    );
    const twice = new Runner(toy, monitor(), { doubleStepEvery: 1 });
    twice.run(new ExactStrategy([1, 0, 0, 1], []));
    expect(() => {
      twice.repeatAndCompare();
    }).toThrow(/^run repeated: done after 4 steps, state 2,0; now done after 4 steps, state 2,1$/);
  });
});
