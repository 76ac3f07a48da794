// SPDX-License-Identifier: GPL-2.0-only
//
// The files and lines that `check` writes beside its text.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JobEnd, Jobs, RunJob } from "../../cli/jobs/job.ts";
import { ktapText } from "../../review/formats/ktap.ts";
import type { CheckReport } from "../../review/report.ts";
import { BROKEN_REPORT } from "../review/sample-report.ts";
import { type Ended, temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();

/** Runs the command with a gate in which nothing is well. */
function check(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const runJob: RunJob = (name) => {
    const end: JobEnd<CheckReport> = { report: BROKEN_REPORT, stopped: undefined, progress: undefined };
    return Promise.resolve(end as JobEnd<Jobs[typeof name]["report"]>);
  };
  return vmapcheck(["check", ...args], { runJob, env });
}

test("several formats at once, beside the text", async () => {
  const path = (name: string): string => join(folder, name);
  const args = ["--ktap", path("a.ktap"), "--junit", path("a.xml"), "--sarif", path("a.sarif")];
  const { code, err } = await check(args);
  expect([code, err]).toEqual([1, ""]);
  expect(readFileSync(path("a.ktap"), "utf8")).toBe(ktapText(BROKEN_REPORT));
  expect(readFileSync(path("a.xml"), "utf8")).toContain("<testsuites>");
  expect(JSON.parse(readFileSync(path("a.sarif"), "utf8"))).toMatchObject({ version: "2.1.0" });
});

test("annotations come after the text, or beside a document", async () => {
  const text = await check(["--github"]);
  expect(text.out).toMatch(/VIOLATED: [\s\S]*\n::error file=[\s\S]*\n::notice [^\n]*\n$/);
  const json = await check(["--github", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ command: "check" });
  expect(json.err).toMatch(/\n::notice [^\n]*\n$/);
  expect((await check([])).out).not.toContain("::notice");
});

test("the summary is appended, and only if it is asked for", async () => {
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "before\n");
  await check([], { GITHUB_STEP_SUMMARY: summary });
  expect(readFileSync(summary, "utf8")).toBe("before\n");
  await check(["--github"], { GITHUB_STEP_SUMMARY: summary });
  expect(readFileSync(summary, "utf8")).toMatch(/^before\n## vmapcheck: VIOLATED/);
});

test("a place that cannot be written to is an error before the gate begins, and nothing is written", async () => {
  const own = join(folder, "own");
  mkdirSync(own);
  const good = join(own, "a.ktap");
  const never = { runJob: () => Promise.reject(new Error("the gate was run")) };
  for (const bad of [join(own, "no", "a.xml"), own, good]) {
    const { code, out, err } = await vmapcheck(["check", "--ktap", good, "--junit", bad], never);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^vmapcheck: VMC-E00[14]: [^\n]+\n$/);
  }
  expect(existsSync(good)).toBe(false);
  expect(readdirSync(own)).toEqual([]);
});
