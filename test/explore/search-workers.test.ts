// SPDX-License-Identifier: GPL-2.0-only
//
// Searches with several workers: the numbers, verdicts and counterexamples of one, whoever does the work, and an error
// where a worker dies.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  search,
  type SearchOptions,
  type SearchProgress,
  type SearchResult,
  type Served,
  type Wish,
} from "../../explore/search/search.ts";
import { checkAnswer, knownAnswers } from "../../explore/selfcheck/selfcheck.ts";
import type { KernelCode } from "../../explore/sync.ts";
import { entryOf, KIT, type Kit, type Make } from "./worker-entry.ts";

const ENTRY = new URL("../../dist/explore/selfcheck/selfcheck-worker.js", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "search-workers-"));
afterAll(() => rmSync(folder, { recursive: true }));

function searchBy<D>(make: Make<D>, data: D, count: number, options: SearchOptions = {}): SearchResult {
  const { system, monitor } = make(KIT, data);
  const workers = count > 1 ? { count, entry: entryOf(make), data } : undefined;
  return search(system, monitor, { chunkRows: 3, ...options, workers });
}

// Chunks are as full as it happens, so memory differs.
function figures(result: SearchResult): Omit<SearchResult, "bytes"> {
  const { bytes: _bytes, ...rest } = result;
  return rest;
}

describe("the numbers are met by two workers", () => {
  const answers = knownAnswers(true).filter(({ large }) => !large);

  // Small chunks, so that there is something to share.
  test.each(answers.map((answer) => [answer.name, answer] as const))(
    "%s",
    (name, answer) => {
      const chunkRows = /\([1-5]\)$|^NB-1$/.test(name) ? 3 : undefined;
      const row = checkAnswer(answer, { workers: 2, entry: ENTRY, chunkRows });
      expect(row).toMatchObject({ ok: true, found: answer.expected });
    },
    60_000,
  );

  test("NB-1, and by any other number of them", () => {
    const answer = knownAnswers().find(({ name }) => name === "NB-1")!;
    for (const workers of [3, 5]) {
      const row = checkAnswer(answer, { workers, entry: ENTRY, chunkRows: 5 });
      expect(row).toMatchObject({ ok: true, found: answer.expected });
    }
  });
});

// N processes: read x; write x = read + 1. At the end, x must be N.
function lostUpdate({ Cells, site }: Kit, n: number): Served {
  const order = Array.from({ length: n }, (_, i) => i);
  const add = site("lost", "add");
  const system = new Cells({ cells: 2, locks: 0 }, order, (cells) => {
    return function* body(): KernelCode {
      const value = yield cells.read(0);
      yield cells.write(0, value + 1);
      // So that the end is far away from the fault.
      for (let i = 0; i < 3; i++) yield { site: add, run: () => (cells.words[1]!++, 0) };
      return 0;
    };
  });
  return { system, monitor: { afterStep: () => false, atEnd: () => system.words[0]! < n } };
}

// Counters that go round, and one that may turn into a circle that it never leaves.
function trap({ Cells, tail, site }: Kit, { mayStray }: { mayStray: boolean }): Served {
  const choose = site("trap", "choose");
  const system = new Cells({ cells: 3, locks: 0 }, [0, 1, 2], (cells) => {
    function* astray(): KernelCode {
      yield cells.write(0, 10);
      yield cells.write(0, 11);
      return tail(cells, astray);
    }
    return function* round(own: number): KernelCode {
      const at = yield cells.read(own);
      if (own === 0 && at === 2 && mayStray) {
        const strays = yield { site: choose, choices: () => 2, run: (choice) => choice };
        if (strays === 1) return tail(cells, astray);
      }
      yield cells.write(own, (at + 1) % 4);
      return tail(cells, round, own);
    };
  });
  const isGoal = (): boolean => system.words.every((word) => word === 0);
  return { system, monitor: { isGoal, afterStep: () => false, atEnd: () => false } };
}

