// SPDX-License-Identifier: GPL-2.0-only
//
// What `run`, `replay`, `mutants` and `check` come to: equal bytes for equal options, exit codes, files that
// replay, one JSON document.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunJob } from "../../cli/jobs/job.ts";
import { runJobHere } from "../../cli/jobs/perform.ts";
import { FINDS, temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();
const RANDOM = ["run", "node-blocks", "--cases", "5", "--runs", "40"];

/** The field `name` of a JSON text that is an object. */
function field(json: string, name: string): unknown {
  const document: unknown = JSON.parse(json);
  return Object.entries(document ?? {}).find(([each]) => each === name)?.[1];
}

test("equal options give equal bytes, another seed other ones", async () => {
  const first = await vmapcheck([...RANDOM, "--seed", "1"]);
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/^HELD in 200 interleavings of 5 random cases/m);
  expect(await vmapcheck([...RANDOM, "--seed", "1"])).toEqual(first);
  expect((await vmapcheck([...RANDOM, "--seed", "2"])).out).not.toBe(first.out);
  expect((await vmapcheck(RANDOM, { env: { VMAPCHECK_SEED: "1" } })).out).toBe(first.out);
});

test("the seed is printed first, also a fresh one", async () => {
  const { out } = await vmapcheck(RANDOM);
  const seed = /^seed (\S+)$/m.exec(out)?.[1];
  expect(out.split("\n")[1]).toBe(`seed ${seed}`);
  expect((await vmapcheck([...RANDOM, "--seed", seed ?? ""])).out).toBe(out);
});

test("what is known to be violated is not watched, and named", async () => {
  const { out } = await vmapcheck([...RANDOM, "--seed", "1"]);
  expect(out).toMatch(/not watched, known to be violated: .*INV-BLOCK-RETURN\s+\(DEF-N2/s);
  const all = await vmapcheck([...RANDOM, "--seed", "1", "--invariants", "all"]);
  expect(all.out).not.toContain("not watched");
});

test("random programs ask for congruent areas if they are asked to", async () => {
  const plain = await vmapcheck([...RANDOM, "--seed", "1"]);
  expect(plain.out).not.toContain("PCPU-");
  const more = ["run", "node-blocks", "--cases", "30", "--runs", "20", "--seed", "1"];
  const congruent = await vmapcheck([...more, "--pcpu"]);
  expect(congruent.code).toBe(0);
  expect(congruent.out).toMatch(/not watched, known to be violated: .*INV-PCPU-COMPLETE\s+\(DEF-N16\)/s);
  expect(congruent.out).toMatch(/reached: .*PCPU-SHORT \d+/s);
  const given = await vmapcheck([
    "run",
    "global-tree",
    "--space",
    "6",
    "--program",
    "p=pcpu(0:2,4:2); pfree(p)",
  ]);
  expect(given.out).toMatch(/^HELD in 20,000 interleavings/m);
});

test("a violation is shown, kept and replayed", async () => {
  const file = join(folder, "found.json");
  const found = await vmapcheck([...FINDS, "--out", file]);
  expect(found.code).toBe(1);
  expect(found.out).toContain("VIOLATED after step ");
  expect(found.out).toContain(`vmapcheck replay ${file}`);
  const replayed = await vmapcheck(["replay", file]);
  expect(replayed.code).toBe(1);
  expect(replayed.err).toBe("");
  // The replay shows the very text that the run has shown.
  expect(found.out).toContain(replayed.out);
  const again = join(folder, "again.json");
  await vmapcheck([...FINDS, "--out", again]);
  expect(readFileSync(again, "utf8")).toBe(readFileSync(file, "utf8"));
});

test("run and replay say why, as text and as data, and say the same", async () => {
  const file = join(folder, "why.json");
  const found = await vmapcheck([...FINDS, "--out", file]);
  expect(found.out).toMatch(/^why: \[\d+,\d+\)\n(?: .*\n)* {2}step \d+: task 0 in free_vmap_area: /m);
  const why = field((await vmapcheck([...FINDS, "--json"])).out, "why");
  expect(why).toMatchObject({
    alone: true,
    orders: [],
    writers: [{ who: "task 0", fn: "free_vmap_area" }, {}, {}, {}, {}],
  });
  const replayed = await vmapcheck(["replay", file, "--json"]);
  expect(field(replayed.out, "why")).toEqual(why);
  const held = await vmapcheck([...RANDOM, "--seed", "1", "--json"]);
  expect(field(held.out, "why")).toBeNull();
});

test("without a file, the token replays", async () => {
  const found = await vmapcheck(FINDS);
  const token = /vmapcheck replay (vmc1\.\S+)/.exec(found.out)?.[1];
  const replayed = await vmapcheck(["replay", token ?? ""]);
  expect(replayed.code).toBe(1);
  expect(found.out).toContain(replayed.out);
});

test("no counterexample, no file", async () => {
  const file = join(folder, "held.json");
  expect((await vmapcheck([...RANDOM, "--seed", "1", "--out", file])).code).toBe(0);
  expect(existsSync(file)).toBe(false);
});

test("a mutant is found, and its replay names it", async () => {
  const { code, out } = await vmapcheck(["run", "global-tree", "--mutant", "MU-1", "--seed", "1"]);
  expect(code).toBe(1);
  expect(out).toMatch(/^Counterexample to INV-TLB in global-tree, mutant MU-1$/m);
  expect(out).toMatch(/^ {2}cause: the purge releases areas without a flush$/m);
});

test("--json prints one document, whose times are in one field", async () => {
  for (const args of [[...RANDOM, "--seed", "1"], FINDS, ["list"], ["mutants", "MU-1", "--seed", "1"]]) {
    const first = await vmapcheck([...args, "--json"]);
    const second = await vmapcheck([...args, "--json"]);
    expect(field(first.out, "command")).toBe(args[0]);
    expect(field(first.out, "exitCode")).toBe(first.code);
    expect(field(first.out, "timing")).toHaveProperty("seconds");
    const timeless = (text: string): string => text.replace(/"timing": \{[^}]*\}/, "");
    expect(timeless(second.out)).toBe(timeless(first.out));
  }
});

