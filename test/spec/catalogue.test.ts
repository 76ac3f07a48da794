// SPDX-License-Identifier: GPL-2.0-only
//
// The catalogues agree with each other: ids are unique, every reference leads somewhere, nothing is missing.

import { describe, expect, test } from "vitest";
import { DEFECTS, defectOf } from "../../spec/defects.ts";
import type { Claim, Evidence } from "../../spec/dossier.ts";
import { DOSSIERS, findDossier } from "../../spec/dossiers.ts";
import {
  NODE_BLOCKS_CAMPAIGNS,
  NODE_BLOCKS_MEASURES,
  NODE_BLOCKS_PROPERTIES,
  NODE_BLOCKS_STATIC_CHECKS,
} from "../../spec/dossiers/node-blocks-evidence.ts";
import {
  UNBOUND_DRAIN_CAMPAIGNS,
  UNBOUND_DRAIN_PROPERTIES,
  UNBOUND_DRAIN_STATIC_CHECKS,
} from "../../spec/dossiers/unbound-drain-evidence.ts";
import { ALLOCATOR_IDS } from "../../spec/instance.ts";
import {
  expectedOf,
  INVARIANTS,
  invariantOf,
  invariantsFor,
  isExpectedToHold,
  isInvariantId,
} from "../../spec/invariants.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import { USER_ERROR_CODES } from "../../spec/user-error.ts";

const claims: readonly Claim[] = DOSSIERS.flatMap((dossier) => dossier.claims);

function unique(list: readonly string[]): boolean {
  return new Set(list).size === list.length;
}

/** A sentence of ours begins with a capital or a kernel name, ends with a full stop, and has single blanks. */
function isSentence(text: string): boolean {
  return /^(?:[A-Z]|[a-z]+_)(?!.* {2}).*[.]$/.test(text);
}

/** The ids of the entries for which something does not hold. */
function failing<E extends { readonly id: string }>(
  list: readonly E[],
  holds: (entry: E) => boolean,
): string[] {
  return list.filter((entry) => !holds(entry)).map((entry) => entry.id);
}

describe("invariants", () => {
  test("ids are unique and well formed", () => {
    expect(unique(INVARIANTS.map((each) => each.id))).toBe(true);
    expect(failing(INVARIANTS, ({ id }) => /^INV-[A-Z0-9]+(-[A-Z0-9]+)*$/.test(id))).toEqual([]);
  });

  test("each has one sentence, a source and a design", () => {
    expect(failing(INVARIANTS, ({ statement }) => isSentence(statement))).toEqual([]);
    expect(failing(INVARIANTS, ({ source }) => source.length > 5)).toEqual([]);
    expect(failing(INVARIANTS, ({ designs }) => Object.keys(designs).length > 0)).toEqual([]);
  });

  test("every violation that is expected names its defects and claims", () => {
    const known = [...DEFECTS.map((each) => each.id), ...claims.map((each) => each.id)] as string[];
    for (const allocator of ALLOCATOR_IDS) {
      const unnamed = failing(invariantsFor(allocator), ({ designs }) => {
        const expectation = designs[allocator];
        if (expectation?.verdict !== "violated") return true;
        return expectation.by.length > 0 && expectation.by.every((by) => known.includes(by));
      });
      expect(unnamed).toEqual([]);
    }
  });

  test("what is expected of each design", () => {
    const violated = (allocator: (typeof ALLOCATOR_IDS)[number]): readonly string[] =>
      invariantsFor(allocator)
        .map((each) => each.id)
        .filter((id) => expectedOf(id, allocator) === "violated");
    expect(violated("global-tree")).toEqual([]);
    expect(violated("node-index")).toEqual([]);
    expect(violated("node-blocks")).toEqual(["INV-COMPLETE-ALL", "INV-PCPU-COMPLETE", "INV-BLOCK-RETURN"]);
    expect(violated("unbound-drain")).toContain("INV-WQ-FLUSH");
    expect(expectedOf("INV-WQ-FLUSH", "unbound-drain-v3")).toBe("holds");
    expect(ALLOCATOR_IDS.map((each) => invariantsFor(each).length)).toEqual([34, 35, 47, 49, 49, 49, 54, 56]);
    expect(expectedOf("INV-BLOCK-EDGE", "global-tree")).toBe("not-applicable");
  });

  test("what is expected of designs with pools depends on what an instance has", () => {
    const machine = { space: 4, block: 2, lazyMax: 1 } as const;
    const broken = (allocator: (typeof ALLOCATOR_IDS)[number], more: Partial<Machine>, program = "purge") => {
      const instance = instanceOf(allocator, { ...machine, ...more }, program);
      return invariantsFor(allocator)
        .map(({ id }) => id)
        .filter((id) => !isExpectedToHold(id, allocator, [instance]));
    };
    const pools = ["size-pools", "unbound-drain", "unbound-drain-v3"] as const;
    expect(pools.map((each) => broken(each, {}))).toEqual([[], ["INV-WQ-FLUSH"], []]);
    expect(pools.map((each) => broken(each, { workers: { idle: 0 } }))).toEqual([
      ["INV-WQ-NODEADLOCK"],
      ["INV-WQ-FLUSH", "INV-WQ-NODEADLOCK"],
      [],
    ]);
    expect(broken("unbound-drain-v3", { boot: "workqueue_init" })).toEqual(["INV-DRAIN"]);
    expect(broken("unbound-drain-v3", { faults: ["queue-work"] })).toEqual([]);
    expect(broken("unbound-drain", { faults: ["queue-work"] })).toContain("INV-HELPERS-DONE");
    expect(broken("unbound-drain-v3", {}, "shrink")).toContain("INV-PURGE-SERIAL");
  });

  test("lookups", () => {
    expect(invariantOf("INV-TLB").kind).toBe("safety");
    expect(isInvariantId("INV-TLB")).toBe(true);
    expect(isInvariantId("INV-NONE")).toBe(false);
  });
});

