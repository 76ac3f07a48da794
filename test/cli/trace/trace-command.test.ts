// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck trace` as its user calls it: verdicts and exit codes, texts, the document, files, bad input.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder, vmapcheck } from "../world.ts";

const FIXTURES = join(import.meta.dirname, "../../trace/fixtures");
const SMALL = join(FIXTURES, "k6.12-1cpu-small.trace.txt");
const LOSSY = join(FIXTURES, "k6.12-4cpu-lossy.trace_pipe.txt.gz");
const FAILED = join(FIXTURES, "k6.12-2cpu-failed-alloc");

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const RANGE = "vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=0";

/** Pages of an area are used again while the only purge behind them had not begun. */
const EARLY = [
  "# tracer: nop",
  "#",
  "# entries-in-buffer/entries-written: 5/5   #P:2",
  "#",
  `          insmod-180     [000] .....     5.000001: alloc_vmap_area: va_start: 18446683600570023936 size=16384 align=1 ${RANGE}`,
  "          insmod-180     [000] .....     5.000102: free_vmap_area_noflush: va_start=0xffffc90000000000 nr_lazy=4 nr_lazy_max=16384",
  `          rmmod-181      [001] .....     5.000203: alloc_vmap_area: va_start: 18446683600570028032 size=8192 align=1 ${RANGE}`.replace(
    "rmmod-181 ",
    " rmmod-181",
  ),
  `     kworker/0:1-61      [000] .....     5.000304: alloc_vmap_area: va_start: 18446683600570060800 size=4096 align=1 ${RANGE}`,
  "     kworker/0:1-61      [000] .....     5.000405: purge_vmap_area_lazy: start=0xffffc90000000000 end=0xffffc90000004000 num_purged=1",
  "",
].join("\n");

test("a clean trace, with the areas before and after it", async () => {
  const { code, err, out } = await vmapcheck([
    "trace",
    `${FAILED}.trace.txt`,
    "--initial",
    `${FAILED}.vmallocinfo-before.txt`,
    "--final",
    `${FAILED}.vmallocinfo-after.txt`,
  ]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(`\n${out.split("\n").slice(1).join("\n")}`).toMatchInlineSnapshot(`
    "
    text: ftrace, 2 CPUs, 274 lines, 262 events
    events: 125 allocations (2 failed), 119 frees, 18 purges
    used again: 8 freed areas
    lists: 91 areas before the trace, 89 areas after it
    not checked: nr_lazy, which is exact on one CPU only; maps within vmap blocks, which have no event

    HELD: none of 262 events breaks a rule.
    "
  `);
});

test("a broken rule: the lines, the addresses, and the proof", async () => {
  const { code, out } = await vmapcheck(["trace", file("early.txt", EARLY)]);
  expect(code).toBe(1);
  expect(`\n${out.split("\n").slice(1).join("\n")}`).toMatchInlineSnapshot(`
    "
    text: ftrace, 2 CPUs, 9 lines, 5 events
    events: 3 allocations, 1 free, 1 purge
    used again: 1 freed area
    findings: TR-REUSE 1 violation
    not checked: areas from before the trace (--initial); the state at its end (--final); nr_lazy, which
                 is exact on one CPU only; maps within vmap blocks, which have no event

    VIOLATION of TR-REUSE at line 7
      rule: A freed area is not used again before a purge has taken it and flushed its range.
      here: pages of an area are used again before a purge has flushed and released it.
        line      time  task                     what                             addresses
           5  5.000001  task 180 on CPU 0        allocated, 16384 bytes, align 1  0xffffc90000000000-0xffffc90000004000
           6  5.000102  task 180 on CPU 0        freed                            0xffffc90000000000-0xffffc90000004000
           7  5.000203  rmmod-181 on CPU 1       allocated, 8192 bytes, align 1   0xffffc90000001000-0xffffc90000003000
           9  5.000405  kworker/0:1-61 on CPU 0  purge, 1 purged                  0xffffc90000000000-0xffffc90000004000

               0xffffc90000000000 0xffffc90000004000
        line 5 |################################|
        line 6 |################################|
        line 7 |........################........|
        line 9 |################################|

      proof: The purge of line 9 had not begun: its task itself printed line 8, behind the reuse.

    VIOLATED: the trace proves 1 broken rule.
    "
  `);
});

test("standard input, plain or packed, says the same as a file", async () => {
  const bytes = Buffer.from(EARLY);
  const early = file("same.txt", EARLY);
  const plain = await vmapcheck(["trace", "-"], {
    stdin: () => Readable.from(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))),
  });
  const packed = await vmapcheck(["trace", "-"], { stdin: () => Readable.from([gzipSync(bytes)]) });
  const fromFile = await vmapcheck(["trace", early]);
  expect(packed).toEqual(plain);
  expect({ ...fromFile, out: fromFile.out.replace(early, "standard input") }).toEqual(plain);
});

