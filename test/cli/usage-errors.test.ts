// SPDX-License-Identifier: GPL-2.0-only
//
// Bad command lines: one line that says where, what was expected, what was found and what to do; exit code 2;
// nothing on stdout.

import { expect, test } from "vitest";
import { type Parsed, parseOptions } from "../../cli/options.ts";
import { planOf, RUN_OPTIONS } from "../../cli/run-options.ts";
import { ALLOCATION_FAULTS } from "../../spec/faults.ts";
import { POOLED } from "../spec/sample.ts";
import { vmapcheck } from "./world.ts";

/** The error line of a command line, checked for what all of them have in common. */
async function errorOf(...args: string[]): Promise<string> {
  const { code, out, err } = await vmapcheck(args);
  expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
  expect(err).toMatch(/^vmapcheck: VMC-E\d{3}: [^\n]+: expected [^\n]+, found [^\n]+; [^\n]+\n$/);
  return err.slice("vmapcheck: ".length, -1);
}

async function errorsOf(list: readonly (readonly string[])[]): Promise<string> {
  const lines: string[] = [];
  for (const args of list) lines.push(await errorOf(...args));
  return `\n${lines.join("\n")}\n`;
}

test("unknown commands, options and topics come with a suggestion", async () => {
  expect(
    await errorsOf([
      [],
      ["chekc"],
      ["frobnicate"],
      ["--verbose"],
      ["run", "node-blocks", "--cpu", "2"],
      ["run", "node-blocks", "-c", "2"],
      ["list", "invariant"],
      ["list", "invariants", "claims"],
      ["check", "node-blocks"],
      ["replay"],
      ["replay", "a", "b"],
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E001: command line: expected a command, found nothing; see vmapcheck --help
    VMC-E001: command line: expected a command (check, review, run, explore, replay, trace, mutants, selfcheck, new, list), found "chekc"; did you mean check?
    VMC-E001: command line: expected a command (check, review, run, explore, replay, trace, mutants, selfcheck, new, list), found "frobnicate"; see vmapcheck --help
    VMC-E001: command line: expected a command, found "--verbose"; see vmapcheck --help
    VMC-E001: command line: expected an option of this command, found "--cpu"; did you mean --cpus?
    VMC-E001: command line: expected an option of this command, found "-c"; see vmapcheck run --help
    VMC-E001: TOPIC: expected one of allocators, patches, invariants, claims, scenarios, mutants, campaigns, instances, situations, trace-rules, defects, codes, found "invariant"; did you mean invariants?
    VMC-E001: command line: expected at most one topic, found 2; see vmapcheck list --help
    VMC-E001: command line: expected options only, found "node-blocks"; see vmapcheck check --help
    VMC-E001: command line: expected a file or a token, found nothing; see vmapcheck replay --help
    VMC-E001: command line: expected one file or token, found 2; see vmapcheck replay --help
    "
  `);
});

test("names that are in no catalogue come with a suggestion", async () => {
  expect(
    await errorsOf([
      ["run"],
      ["run", "node-block"],
      ["run", "slab"],
      ["run", "node-blocks", "node-index"],
      ["run", "node-blocks", "--mutant", "MU-9999"],
      ["run", "node-blocks", "--mutant", "MU-1"],
      ["run", "node-blocks", "--invariants", "INV-TBL"],
      ["run", "global-tree", "--invariants", "INV-BLOCK-EDGE"],
      ["run", "node-blocks", "--faults", "kasam"],
      ["run", "node-blocks", "--faults", "kasan,kasan"],
      ["run", "node-blocks", "--faults", "kasan,worker"],
      ["run", "node-blocks", "--strategy", "dfs"],
      ["run", "node-blocks", "--boot", "workqueue_init_erly"],
      ["mutants", "MU-x"],
      ["check", "--patch", "node-block"],
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E001: ALLOCATOR: expected one of global-tree, node-index, node-blocks, size-pools, unbound-drain, unbound-drain-v3, dual-index, occupied-index, found nothing; see vmapcheck run --help
    VMC-E005: ALLOCATOR: expected one of global-tree, node-index, node-blocks, size-pools, unbound-drain, unbound-drain-v3, dual-index, occupied-index, found "node-block"; did you mean node-blocks?
    VMC-E005: ALLOCATOR: expected one of global-tree, node-index, node-blocks, size-pools, unbound-drain, unbound-drain-v3, dual-index, occupied-index, found "slab"; vmapcheck list shows all names
    VMC-E001: command line: expected one allocator, found "node-index" as well; see vmapcheck run --help
    VMC-E005: --mutant: expected a mutant of node-blocks, found "MU-9999"; vmapcheck list mutants
    VMC-E005: --mutant: expected a mutant of node-blocks, found MU-1, a mutant of global-tree; vmapcheck list mutants
    VMC-E005: --invariants: expected all, expected or ids of invariants of node-blocks, found "INV-TBL"; did you mean INV-TLB?
    VMC-E005: --invariants: expected all, expected or ids of invariants of global-tree, found INV-BLOCK-EDGE, which no run of global-tree can violate; vmapcheck list invariants
    VMC-E002: --faults: expected all, or some of alloc,preload,split,fill-record,kasan,worker,workqueue,queue-work,pcpu-record,maple, found "kasam"; did you mean kasan?
    VMC-E002: --faults: expected each fault point once, found kasan again; see vmapcheck run --help
    VMC-E026: --faults: expected one of alloc, preload, split, fill-record, kasan, pcpu-record (node-blocks is a design without pools), found "worker"; leave it out, or take a design with pools
    VMC-E002: --strategy: expected one of random, pct, mixed, found "dfs"; see vmapcheck run --help
    VMC-E002: --boot: expected one of vmalloc_init, workqueue_init_early, workqueue_init, found "workqueue_init_erly"; did you mean workqueue_init_early?
    VMC-E005: ID: expected the id of a mutant, found "MU-x"; did you mean MU-1?
    VMC-E005: --patch: expected one of node-blocks, unbound-drain, occupied-index, found "node-block"; did you mean node-blocks?
    "
  `);
});

test("numbers are whole, in range and in digits", async () => {
  expect(
    await errorsOf([
      ["run", "node-blocks", "--cpus", "0"],
      ["run", "node-blocks", "--cpus", "NaN"],
      ["run", "node-blocks", "--nodes", "300"],
      ["run", "node-blocks", "--space", "0"],
      ["run", "node-blocks", "--space", "1.5"],
      ["run", "node-blocks", "--space", "99999999999"],
      ["run", "node-blocks", "--space", "100K", "--block", "5K"],
      ["run", "node-blocks", "--space", "1G"],
      ["run", "node-blocks", "--space", "64k"],
      ["run", "node-blocks", "--page-size", "5000"],
      ["run", "node-blocks", "--page-size", "64K"],
      ["run", "node-blocks", "--program", "a=alloc(9000B)"],
      ["run", "node-blocks", "--pool-pages", "0"],
      ["run", "node-blocks", "--pool-pages", "6K"],
      ["run", "node-blocks", "--kworkers", "65"],
      ["run", "node-blocks", "--kworkers", "0", "--kworker-stack", "0"],
      ["run", "node-blocks", "--block", "3"],
      ["run", "node-blocks", "--block", "64"],
      ["run", "node-blocks", "--space", "3"],
      ["run", "node-blocks", "--runs", "1e3"],
      ["run", "node-blocks", "--runs", "abc"],
      ["run", "node-blocks", "--runs", "-5"],
      ["run", "node-blocks", "--runs", "0x10"],
      ["run", "node-blocks", "--runs", ""],
      ["run", "node-blocks", "--runs"],
      ["run", "node-blocks", "--runs", "--json"],
      ["run", "node-blocks", "--runs", "1", "--runs", "2"],
      ["run", "node-blocks", "--strict=yes"],
      ["check", "--budget", "-1"],
      ["check", "--budget", "0"],
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E002: --cpus: expected an integer from 1 to 64, found "0"; see vmapcheck run --help
    VMC-E002: --cpus: expected an integer from 1 to 64, found "NaN"; see vmapcheck run --help
    VMC-E002: --nodes: expected an integer from 1 to 255, found "300"; see vmapcheck run --help
    VMC-E002: --space: expected an integer from 1 to 65536, or bytes such as 64K, found "0"; see vmapcheck run --help
    VMC-E002: --space: expected an integer from 1 to 65536, or bytes such as 64K, found "1.5"; see vmapcheck run --help
    VMC-E002: --space: expected an integer from 1 to 65536, or bytes such as 64K, found "99999999999"; see vmapcheck run --help
    VMC-E002: --block: expected 1 to 65536 pages, which in bytes are multiples of 4096, found "5K"; see vmapcheck run --help
    VMC-E002: --space: expected 1 to 65536 pages, which in bytes are multiples of 4096, found "1G"; see vmapcheck run --help
    VMC-E002: --space: expected an integer from 1 to 65536, or bytes such as 64K, found "64k"; see vmapcheck run --help
    VMC-E020: --page-size: expected a power of two from 4096 to 65536, found 5000; see vmapcheck run --help
    VMC-E002: --page-size: expected an integer from 4096 to 65536, found "64K"; see vmapcheck run --help
    VMC-E012: --program 1: 1:9: expected pages from 0 to 2147483647, or as many bytes in multiples of 4096, found "9000B"; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E002: --pool-pages: expected an integer from 1 to 65536, or bytes such as 64K, found "0"; see vmapcheck run --help
    VMC-E002: --pool-pages: expected 1 to 65536 pages, which in bytes are multiples of 4096, found "6K"; see vmapcheck run --help
    VMC-E002: --kworkers: expected an integer from 0 to 64, found "65"; see vmapcheck run --help
    VMC-E002: --kworker-stack: expected an integer from 1 to 65536, or bytes such as 64K, found "0"; see vmapcheck run --help
    VMC-E020: --block: expected an integer from 4 to 32 (node-blocks in a space of 32 pages), found 3; see vmapcheck run --help
    VMC-E020: --block: expected an integer from 4 to 32 (node-blocks in a space of 32 pages), found 64; see vmapcheck run --help
    VMC-E020: --space: expected an integer from 4 to 65536 (a block of node-blocks has 4 or more), found 3; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found "1e3"; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found "abc"; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found "-5"; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found "0x10"; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found an empty text; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found nothing; see vmapcheck run --help
    VMC-E002: --runs: expected an integer from 1 to 1000000000, found the option "--json"; --runs=VALUE takes any text
    VMC-E001: --runs: expected the option once, found it again; see vmapcheck run --help
    VMC-E002: --strict: expected no value (it is a flag), found "yes"; see vmapcheck run --help
    VMC-E002: --budget: expected an integer from 1 to 1000000, found "-1"; see vmapcheck check --help
    VMC-E002: --budget: expected an integer from 1 to 1000000, found "0"; see vmapcheck check --help
    "
  `);
});

test("a seed can be printed", async () => {
  const env = { VMAPCHECK_SEED: "\u0007" };
  expect((await vmapcheck(["check"], { env })).err).toMatch(
    /^vmapcheck: VMC-E002: VMAPCHECK_SEED: expected 1 to/,
  );
  expect(
    await errorsOf([
      ["run", "node-blocks", "--seed", "\u001b[31m"],
      ["mutants", "--seed", " "],
      ["check", "--seed", "x".repeat(101)],
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E002: --seed: expected 1 to 100 printable ASCII characters, found "\\u001b[31m"; see vmapcheck run --help
    VMC-E002: --seed: expected 1 to 100 printable ASCII characters, found " "; see vmapcheck mutants --help
    VMC-E002: --seed: expected 1 to 100 printable ASCII characters, found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."; see vmapcheck check --help
    "
  `);
});

test("options that would do nothing are refused", async () => {
  expect(
    await errorsOf([
      ["run", "node-blocks", "--program", "purge", "--ops", "3"],
      ["run", "node-blocks", "--program", "purge", "--cases", "3"],
      ["run", "node-blocks", "--program", "purge", "--pcpu"],
      ["run", "node-blocks", "--fault-budget", "2"],
      ["run", "node-blocks", "--depth", "2"],
      ["run", "node-blocks", "--kworker-stack", "4"],
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E001: --ops: expected random programs, which --program rules out, found both options; see vmapcheck run --help
    VMC-E001: --cases: expected random programs, which --program rules out, found both options; see vmapcheck run --help
    VMC-E001: --pcpu: expected random programs, which --program rules out, found both options; see vmapcheck run --help
    VMC-E001: --fault-budget: expected --faults beside it, found no fault points; add --faults all
    VMC-E001: --depth: expected --strategy pct beside it, found the default, mixed; see vmapcheck run --help
    VMC-E001: --kworker-stack: expected --kworkers beside it, found no number of workers; add --kworkers 0
    "
  `);
});

test("what a design does not know is refused", async () => {
  expect(
    await errorsOf([
      ["run", "node-blocks", "--pool-pages", "2"],
      ["explore", "node-blocks", "--pool-pages", "8K"],
      ["run", "node-index", "--kworkers", "1", "--kworker-stack", "4"],
      ["run", "global-tree", "--boot", "workqueue_init"],
      ["run", "node-blocks", "--faults", "queue-work"],
      ["run", "node-blocks", "--program", "shrink"],
      ["run", "node-blocks", "--program", "a=alloc(1)", "--program", "purge; offline(1)"],
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E026: --pool-pages: expected nothing (node-blocks is a design without pools), found 2; leave it out, or take a design with pools
    VMC-E026: --pool-pages: expected nothing (node-blocks is a design without pools), found 2; leave it out, or take a design with pools
    VMC-E026: --kworkers: expected nothing (node-index is a design without pools), found an object; leave it out, or take a design with pools
    VMC-E026: --boot: expected nothing (global-tree is a design without pools), found "workqueue_init"; leave it out, or take a design with pools
    VMC-E026: --faults: expected one of alloc, preload, split, fill-record, kasan, pcpu-record (node-blocks is a design without pools), found "queue-work"; leave it out, or take a design with pools
    VMC-E026: --program 1, operation 1, op: expected another operation (node-blocks is a design without pools), found "shrink"; leave it out, or take a design with pools
    VMC-E026: --program 2, operation 2, op: expected another operation (node-blocks is a design without pools), found "offline"; leave it out, or take a design with pools
    "
  `);
});

test.each(POOLED)("%s knows all of it, in range", async (allocator) => {
  const options = [
    "--pool-pages",
    "8K",
    "--kworkers",
    "2",
    "--kworker-stack",
    "16K",
    "--boot",
    "vmalloc_init",
  ];
  const programs = ["--program", "offline(1); shrink; online(1)", "--faults", "worker,workqueue,queue-work"];
  const { parsed } = parseOptions([allocator, ...options, ...programs], RUN_OPTIONS) as { parsed: Parsed };
  const plan = planOf(parsed, {});
  expect(plan).toMatchObject({
    request: {
      configuration: {
        allocator,
        poolPages: 2,
        workers: { idle: 2, stackPages: 4 },
        boot: "vmalloc_init",
        faults: { budget: 1, points: ["worker", "workqueue", "queue-work"] },
      },
    },
  });
  expect(
    await errorsOf([
      ["run", allocator, "--program", "offline(2)"],
      ["run", allocator, "--cpus", "1", "--program", "a=alloc(1)", "--program", "shrink; online(0)"],
    ]),
  ).toBe(`
VMC-E022: --program 1, operation 1, cpu: expected an integer from 0 to 1 (a CPU of the instance), found 2; see vmapcheck run --help
VMC-E020: --cpus: expected 2 or more (operation 2 of --program 2 is CPU hotplug), found 1; see vmapcheck run --help
`);
});

test("all faults are those of vmalloc's own allocations", () => {
  const { parsed } = parseOptions(["node-index", "--faults", "all"], RUN_OPTIONS) as { parsed: Parsed };
  expect(planOf(parsed, {})).toMatchObject({
    request: { configuration: { faults: { budget: 1, points: ALLOCATION_FAULTS } } },
  });
});

test("programs are checked to the column and to the operand", async () => {
  const programs = (...texts: string[]): string[] => [
    "run",
    "node-blocks",
    ...texts.flatMap((text) => ["--program", text]),
  ];
  expect(
    await errorsOf([
      programs("a=aloc(1)"),
      programs("a=alloc(1"),
      programs("a=alloc(1); free(a) free(a)"),
      programs("alloc(1)"),
      programs("a=alloc(1)", "free(a"),
      programs("a=alloc(1,align=3)"),
      programs("a=alloc(0)"),
      programs("a=alloc(33)"),
      programs("a=alloc(1); a=alloc(1)"),
      programs("a=alloc(1)", "a=alloc(1)"),
      programs("free(b)"),
      programs("a=alloc(1); free(a); free(a)"),
      programs("a=alloc(1,window=modules)"),
      programs("a=alloc(1,window=30..40)"),
      programs("free(b); a=alloc(1)", "free(a); b=alloc(1)"),
      programs("\u001b[31m"),
      programs("p=pcpu(0:1"),
      programs("p=pcpu(0:2,1:1)"),
      programs("p=pcpu(0:1,align=2)"),
      programs("p=pcpu(0:1,40:1)"),
      programs("p=pcpu(0:1); free(p)"),
    ]),
  ).toMatchInlineSnapshot(`
    "
    VMC-E012: --program 1: 1:3: expected alloc, cache or pcpu, found "aloc"; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E012: --program 1: 1:10: expected "," or ")", found the end of the line; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E012: --program 1: 1:21: expected ";" or the end of the line, found "free"; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E012: --program 1: 1:1: expected a name and "=" before alloc, found "alloc"; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E012: --program 2: 1:7: expected ")", found the end of the line; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E022: --program 1, operation 1, align: expected a power of two from 1 to 1073741824, found 3; see vmapcheck run --help
    VMC-E022: --program 1, operation 1, size: expected an integer from 1 to 32 (the pages of its window [0, 32)), found 0; see vmapcheck run --help
    VMC-E022: --program 1, operation 1, size: expected an integer from 1 to 32 (the pages of its window [0, 32)), found 33; see vmapcheck run --help
    VMC-E023: --program 1, operation 2, name: expected a name that operation 1 of --program 1 does not use, found "a"; see vmapcheck run --help
    VMC-E023: --program 2, operation 1, name: expected a name that operation 1 of --program 1 does not use, found "a"; see vmapcheck run --help
    VMC-E023: --program 1, operation 1, name: expected the name of an area that some program allocates, found "b"; see vmapcheck run --help
    VMC-E023: --program 1, operation 3, name: expected an area that operation 2 of --program 1 does not free, found "a"; see vmapcheck run --help
    VMC-E022: --program 1, operation 1, window: expected a window of the instance, which has no modules window, found "modules"; see vmapcheck run --help
    VMC-E021: --program 1, operation 1, window.end: expected an integer from 31 to 32 (after start, inside the space), found 40; see vmapcheck run --help
    VMC-E024: --program: expected programs that can all finish, found a circle: operation 1 of --program 1 waits for "b", operation 1 of --program 2 waits for "a"; see vmapcheck run --help
    VMC-E012: --program 1: 1:1: expected an operation (name=alloc(...), name=cache(...), name=pcpu(...), free, pfree, find, purge, aliases, shrink, flip, offline or online), found "\\u001b"; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E012: --program 1: 1:11: expected "," or ")", found the end of the line; write it like a=alloc(2,align=4,window=8..12); find(a+1); free(a); purge
    VMC-E022: --program 1, operation 1, offsets[1]: expected an area that offsets[0] does not overlap, found 1; see vmapcheck run --help
    VMC-E022: --program 1, operation 1, sizes[0]: expected a multiple of the alignment 2 from 2 on, found 1; see vmapcheck run --help
    VMC-E022: --program 1, operation 1, offsets: expected areas within 32 pages (the pages of [0, 32)), found 41 pages; see vmapcheck run --help
    VMC-E023: --program 1, operation 2, name: expected an area of alloc (pfree frees those of pcpu), found "p"; see vmapcheck run --help
    "
  `);
});