function forks({ Cells }: Kit, n: number): Served {
  const order = Array.from({ length: n }, (_, i) => i);
  const system = new Cells({ cells: 0, locks: n }, order, (cells) => {
    return function* body(left: number): KernelCode {
      yield cells.lock(left);
      yield cells.lock((left + 1) % n);
      yield cells.unlock((left + 1) % n);
      yield cells.unlock(left);
      return 0;
    };
  });
  return { system, monitor: { afterStep: () => false, atEnd: (deadlock: boolean) => deadlock } };
}

describe("what is found is the same, to the byte, whatever the number of workers", () => {
  test("a violation", () => {
    const one = searchBy(lostUpdate, 3, 1);
    expect(one).toMatchObject({ end: "violation", shortest: true });
    for (const workers of [2, 3]) expect(searchBy(lostUpdate, 3, workers)).toEqual(one);
  });

  test("a deadlock", () => {
    const one = searchBy(forks, 5, 1);
    expect(one.end).toBe("deadlock");
    expect(one.trace).toHaveLength(5);
    expect(searchBy(forks, 5, 2)).toEqual(one);
  });

  test("a trap", () => {
    const one = searchBy(trap, { mayStray: true }, 1);
    expect(one.end).toBe("trap");
    for (const workers of [2, 3]) expect(searchBy(trap, { mayStray: true }, workers)).toEqual(one);
  });

  test("no trap", () => {
    const one = searchBy(trap, { mayStray: false }, 1);
    expect(one).toMatchObject({ end: "exhausted", states: 512 });
    for (const workers of [2, 3]) {
      expect(searchBy(trap, { mayStray: false }, workers)).toMatchObject(figures(one));
    }
  });
});

describe("a search for the shortest way that a limit ends", () => {
  const heed: SearchOptions["heed"] = ({ phase }) => (phase === "shortest" ? "stop" : undefined);

  test("leaves the way that was found", () => {
    const one = searchBy(lostUpdate, 4, 1);
    let found = 0;
    const make: Make<number> = (kit, n) => {
      const { system, monitor } = lostUpdate(kit, n);
      const atEnd = (deadlock: boolean): boolean => {
        const wrong = monitor!.atEnd(deadlock);
        if (wrong) found++;
        return wrong;
      };
      return { system, monitor: { ...monitor!, atEnd } };
    };
    const { system, monitor } = make(KIT, 4);
    const workers = { count: 2, entry: entryOf(lostUpdate), data: 4 };
    const two = search(system, monitor, { workers, heed });
    expect(two).toMatchObject({ end: "violation", shortest: false });
    // Breadth first all the same; and the monitor has seen it.
    expect(two.trace).toHaveLength(one.trace!.length);
    expect(found).toBeGreaterThan(0);
  });
});

test("monitors count together", () => {
  const make: Make<number> = (kit, n) => {
    const order = Array.from({ length: n }, (_, i) => i);
    const system = new kit.Cells({ cells: 1, locks: 0 }, order, (cells) => {
      return function* body(): KernelCode {
        const value = yield cells.read(0);
        yield cells.write(0, value + 1);
        return 0;
      };
    });
    const counts = new Float64Array(3);
    const afterStep = (_process: number, isNew: boolean): boolean => {
      counts[1]! += 1;
      if (isNew) counts[2]! += 1;
      return false;
    };
    return {
      system,
      monitor: { counts, enter: () => void (counts[0]! += 1), afterStep, atEnd: () => false },
    };
  };
  for (const count of [1, 2, 3]) {
    const { system, monitor } = make(KIT, 5);
    const workers = { count, entry: entryOf(make), data: 5 };
    // A search begins with zero.
    monitor!.counts![0] = 77;
    const { end, states, transitions } = search(system, monitor, { workers, chunkRows: 3 });
    expect(end).toBe("exhausted");
    expect([...monitor!.counts!]).toEqual([states, transitions, states - 1]);
  }
});

