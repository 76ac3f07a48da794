// SPDX-License-Identifier: GPL-2.0-only
//
// Help texts name all options and exit codes; lists name all entries.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../cli/dispatch.ts";
import { EXIT, EXIT_TEXTS } from "../../cli/exit-codes.ts";
import { nearest } from "../../cli/nearest.ts";
import { TOPICS } from "../../cli/topics.ts";
import { vmapcheck } from "./world.ts";

const LINE_MAX = 110;

test.each(COMMANDS)("%s --help names all options, with examples", async (name, load) => {
  const command = await load();
  const { code, out, err } = await vmapcheck([name, "--help"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const option of [...command.options.map((each) => each.name), "json", "help"]) {
    expect(out).toMatch(new RegExp(`^  --${option}(?: |$)`, "m"));
  }
  for (const [example] of command.examples) expect(example).toMatch(new RegExp(`^vmapcheck ${name}\\b`));
  expect(command.examples.length).toBeGreaterThan(0);
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(LINE_MAX);
  expect((await vmapcheck([name, "-h", "--nonsense"])).out).toBe(out);
  expect((await vmapcheck(["help", name])).out).toBe(out);
});

test("the overview names all commands and exit codes", async () => {
  const { code, out } = await vmapcheck(["--help"]);
  expect(code).toBe(0);
  for (const [name] of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  for (const [exitCode] of EXIT_TEXTS) expect(out).toMatch(new RegExp(`^ +${exitCode}  `, "m"));
  expect(EXIT_TEXTS.map(([exitCode]) => exitCode)).toEqual(Object.values(EXIT));
});

test("--version is that of the package", async () => {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  const version = /"version": "([^"]+)"/.exec(text)?.[1];
  expect(await vmapcheck(["--version"])).toEqual({ code: 0, out: `vmapcheck ${version}\n`, err: "" });
});

describe("list", () => {
  test("without a topic names every id", async () => {
    const { out } = await vmapcheck(["list"]);
    for (const topic of TOPICS) for (const row of topic.rows()) expect(out).toContain(row[0]);
  });

  test.each(TOPICS.map((topic) => [topic.name, topic] as const))("%s", async (name, topic) => {
    const rows = topic.rows();
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length);
    expect(rows.every((row) => row.length === topic.columns.length)).toBe(true);
    const { code, out } = await vmapcheck(["list", name]);
    expect(code).toBe(0);
    for (const [id] of rows) expect(out).toMatch(new RegExp(`^${id} `, "m"));
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(LINE_MAX);
    const json: unknown = JSON.parse((await vmapcheck(["list", name, "--json"])).out);
    expect(json).toHaveProperty(name);
    expect(topic.data()).toHaveLength(rows.length);
  });
});

test("suggestions are near", () => {
  const names = ["check", "run", "replay", "mutants", "list"];
  expect(["chekc", "rn", "repaly", "mut", "lst", "zzz", "c"].map((text) => nearest(text, names))).toEqual([
    "check",
    "run",
    "replay",
    "mutants",
    "list",
    undefined,
    undefined,
  ]);
});