test("a run that finds no end is not decided", async () => {
  const stopping: RunJob = async (name, request, watch) => {
    const end = await runJobHere(name, request, { ...watch, seconds: 0 });
    return end;
  };
  const { code, out } = await vmapcheck([...RANDOM, "--seed", "1"], { runJob: stopping });
  expect(code).toBe(4);
  expect(out).toMatch(/^NOT DECIDED after /m);
});

test("an interruption shows what was done", async () => {
  const interrupted: RunJob = async (name, request, watch) => {
    const end = await runJobHere(name, request, watch);
    return { ...end, stopped: "interrupted" };
  };
  const { code, out } = await vmapcheck(FINDS, { runJob: interrupted });
  expect(code).toBe(130);
  expect(out).toContain("INTERRUPTED, this is what was done so far:");
  expect(out).toContain("VIOLATED after step ");
  const early: RunJob = () =>
    Promise.resolve({ report: undefined, stopped: "interrupted", progress: undefined });
  for (const args of [FINDS, ["check"], ["mutants"]]) {
    const none = await vmapcheck(args, { runJob: early });
    expect(none.code).toBe(130);
    expect(none.out).toContain("INTERRUPTED");
  }
});

test("our own fault is said to be ours", async () => {
  const broken: RunJob = () => Promise.reject(new RangeError("index out of range"));
  const { code, err } = await vmapcheck(FINDS, { runJob: broken });
  expect(code).toBe(3);
  expect(err).toMatch(/sorry, this is a fault of vmapcheck itself: an internal error/);
  expect(err).toContain("Please report it");
  expect(err).toContain("RangeError: index out of range");
});

test("mutants are killed, as a table", async () => {
  const out = join(folder, "mutants");
  const { code, out: text } = await vmapcheck(["mutants", "MU-1", "MU-10", "--seed", "1", "--out", out]);
  expect(code).toBe(0);
  expect(text).toMatch(/^MU-1 +global-tree +INV-TLB +\d+ +\d+ +\d+ {2}the purge releases/m);
  expect(text).toMatch(/^2 of 2 mutants killed$/m);
  expect((await vmapcheck(["replay", join(out, "MU-10.json")])).code).toBe(1);
});

test("colour is used where it is asked for", async () => {
  const escape = "\u001b[";
  const args = [...RANDOM, "--seed", "1"];
  const plain = await vmapcheck(args);
  expect(plain.out).not.toContain(escape);
  expect((await vmapcheck(args, { outIsTerminal: true })).out).toContain(escape);
  expect((await vmapcheck(args, { env: { FORCE_COLOR: "1" } })).out).toContain(escape);
  const never = { outIsTerminal: true, env: { NO_COLOR: "1" } };
  expect((await vmapcheck(args, never)).out).toBe(plain.out);
});
