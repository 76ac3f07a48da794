// SPDX-License-Identifier: GPL-2.0-only
//
// `run --order`: operations one at a time. What a review prints to show a difference again shows it.

import { describe, expect, it } from "vitest";
import { compareRevision, comparisonsOf } from "../../review/differences.ts";
import { DOSSIERS, findDossier } from "../../spec/dossiers.ts";
import { vmapcheck } from "./world.ts";

const BLOCKS = "run node-blocks --space 8 --cpus 2 --nodes 2 --block 8 --lazy-max 0".split(" ");

describe("run --order", () => {
  it("shows what each operation comes to, and the space behind it", async () => {
    const programs = ["--program", "a=alloc(1); find(a); free(a)", "--program", "b=alloc(1)"];
    const { code, out } = await vmapcheck([...BLOCKS, ...programs, "--order", "0 1 0 0 quiet"]);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "vmapcheck run node-blocks, one operation at a time",
        "8 pages, 2 CPUs, 2 nodes, blocks of 8 pages, lazy limit 0 pages, no faults",
        "  task 0 on CPU 0: a=alloc(1); find(a+0); free(a)",
        "  task 1 on CPU 1: b=alloc(1)",
        "",
        "task  operation     seen                      pages from 0 on",
        "      at the start                            ........",
        "0     a=alloc(1)    page 1                    |a-----|",
        "1     b=alloc(1)    -EBUSY                    |a-----|",
        "0     find(a+0)     found the area at page 1  |a-----|",
        "0     free(a)       done                      |~-----|",
        "-     quiet                                   ........",
        "",
        "Pages: a live, . free, - free in a node, | edge of a node's block, ~ lazily freed",
        "HELD in this one order, which says nothing of others",
        "",
      ].join("\n"),
    );
  });

  it("ends with what is violated, and says so in its exit code", async () => {
    const line = [...BLOCKS, "--faults", "kasan", "--program", "a=alloc(1); purge", "--order", "0! 0"];
    const { code, out } = await vmapcheck([...line, "--invariants", "all"]);
    expect(code).toBe(1);
    expect(out).toContain("0     a=alloc(1), an allocation fails  -ENOMEM");
    expect(out).toContain("VIOLATED\n  INV-BLOCK-RETURN: the block at 0 is wholly free");
    // What is known of the port is not watched.
    expect((await vmapcheck(line)).code).toBe(0);
  });

  it("does not call decided what never ends", async () => {
    const program = ["--program", "a=alloc(1); free(a)", "--order", "0 0 quiet"];
    const stuck = ["run", "size-pools", "--lazy-max", "0", "--kworkers", "0", ...program];
    const { code, out } = await vmapcheck(stuck);
    expect(code).toBe(4);
    expect(out).toContain("waits for ever");
    expect((await vmapcheck([...stuck, "--invariants", "INV-WQ-NODEADLOCK"])).code).toBe(1);
  });

  it("prints the same as data", async () => {
    const { out } = await vmapcheck([...BLOCKS, "--json", "--program", "a=alloc(1)", "--order", "0"]);
    expect(JSON.parse(out)).toMatchObject({
      command: "run",
      exitCode: 0,
      order: "0",
      initial: "........",
      rows: [{ step: { text: "a=alloc(1)", saw: "page 1", ended: "ended" }, strip: "|a-----|" }],
    });
  });

  it("takes a mutant and a modules window", async () => {
    const line = ["--program", "a=alloc(1,window=modules); b=alloc(1)", "--order", "0 0"];
    const modules = ["--space", "8", "--modules", "4"];
    const { out } = await vmapcheck(["run", "global-tree", ...modules, ...line]);
    expect(out).toContain("vmalloc [0, 4), modules [4, 8)");
    expect(out).toContain("b...a...");
    // The highest free range begins behind the vmalloc window.
    const mutant = await vmapcheck(["run", "global-tree", "--mutant", "MU-89", ...modules, ...line]);
    expect(mutant.out).toMatch(/b=alloc\(1\) +-EBUSY +\.{4}a/);
  });

  it.each([
    ["0 x", '--order: expected numbers of tasks, with "!" where an allocation fails, and "quiet", found "x"'],
    ["1", "--order: expected tasks from 0 to 0, found 1"],
    ["0 0", "--order: expected at most 1 times task 0, once for each operation, found more"],
    ["0!", "--order: expected --faults beside an order with !, found no fault points; add --faults kasan"],
  ])("refuses the order %s", async (order, message) => {
    const { code, err } = await vmapcheck([...BLOCKS, "--program", "a=alloc(1)", "--order", order]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it("refuses what leaves something to chance, and what is missing or too large", async () => {
    const given = [...BLOCKS, "--program", "a=alloc(1)", "--order", "0"];
    expect((await vmapcheck([...given, "--seed", "1"])).err).toContain(
      "--seed: expected no --order beside it",
    );
    expect((await vmapcheck([...BLOCKS, "--order", "0"])).err).toContain(
      "--order: expected --program beside it",
    );
    const large = ["run", "node-index", "--space", "5000", "--program", "a=alloc(1)", "--order", "0"];
    expect((await vmapcheck(large)).err).toContain("a space of at most 4000 pages beside it, found 5000");
    expect((await vmapcheck([...given, "--modules", "8"])).err).toContain(
      "--modules: expected fewer pages than the space, which has 8, found 8",
    );
  });
});

/** The arguments of a command line as a shell would split it. */
function argumentsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!).slice(1);
}

describe("the commands that a review prints", () => {
  it.each(DOSSIERS.map(({ id }) => id))("show the differences of %s again", async (patch) => {
    const [comparison] = comparisonsOf(findDossier(patch)!);
    const { kinds } = compareRevision(comparison!, { seed: "gate", small: true, heed: () => false });
    const examples = kinds.flatMap(({ example }) => example ?? []);
    expect(examples.length).toBeGreaterThan(1);
    for (const { commands, rows, strips } of examples) {
      for (const [side, command] of commands.entries()) {
        const { err, out } = await vmapcheck(argumentsOf(command));
        expect(err).toBe("");
        expect(out).toContain(strips[side]);
        const lines = rows.filter(({ saw }) => saw[side] !== "");
        for (const { saw, text } of lines) {
          expect(out).toMatch(new RegExp(`${text.replaceAll(/[()+]/g, ".")}.*${saw[side]!}`));
        }
      }
    }
  });
});