test("where events are missing nothing is accused, and nothing is held", async () => {
  const { code, out } = await vmapcheck(["trace", LOSSY]);
  expect(code).toBe(4);
  expect(out).not.toMatch(/VIOLATION|SUSPICIOUS/);
  expect(out).toContain("events are missing: in 6 places; nothing is missing from line ");
  expect(out).toMatch(
    /\nNOT DECIDED: nothing that the trace shows breaks a rule, but events are missing\.\n$/,
  );
});

test("a line that cannot be read counts as a lost event, or is an error", async () => {
  const broken = file("broken.txt", EARLY.replace("nr_lazy=4", "nr_lazy=x"));
  const { code, out } = await vmapcheck(["trace", broken]);
  expect(code).toBe(4);
  expect(out).toContain("unreadable: 1 line (line 6:");
  const strict = await vmapcheck(["trace", broken, "--strict"]);
  expect({ code: strict.code, out: strict.out }).toEqual({ code: 2, out: "" });
  expect(strict.err.replace(broken, "FILE")).toMatchInlineSnapshot(`
    "vmapcheck: VMC-E040: FILE: 6:112: expected a number, found "x"; see vmapcheck trace --help
    "
  `);
});

test("a trace without events of vmalloc says nothing", async () => {
  const header = EARLY.split("\n").slice(0, 4).join("\n").replace("5/5", "0/0");
  const { code, out } = await vmapcheck(["trace", file("empty.txt", `${header}\n`)]);
  expect(code).toBe(4);
  expect(out).toContain("NOT DECIDED: there is no vmalloc event in it");
});

test("findings are shown up to a number", async () => {
  const { out } = await vmapcheck(["trace", file("early2.txt", EARLY), "--findings", "0"]);
  expect(out).toContain("1 more finding not shown");
  expect(out).toContain("findings: TR-REUSE 1 violation");
  expect(out).not.toContain("proof:");
});

test("one document, the same each time but for the time", async () => {
  const args = ["trace", file("doc.txt", EARLY), "--json"];
  const first = await vmapcheck(args);
  const second = await vmapcheck(args);
  const document = JSON.parse(first.out) as Record<string, unknown>;
  expect(first.code).toBe(1);
  expect({ ...(JSON.parse(second.out) as object), timing: 0 }).toEqual({ ...document, timing: 0 });
  expect(document).toMatchObject({
    command: "trace",
    exitCode: 1,
    interrupted: false,
    report: {
      outcome: "violated",
      byRule: [["TR-REUSE", { violation: 1, suspicious: 0, undecidable: 0 }]],
      counts: { allocations: 3, frees: 1, purges: 1 },
      findings: [{ rule: "TR-REUSE", verdict: "violation", line: 7 }],
      reader: { format: "ftrace", cpus: 2, events: 5 },
    },
    statistics: { events: { all: 5 } },
  });
  expect(Object.keys(document["timing"] as object)).toEqual(["eventsPerSecond", "seconds"]);
});

test("statistics, a plot and a program beside the verdict", async () => {
  const plot = join(folder, "pages.svg");
  const load = join(folder, "load.json");
  const { code, out } = await vmapcheck([
    "trace",
    SMALL,
    "--statistics",
    "--plot",
    plot,
    "--export-program",
    load,
    "--lines",
    "1..100",
  ]);
  expect(code).toBe(0);
  expect(out).toContain("most frequent sizes");
  expect(out).toContain(`plot: ${plot}\nprogram: ${load}, `);
  expect(out).toMatch(/\nHELD: none of 199 events breaks a rule\.\n$/);
  expect(readFileSync(plot, "utf8")).toMatch(/^<svg [^]*<\/svg>\n?$/);
  const run = await vmapcheck(["run", "size-pools", "--instance-file", load, "--runs", "1", "--seed", "s"]);
  expect(run.code).toBe(0);
});

