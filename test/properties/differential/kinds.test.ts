// SPDX-License-Identifier: GPL-2.0-only
//
// Each kind of difference in a pair that is made for it, with the smallest program that shows it.

import { describe, expect, it } from "vitest";
import { GlobalTree } from "../../../impl/allocators/global-tree.ts";
import { enumerate } from "../../../properties/differential/enumerate.ts";
import { patternOf } from "../../../properties/differential/moves.ts";
import type { DesignPair } from "../../../properties/differential/pair.ts";
import type { Machine } from "../../../spec/small-machine.ts";
import {
  against,
  EndlessPurge,
  FindsFirstPage,
  FOUR_PAGES,
  line,
  mutantClass,
  OtherErrno,
  PATTERNS,
  swapped,
} from "./pairs.ts";

/** The smallest case of each kind. */
function smallest(
  designs: DesignPair,
  machine: Machine = FOUR_PAGES,
  patterns = PATTERNS,
  operationsMax = 4,
): Readonly<Record<string, string>> {
  const { differences } = enumerate(designs, { machine, patterns, operationsMax });
  return Object.fromEntries([...differences.values()].map((each) => [each.kind, line(each.case)]));
}

describe("a difference", () => {
  it("of addresses: the highest fit instead of the lowest", () => {
    expect(smallest(against(mutantClass("MU-89")), FOUR_PAGES, PATTERNS, 5)).toMatchObject({
      "another address":
        "a=alloc(1); b=alloc(1); free(a); purge; c=alloc(1) [0 quiet 0 quiet 0 quiet 0 quiet 0 quiet]",
    });
  });

  it("of failures: a request that only one of them serves, with room where nothing is live", () => {
    const pair = against(mutantClass("MU-97"));
    const program = "a=alloc(1); free(a); b=alloc(4) [0 quiet 0 quiet 0 quiet]";
    expect(smallest(pair)).toMatchObject({ "only the patch fails: -EBUSY, with nothing live": program });
    expect(smallest(swapped(pair))).toMatchObject({
      "only the predecessor fails: -EBUSY, with nothing live": program,
    });
  });

  it("of failures: with room beside what is live, and without", () => {
    const kinds = smallest(against(mutantClass("MU-97")));
    expect(kinds["only the patch fails: -EBUSY, with room"]).toBe(
      "a=alloc(1); b=alloc(2); free(b); c=alloc(2) [0 quiet 0 quiet 0 quiet 0 quiet]",
    );
    // The same request without a hole for it: the patch has come to another layout.
    const blocks = [{ allocator: "node-index" }, { allocator: "node-blocks" }] as const;
    const machine = { space: 8, cpus: 1, nodes: 1, block: 4, lazyMax: 9 };
    const patterns = ["A=alloc(1)", "A=alloc(3)", "A=alloc(2,align=4)"].map(patternOf);
    expect(smallest(blocks, machine, patterns, 3)).toMatchObject({
      "only the patch fails: -EBUSY, without room":
        "a=alloc(1); b=alloc(3); c=alloc(2,align=4) [0 quiet 0 quiet 0 quiet]",
    });
  });

  it("of the errno", () => {
    expect(smallest(against(OtherErrno))).toEqual({
      "another failure: -ENOMEM instead of -EBUSY": "a=alloc(1); b=alloc(4) [0 quiet 0 quiet]",
    });
  });

  it("of look-ups", () => {
    expect(smallest(against(FindsFirstPage))["another find"]).toBe("a=alloc(2); find(a+1) [0 quiet 0 quiet]");
  });

  it("of invariants, by name: no flush before pages are used again", () => {
    const kinds = smallest(against(mutantClass("MU-1")));
    const program = "a=alloc(1); free(a); purge [0 quiet 0 quiet 0 quiet]";
    expect(kinds).toEqual({ "only the patch violates INV-TLB": program });
    expect(smallest(swapped(against(mutantClass("MU-1"))))).toEqual({
      "only the predecessor violates INV-TLB": program,
    });
  });

  it("of ends: what goes round for ever", () => {
    expect(smallest(against(EndlessPurge))["only the patch does not end"]).toBe("purge [0 quiet]");
    expect(smallest(swapped(against(EndlessPurge)))["only the predecessor does not end"]).toBe(
      "purge [0 quiet]",
    );
  });

  it("in work that was left behind shows where it runs", () => {
    const machine = { ...FOUR_PAGES, lazyMax: 0 };
    const patterns = ["A=alloc(1)", "free(A)"].map(patternOf);
    expect(smallest(against(mutantClass("MU-1")), machine, patterns)).toEqual({
      "only the patch violates INV-TLB": "a=alloc(1); free(a) [0 quiet 0 quiet]",
    });
  });

  it("where an allocation fails counts only where both designs come to it", () => {
    const pair: DesignPair = [{ allocator: "node-index" }, { allocator: "node-blocks" }];
    const plan = {
      machine: { space: 8, cpus: 1, nodes: 1, lazyMax: 9 },
      patterns: ["A=alloc(1)"].map(patternOf),
      operationsMax: 3,
      faultedOnly: true,
    };
    expect(enumerate(pair, { ...plan, fault: "fill-record" }).programs).toBe(0);
    const { differences, programs } = enumerate(pair, { ...plan, fault: "kasan" });
    expect(programs).toBeGreaterThan(0);
    expect([...differences.values()].map((each) => line(each.case))).toEqual([
      "a=alloc(1); b=alloc(1) [0! quiet 0 quiet]",
    ]);
  });

  it("is none between a design and itself", () => {
    for (const lazyMax of [0, 9])
      expect(smallest(against(GlobalTree), { ...FOUR_PAGES, lazyMax })).toEqual({});
  });
});
