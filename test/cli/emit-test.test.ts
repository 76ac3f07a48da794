// SPDX-License-Identifier: GPL-2.0-only
//
// --emit-test: counterexamples as vitest files, run by vitest in a project of their own. They fail as the counterexample
// does, and pass with a repaired class.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { skeletonOf } from "../../cli/new/skeleton.ts";
import { compiled, outsideProject, tested } from "../index/outside-project.ts";
import { FINDS, temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();
const CLOSED = [
  ..."explore global-tree --mutant MU-37 --space 2 --cpus 1 --lazy-max 1 --closed 1 --program".split(" "),
  "a=alloc(1); free(a)",
];

test("emitted tests fail as found, and pass with a repaired class", { timeout: 120_000 }, async () => {
  const project = outsideProject(
    new Map(
      [...skeletonOf({ name: "a", base: "global-tree", vmapcheck: "" })].filter(([path]) =>
        path.endsWith("json"),
      ),
    ),
  );
  mkdirSync(join(project, "test"));
  const at = (name: string): string => join(project, "test", `${name}.test.ts`);
  const found = join(folder, "found.json");
  expect((await vmapcheck([...FINDS, "--emit-test", at("run"), "--out", found])).code).toBe(1);
  expect((await vmapcheck([...CLOSED, "--emit-test", at("explore")])).code).toBe(1);
  const run = readFileSync(at("run"), "utf8");
  const explore = readFileSync(at("explore"), "utf8");
  expect((await vmapcheck(["replay", found, "--emit-test", join(folder, "again.test.ts")])).code).toBe(1);
  expect(readFileSync(join(folder, "again.test.ts"), "utf8")).toBe(run);

  const replaced = (text: string, design: string, by: string): string => {
    expect(text).toContain(`const DESIGN = ${design};`);
    return text.replaceAll(/\b(?:ALLOCATORS|mutantOf)\b(?=,)/g, "ALLOCATORS, mutantOf").replace(design, by);
  };
  writeFileSync(at("run-repaired"), replaced(run, 'ALLOCATORS["node-blocks"]', 'mutantOf("MU-14").make'));
  writeFileSync(
    at("explore-repaired"),
    replaced(explore, 'mutantOf("MU-37").make', 'ALLOCATORS["global-tree"]'),
  );
  expect(await compiled(project)).toEqual({ code: 0, text: "" });
  const { code, text } = await tested(project);
  expect(code).toBe(1);
  expect(text).toMatch(/Tests +2 failed \| 2 passed \(4\)/);
  expect(text).toMatch(/FAIL +test\/run\.test\.ts > INV-BLOCK-RETURN holds in node-blocks\n/);
  expect(text).toMatch(/Counterexample to INV-BLOCK-RETURN in node-blocks\n/);
  expect(text).toContain("VIOLATED after step 15: INV-BLOCK-RETURN\n");
  expect(text).toMatch(/FAIL +test\/explore\.test\.ts > INV-[A-Z-]+ holds in global-tree, mutant MU-37\n/);
  expect(text).not.toMatch(/FAIL .*repaired/);
});

test("what is emitted is readable, and always the same", async () => {
  const file = join(folder, "first.test.ts");
  await vmapcheck([...FINDS, "--emit-test", file]);
  await expect(readFileSync(file, "utf8")).toMatchFileSnapshot("golden/emitted.test.ts.txt");
});

test("nothing is emitted where nothing is found", async () => {
  const file = join(folder, "none.test.ts");
  const program = ["--program", "a=alloc(1)", "--runs", "20", "--seed", "s"];
  expect((await vmapcheck(["run", "global-tree", ...program, "--emit-test", file])).code).toBe(0);
  expect(existsSync(file)).toBe(false);
});

test("a file that is no test, cannot be written or is that of --out is refused before anything runs", async () => {
  const errorOf = async (...args: readonly string[]): Promise<string> => {
    const { code, err, out } = await vmapcheck(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    return err;
  };
  for (const command of [FINDS, CLOSED, ["replay", "found.json"]]) {
    expect(await errorOf(...command, "--emit-test", "found.ts")).toContain(
      'VMC-E001: --emit-test: expected a name that vitest takes for a test, as found.test.ts, found "found.ts"',
    );
    expect(await errorOf(...command, "--emit-test", join(folder, "no/found.test.ts"))).toContain("VMC-E004");
  }
  const both = join(folder, "both.test.ts");
  expect(await errorOf(...FINDS, "--out", both, "--emit-test", both)).toContain(
    "--emit-test: expected another file than that of --out, found the same",
  );
  const order = ["run", "global-tree", "--program", "a=alloc(1)", "--order", "0"];
  expect(await errorOf(...order, "--emit-test", both)).toContain(
    "--emit-test: expected no --order beside it",
  );
});