describe("defects", () => {
  test("ids are unique, descriptions are sentences, invariants exist", () => {
    expect(unique(DEFECTS.map((each) => each.id))).toBe(true);
    expect(failing(DEFECTS, ({ description }) => isSentence(description))).toEqual([]);
    expect(failing(DEFECTS, ({ breaks }) => breaks.every(isInvariantId))).toEqual([]);
  });

  test("what is refuted breaks nothing", () => {
    const refuted = DEFECTS.filter((each) => each.label === "refuted");
    expect(refuted.map((each) => each.id)).toEqual([
      "DEF-N7",
      "DEF-N8",
      "DEF-N9",
      "DEF-N10",
      "DEF-P2",
      "DEF-P3",
      "DEF-U5",
      "DEF-U7",
      "DEF-U8",
      "DEF-O10",
      "DEF-O11",
      "DEF-O12",
    ]);
    expect(failing(refuted, ({ breaks }) => breaks.length === 0)).toEqual([]);
  });

  test("every defect that an invariant is violated by says so itself", () => {
    const violated = ALLOCATOR_IDS.flatMap((allocator) =>
      invariantsFor(allocator).flatMap(({ id, designs }) => {
        const expectation = designs[allocator];
        if (expectation?.verdict !== "violated") return [];
        return [{ id: `${id} of ${allocator}`, invariant: id, by: expectation.by }];
      }),
    );
    const silent = failing(violated, ({ invariant, by }) =>
      by
        .filter((each) => each.startsWith("DEF-"))
        .some((each) => {
          const defect = DEFECTS.find(({ id }) => id === each);
          return (
            defect !== undefined && (defectOf(defect.id).breaks as readonly string[]).includes(invariant)
          );
        }),
    );
    expect(violated.length).toBeGreaterThan(0);
    expect(silent).toEqual([]);
  });
});

describe("the dossier of the node-blocks patch", () => {
  const dossier = findDossier("node-blocks");
  const its = dossier?.claims ?? [];

  test("has the claims C2-1 to C2-23, in order", () => {
    expect(its.map((each) => each.id)).toEqual(Array.from({ length: 23 }, (_, i) => `C2-${i + 1}`));
  });

  test("every quotation is short, has a place, and every claim says how it is checked", () => {
    const words = (text: string): number => text.split(" ").length;
    expect(failing(its, ({ quote }) => quote === quote.trim() && quote !== "" && words(quote) <= 15)).toEqual(
      [],
    );
    expect(failing(its, ({ line, elsewhere }) => (line === undefined) !== (elsewhere === undefined))).toEqual(
      [],
    );
    expect(failing(its, ({ line = 1 }) => line >= 1 && line <= (dossier?.threadLines ?? 0))).toEqual([]);
    expect(failing(its, ({ how, note = "None." }) => isSentence(how) && isSentence(note))).toEqual([]);
  });

  test("the pinned verdicts", () => {
    const by = (verdict: Claim["pinned"]): readonly string[] =>
      its.filter((each) => each.pinned === verdict).map((each) => each.id);
    expect(by("refuted")).toEqual(["C2-3", "C2-12", "C2-17", "C2-19", "C2-20"]);
    expect(by("partly")).toEqual(["C2-2", "C2-22"]);
    expect(by("not-checkable")).toEqual(["C2-8", "C2-21", "C2-23"]);
  });

  test("the evidence can give the pinned verdict", () => {
    expect(failing(its, ({ evidence, pinned }) => possible(evidence).includes(pinned))).toEqual([]);
  });

  test("invariants of the evidence apply to the design, and are violated just where the claim is refuted", () => {
    const wrong = failing(its, ({ evidence, pinned }) => {
      if (evidence.kind !== "invariants") return true;
      const expected = evidence.ids.map((each) => expectedOf(each, "node-blocks"));
      const violated = expected.includes("violated") || evidence.mutant !== undefined;
      return !expected.includes("not-applicable") && violated === (pinned === "refuted");
    });
    expect(wrong).toEqual([]);
  });

  test("a mutant is judged by invariants that the faithful port keeps", () => {
    const blurred = failing(its, ({ evidence }) => {
      if (evidence.kind !== "invariants" || evidence.mutant === undefined) return true;
      return evidence.ids.every((each) => expectedOf(each, "node-blocks") === "holds");
    });
    expect(blurred).toEqual([]);
  });

  test("every name of the evidence is used, and means something", () => {
    const evidence = its.map((each) => each.evidence);
    const campaigns = new Set(evidence.flatMap((each) => ("campaign" in each ? [each.campaign] : [])));
    const properties = new Set(evidence.flatMap(propertiesOf));
    const statics = evidence.flatMap((each) => (each.kind === "static" ? [each.check] : []));
    const measures = evidence.flatMap((each) => (each.kind === "measured" ? [each.measure] : []));
    expect([...properties].sort()).toEqual(Object.keys(NODE_BLOCKS_PROPERTIES).sort());
    expect(statics.sort()).toEqual(Object.keys(NODE_BLOCKS_STATIC_CHECKS).sort());
    expect(measures).toEqual(Object.keys(NODE_BLOCKS_MEASURES));
    const regression = ["node-blocks-fill-fault", "node-blocks-helpers"];
    expect([...campaigns, ...regression].sort()).toEqual(Object.keys(NODE_BLOCKS_CAMPAIGNS).sort());
  });
});

