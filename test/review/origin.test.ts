// SPDX-License-Identifier: GPL-2.0-only
//
// Where a violation comes from is found by running its case on the code before, and not taken from the catalogue.

import { expect, test } from "vitest";
import { type OriginBounds, originOf } from "../../review/origin.ts";
import type { OriginResult } from "../../review/report.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { COUNTEREXAMPLE } from "../spec/sample.ts";

const BOUNDS: OriginBounds = { statesMax: 20_000, runs: 200, seed: "test", heed: () => false };

function found(
  allocator: AllocatorId,
  invariant: string,
  options: Parameters<typeof instanceOf>[1],
  ...programs: string[]
): Counterexample {
  const instance = instanceOf(allocator, options, ...programs);
  const violation = { invariant, message: "found", step: 1 };
  return { ...COUNTEREXAMPLE, mutant: undefined, instance, violation };
}

const REFUSED = found(
  "node-blocks",
  "INV-COMPLETE-ALL",
  { space: 4, block: 4, cpus: 1 },
  "a=alloc(1); b=alloc(1); free(a); c=alloc(1)",
);

test("what the code before never comes to was introduced", () => {
  const { origin, text }: OriginResult = originOf(REFUSED, "node-index", BOUNDS)!;
  expect(origin).toBe("introduced");
  expect(text).toMatch(/^node-index never comes to it in the same case; exhausted: [\d,]+ states$/);
});

test("without a search it was only not seen", () => {
  expect(originOf(REFUSED, "node-index", { ...BOUNDS, statesMax: 0 })).toEqual({
    origin: "not-seen-before",
    text: "node-index did not come to it in 200 interleavings of the same case",
  });
});

test("what the code before comes to was there, by a search and by chance", () => {
  const earlier = found("node-index", "INV-COMPLETE-ALL", { space: 4, cpus: 1 }, "a=alloc(1)");
  const same = { ...REFUSED, instance: { ...REFUSED.instance, allocator: "node-index" as const } };
  expect(originOf(same, "node-blocks", BOUNDS)).toMatchObject({ origin: "present-before" });
  expect(originOf(same, "node-blocks", { ...BOUNDS, statesMax: 0 })).toMatchObject({
    origin: "present-before",
  });
  expect(originOf(earlier, "node-blocks", BOUNDS)?.origin).toBe("introduced");
});

test("a rule about what the patch brings is about nothing before it", () => {
  const kept = found("node-blocks", "INV-BLOCK-RETURN", { space: 4, block: 4 }, "a=alloc(1); purge");
  expect(originOf(kept, "node-index", BOUNDS)).toEqual({
    origin: "introduced",
    text: "node-index has nothing that INV-BLOCK-RETURN is about",
  });
});

test("situations and mistakes that were put in have no origin", () => {
  const kept = found("node-blocks", "STRANDED-FIT", { space: 4, block: 4 }, "a=alloc(1)");
  expect(originOf(kept, "node-index", BOUNDS)).toBeUndefined();
  expect(originOf({ ...REFUSED, mutant: "MU-1" }, "node-index", BOUNDS)).toBeUndefined();
  expect(originOf(REFUSED, "node-blocks", BOUNDS)).toBeUndefined();
});

test("a case that the code before cannot run is not compared", () => {
  const shrinker = found("size-pools", "INV-COMPLETE-ALL", { space: 4, cpus: 1 }, "a=alloc(1); shrink");
  const result = originOf(shrinker, "node-index", BOUNDS);
  expect(result?.origin).toBe("not-comparable");
  expect(result?.text).toMatch(/^the case is none of node-index: case: /);
});
