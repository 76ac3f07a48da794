// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexample files and replay tokens: they round trip, and whatever was edited, cut off or written by another
// version gives one error and is never taken for something else.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64url, encodeBase64url } from "../../spec/base64url.ts";
import { canonicalJson } from "../../spec/canonical-json.ts";
import { checksum } from "../../spec/checksum.ts";
import { parseCounterexample, printCounterexample } from "../../spec/counterexample-schema.ts";
import type { Instance } from "../../spec/instance.ts";
import { decodeToken, encodeToken } from "../../spec/token.ts";
import { packCounterexample } from "../../spec/token-payload.ts";
import { COUNTEREXAMPLE, counterexampleArbitrary, INSTANCE, POOLED, pooledInstance } from "./sample.ts";

const TOKEN = encodeToken(COUNTEREXAMPLE);
const FILE = printCounterexample(COUNTEREXAMPLE);

function tokenError(token: string): string {
  const decoded = decodeToken(token);
  return decoded.ok ? "valid" : `${decoded.error.code} ${decoded.error.message}`;
}

function fileError(text: string): string {
  const decoded = parseCounterexample(text, "c.json");
  return decoded.ok ? "valid" : `${decoded.error.code} ${decoded.error.message}`;
}

/** The sample file with other content and the checksum that belongs to it. */
function fileWith(change: (body: Record<string, unknown>) => void): string {
  const { checksum: _, ...body } = JSON.parse(FILE) as Record<string, unknown>;
  change(body);
  return JSON.stringify({ ...body, checksum: checksum(canonicalJson(body)) });
}

/** A token with another payload and the checksum that belongs to it. */
function tokenWith(head: string): string {
  return `${head}.${checksum(head)}`;
}

test("tokens and files give back every counterexample", () => {
  fc.assert(
    fc.property(counterexampleArbitrary, (counterexample) => {
      const same = { ok: true, value: counterexample };
      expect(decodeToken(encodeToken(counterexample))).toEqual(same);
      expect(parseCounterexample(printCounterexample(counterexample), "c.json")).toEqual(same);
    }),
  );
});

test("a token is one url-safe word", () => {
  expect(TOKEN).toMatch(/^vmc1\.[A-Za-z0-9_-]+\.[0-9a-f]{16}$/);
  expect(decodeToken(` ${TOKEN}\n`)).toEqual({ ok: true, value: COUNTEREXAMPLE });
});

test("the format is pinned: changing it means another version", () => {
  expect(checksum(TOKEN)).toMatchInlineSnapshot(`"046444b1fdf1b143"`);
  expect(checksum(FILE)).toMatchInlineSnapshot(`"7f1cc9b69e387a78"`);
});

test("a token with any one character exchanged is an error", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~ é";
  const accepted: string[] = [];
  for (let at = 0; at < TOKEN.length; at++) {
    for (const other of alphabet.replace(TOKEN.charAt(at), "")) {
      const edited = TOKEN.slice(0, at) + other + TOKEN.slice(at + 1);
      if (decodeToken(edited).ok) accepted.push(`${other} at ${at}`);
    }
  }
  expect(accepted).toEqual([]);
});

test("a token cut off anywhere, or with a character lost or doubled, is an error", () => {
  const accepted: string[] = [];
  for (let at = 0; at < TOKEN.length; at++) {
    if (decodeToken(TOKEN.slice(0, at)).ok) accepted.push(`the first ${at}`);
    if (decodeToken(TOKEN.slice(0, at) + TOKEN.slice(at + 1)).ok) accepted.push(`all but ${at}`);
    if (decodeToken(TOKEN.slice(0, at + 1) + TOKEN.slice(at)).ok) accepted.push(`${at} twice`);
  }
  expect(accepted).toEqual([]);
});

test("an instance with a flag that is false has the token of one without", () => {
  const first = { op: "alloc", name: "a", size: 1, align: 1, window: "vmalloc" } as const;
  const withFlag = {
    ...COUNTEREXAMPLE,
    instance: { ...INSTANCE, programs: [[{ ...first, cached: false }]] },
  };
  const without = { ...COUNTEREXAMPLE, instance: { ...INSTANCE, programs: [[first]] } };
  expect(encodeToken(withFlag)).toBe(encodeToken(without));
});

test("what only designs with pools know is one more item, and there only if it is named", () => {
  const items = (more: Partial<Instance>): readonly unknown[] =>
    packCounterexample({ ...COUNTEREXAMPLE, instance: { ...INSTANCE, ...more } }).slice(15);
  expect(items({})).toEqual([]);
  expect(items({ poolPages: 2 })).toEqual([[2, 0, 0, 0]]);
  expect(items({ workers: { idle: 0 } })).toEqual([[0, 1, 0, 0]]);
  expect(items({ workers: { idle: 3, stackPages: 4 } })).toEqual([[0, 4, 4, 0]]);
  expect(items({ boot: "vmalloc_init" })).toEqual([[0, 0, 0, 1]]);
  expect(items({ poolPages: 5, workers: { idle: 1 }, boot: "workqueue_init" })).toEqual([[5, 2, 0, 3]]);
});