describe("a worker that dies ends the search", () => {
  // What it does in a step, or before it has begun.
  type Death = "throws" | "exits" | "exits well" | "cannot begin" | "has another system";
  const dying: Make<Death> = ({ Cells, inWorker }, death) => {
    if (death === "cannot begin" && inWorker) throw new Error("no system here");
    const order = death === "has another system" && inWorker ? [0] : [0, 1, 2, 3];
    const system = new Cells({ cells: 5, locks: 0 }, order, (cells) => {
      return function* body(own: number): KernelCode {
        for (let i = 0; i < 20; i++) yield cells.write(own, i);
        return 0;
      };
    });
    const afterStep = (): boolean => {
      if (!inWorker) return false;
      if (death === "throws") throw new Error("a fault in a worker");
      process.exit(death === "exits" ? 7 : 0);
    };
    return { system, monitor: { afterStep, atEnd: () => false } };
  };

  test.each([
    ["throws", "a worker of the search failed: a fault in a worker"],
    ["exits", "exit code 7"],
    ["exits well", "it ended early, with exit code 0"],
    ["cannot begin", "no system here"],
    ["has another system", "another system"],
  ] as const)("%s", (death, message) => {
    expect(() => searchBy(dying, death, 2)).toThrow(message);
  });

  test.each([
    ["data:text/javascript,1", "it ended early"],
    ["data:text/javascript,throw new Error('no module')", "no module"],
    ["file:///no/such/module.js", "no/such/module.js"],
  ])("%s", (entry, message) => {
    const { system } = forks(KIT, 3);
    const workers = { count: 2, entry: new URL(entry), data: 0 };
    expect(() => search(system, undefined, { workers })).toThrow(message);
  });

  test("a fault in the calling thread does, too", () => {
    const { system } = forks(KIT, 4);
    const afterStep = (): boolean => {
      throw new Error("a fault here");
    };
    const workers = { count: 2, entry: entryOf(forks), data: 4 };
    expect(() => search(system, { afterStep, atEnd: () => false }, { workers })).toThrow("a fault here");
  });
});

describe("limits", () => {
  const options = { chunkRows: 3 };

  test("of states", () => {
    const result = searchBy(forks, 8, 2, { ...options, statesMax: 50 });
    expect(result.end).toBe("limit");
    expect(result.states).toBeGreaterThan(50);
    expect(result.states).toBeLessThan(200);
  });

  test("of bytes", () => {
    expect(searchBy(forks, 8, 2, { ...options, bytesMax: 1 }).end).toBe("limit");
  });

  test.each([1, 2])("as somebody wishes, who hears how far the search of %i workers is", (workers) => {
    const heard: SearchProgress[] = [];
    const heed = (now: SearchProgress): Wish => {
      heard.push(now);
      return now.states > 20_000 ? "stop" : undefined;
    };
    const stopped = knownAnswers()
      .find(({ name }) => name === "increment(6)")!
      .run(0, { workers, entry: ENTRY, heed });
    expect(stopped.end).toBe("limit");
    expect(stopped.states).toBeGreaterThan(20_000);
    expect(stopped.states).toBeLessThan(118_509);
    expect(heard.length).toBeGreaterThan(2);
    heard.forEach((now, i) => {
      expect(now.phase).toBe("search");
      expect(now.states).toBeGreaterThanOrEqual(heard[i - 1]?.states ?? 1);
      expect(now.transitions).toBeGreaterThanOrEqual(heard[i - 1]?.transitions ?? 1);
      expect(now.depth).toBeGreaterThanOrEqual(heard[i - 1]?.depth ?? 0);
      expect(now.frontier).toBeGreaterThan(0);
      expect(now.frontier).toBeLessThan(now.states);
      expect(now.bytes).toBeGreaterThan(10_000);
    });
  });
});

describe("a frontier that does not fit in memory", () => {
  test.each([1, 2])("gives the same result with %i workers, and leaves no file", (count) => {
    const all = searchBy(trap, { mayStray: false }, count);
    const spilled = searchBy(trap, { mayStray: false }, count, { frontierBytesMax: 1, spillTo: folder });
    expect(spilled).toMatchObject(figures(all));
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves none after an error", () => {
    const { system } = trap(KIT, { mayStray: false });
    const afterStep = (): boolean => {
      throw new Error("a fault here");
    };
    const monitor = { afterStep, atEnd: () => false };
    expect(() => search(system, monitor, { frontierBytesMax: 1, spillTo: folder })).toThrow("a fault here");
    expect(readdirSync(folder)).toEqual([]);
  });
});
