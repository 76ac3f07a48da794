// SPDX-License-Identifier: GPL-2.0-only
//
// The differences of a patch as text, whole, against a file.

import { expect, test } from "vitest";
import { differencesText, differenceSummary } from "../../review/render/difference-text.ts";
import { DIFFERENCES } from "./sample-differences.ts";

test("two revisions, with all that there can be to say", async () => {
  await expect(`${differencesText(DIFFERENCES)}\n`).toMatchFileSnapshot("golden/differences.txt");
});

test("it is plain text within its width", () => {
  for (const width of [100, 120]) {
    const lines = differencesText(DIFFERENCES, undefined, width).split("\n");
    expect(lines.filter((line) => line.length > width || line !== line.trimEnd())).toEqual([]);
    expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
  }
});

test("nothing was compared, or nothing differs", () => {
  expect(differencesText([])).toBe("");
  const none = { ...DIFFERENCES[1]!, kinds: [] };
  expect(differenceSummary(none)).toBe(
    "all programs of up to 3 operations on 2 machines: 1,234 pairs; 0 differences of 0 kinds",
  );
});
