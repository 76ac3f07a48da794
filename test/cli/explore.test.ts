// SPDX-License-Identifier: GPL-2.0-only
//
// What `explore` comes to: verdicts on all states, shortest counterexamples that replay, limits, and what was never
// reached.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXPLORE } from "../../cli/commands/explore.ts";
import type { RunJob } from "../../cli/jobs/job.ts";
import { runJobHere } from "../../cli/jobs/perform.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { searchInstanceOf } from "../../spec/search-instances.ts";
import { temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();

/** Lost updates of vmap_lazy_nr, on the machine where they are hunted. */
const FINDS = [
  "explore",
  "global-tree",
  "--mutant",
  "MU-37",
  "--program",
  "a=alloc(1); free(a)",
  "--program",
  "b=alloc(1); free(b)",
] as const;

test("a verdict on all states says how many, what was executed, and what cannot be", async () => {
  const { code, out, err } = await vmapcheck(["explore", "node-blocks"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("instance node-blocks/closed-tiny (tiny): two nodes want the only block for ever");
  expect(out).toContain(
    [
      "HELD in all 10,192 reachable states (17,357 transitions, 7,166 of them to known states, depth 267),",
      "     every interleaving and every choice of this instance; odds that two states shared a",
      "     fingerprint: at most 2.9e-12",
      "executed 34 of 39 steps of the design: mutex_lock 1/1, mutex_unlock 1/1, process_one_work 0/2,",
    ].join("\n"),
  );
  expect(out).toContain(
    [
      "never reached in this instance:",
      "  process_one_work: take the work item, clear pending",
      "      cannot be reached here: no more pages are lazily freed than the limit",
      "  process_one_work: the work function has returned",
      "      cannot be reached here: no more pages are lazily freed than the limit",
      "  preload_this_cpu_lock: preemptible: the task may migrate",
      "      cannot be reached here: no migration is allowed here",
    ].join("\n"),
  );
  expect(out).not.toContain("vacuous");
  expect(await vmapcheck(["explore", "node-blocks"])).toEqual({ code, out, err });
  expect(await vmapcheck(["explore", "node-blocks", "--instance", "closed-tiny"])).toEqual({
    code,
    out,
    err,
  });
});

test("options make an instance of the built-in programs, of which nothing is said to be out of reach", async () => {
  const { code, out } = await vmapcheck(["explore", "node-blocks", "--cpus", "2"]);
  expect(code).toBe(0);
  expect(out).toContain("built-in programs");
  expect(out).toContain(
    [
      "HELD in all 3,367 reachable states (6,955 transitions, 3,589 of them to known states, depth 61),",
      "     every interleaving and every choice of this instance; odds that two states shared a",
      "     fingerprint: at most 3.1e-13",
    ].join("\n"),
  );
  expect(out).toContain(
    [
      "never reached in this instance:",
      "  preload_this_cpu_lock: preemptible: the task may migrate",
      "  alloc_vmap_area: populate the KASAN shadow",
      "  alloc_vmap_area: free the record, return -EBUSY",
      "  free_vmap_area: under the busy lock: unlink",
      "  free_vmap_area: merge into the free tree under its lock",
      "  alloc_vmap_area: preemptible: the task may migrate",
      "  node_alloc_fill: no block to be had: free the record",
      "  free_vmap_area: under vn->free.lock: merge into the node",
      "",
    ].join("\n"),
  );
});

test("a single page is one", async () => {
  const { out } = await vmapcheck(["explore", "global-tree"]);
  expect(out).toContain("\n1 page, 2 CPUs, lazy limit 0 pages, up to 1 fault at kasan\n");
});

test.each(ALLOCATOR_IDS)("the usual instance of %s is decided", async (allocator) => {
  const { code, out } = await vmapcheck(["explore", allocator]);
  expect(code).toBe(0);
  expect(out).toMatch(/^HELD in all [\d,]+ reachable states /m);
});

test("a named instance that does not come to its steps is vacuous, and not decided", async () => {
  // This mistake schedules no drain, and nobody watches for that.
  const lazy = ["explore", "global-tree", "--instance", "closed-tiny-purge", "--invariants", "INV-TLB"];
  const { code, out } = await vmapcheck([...lazy, "--mutant", "MU-42"]);
  expect(code).toBe(4);
  expect(out).toMatch(/^HELD VACUOUSLY in all /m);
  expect(out).toContain("vacuous: never executed: process_one_work: take the work item, clear pending");
  const json = await vmapcheck([...lazy, "--mutant", "MU-42", "--json"]);
  expect(json.code).toBe(4);
  expect(JSON.parse(json.out)).toMatchObject({
    exitCode: 4,
    request: { named: "global-tree/closed-tiny-purge" },
    report: { end: "exhausted" },
  });
  expect(json.out).toContain("never executed: process_one_work: take the work item");
});

test("the examples of the help name instances that there are", () => {
  const named = EXPLORE.examples.flatMap(([line]) => {
    const [, allocator, name] = /explore (\S+) --instance (\S+)/.exec(line) ?? [];
    return allocator === undefined ? [] : [`${allocator}/${name}`];
  });
  expect(named).not.toEqual([]);
  expect(named.filter((id) => !searchInstanceOf(id))).toEqual([]);
});

test("faults and migrations reach what is else never reached", async () => {
  const { code, out } = await vmapcheck([
    ..."explore global-tree --space 4 --faults all --migrations 1 --lazy-max 1 --program".split(" "),
    "a=alloc(2); find(a+0); free(a)",
    "--program",
    "b=alloc(3); free(b)",
  ]);
  expect(code).toBe(0);
  expect(out).toContain("every step of the design was executed");
});

test("an instance of a campaign", async () => {
  const { code, out } = await vmapcheck(["explore", "node-blocks", "--campaign", "node-blocks-kasan"]);
  expect(code).toBe(0);
  expect(out).toContain("campaign node-blocks-kasan, instance 1 of 2");
  expect(out).toContain("HELD in all 862 reachable states (1,575 transitions, 714 of them to known states");
});

test("a closed instance: a verdict on runs of any length", async () => {
  const { code, out } = await vmapcheck([
    ..."explore global-tree --space 2 --cpus 1 --lazy-max 1 --closed 2 --program".split(" "),
    "a=alloc(1); free(a)",
  ]);
  expect(code).toBe(0);
  expect(out).toContain("closed: each program is a menu from which its task picks for ever");
  expect(out).toContain("HELD in all 5,240 reachable states ");
});

test("a violation is a shortest one, kept and replayed", async () => {
  const file = join(folder, "found.json");
  const found = await vmapcheck([...FINDS, "--out", file]);
  expect(found.code).toBe(1);
  expect(found.out).toMatch(/^Counterexample to INV-LAZYNR-GE in global-tree, mutant MU-37$/m);
  expect(found.out).toMatch(/^VIOLATED after step \d+: INV-LAZYNR-GE$/m);
  expect(found.out).toMatch(/a\s+shortest\s+one:\s+no\s+interleaving/);
  expect(found.out).toContain(`written: ${file}`);
  const replayed = await vmapcheck(["replay", file]);
  expect(replayed).toMatchObject({ code: 1, err: "" });
  expect(found.out).toContain(replayed.out);
  expect(readFileSync(file, "utf8")).toContain('"mutant"');
  const token = /vmapcheck replay (vmc1\.\S+)/.exec((await vmapcheck(FINDS)).out)?.[1];
  expect((await vmapcheck(["replay", token ?? ""])).code).toBe(1);
});

test("a violation in a closed instance replays as well", async () => {
  const found = await vmapcheck([
    ..."explore global-tree --mutant MU-1 --space 2 --cpus 1 --lazy-max 1 --closed 1 --program".split(" "),
    "a=alloc(1); free(a)",
  ]);
  expect(found.code).toBe(1);
  const token = /vmapcheck replay (vmc1\.\S+)/.exec(found.out)?.[1];
  expect((await vmapcheck(["replay", token ?? ""])).code).toBe(1);
});

const STUCK = [
  ..."explore global-tree --mutant MU-46 --space 2 --cpus 1 --lazy-max 4 --closed 1 --program".split(" "),
  "a=alloc(1)",
  "--program",
  "aliases",
];

test("what is found in a closed instance replays", async () => {
  const { code, out } = await vmapcheck(STUCK);
  expect(code).toBe(1);
  expect(out).toContain("VIOLATED after step 8: INV-DEADLOCK");
  const again = await vmapcheck(/vmapcheck (replay vmc1\S+)/.exec(out)![1]!.split(" "));
  expect(again.out).toContain("VIOLATED after step 8: INV-DEADLOCK");
});

test("a livelock replays: it ends with a whole round", async () => {
  const args = "run global-tree --mutant MU-140 --space 1 --cpus 1 --lazy-max 1 --runs 50 --program".split(
    " ",
  );
  const { code, out } = await vmapcheck([...args, "a=alloc(1); free(a)"]);
  expect(code).toBe(1);
  const violated = /VIOLATED after step \d+: INV-LIVELOCK\n(?: {2}.*\n)+/.exec(out)![0];
  expect(violated).toContain("found: kworker/drain_vmap_work goes round in");
  const again = await vmapcheck(/vmapcheck (replay vmc1\S+)/.exec(out)![1]!.split(" "));
  expect([again.code, again.out]).toEqual([1, expect.stringContaining(violated)]);
});

test("what only the search can see is listed step by step", async () => {
  const found = await vmapcheck([...STUCK, "--invariants", "INV-LOWEST"]);
  expect(found.code).toBe(1);
  expect(found.out).toContain("VIOLATED: TRAP");
  expect(found.out.replaceAll(/\s+/g, " ")).toContain("the steps are listed here");
  const listed = found.out.split("\n").filter((line) => /^ +\d+  (task 0|task 1|kworker\S*)  /.test(line));
  expect(listed).toEqual(["   0  task 1  task: pick the next operation"]);
  expect(found.out).toContain("Who waits for whom:\n\n  task 1\n  ------\n  holds vmap_purge_lock\n");
});

describe("a limit is no verdict", () => {
  test.each([
    [["--max-states", "100"], "when the limit of 100 states was reached"],
    [["--max-memory", "1", "--faults", "all", "--migrations", "2"], "when the limit of 1 MiB was reached"],
  ])("%s", async (options, why) => {
    const { code, out } = await vmapcheck(["explore", "node-blocks", ...options]);
    expect(code).toBe(4);
    expect(out.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`NOT DECIDED after .*${why}: no violation`));
    expect(out).toContain("not reached so far:");
    expect(out).not.toContain("HELD");
  });

  test("neither is an interruption", async () => {
    const stopping: RunJob = (name, request, watch) => runJobHere(name, request, { ...watch, seconds: 0 });
    const args = ["explore", "node-blocks", "--faults", "all"];
    const stopped = await vmapcheck(args, { runJob: stopping });
    expect(stopped.code).toBe(4);
    expect(stopped.out.replaceAll(/\s+/g, " ")).toContain("when it was stopped: no violation");
    const early: RunJob = () =>
      Promise.resolve({ report: undefined, stopped: "interrupted", progress: undefined });
    const none = await vmapcheck(args, { runJob: early });
    expect(none.code).toBe(130);
    expect(none.out).toContain("INTERRUPTED before there was anything to report");
  });
});

test("--json is the same apart from its times", async () => {
  const timeless = (text: string): string => text.replace(/"timing": \{[^}]*\}/, "");
  for (const args of [["explore", "node-index"], FINDS]) {
    const first = await vmapcheck([...args, "--json"]);
    expect(timeless((await vmapcheck([...args, "--json"])).out)).toBe(timeless(first.out));
    expect(JSON.parse(first.out)).toMatchObject({ command: "explore", exitCode: first.code });
    expect(first.out).toMatch(/"timing": \{\s+"bytes": \d+,\s+"seconds": [\d.]+,\s+"statesPerSecond": \d+,/);
  }
});

test("progress goes to a terminal, in states", async () => {
  const { out, err } = await vmapcheck(["explore", "node-blocks", "--faults", "all"], {
    errIsTerminal: true,
    columns: 100,
  });
  expect(err).toMatch(
    /[\d,]+ states {2}[\d,]+ states\/s {2}depth \d+ {2}frontier [\d,]+ {2}\d+ MiB {2}\d+ s/,
  );
  expect(out).not.toContain("states/s");
});

test.each([
  [["--instance", "2"], 'VMC-E005: --instance: expected a named instance of node-blocks, found "2"'],
  [["--instance", "closed-tniy"], "did you mean closed-tiny?"],
  [["--instance", "node-blocks/closed-tiny"], "did you mean closed-tiny?"],
  [["--instance", "global-tree/closed-tiny"], "found global-tree/closed-tiny, an instance of global-tree"],
  [["--instance", "closed-tiny-purge"], "found closed-tiny-purge, an instance of global-tree"],
  [["--instance", "closed-tiny", "--cpus", "1"], "VMC-E001: --cpus: expected an instance made of options"],
  [["--instance", "closed-tiny", "--closed", "1"], "which --instance rules out, found both options"],
  [
    ["--campaign", "node-blocks-kasan", "--instance", "closed-tiny"],
    'which node-blocks-kasan has, found "closed-tiny"',
  ],
  [
    ["--campaign", "node-blocks-kasan", "--cpus", "1"],
    "VMC-E001: --cpus: expected an instance made of options",
  ],
  [["--campaign", "node-blocks-kasn"], "did you mean node-blocks-kasan?"],
  [["--campaign", "global-tree-small"], "found global-tree-small, a campaign of global-tree"],
  [["--campaign", "node-blocks-kasan", "--instance", "3"], "expected 1 to 2, which node-blocks-kasan has"],
  [["--invariants", "INV-STRICT"], "found INV-STRICT, which no such search of node-blocks can see"],
  [["--invariants", "INV-BUSY-FIND"], "found INV-BUSY-FIND, which no such search of node-blocks can see"],
  [["--fault-budget", "2"], "VMC-E001: --fault-budget: expected --faults beside it"],
  [["--max-states", "0"], "VMC-E002: --max-states: expected an integer from 1"],
])("bad input %s", async (options, message) => {
  const file = join(folder, "never.json");
  const { code, out, err } = await vmapcheck(["explore", "node-blocks", ...options, "--out", file]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(existsSync(file)).toBe(false);
});