describe("the dossier of the unbound-drain patch", () => {
  const dossier = findDossier("unbound-drain")!;
  const its = dossier.claims;

  test("has the claims C0-1 to C0-8, in order, each with a quotation at a line", () => {
    expect(its.map((each) => each.id)).toEqual(Array.from({ length: 8 }, (_, i) => `C0-${i + 1}`));
    expect(failing(its, ({ line = 0 }) => line >= 1 && line <= dossier.threadLines)).toEqual([]);
    expect(failing(its, ({ quote }) => quote === quote.trim() && quote.split(" ").length <= 15)).toEqual([]);
    expect(failing(its, ({ how, note = "None." }) => isSentence(how) && isSentence(note))).toEqual([]);
  });

  test("the pinned verdicts, on v2 and on v3", () => {
    const { pinned, design } = dossier.revisions[0]!;
    expect(design).toBe("unbound-drain-v3");
    expect(Object.keys(pinned)).toEqual(its.map(({ id }) => id));
    expect(its.map(({ id, pinned: first }) => `${id} ${first}, ${pinned[id]!.verdict}`))
      .toMatchInlineSnapshot(`
      [
        "C0-1 not-checkable, not-checkable",
        "C0-2 not-checkable, not-checkable",
        "C0-3 refuted, holds",
        "C0-4 partly, partly",
        "C0-5 holds, holds",
        "C0-6 holds, holds",
        "C0-7 holds, holds",
        "C0-8 refuted, holds",
      ]
    `);
  });

  test("the evidence can give the pinned verdicts", () => {
    expect(failing(its, ({ evidence, pinned }) => possible(evidence).includes(pinned))).toEqual([]);
    const { pinned } = dossier.revisions[0]!;
    expect(failing(its, ({ id, evidence }) => possible(evidence).includes(pinned[id]!.verdict))).toEqual([]);
  });

  test("every name of the evidence is used, and means something", () => {
    const evidence = its.map((each) => each.evidence);
    const named = evidence.flatMap((each) =>
      each.kind === "invariants" ? [each.campaign, ...(each.unless === undefined ? [] : [each.unless])] : [],
    );
    expect(named.filter((id) => !(id in UNBOUND_DRAIN_CAMPAIGNS))).toEqual([]);
    expect([...new Set(evidence.flatMap(propertiesOf))].sort()).toEqual(
      Object.keys(UNBOUND_DRAIN_PROPERTIES).sort(),
    );
    const statics = evidence.flatMap((each) => (each.kind === "static" ? [each.check] : []));
    expect(statics).toEqual(Object.keys(UNBOUND_DRAIN_STATIC_CHECKS));
  });
});

test("user error codes have a meaning each", () => {
  for (const [code, meaning] of Object.entries(USER_ERROR_CODES)) {
    expect(code).toMatch(/^VMC-E\d{3}$/);
    expect(meaning).toMatch(/^[a-z].*[^.]$/);
  }
  expect(unique(Object.values(USER_ERROR_CODES))).toBe(true);
});

/** The verdicts that a kind of evidence can give. */
function possible(evidence: Evidence): readonly Claim["pinned"][] {
  switch (evidence.kind) {
    case "invariants":
      return evidence.despite === undefined ? ["holds", "refuted"] : ["holds", "partly", "refuted"];
    case "reachable":
      return [evidence.reached, evidence.unreached];
    case "static":
    case "measured":
      return ["holds", "partly", "refuted"];
    case "none":
      return ["not-checkable"];
  }
}

function propertiesOf(evidence: Evidence): readonly string[] {
  switch (evidence.kind) {
    case "invariants":
      return [...(evidence.witnesses ?? []), ...(evidence.despite === undefined ? [] : [evidence.despite])];
    case "reachable":
      return [
        evidence.property,
        ...(evidence.never === undefined ? [] : [evidence.never]),
        ...(evidence.witnesses ?? []),
      ];
    case "static":
    case "measured":
    case "none":
      return [];
  }
}
