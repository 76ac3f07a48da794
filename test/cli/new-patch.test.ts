// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck new patch`: a project that compiles and whose test passes; nothing is overwritten.

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { skeletonOf } from "../../cli/new/skeleton.ts";
import { dependencyFrom, writeProject } from "../../cli/new/write-project.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import { compiled, outsideProject, tested } from "../index/outside-project.ts";
import { temporaryFolder, vmapcheck } from "./world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = temporaryFolder();

test("writes a project", async () => {
  const dir = join(folder, "early");
  const { code, out, err } = await vmapcheck([
    "new",
    "patch",
    "early-merge",
    "--base",
    "node-blocks",
    "--dir",
    dir,
  ]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.replace(dir, "DIR")).toMatchInlineSnapshot(`
    "DIR: a patch to node-blocks that changes nothing yet
      README.md
      package.json
      src/early-merge.ts
      test/early-merge.test.ts
      tsconfig.json
    Next: npm install and npm test in that folder, then the functions of the patch in src/early-merge.ts
    "
  `);
  expect(readdirSync(dir, { recursive: true }).map(String).sort()).toEqual([
    "README.md",
    "package.json",
    "src",
    join("src", "early-merge.ts"),
    "test",
    join("test", "early-merge.test.ts"),
    "tsconfig.json",
  ]);
  expect(readFileSync(join(dir, "src/early-merge.ts"), "utf8")).toContain(
    "export class EarlyMergePatch extends NodeBlocks {",
  );
  // Only what it was asked for is left behind.
  expect(readdirSync(folder)).toEqual(["early"]);
});

test("what it writes compiles for every design", { timeout: 60_000 }, async () => {
  const files = new Map<string, string>();
  for (const base of ALLOCATOR_IDS) {
    const plan = { name: base, base, vmapcheck: "" };
    for (const [path, text] of skeletonOf(plan)) files.set(path, text);
  }
  expect(await compiled(outsideProject(files))).toEqual({ code: 0, text: "" });
});

test("its test passes, and fails once the patch is wrong", { timeout: 120_000 }, async () => {
  const files = skeletonOf({ name: "checks", base: "global-tree", vmapcheck: "" });
  const wrong = new Map(files);
  const source = "src/checks.ts";
  // A purge flushes nothing.
  const method = /  protected override isValidRequest[^}]*}/;
  wrong.set(
    source,
    files.get(source)!.replace(method, "protected override flushRange(): number { return 1; }"),
  );
  expect(wrong.get(source)).not.toBe(files.get(source));
  const [good, bad] = await Promise.all([tested(outsideProject(files)), tested(outsideProject(wrong))]);
  expect(good.text).toMatch(/Tests +3 passed/);
  expect(good.code).toBe(0);
  expect(bad.code).toBe(1);
  expect(bad.text).toMatch(/Counterexample to INV-[A-Z-]+ in global-tree with the patch checks/);
});

test("a folder that holds anything is left as it is", async () => {
  const dir = join(folder, "full");
  mkdirSync(dir);
  writeFileSync(join(dir, "mine.txt"), "mine");
  const { code, err, out } = await vmapcheck(["new", "patch", "a", "--dir", dir]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(
    "expected a new or an empty folder, found one that holds files, which are not overwritten",
  );
  expect(readdirSync(dir)).toEqual(["mine.txt"]);
  const file = await vmapcheck(["new", "patch", "a", "--dir", join(dir, "mine.txt")]);
  expect(file).toMatchObject({ code: 2, out: "" });
  expect(file.err).toContain("found a file");
  const deep = await vmapcheck(["new", "patch", "a", "--dir", join(folder, "no/where")]);
  expect(deep).toMatchObject({ code: 2, out: "" });
  expect(deep.err).toContain("VMC-E004");
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  // An empty one is as good as none.
  mkdirSync(join(folder, "empty"));
  expect((await vmapcheck(["new", "patch", "a", "--dir", join(folder, "empty"), "--json"])).code).toBe(0);
});

test("names and designs are checked", async () => {
  const lines: string[] = [];
  for (const args of [
    [],
    ["allocator", "a"],
    ["patch"],
    ["patch", "a", "b"],
    ["patch", "../a"],
    ["patch", "A"],
    ["patch", "a", "--base", "node-block"],
  ]) {
    const { code, err, out } = await vmapcheck(["new", ...args]);
    expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
    lines.push(err.trim());
  }
  expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    vmapcheck: VMC-E001: command line: expected what to make, which is "patch", found nothing; see vmapcheck new --help
    vmapcheck: VMC-E001: command line: expected what to make, which is "patch", found "allocator"; see vmapcheck new --help
    vmapcheck: VMC-E001: command line: expected a name of the patch, found nothing; see vmapcheck new --help
    vmapcheck: VMC-E001: command line: expected one name, found "b" as well; see vmapcheck new --help
    vmapcheck: VMC-E001: NAME: expected 1 to 40 lower case letters, digits and single dashes, a letter first, found "../a"; see vmapcheck new --help
    vmapcheck: VMC-E001: NAME: expected 1 to 40 lower case letters, digits and single dashes, a letter first, found "A"; see vmapcheck new --help
    vmapcheck: VMC-E002: --base: expected one of global-tree, node-index, node-blocks, size-pools, unbound-drain, unbound-drain-v3, dual-index, occupied-index, found "node-block"; did you mean node-blocks?
    "
  `);
});

test("a project asks for this very package by its place", () => {
  expect(dependencyFrom(join(ROOT, "examples/own-patch"))).toBe("file:../..");
  expect(dependencyFrom(join(ROOT, "a"))).toBe("file:..");
  // Links on the way are followed, as npm does.
  symlinkSync(ROOT, join(folder, "link"));
  expect(dependencyFrom(join(folder, "link/a"))).toBe("file:..");
});

test("files are written all or none", () => {
  const dir = join(folder, "half");
  const files = new Map([
    ["a", "1"],
    ["a/b", "2"],
  ]);
  expect(writeProject(dir, files)?.code).toBe("VMC-E004");
  expect(readdirSync(folder).filter((name) => name.includes("half"))).toEqual([]);
});