test("how to record a trace", async () => {
  const { code, out } = await vmapcheck(["trace", "--record-help"]);
  expect(code).toBe(0);
  expect(out).toContain("purge_vmap_area_lazy");
});

test("the rules are in a catalogue", async () => {
  const { code, out } = await vmapcheck(["list", "trace-rules"]);
  expect(code).toBe(0);
  expect(out).toContain("TR-DOUBLE-FREE");
});

test("bad input is one line and exit code 2, and no file is written", async () => {
  const list = file("list.txt", "0x00000000d6bb25a1-0x000000007f0c1c3e   20480 x vmap\n");
  const packed = gzipSync(readFileSync(SMALL));
  const plot = join(folder, "never.svg");
  const lines: string[] = [];
  const program = join(folder, "x.json");
  for (const args of [
    [],
    ["a", "b"],
    ["nowhere.txt"],
    [folder],
    [file("text.txt", "hello\nworld\n")],
    [file("nothing.txt", "")],
    [file("cut.gz", packed.subarray(0, 900)), "--plot", plot],
    [SMALL, "--plot", plot, "--initial", list],
    [SMALL, "--plot", plot, "--initial", join(folder, "none.txt")],
    [SMALL, "--lines", "1..5"],
    [SMALL, "--export-program", program, "--lines", "5..1"],
    [SMALL, "--export-program", program, "--lines", "1..5"],
    [SMALL, "--export-program", plot, "--plot", plot],
    [SMALL, "--plot", join(folder, "no", "where.svg")],
    [SMALL, "--findings", "-1"],
  ]) {
    const { code, err, out } = await vmapcheck(["trace", ...args]);
    expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
    expect(err).toMatch(/^vmapcheck: VMC-E\d{3}: [^\n]+: expected [^\n]+, found [^\n]+; [^\n]+\n$/);
    lines.push(err.replaceAll(`${folder}/`, "").replaceAll(folder, "FOLDER").replaceAll(`${FIXTURES}/`, ""));
  }
  expect(`\n${lines.join("")}`).toMatchInlineSnapshot(`
    "
    vmapcheck: VMC-E001: command line: expected a file with a trace, or -, found nothing; see vmapcheck trace --help
    vmapcheck: VMC-E001: command line: expected one file, found 2; see vmapcheck trace --help
    vmapcheck: VMC-E003: nowhere.txt: expected a readable file, found no such file or folder; check the name and the permissions
    vmapcheck: VMC-E003: FOLDER: expected a readable file, found a directory; check the name and the permissions
    vmapcheck: VMC-E040: text.txt: expected a trace of vmalloc events, found no line of one in 2 lines; vmapcheck trace --record-help says how to make one
    vmapcheck: VMC-E040: nothing.txt: expected a trace of vmalloc events, found nothing; vmapcheck trace --record-help says how to make one
    vmapcheck: VMC-E003: cut.gz: expected a readable file, found gzip data that is damaged or cut off; check the name and the permissions
    vmapcheck: VMC-E041: list.txt: 1:1: expected addresses, found hashed ones; boot the kernel with no_hash_pointers, or read the file as root with kernel.kptr_restrict=1
    vmapcheck: VMC-E003: none.txt: expected a readable file, found no such file or folder; check the name and the permissions
    vmapcheck: VMC-E001: --lines: expected --export-program beside it, found no such option; see vmapcheck trace --help
    vmapcheck: VMC-E002: --lines: expected the first and the last line, as 1..5000, found "5..1"; see vmapcheck trace --help
    vmapcheck: VMC-E002: --lines: expected lines with events that a program can have, found 0 events; name other lines
    vmapcheck: VMC-E001: --export-program: expected another file than that of --plot, found never.svg; see vmapcheck trace --help
    vmapcheck: VMC-E004: no/where.svg: expected a place to write to, found no such file or folder; name another file
    vmapcheck: VMC-E002: --findings: expected an integer from 0 to 100000, found "-1"; see vmapcheck trace --help
    "
  `);
  expect(existsSync(plot)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.startsWith("x.json") || name.includes(".tmp"))).toEqual(
    [],
  );
});
