// SPDX-License-Identifier: GPL-2.0-only
//
// The report for GitHub: workflow commands that it can read, and a summary within its bound.

import { expect, test } from "vitest";
import { annotationsText, stepSummary } from "../../../review/formats/github.ts";
import { BROKEN_REPORT, GOOD_REPORT } from "../sample-report.ts";

const scenarios = Array.from({ length: 30 }, (_, i) => ({
  ...GOOD_REPORT.scenarios[0]!,
  id: `SC-${i}`,
  asExpected: false,
  text: "100% wrong\r\n::error::no command",
}));
const MANY = { ...BROKEN_REPORT, scenarios };

test("errors, then warnings, then one notice; of each kind at most ten, the most relevant first", () => {
  const lines = annotationsText(MANY).trimEnd().split("\n");
  const kinds = lines.map((line) => /^::(error|warning|notice) [^\r]*::[^\r]+$/.exec(line)?.[1]);
  expect(kinds).toEqual([...Array<string>(10).fill("error"), "warning", "notice"]);
  expect(lines[0]).toMatch(/^::error file=impl\/allocators\/global-tree\.ts,line=1,title=INV-TLB::/);
  expect(lines[1]).toContain("title=C2-4::");
  expect(lines.at(-1)).toContain("23 of them not shown here");
});

test("texts and properties are escaped", () => {
  const text = annotationsText({ ...MANY, seed: "a\n::error::b" });
  expect(text).toContain("100%25 wrong%0D%0A::error::no command");
  expect(text).toContain("seed a%0A::error::b");
});

test("nothing but a notice if all holds", () => {
  expect(annotationsText({ ...GOOD_REPORT, differences: [] })).toBe(
    "::notice title=vmapcheck::HELD: 0 problems, 0 not decided, after 21,000 interleavings of the campaigns, seed gate\n",
  );
});

test("the summary keeps its bound, whole lines only, and no text becomes markup", () => {
  const whole = stepSummary(MANY);
  expect(whole).toContain("### Problems");
  expect(whole).toContain("- SC-29 on node-blocks: 100% wrong ::error::no command\n");
  for (const bytesMax of [-5, 0, 100, 1000, whole.length - 1]) {
    const cut = stepSummary(MANY, bytesMax);
    expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(Math.max(0, bytesMax));
    if (cut === "") continue;
    expect(cut).toMatch(/\n\n?\(cut off[^\n]*\n$/);
    expect(whole.startsWith(cut.slice(0, cut.indexOf("\n(cut off")))).toBe(true);
  }
  const tricky = stepSummary({ ...GOOD_REPORT, seed: "<img src=x>|`*[a](b)" });
  expect(tricky).not.toMatch(/[<`*[]/);
});
