// SPDX-License-Identifier: GPL-2.0-only
//
// The command `check` around the gate: exit codes, files, what is printed. The gate itself is tested elsewhere.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JobEnd, Jobs, RunJob } from "../../cli/jobs/job.ts";
import type { CheckReport } from "../../review/report.ts";
import { BROKEN_REPORT, GOOD_REPORT } from "../review/sample-report.ts";
import { type Ended, temporaryFolder, vmapcheck } from "./world.ts";

const folder = temporaryFolder();

/** Runs the command with a gate that comes to `report` and keeps what it was asked for. */
async function check(
  report: CheckReport,
  args: readonly string[] = [],
  changes: { stopped?: JobEnd<CheckReport>["stopped"]; env?: Record<string, string> } = {},
): Promise<Ended & { readonly asked: unknown }> {
  let asked: unknown;
  const runJob: RunJob = (name, request) => {
    asked = request;
    expect(name).toBe("check");
    const end: JobEnd<CheckReport> = { report, stopped: changes.stopped, progress: undefined };
    // Of all jobs, only the gate is asked for here.
    return Promise.resolve(end as JobEnd<Jobs[typeof name]["report"]>);
  };
  const ended = await vmapcheck(["check", ...args], { runJob, env: changes.env ?? {} });
  return { ...ended, asked };
}

test("the exit code is the verdict's", async () => {
  expect((await check(GOOD_REPORT)).code).toBe(0);
  expect((await check(BROKEN_REPORT)).code).toBe(1);
  expect((await check({ ...GOOD_REPORT, verdict: "not-decided" })).code).toBe(4);
  expect((await check(GOOD_REPORT, [], { stopped: "deadline" })).code).toBe(4);
  expect((await check(GOOD_REPORT, [], { stopped: "interrupted" })).code).toBe(130);
});

test("the budget, the seed and the patches reach the gate", async () => {
  expect((await check(GOOD_REPORT)).asked).toEqual({ budgetSeconds: 30, seed: "gate" });
  const args = ["--budget", "7", "--seed", "x", "--patch", "node-blocks"];
  expect((await check(GOOD_REPORT, args)).asked).toEqual({
    budgetSeconds: 7,
    seed: "x",
    patches: ["node-blocks"],
  });
  const env = { VMAPCHECK_SEED: "y" };
  expect((await check(GOOD_REPORT, [], { env })).asked).toEqual({ budgetSeconds: 30, seed: "y" });
});

test("--out keeps each counterexample, and the text says how to see it again", async () => {
  const out = join(folder, "found");
  const { out: text } = await check(GOOD_REPORT, ["--out", out]);
  expect(text).toContain(`vmapcheck replay ${join(out, "C2-12.json")}`);
  expect(existsSync(join(out, "C2-12.json"))).toBe(true);
  expect((await check(GOOD_REPORT)).out).toContain("--out DIR keeps the counterexamples");
});

test("a violation in a named instance is printed, and kept under the instance's id", async () => {
  const violation = GOOD_REPORT.claims.find(({ counterexample }) => counterexample)!.counterexample!;
  const searched = {
    allocator: "global-tree",
    statement: "",
    states: 9,
    transitions: 8,
    vacuous: [],
  } as const;
  const instance: CheckReport["instances"][number] = {
    ...searched,
    id: "global-tree/closed-tiny",
    verdict: "violated",
    finding: "INV-TLB: stale",
    violation,
  };
  const out = join(folder, "named");
  const args = ["--out", out];
  const { code, out: text } = await check({ ...BROKEN_REPORT, campaigns: [], instances: [instance] }, args);
  expect(code).toBe(1);
  expect(text).toMatch(/^step {2}cpu {2}who/m);
  expect(text).toMatch(/global-tree\/closed-tiny +9 +8 +VIOLATED: INV-TLB: stale/);
  expect(existsSync(join(out, "global-tree-closed-tiny.json"))).toBe(true);
});

test("--json holds the report whole", async () => {
  const { out, err } = await check(GOOD_REPORT, ["--json"]);
  expect(err).toBe("seed gate\n");
  const document: unknown = JSON.parse(out);
  expect(document).toMatchObject({
    command: "check",
    exitCode: 0,
    report: { verdict: "held", runs: 21_000, claims: [{ verdict: "holds" }, {}, {}] },
  });
});
