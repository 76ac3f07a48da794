// SPDX-License-Identifier: GPL-2.0-only
//
// Kept counterexamples: the folder of the repository replays, and what does not replay ends as the rules of replay say.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { exitCodeOf } from "../../cli/commands/check.ts";
import { readCorpus } from "../../cli/corpus-folder.ts";
import { type CorpusEntry, replayKept } from "../../review/corpus.ts";
import type { CorpusLine } from "../../review/report.ts";
import { printCounterexample } from "../../spec/counterexample-schema.ts";
import { encodeToken } from "../../spec/token.ts";
import { TOOL_VERSION } from "../../spec/version.ts";
import { GOOD_REPORT } from "../review/sample-report.ts";
import { temporaryFolder, vmapcheck } from "./world.ts";

const KEPT = fileURLToPath(new URL("../../corpus", import.meta.url));
const folder = temporaryFolder();

function entriesOf(path: string): readonly CorpusEntry[] {
  const entries = readCorpus(path);
  if ("error" in entries) throw new Error(entries.error.message);
  return entries;
}

/** A new folder with these files. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const [first, second] = entriesOf(KEPT).map(({ counterexample }) => counterexample);

test("each kept counterexample of the repository replays to the last digest", () => {
  const lines = entriesOf(KEPT).map(replayKept);
  expect(lines.map(({ name }) => name)).toEqual(readdirSync(KEPT).sort());
  expect(lines.filter(({ reproduced }) => !reproduced)).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(5);
});

test("files and tokens are read in the order of their names, and nothing else is", () => {
  const path = folderOf("order", {
    "b.txt": `${encodeToken(first!)}\n`,
    "a.json": printCounterexample(second!),
    "B.json": printCounterexample(first!),
    "README.md": "not one",
    ".hidden.json": "not one",
  });
  mkdirSync(join(path, "folder.json"));
  expect(entriesOf(path).map(({ id }) => id)).toEqual(["B.json", "a.json", "b.txt"]);
  expect(entriesOf(path)[2]!.counterexample).toEqual(first);
});

test("a run that ends otherwise than recorded is not reproduced, and says what differs", () => {
  const changed = { ...first!, stateDigest: "123" };
  const { reproduced, text } = replayKept({ id: "x.json", counterexample: changed });
  expect(reproduced).toBe(false);
  expect(text).toContain("state: recorded 123, found");
});

test("the exit code is 3 if this version wrote it, else 2, unless something else is wrong", () => {
  const lost = (tool: string): CorpusLine => ({
    ...replayKept({ id: "x.json", counterexample: first! }),
    reproduced: false,
    tool,
  });
  const code = (corpus: readonly CorpusLine[], problems: readonly string[]): number =>
    exitCodeOf({
      report: { ...GOOD_REPORT, verdict: "violated", corpus, problems },
      stopped: undefined,
      progress: undefined,
    });
  expect(code([lost(TOOL_VERSION)], ["one"])).toBe(3);
  expect(code([lost("9.9.9")], ["one"])).toBe(2);
  expect(code([lost("9.9.9")], ["one", "another"])).toBe(1);
  expect(code([lost("9.9.9"), lost(TOOL_VERSION)], ["one", "another"])).toBe(3);
});

test("what cannot be read is an error before the gate begins", async () => {
  const never = { runJob: () => Promise.reject(new Error("the gate was run")) };
  const ended = (path: string) => vmapcheck(["check", "--corpus", path], never);
  const damaged = folderOf("damaged", { "a.json": printCounterexample(first!).replace('"tool"', '"toll"') });
  const wrong = [join(folder, "nowhere"), folderOf("empty", { "notes.md": "" }), damaged];
  for (const path of wrong) {
    const { code, out, err } = await ended(path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^vmapcheck: VMC-E0(03|31): [^\n]+\n$/);
  }
});
