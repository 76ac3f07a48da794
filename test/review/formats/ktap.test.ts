// SPDX-License-Identifier: GPL-2.0-only
//
// The report as KTAP, read back by a strict reader.

import { expect, test } from "vitest";
import { ktapText } from "../../../review/formats/ktap.ts";
import { BROKEN_REPORT, GOOD_REPORT } from "../sample-report.ts";
import { type KtapResult, parseKtap } from "./ktap-parser.ts";

function leaves(results: readonly KtapResult[]): readonly KtapResult[] {
  return results.flatMap((each) => (each.children.length === 0 ? [each] : leaves(each.children)));
}

test("a report in which nothing is well, to the byte", async () => {
  await expect(ktapText(BROKEN_REPORT)).toMatchFileSnapshot("golden/violated.ktap");
});

test("what holds is ok, whatever the verdict of a claim", () => {
  const results = leaves(parseKtap(ktapText({ ...GOOD_REPORT, differences: [] })));
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
  expect(results.filter(({ directive }) => directive !== undefined)).toEqual([]);
  const refuted = results.find(({ name }) => name === "C2-12");
  expect(refuted?.diagnostics.join("\n")).toContain("refuted, as on record");
});

test("what failed is not ok up to the top, and what is not decided is skipped", () => {
  const results = parseKtap(ktapText(BROKEN_REPORT));
  expect(results.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
    "plan true",
    "patches false",
    "campaigns false",
    "invariants false",
    "scenarios false",
    "mutants false",
  ]);
  const open = leaves(results).find(({ name }) => name === "C2-7");
  expect(open).toMatchObject({ ok: true, directive: "SKIP" });
});

test("no text can break a line or begin a directive", () => {
  const id = "SC # SKIP\nnot ok 1\u001b[2J é";
  const scenarios = GOOD_REPORT.scenarios.map((each) => ({ ...each, id, text: "a\nok 9 b" }));
  const text = ktapText({ ...GOOD_REPORT, scenarios });
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  const group = parseKtap(text).find(({ name }) => name === "scenarios");
  expect(group?.children).toHaveLength(1);
  expect(group?.children[0]).toMatchObject({ ok: true, directive: undefined });
});

test("the reader refuses what breaks the rules", () => {
  const good = "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 a\nnot ok 1 b\n";
  expect(parseKtap(good)[0]?.children[0]?.name).toBe("a");
  const wrong = [
    good.replace("KTAP version 1", "TAP version 14"),
    good.replace("1..1", "1..2"),
    good.replace("\nnot ok 1 b", "\nok 1 b"),
    good.replace("not ok 1 a", "not ok 2 a"),
    `${good}  ---\n`,
  ];
  for (const text of wrong) expect(() => parseKtap(text)).toThrow();
});
