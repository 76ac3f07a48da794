// SPDX-License-Identifier: GPL-2.0-only
//
// Numbers of up to 64 bits, held against whole ones of any size.

import { expect, test } from "vitest";
import { fc } from "@fast-check/vitest";
import { bytesOf } from "../../../trace/reader/line-event.ts";
import { TOO_WIDE, WideNumber } from "../../../trace/reader/wide-number.ts";

const LIMIT = 2n ** 64n;

/** Numbers of every length, and those around powers of two and ten. */
const numbers = fc.oneof(
  fc.integer({ min: 0, max: 70 }).chain((bits) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) })),
  fc
    .tuple(fc.constantFrom(2n, 10n), fc.integer({ min: 0, max: 70 }), fc.integer({ min: -2, max: 2 }))
    .map(
      ([base, exponent, offset]) => base ** BigInt(base === 10n ? exponent % 22 : exponent) + BigInt(offset),
    )
    .filter((n) => n >= 0n),
);

/** Scans the digits of `n`, which stand between two other characters. */
function check(n: bigint, digits: string, scan: (number: WideNumber, bytes: Uint8Array) => number): void {
  const number = new WideNumber();
  const behind = scan(number, bytesOf(`=${digits} `));
  const isWide = n >= LIMIT;
  expect(behind).toBe(isWide ? TOO_WIDE : 1 + digits.length);
  const found = BigInt(number.page) * 4096n + BigInt(number.offset);
  expect([found, number.value()]).toEqual(isWide ? [found, number.value()] : [n, Number(n)]);
}

test("decimal", () => {
  fc.assert(
    fc.property(numbers, (n) => check(n, String(n), (number, bytes) => number.decimal(bytes, 1))),
    { seed: 1, numRuns: 3000 },
  );
});

test("hexadecimal, in either case", () => {
  fc.assert(
    fc.property(numbers, fc.boolean(), (n, isUpper) => {
      const digits = isUpper ? n.toString(16).toUpperCase() : n.toString(16);
      check(n, digits, (number, bytes) => number.hex(bytes, 1));
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("no digit", () => {
  expect(new WideNumber().decimal(bytesOf("x "), 0)).toBe(0);
  expect(new WideNumber().hex(bytesOf("x "), 0)).toBe(0);
});
