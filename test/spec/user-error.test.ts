// SPDX-License-Identifier: GPL-2.0-only
//
// How errors name places and values: one line, short, nothing that a terminal could misread.

import fc from "fast-check";
import { expect, test } from "vitest";
import { alternatives, foundText, pathText } from "../../spec/found-text.ts";
import { inputError } from "../../spec/user-error.ts";

test("an error is data, with the line composed", () => {
  expect(inputError("VMC-E020", "i.json", "cpus", "an integer from 1 to 64", "65")).toMatchInlineSnapshot(`
    {
      "code": "VMC-E020",
      "expected": "an integer from 1 to 64",
      "found": "65",
      "message": "i.json: cpus: expected an integer from 1 to 64, found 65",
      "path": "cpus",
      "source": "i.json",
    }
  `);
});

test("values are named shortly", () => {
  const values = ["a", 1, -0.5, NaN, true, null, undefined, [1, 2], { a: 1 }, 7n, Symbol("s"), () => 1];
  expect(values.map(foundText).join(" | ")).toMatchInlineSnapshot(
    `""a" | 1 | -0.5 | NaN | true | null | nothing | a list of 2 | an object | 7n | a symbol | a function"`,
  );
});

test("places are named as one would write them", () => {
  expect(pathText(["programs", 0, 2, "size"])).toBe("programs[0][2].size");
  expect(pathText([])).toBe("");
  expect(pathText(["a b", "c", "d.e", Symbol("s")])).toBe('["a b"].c["d.e"][a symbol]');
});

test("alternatives read as a sentence", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(alternatives)).toEqual([
    "",
    "a",
    "a or b",
    "a, b or c",
  ]);
});

test("no text from an input breaks the line, reorders it or floods it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const shown of [foundText(text), pathText([text])]) {
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
        expect(shown.length).toBeLessThan(300);
      }
    }),
  );
});
