// SPDX-License-Identifier: GPL-2.0-only
//
// The gate's report as text, whole, against files: one report in which all is well and one in which nothing is.

import { expect, test } from "vitest";
import { checkText } from "../../review/render/check-text.ts";
import { BROKEN_REPORT, GOOD_REPORT } from "./sample-report.ts";

const replay = (id: string): string => `found/${id}.json`;

test("all is well", async () => {
  await expect(`${checkText(GOOD_REPORT, { replay })}\n`).toMatchFileSnapshot("golden/check-held.txt");
});

test("nothing is well", async () => {
  await expect(`${checkText(BROKEN_REPORT)}\n`).toMatchFileSnapshot("golden/check-violated.txt");
});

test("nothing was done", () => {
  const nothing = {
    ...GOOD_REPORT,
    campaigns: [],
    invariants: [],
    claims: [],
    differences: [],
    scenarios: [],
    mutants: [],
  };
  const text = checkText({ ...nothing, verdict: "not-decided", undecided: ["stopped"], runs: 0, steps: 0 });
  expect(text).toBe(
    "Not decided\n  - stopped\n\nNOT DECIDED: 0 problems, 1 not decided, after 0 interleavings (0 steps) of the campaigns",
  );
});

test("it is plain text within its width", () => {
  for (const width of [72, 100]) {
    for (const report of [GOOD_REPORT, BROKEN_REPORT]) {
      const lines = checkText(report, { width, replay }).split("\n");
      expect(lines.filter((line) => line.length > width || line !== line.trimEnd())).toEqual([]);
      expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
    }
  }
});
