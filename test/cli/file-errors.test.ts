// SPDX-License-Identifier: GPL-2.0-only
//
// Files and tokens that cannot be read, were edited, come from elsewhere, or cannot be written: exit code 2 and
// one line; a replay that ends otherwise: exit code 3, or 2 if another version wrote it.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Counterexample } from "../../spec/counterexample.ts";
import { parseCounterexample, printCounterexample } from "../../spec/counterexample-schema.ts";
import { encodeToken } from "../../spec/token.ts";
import { FINDS, temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();
const good = join(folder, "good.json");
let text = "";
let counterexample: Counterexample;

beforeAll(async () => {
  await vmapcheck([...FINDS, "--out", good]);
  text = readFileSync(good, "utf8");
  const parsed = parseCounterexample(text, "good");
  if (!parsed.ok) throw new Error(parsed.error.message);
  counterexample = parsed.value;
});

/** The error line of a replay; the temporary folder is left out of it. */
async function errorOf(argument: string): Promise<string> {
  const { code, out, err } = await vmapcheck(["replay", argument]);
  expect({ argument, code, out }).toEqual({ argument, code: 2, out: "" });
  expect(err.split("\n")).toHaveLength(2);
  return err.trimEnd().replaceAll(`${folder}/`, "");
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("files that are no counterexamples", async () => {
  mkdirSync(join(folder, "sub"), { recursive: true });
  expect(await errorOf(join(folder, "missing.json"))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E003: missing.json: expected a readable file, found no such file or folder; check the name and the permissions"`,
  );
  expect(await errorOf(join(folder, "sub"))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E003: sub: expected a readable file, found a directory; check the name and the permissions"`,
  );
  expect(await errorOf(join(good, "x"))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E003: good.json/x: expected a readable file, found a path through something that is no folder; check the name and the permissions"`,
  );
  expect(await errorOf(write("empty.json", ""))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E010: empty.json: 1:1: expected a value, found the end of the text; it has to be a file that vmapcheck wrote"`,
  );
  expect(await errorOf(write("binary.json", new Uint8Array([0xff, 0xfe, 0])))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E003: binary.json: expected a readable file, found bytes that are not UTF-8 text; check the name and the permissions"`,
  );
  expect(await errorOf(write("list.json", "[]"))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E011: list.json: expected a counterexample file, found a list of 0; it has to be a file that vmapcheck wrote"`,
  );
  expect(await errorOf(write("other.json", "{}"))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E030: other.json: format: expected "vmapcheck-counterexample", found nothing; use the vmapcheck that wrote it, or find the violation anew with this one"`,
  );
  expect(await errorOf(write("cut.json", text.slice(0, 40)))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E010: cut.json: 3:5: expected the closing quote of the string (a line break in it is written \\n), found the end of the text; it has to be a file that vmapcheck wrote"`,
  );
});

test("files that were edited or come from another version", async () => {
  const edited = text.replace('"cpus": 1', '"cpus": 2');
  expect(edited).not.toBe(text);
  expect(await errorOf(write("edited.json", edited))).toMatch(
    /^vmapcheck: VMC-E031: edited\.json: checksum: /,
  );
  const later = text.replace(/"version": \d+/, '"version": 99');
  expect(await errorOf(write("later.json", later))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E030: later.json: version: expected version 1, the one that this vmapcheck reads, found 99; use the vmapcheck that wrote it, or find the violation anew with this one"`,
  );
  const unknown = printCounterexample({ ...counterexample, mutant: "MU-9999" });
  expect(await errorOf(write("mutant.json", unknown))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E005: mutant.json: mutant: expected a mutant of this version, found "MU-9999"; vmapcheck list shows all names"`,
  );
  const situation = { ...counterexample.violation, invariant: "INV-NONE" };
  const strange = printCounterexample({ ...counterexample, violation: situation });
  expect(await errorOf(write("strange.json", strange))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E005: strange.json: violation.invariant: expected an invariant or situation of this version, found "INV-NONE"; vmapcheck list shows all names"`,
  );
});

test("counterexamples of a patch that another project defines", async () => {
  const outside = { ...counterexample, mutant: "own.early-merge" };
  const line =
    'VMC-E005: token: mutant: expected a design of this vmapcheck, found "early-merge"; ' +
    "it is a patch of another project: replay it there, with replayPatch()";
  expect(await errorOf(encodeToken(outside))).toBe(`vmapcheck: ${line}`);
  expect(await errorOf(write("outside.json", printCounterexample(outside)))).toBe(
    `vmapcheck: ${line.replace("token", "outside.json")}`,
  );
});

test("tokens that are incomplete, edited or of another version", async () => {
  const token = encodeToken(counterexample);
  expect(await errorOf(token.slice(0, -3))).toMatch(/^vmapcheck: VMC-E032: token: checksum: expected 16 hex/);
  expect(await errorOf("vmc1.abc")).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E032: token: expected three parts with a dot between them, found 2 (is the token complete?); copy the whole token, or take the file"`,
  );
  expect(await errorOf(token.replace(/^vmc1/, "vmc9"))).toMatchInlineSnapshot(
    `"vmapcheck: VMC-E030: token: version: expected version 1, the one that this vmapcheck reads, found 9; use the vmapcheck that wrote it, or find the violation anew with this one"`,
  );
  const changed = token.slice(0, 30) + (token[30] === "A" ? "B" : "A") + token.slice(31);
  expect(await errorOf(changed)).toMatch(/^vmapcheck: VMC-E031: token: checksum: expected "[0-9a-f]{16}"/);
});

test("a replay that ends otherwise is our fault, unless another version wrote it", async () => {
  const other = { ...counterexample, stateDigest: "0123456789abcdef" };
  const ours = await vmapcheck(["replay", write("ours.json", printCounterexample(other))]);
  expect({ code: ours.code, out: ours.out }).toEqual({ code: 3, out: "" });
  expect(ours.err).toMatch(/^vmapcheck \S+: sorry, .*ours\.json does not replay as it was recorded/);
  expect(ours.err).toContain("state: recorded 0123456789abcdef, found ");
  const theirs = await errorOf(write("theirs.json", printCounterexample({ ...other, tool: "0.0.1" })));
  expect(theirs).toMatch(
    /^vmapcheck: VMC-E030: theirs\.json: tool: expected a counterexample that vmapcheck \S+ reproduces, found one of vmapcheck 0\.0\.1 that ends otherwise here \(state: recorded 0123456789abcdef, found [0-9a-f]{16}\); replay it with vmapcheck 0\.0\.1$/,
  );
});

test("a file that another version wrote replays if it ends alike", async () => {
  const path = write("older.json", printCounterexample({ ...counterexample, tool: "0.0.1" }));
  expect((await vmapcheck(["replay", path])).code).toBe(1);
});

test("places that cannot be written to are found out before the work", async () => {
  const failing = { runJob: () => Promise.reject(new Error("the work must not begin")) };
  for (const [args, name] of [
    [FINDS, folder],
    [FINDS, join(folder, "none", "x.json")],
    [["check"], join(good, "x")],
    [["mutants"], join(good, "x")],
  ] as const) {
    const { code, out, err } = await vmapcheck([...args, "--out", name], failing);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^vmapcheck: VMC-E004: [^\n]+: expected a place to write to, found [^\n]+; name another file\n$/,
    );
  }
});

test("nothing but whole files is left behind", () => {
  expect(readdirSync(folder).filter((name) => name.startsWith(".") || name.endsWith(".tmp"))).toEqual([]);
});