test.each(POOLED)("a token holds all of an instance of %s", (allocator) => {
  const counterexample = { ...COUNTEREXAMPLE, instance: pooledInstance(allocator) };
  expect(decodeToken(encodeToken(counterexample))).toEqual({ ok: true, value: counterexample });
  const { workers: _, ...rest } = counterexample.instance;
  const without = { ...counterexample, instance: rest };
  expect(decodeToken(encodeToken(without))).toEqual({ ok: true, value: without });
});

describe("errors of tokens", () => {
  const json = canonicalJson(packCounterexample(COUNTEREXAMPLE));
  test.each<[string, string, string]>([
    ["empty", "", 'VMC-E030 token: expected a token, which begins with "vmc1.", found ""'],
    [
      "another word",
      "INV-TLB",
      'VMC-E030 token: expected a token, which begins with "vmc1.", found "INV-TLB"',
    ],
    [
      "another version",
      TOKEN.replace("vmc1", "vmc2"),
      "VMC-E030 token: version: expected version 1, the one that this vmapcheck reads, found 2",
    ],
    [
      "prefix only",
      "vmc1",
      "VMC-E032 token: expected three parts with a dot between them, found 1 (is the token complete?)",
    ],
    [
      "without checksum",
      "vmc1.abc",
      "VMC-E032 token: expected three parts with a dot between them, found 2 (is the token complete?)",
    ],
    ["too many parts", `${TOKEN}.x`, "VMC-E032 token: expected three parts with a dot between them, found 4"],
    [
      "cut off within the checksum",
      TOKEN.slice(0, -9),
      `VMC-E032 token: checksum: expected 16 hexadecimal digits, found "${TOKEN.slice(-16, -9)}" (is the token complete?)`,
    ],
    [
      "changed to small letters",
      TOKEN.toLowerCase(),
      `VMC-E031 token: checksum: expected "${checksum(TOKEN.toLowerCase().slice(0, -17))}", that of the token's other ` +
        `parts, found "${TOKEN.slice(-16)}" (was the token edited?)`,
    ],
    [
      "not base64url",
      tokenWith("vmc1.a+b="),
      'VMC-E032 token: payload: expected base64url text, found "a+b="',
    ],
    [
      "not JSON",
      tokenWith(`vmc1.${encodeBase64url("{")}`),
      'VMC-E010 token payload: 1:2: expected a field name in double quotes or "}", found the end of the text',
    ],
    [
      "a configuration out of range",
      tokenWith(`vmc1.${encodeBase64url(json.replace("[2,2,8,2,1,", "[99,2,8,2,1,"))}`),
      "VMC-E020 token payload: instance.cpus: expected an integer from 1 to 64, found 99",
    ],
    [
      "a name that does not exist",
      tokenWith(`vmc1.${encodeBase64url(json.replace("free(c)", "free(x)"))}`),
      "VMC-E023 token payload: instance.programs[1][3].name: expected the name of an area that some program " +
        'allocates, found "x"',
    ],
    [
      "programs that cannot be read",
      tokenWith(`vmc1.${encodeBase64url(json.replace("free(c)", "free[c]"))}`),
      'VMC-E012 token payload programs: 2:77: expected "(", found "["',
    ],
    ...[
      ["3,0,0,0", "VMC-E026 token payload: instance.poolPages: expected nothing", "found 3"],
      ["0,1,0,0", "VMC-E026 token payload: instance.workers: expected nothing", "found an object"],
      ["0,0,7,0", "VMC-E026 token payload: instance.workers: expected nothing", "found an object"],
    ].map(([item = "", start = "", end = ""]): [string, string, string] => [
      `a design that does not know [${item}]`,
      tokenWith(`vmc1.${encodeBase64url(json.replace(/\]$/, `,[${item}]]`))}`),
      `${start} (node-blocks is a design without pools), ${end}`,
    ]),
    [
      "a phase of the boot that does not exist",
      tokenWith(`vmc1.${encodeBase64url(json.replace(/\]$/, ",[0,0,0,9]]"))}`),
      'VMC-E011 token payload: instance.boot: expected "vmalloc_init", "workqueue_init_early" or "workqueue_init", ' +
        "found 9",
    ],
    [
      "more items than a token has",
      tokenWith(`vmc1.${encodeBase64url(json.replace(/\]$/, ",[0,0,0,0],1]"))}`),
      "VMC-E011 token payload: [16]: expected no such field, found 1",
    ],
    [
      "a range of one number",
      tokenWith(`vmc1.${encodeBase64url(json.replace("[0,16]", "[0]"))}`),
      "VMC-E011 token payload: [3][1]: expected a number, found nothing",
    ],
  ])("%s", (_, token, expected) => {
    expect(tokenError(token)).toBe(expected);
  });
});

