// SPDX-License-Identifier: GPL-2.0-only
// How an instance is searched: threads, reductions, limits, checkpoints. The verdict and its bytes stay the same.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const SMALL = ["explore", "global-tree", "--instance", "closed-small"];
const TINY = ["explore", "global-tree", "--instance", "closed-tiny-purge"];

/** Runs the built command. */
function built(...args: string[]): string {
  return execFileSync(process.execPath, [MAIN, ...args], { encoding: "utf8", stdio: "pipe" });
}

test("two workers say the same, byte for byte", () => {
  expect(built(...TINY, "--workers", "2")).toBe(built(...TINY));
});

test("and find the same, too", () => {
  const args = ["explore", "global-tree", "--mutant", "MU-37", "--json"];
  const [one, two] = [[], ["--workers", "2"]].map((more) => {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, ...args, ...more], { encoding: "utf8" });
    const document = JSON.parse(stdout) as Record<string, { bytes?: number; workers?: number }>;
    expect(document["timing"]!.bytes).toBeGreaterThan(1000);
    delete document["timing"];
    delete document["request"]!.workers;
    return { status, document };
  });
  expect(one!.status).toBe(1);
  expect(two).toEqual(one);
});

describe("reductions", () => {
  test.each([
    [["--no-history"], "search: without history", "HELD in all 8,983 reachable states", "INV-ALIASES"],
    [
      ["--merge"],
      "search: steps that no other process can observe are merged",
      "HELD in all",
      "INV-COMPLETE-ALL",
    ],
    [["--no-symmetry"], "search: without symmetry", "HELD in all 43,883 reachable states", "INV-STRICT"],
  ])("%s", async (options, head, verdict, unchecked) => {
    const { code, out } = await vmapcheck([...TINY, ...options]);
    expect(code).toBe(0);
    expect(out).toContain(`${head}\n`);
    expect(out).toContain(verdict);
    expect(/^not checked here, but by vmapcheck run: (.*\n(?: .*\n)*)/m.exec(out)![1]).toContain(unchecked);
  });
});

describe("a search that a limit ends", () => {
  const kept = join(folder, "kept");

  test("is not decided, and is kept", async () => {
    const { code, out } = await vmapcheck([...SMALL, "--max-time", "1", "--checkpoint", kept]);
    expect(code).toBe(4);
    expect(out.replaceAll(/\s+/g, " ")).toContain("when the limit of 1 second was reached: no violation");
    expect(out).toContain("--resume goes on from there");
    expect(statSync(kept).size).toBeGreaterThan(10_000);
  });

  test("goes on to the same verdict", async () => {
    const whole = await vmapcheck(SMALL);
    const { code, out } = await vmapcheck([...SMALL, "--resume", kept]);
    expect(code).toBe(0);
    expect(out.replace(/^goes on from: .*\n(?: {2,}.*\n)*/m, "")).toBe(whole.out);
  });

  test.each([
    ["of another search", [...TINY, "--resume", kept], "it is of another search: another instance"],
    ["without merging", [...SMALL, "--merge", "--resume", kept], "another set of invariants, --merge"],
  ])("is no checkpoint %s", async (_what, args, why) => {
    const { code, out, err } = await vmapcheck(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`VMC-E033: ${kept}: expected a checkpoint of this search, but`);
    expect(err).toContain(why);
  });

  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ["truncated", (bytes) => bytes.subarray(0, bytes.length / 2), "damaged"],
    ["edited", (bytes) => (bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000), bytes), "checksum"],
    ["foreign", () => Buffer.from("# Changelog"), "it is not a checkpoint of a search"],
    ["empty", () => Buffer.alloc(0), "it is not a checkpoint of a search"],
  ])("%s files are refused in one line", async (name, damage, why) => {
    const file = join(folder, name);
    writeFileSync(file, damage(readFileSync(kept)));
    const { code, out, err } = await vmapcheck([...SMALL, "--resume", file]);
    expect({ code, out, lines: err.split("\n").length }).toEqual({ code: 2, out: "", lines: 2 });
    expect(err).toContain(why);
  });
});

test("an interrupted search is kept, and says how to go on", { timeout: 60_000 }, async () => {
  const kept = join(folder, "interrupted");
  const child = spawn(process.execPath, [MAIN, ...SMALL, "--checkpoint", kept], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  child.stdout.on("data", (text: Buffer) => {
    // The plan is printed before the search begins.
    if (out === "") setTimeout(() => child.kill("SIGINT"), 1000);
    out += text.toString();
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(code).toBe(130);
  expect(out).toContain("--resume goes on from there");
  expect(built(...SMALL, "--resume", kept)).toContain("HELD in all 757,005 reachable states");
});

test.each([
  [["--workers", "0"], "VMC-E002: --workers: expected an integer from 1"],
  [["--max-time", "soon"], "VMC-E002: --max-time: expected an integer from 1"],
  [["--checkpoint", join(folder, "no", "such", "folder")], "VMC-E004: "],
  [["--resume", join(folder, "nothing")], "VMC-E033: "],
])("bad input %s", async (options, message) => {
  const { code, out, err } = await vmapcheck([...SMALL, ...options]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(existsSync(join(folder, "no"))).toBe(false);
});
