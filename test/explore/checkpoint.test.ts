// SPDX-License-Identifier: GPL-2.0-only
//
// Checkpoints: a search that goes on comes to the figures of one that was never interrupted, whenever the process was
// killed; and a file that is no good is refused with one reason.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { createRng } from "../../explore/rng.ts";
import {
  type Checkpoint,
  openCheckpoint,
  search,
  type SearchOptions,
  type SearchResult,
  type Served,
} from "../../explore/search/search.ts";
import { makeKnown } from "../../explore/selfcheck/known-systems.ts";
import { entryOf, KIT, type Kit } from "./worker-entry.ts";
import type { KernelCode } from "../../explore/sync.ts";

const ENTRY = new URL("../../dist/explore/selfcheck/selfcheck-worker.js", import.meta.url);
const ENGINE = new URL("../../dist/explore/search/search.js", import.meta.url);
const SYSTEMS = new URL("../../dist/explore/selfcheck/known-systems.js", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

const IDENTITY = "a known system";
const KNOWN = { name: "philosophers(6)", order: 1, invariants: false };
const EXPECTED = { end: "exhausted", states: 7759, terminals: 2, deadlocks: 1 };

function opened(path: string, merge = false): Checkpoint {
  const { checkpoint, problem } = openCheckpoint(path, IDENTITY, merge);
  expect(problem).toBeUndefined();
  return checkpoint!;
}

function searchKnown(workers: number, options: SearchOptions): SearchResult {
  const { system, monitor } = makeKnown(KNOWN);
  return search(system, monitor, { ...options, workers: { count: workers, entry: ENTRY, data: KNOWN } });
}

function figures({ bytes: _bytes, ...rest }: SearchResult): Omit<SearchResult, "bytes"> {
  return rest;
}

/** Goes from limit to limit, by so many workers in turn, to the end. */
function byStages(
  path: string,
  workers: readonly number[],
  run: (workers: number, options: SearchOptions) => SearchResult,
): { readonly result: SearchResult; readonly stages: number } {
  let statesMax = 300;
  let stages = 0;
  let resume: Checkpoint | undefined;
  for (;;) {
    const options = { statesMax, chunkRows: 5, checkpoint: { path, identity: IDENTITY }, resume };
    const result = run(workers[stages++ % workers.length]!, options);
    if (result.end !== "limit") return { result, stages };
    resume = opened(path);
    statesMax = result.states + 900;
  }
}

describe("a search in stages", () => {
  test.each([[[1]], [[2]], [[1, 2]], [[2, 1]], [[1, 3, 2]]])("by %j workers comes to the same", (workers) => {
    const { result, stages } = byStages(join(folder, "stages"), workers, searchKnown);
    expect(stages).toBeGreaterThan(4);
    expect(result).toMatchObject(EXPECTED);
    expect(figures(result)).toEqual(figures(searchKnown(1, {})));
  });

  test("with its frontier in a file", () => {
    const { result } = byStages(join(folder, "spilled"), [2, 1], (workers, options) =>
      searchKnown(workers, { ...options, frontierBytesMax: 100 }),
    );
    expect(figures(result)).toEqual(figures(searchKnown(1, {})));
  });

  // A counter for each process; the first may stray, and then never comes back.
  function counters({ Cells, tail, site }: Kit, stray: boolean): Served {
    const choose = site("counters", "choose");
    const system = new Cells({ cells: 3, locks: 0 }, [0, 1, 2], (cells) => {
      function* astray(): KernelCode {
        yield cells.write(0, 100);
        return tail(cells, astray);
      }
      return function* round(own: number): KernelCode {
        const at = yield cells.read(own);
        if (stray && own === 0 && at === 3) {
          const strays = yield { site: choose, choices: () => 2, run: (choice) => choice };
          if (strays === 1) return tail(cells, astray);
        }
        yield cells.write(own, (at + 1) % 5);
        return tail(cells, round, own);
      };
    });
    const counts = new Float64Array(2);
    const afterStep = (process: number): boolean => {
      counts[process === 0 ? 0 : 1]! += 1;
      return false;
    };
    const isGoal = (): boolean => system.words.every((word) => word === 0);
    return { system, monitor: { counts, isGoal, afterStep, atEnd: () => false } };
  }

  test.each([
    [[1], true],
    [[2], true],
    [[1], false],
    [[2], false],
    [[2, 1], false],
    [[1, 2], false],
  ])("by %j workers: goals, traps (%s) and counts", (workers, stray) => {
    let counts: number[] = [];
    const run = (count: number, options: SearchOptions): SearchResult => {
      const { system, monitor } = counters(KIT, stray);
      const data = stray;
      const result = search(system, monitor, {
        ...options,
        workers: { count, entry: entryOf(counters), data },
      });
      counts = [...monitor!.counts!];
      return result;
    };
    const { result, stages } = byStages(join(folder, "goals"), workers, run);
    const staged = counts;
    expect(stages).toBeGreaterThan(1);
    expect(result.end).toBe(stray ? "trap" : "exhausted");
    expect(figures(result)).toEqual(figures(run(1, {})));
    expect(staged).toEqual(counts);
  });
});

describe("a checkpoint that is no good", () => {
  const path = join(folder, "good");
  const bad = join(folder, "bad");
  const checkpoint = { path, identity: IDENTITY };
  const made = searchKnown(1, { statesMax: 2000, checkpoint });
  const bytes = readFileSync(path);

  const problemOf = (content: Uint8Array): string | undefined => {
    writeFileSync(bad, content);
    return openCheckpoint(bad, IDENTITY).problem;
  };

  test("is one that somebody has cut, anywhere", () => {
    expect(made.end).toBe("limit");
    for (let i = 0; i < 60; i++) {
      const cut = Math.floor((bytes.length * i) / 60);
      expect(problemOf(bytes.subarray(0, cut))).toMatch(/^it is (damaged|not a checkpoint)/);
    }
  });

  test("is one in which a bit has changed, anywhere", () => {
    const rng = createRng("a bit");
    for (let i = 0; i < 300; i++) {
      const changed = bytes.slice();
      changed[rng.below(bytes.length)]! ^= 1 << rng.below(8);
      expect(problemOf(changed)).toMatch(/^it (is|has)/);
    }
  });

  test("is one of something else, of another version, or none", () => {
    expect(openCheckpoint(path, "another").problem).toBe("it is of another search");
    expect(openCheckpoint(path, IDENTITY, true).problem).toBe("it is of a search without merging of steps");
    expect(openCheckpoint(join(folder, "none"), IDENTITY).problem).toBe("it cannot be opened: ENOENT");
    expect(problemOf(new TextEncoder().encode("some text of mine"))).toBe(
      "it is not a checkpoint of a search",
    );
    const text = bytes.toString("latin1");
    expect(problemOf(Buffer.from(text.replace("version 1", "version 9"), "latin1"))).toBe(
      "it has version 9, expected 1",
    );
  });

  test("is one whose system takes other steps now", () => {
    const { system } = makeKnown({ ...KNOWN, name: "increment(6)" });
    expect(() => search(system, undefined, { resume: opened(path) })).toThrow(
      /^the entry of a worker|^search/,
    );
  });
});

test("whenever the process is killed, the search can go on", { timeout: 120_000 }, async () => {
  const path = join(folder, "killed");
  const code = `
    import { openCheckpoint, search } from "${ENGINE.href}";
    import { makeKnown } from "${SYSTEMS.href}";
    const { system, monitor } = makeKnown(${JSON.stringify(KNOWN)});
    const checkpoint = { path: ${JSON.stringify(path)}, identity: ${JSON.stringify(IDENTITY)} };
    const workers = { count: Number(process.argv[1]), entry: new URL("${ENTRY.href}"), data: ${JSON.stringify(KNOWN)} };
    process.stdout.write("begins\\n");
    for (let goOn = process.argv.includes("resume"); ; goOn = false) {
      const resume = goOn ? openCheckpoint(checkpoint.path, checkpoint.identity).checkpoint : undefined;
      search(system, monitor, { chunkRows: 4, checkpoint, resume, workers, heed: () => "checkpoint" });
    }`;
  const rng = createRng("fifty moments");
  const expected = figures(searchKnown(1, {}));
  let kept = 0;
  for (let i = 0; i < 50; i++) {
    const resume = i % 5 !== 0 && existsSync(path) ? ["resume"] : [];
    if (resume.length === 0) rmSync(path, { force: true });
    const args = ["--input-type=module", "-e", code, String(1 + (i % 2)), ...resume];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    await sleep(rng.below(120));
    child.kill("SIGKILL");
    await once(child, "exit");
    if (!existsSync(path)) continue;
    kept++;
    expect(figures(searchKnown(1, { resume: opened(path) }))).toEqual(expected);
  }
  expect(kept).toBeGreaterThan(25);
});