test("a file with any one character exchanged is an error or means the same", () => {
  const taken: string[] = [];
  const same = canonicalJson(COUNTEREXAMPLE);
  for (let at = 0; at < FILE.length; at++) {
    for (const other of ["7", '"', " ", "x", ","]) {
      const decoded = parseCounterexample(FILE.slice(0, at) + other + FILE.slice(at + 1), "c.json");
      if (decoded.ok && canonicalJson(decoded.value) !== same) taken.push(`${other} at ${at}`);
    }
  }
  expect(taken).toEqual([]);
});

test("a file cut off anywhere is an error", () => {
  const lines = Array.from({ length: FILE.length - 1 }, (_, length) => fileError(FILE.slice(0, length)));
  expect(lines.filter((each) => !/^VMC-E010 c\.json: \d+:\d+: expected /.test(each))).toEqual([]);
});

describe("errors of files", () => {
  test.each<[string, string, string]>([
    ["another kind", "[]", "VMC-E011 c.json: expected a counterexample file, found a list of 0"],
    [
      "an instance instead",
      JSON.stringify(COUNTEREXAMPLE.instance),
      'VMC-E030 c.json: format: expected "vmapcheck-counterexample", found nothing',
    ],
    [
      "another version",
      fileWith((body) => (body["version"] = 2)),
      "VMC-E030 c.json: version: expected version 1, the one that this vmapcheck reads, found 2",
    ],
    [
      "no checksum",
      FILE.replace(/ {2}"checksum": "[0-9a-f]+",\n/, ""),
      "VMC-E031 c.json: checksum: expected 16 hexadecimal digits, found nothing",
    ],
    [
      "an edited step",
      FILE.replace('"step": 17', '"step": 18'),
      `VMC-E031 c.json: checksum: expected "${editedChecksum()}", the checksum of the rest of the file, found ` +
        `"${String((JSON.parse(FILE) as Record<string, unknown>)["checksum"])}" (was the file edited?)`,
    ],
    [
      "a field of another program",
      fileWith((body) => (body["comment"] = "seen on CPU 3")),
      "VMC-E011 c.json: comment: expected only the fields tool, instance, mutant, schedule, violation, stateDigest, " +
        "choicesDigest, found an unknown field",
    ],
    [
      "a digest that is none",
      fileWith((body) => (body["stateDigest"] = "0xyz")),
      'VMC-E011 c.json: stateDigest: expected a digest of 1 to 64 hexadecimal digits, found "0xyz"',
    ],
    [
      "an invalid instance",
      fileWith((body) => (body["instance"] = { ...COUNTEREXAMPLE.instance, nodes: 0 })),
      "VMC-E020 c.json: instance.nodes: expected an integer from 1 to 255, found 0",
    ],
    [
      "an invalid program",
      fileWith(
        (body) =>
          (body["instance"] = { ...COUNTEREXAMPLE.instance, programs: [[{ op: "free", name: "a" }]] }),
      ),
      "VMC-E023 c.json: instance.programs[0][0].name: expected the name of an area that some program allocates, " +
        'found "a"',
    ],
    [
      "a schedule out of order",
      fileWith((body) => (body["schedule"] = { switches: [], choices: [{ at: -1, value: 0 }] })),
      "VMC-E025 c.json: schedule.choices[0].at: expected an integer from 0 to 2147483647, found -1",
    ],
  ])("%s", (_, text, expected) => {
    expect(fileError(text)).toBe(expected);
  });
});

function editedChecksum(): string {
  const { checksum: _, ...body } = JSON.parse(FILE.replace('"step": 17', '"step": 18')) as Record<
    string,
    unknown
  >;
  return checksum(canonicalJson(body));
}

test("the checksum is FNV-1a: the published vectors", () => {
  expect(checksum("")).toBe("cbf29ce484222325");
  expect(checksum("a")).toBe("af63dc4c8601ec8c");
  expect(checksum("foobar")).toBe("85944171f73967e8");
});

test("the checksum equals the definition in 64-bit integers", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      let hash = 0xcbf29ce484222325n;
      for (const byte of new TextEncoder().encode(text)) {
        hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
      }
      expect(checksum(text)).toBe(hash.toString(16).padStart(16, "0"));
    }),
  );
});

test("base64url agrees with the platform's and accepts nothing else", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const encoded = encodeBase64url(text);
      expect(encoded).toBe(Buffer.from(text, "utf8").toString("base64url"));
      expect(decodeBase64url(encoded)).toBe(text);
    }),
  );
  const bad = ["A", "AB", "QR", "QQ==", "Q Q", "+w", "_w", "gICA"];
  expect(bad.filter((each) => decodeBase64url(each) !== undefined)).toEqual([]);
});
