// SPDX-License-Identifier: GPL-2.0-only
//
// The example of a patch that is written outside this package: it compiles against the built types, and its tests pass.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TOOLS } from "../../cli/new/skeleton.ts";
import { compiled, outsideProject, tested } from "./outside-project.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/own-patch", import.meta.url));

test("it compiles, and its tests pass", { timeout: 120_000 }, async () => {
  const folder = outsideProject(EXAMPLE);
  expect(await compiled(folder)).toEqual({ code: 0, text: "" });
  const { code, text } = await tested(folder);
  expect(text).toMatch(/Tests +5 passed/);
  expect(code).toBe(0);
});

test("a mistake of types is seen", async () => {
  const folder = outsideProject(EXAMPLE);
  const source = join(folder, "src/one-counter-update.ts");
  writeFileSync(source, readFileSync(source, "utf8").replaceAll("purgeOne", "purgeOnce"));
  const { code, text } = await compiled(folder);
  expect(code).not.toBe(0);
  expect(text).toContain("'override' modifier because it is not declared in the base class");
});

test("it asks for the tools that this package is tested with, and for this package", () => {
  const read = (path: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(EXAMPLE, path), "utf8")) as Record<string, unknown>;
  expect(read("package.json")["devDependencies"]).toEqual({ ...TOOLS, vmapcheck: "file:../.." });
  expect(read("../../package.json")["devDependencies"]).toMatchObject(TOOLS);
});
