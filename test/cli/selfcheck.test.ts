// SPDX-License-Identifier: GPL-2.0-only
//
// The command `selfcheck`: what is printed, and the exit codes. The known answers themselves are tested elsewhere.

import { expect, test } from "vitest";
import type { JobEnd, Jobs, RunJob } from "../../cli/jobs/job.ts";
import { selfChecked, type SelfCheckReport } from "../../cli/jobs/self-check.ts";
import { type Ended, vmapcheck } from "./world.ts";

const GOOD: SelfCheckReport = {
  planned: 2,
  rows: [
    {
      name: "increment(2)",
      orders: 3,
      expected: { states: 13, transitions: 14, deadlocks: 0 },
      found: { states: 13, transitions: 14, deadlocks: 0 },
      ok: true,
      statesSeen: 39,
    },
    {
      name: "NB-2",
      orders: 1,
      expected: { states: 924_083, transitions: 2_631_720, terminals: 613, depth: 53, deadlocks: 0 },
      found: { states: 924_083, transitions: 2_631_720, terminals: 613, depth: 53, deadlocks: 0 },
      ok: true,
      statesSeen: 924_083,
    },
  ],
};

const BAD: SelfCheckReport = {
  planned: 2,
  rows: [
    { ...GOOD.rows[0]!, found: { states: 14, transitions: 14, deadlocks: 0 }, ok: false },
    { ...GOOD.rows[1]!, ok: false, problem: "the search ended with a violation" },
  ],
};

/** Runs the command with a job that comes to `report`, and keeps what it was asked for. */
async function selfcheck(
  report: SelfCheckReport | undefined,
  args: readonly string[] = [],
  stopped?: "interrupted",
): Promise<Ended & { readonly asked: unknown }> {
  let asked: unknown;
  const runJob: RunJob = (name, request) => {
    asked = { name, request };
    const end: JobEnd<SelfCheckReport> = { report, stopped, progress: undefined };
    // No other job is asked for here.
    return Promise.resolve(end as JobEnd<Jobs[typeof name]["report"]>);
  };
  return { ...(await vmapcheck(["selfcheck", ...args], { runJob })), asked };
}

test("numbers that are met", async () => {
  const { code, out, err, asked } = await selfcheck(GOOD);
  expect({ code, err, asked }).toEqual({
    code: 0,
    err: "",
    asked: { name: "selfcheck", request: { large: false, workers: 1 } },
  });
  expect(out).toMatchInlineSnapshot(`
    "vmapcheck selfcheck
    states/transitions/terminal states/deadlocks/depth; - where none is known

    program       orders                 expected                    found  ok
    increment(2)       3              13/14/-/0/-              13/14/-/0/-  ok
    NB-2               1  924083/2631720/613/0/53  924083/2631720/613/0/53  ok

    2 known answers met, 924,122 states seen
    "
  `);
});

test("a number that differs is our own fault", async () => {
  const { code, out, err } = await selfcheck(BAD);
  expect({ code, err }).toEqual({ code: 3, err: "" });
  expect(out).toMatchInlineSnapshot(`
    "vmapcheck selfcheck
    states/transitions/terminal states/deadlocks/depth; - where none is known

    program       orders                 expected                    found  ok
    increment(2)       3              13/14/-/0/-              14/14/-/0/-  WRONG
    NB-2               1  924083/2631720/613/0/53  924083/2631720/613/0/53  WRONG

    2 of 2 known answers MISSED: this is a fault of vmapcheck itself
    NB-2: the search ended with a violation
    "
  `);
  expect((await selfcheck(BAD, [], "interrupted")).code).toBe(3);
});

test("what was interrupted is no verdict", async () => {
  const part = { planned: 2, rows: GOOD.rows.slice(0, 1) };
  const { code, out } = await selfcheck(part, [], "interrupted");
  expect(code).toBe(130);
  expect(out).toContain("INTERRUPTED after 1 known answer\n");
  expect((await selfcheck(part)).code).toBe(4);
  expect((await selfcheck(undefined)).code).toBe(4);
});

test("--json is one document, --large reaches the job", async () => {
  const { code, out, asked } = await selfcheck(BAD, ["--json", "--large"]);
  expect(code).toBe(3);
  expect(asked).toEqual({ name: "selfcheck", request: { large: true, workers: 1 } });
  expect(JSON.parse(out)).toMatchObject({
    command: "selfcheck",
    exitCode: 3,
    large: true,
    report: { planned: 2, rows: [{ name: "increment(2)", ok: false }, { name: "NB-2" }] },
  });
});

test("arguments are refused", async () => {
  expect(await vmapcheck(["selfcheck", "NB-1"])).toEqual({
    code: 2,
    out: "",
    err: 'vmapcheck: VMC-E001: command line: expected options only, found "NB-1"; see vmapcheck selfcheck --help\n',
  });
});

test("the job stops when it is asked to, and tells how far it is", () => {
  const seen: { item: string; fraction: number }[] = [];
  const kept: SelfCheckReport[] = [];
  const report = selfChecked(
    { large: true, workers: 1 },
    {
      tick: (progress) => {
        seen.push(progress);
        return progress.item === "NB-1" && progress.steps > 0 && seen.some(({ item }) => item === "NB-1");
      },
      keep: (each) => kept.push(each),
    },
  );
  expect(report.planned).toBe(21);
  expect(report.rows.length).toBe(18);
  expect(report.rows.every(({ ok }) => ok)).toBe(true);
  expect(kept.at(-1)).toEqual(report);
  const fractions = seen.map(({ fraction }) => fraction);
  expect(fractions[0]).toBe(0);
  expect(Math.max(...fractions)).toBeLessThan(1);
});
