// SPDX-License-Identifier: GPL-2.0-only
//
// Reading and writing JSON: the scanner accepts what JSON.parse accepts, errors name line and column, and the
// canonical text depends on the value alone.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../spec/canonical-json.ts";
import { parseJson } from "../../spec/json-text.ts";

/** What the platform's parser makes of a text: the value, or "refused". */
function platform(text: string): unknown {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return "refused";
  }
}

/** What ours makes of it. Errors must have the form of errors. */
function ours(text: string): unknown {
  const parsed = parseJson(text, "f");
  if (parsed.ok) return { value: parsed.value };
  if (!/^f: \d+:\d+: expected .+, found .+$/.test(parsed.error.message)) return parsed.error.message;
  // The one thing that only ours refuses: a field given twice.
  return parsed.error.expected === "a field that is given once" ? platform(text) : "refused";
}

const CHARACTERS = '{}[]",:\\ \n\t0-.e+tnu\u007f\u2028a'.split("");

/** JSON texts with a few characters exchanged. */
const damaged = fc
  .tuple(fc.json(), fc.array(fc.tuple(fc.nat(200), fc.constantFrom(...CHARACTERS))))
  .map(([text, edits]) => {
    const characters = text.split("");
    for (const [at, character] of edits) characters[at % (characters.length + 1)] = character;
    return characters.join("");
  });

test("what JSON.parse accepts is accepted, with the same value, and nothing else", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
      expect(ours(text)).toEqual(platform(text));
    }),
    { numRuns: 2000 },
  );
});

describe("errors", () => {
  test.each([
    ["", "f: 1:1: expected a value, found the end of the text"],
    ['{"a":1,}', 'f: 1:8: expected a field name in double quotes, found "}"'],
    ["{a:1}", 'f: 1:2: expected a field name in double quotes or "}", found "a"'],
    ['{"a" 1}', 'f: 1:6: expected ":", found "1"'],
    ['{"a":1 "b":2}', 'f: 1:8: expected "," or "}", found "\\""'],
    [
      '{\n  "a": 1,\n  "b": 2,\n  "a": 3\n}',
      'f: 4:3: expected a field that is given once, found the field "a" again',
    ],
    ['{"a":1,"\\u0061":2}', 'f: 1:8: expected a field that is given once, found the field "a" again'],
    ["[1,2", 'f: 1:5: expected "," or "]", found the end of the text'],
    ["[1,]", 'f: 1:4: expected a value, found "]"'],
    ["[1] 2", 'f: 1:5: expected the end of the text, found "2"'],
    ["NaN", 'f: 1:1: expected a value, found "NaN"'],
    ["01", 'f: 1:1: expected a value, found "01"'],
    ["truely", 'f: 1:1: expected a value, found "truely"'],
    [
      '"a\nb"',
      'f: 1:3: expected the closing quote of the string (a line break in it is written \\n), found "\\n"',
    ],
    ['"a\\x"', 'f: 1:3: expected an escape sequence of JSON, found "\\\\"'],
    ["\u00a01", 'f: 1:1: expected a value, found "\\u00a0"'],
    ["[".repeat(1000), 'f: 1:202: expected at most 200 levels of nesting, found "["'],
  ])("%j", (text, expected) => {
    const parsed = parseJson(text, "f");
    expect(parsed.ok ? "valid" : parsed.error.message).toBe(expected);
  });
});

test("a byte order mark is ignored", () => {
  expect(parseJson("\ufeff[1]", "f")).toEqual({ ok: true, value: [1] });
});

test("the canonical text is sorted, compact, and read back as the same value", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined, "10": -0.5, "9": true })).toBe(
    '{"10":-0.5,"9":true,"b":[1,{"c":"x","d":null}]}',
  );
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(JSON.parse(canonicalJson(value, 2)))).toBe(text);
    }),
  );
});

test("the order in which fields were written makes no difference", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(object));
    }),
  );
});

test("a field named __proto__ is kept", () => {
  expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
});

test("with an indent the text is as people expect it", () => {
  expect(canonicalJson({ b: [], a: [1, { c: {} }] }, 2)).toMatchInlineSnapshot(`
    "{
      "a": [
        1,
        {
          "c": {}
        }
      ],
      "b": []
    }"
  `);
});

test("values that JSON would lose are refused", () => {
  for (const value of [NaN, Infinity, [undefined], { a: () => 1 }, 1n, Symbol("s")]) {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  }
});
