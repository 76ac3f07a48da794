// SPDX-License-Identifier: GPL-2.0-only
//
// The patches against their predecessors: which kinds of difference there are, and the smallest program of each.

import { describe, expect, it } from "vitest";
import { NodeBlocks } from "../../impl/allocators/node-blocks.ts";
import { mutantOf } from "../../properties/mutants/catalogue.ts";
import type { DifferenceResult } from "../../review/difference-report.ts";
import { compareRevision, comparisonsOf, differenceProblems } from "../../review/differences.ts";
import { differencesText } from "../../review/render/difference-text.ts";
import { DEFECTS } from "../../spec/defects.ts";
import { DOSSIERS, findDossier } from "../../spec/dossiers.ts";

const NO_HEED = (): boolean => false;

function compared(patch: string, version: string): DifferenceResult {
  const comparison = comparisonsOf(findDossier(patch)!).find((each) => each.version === version)!;
  return compareRevision(comparison, { seed: "gate", small: false, heed: NO_HEED });
}

function smallest({ kinds }: DifferenceResult): Readonly<Record<string, string>> {
  return Object.fromEntries(
    kinds.map(({ kind, example, race }) => [
      kind,
      example ? `${example.programs.join(" || ")} [${example.order}]` : race!.programs.join(" || "),
    ]),
  );
}

const RUNS_ON_A_WORKER = {
  "only the predecessor violates INV-WQ-NODEADLOCK": "a=alloc(2,align=4); free(a) [0 quiet 0 quiet]",
  "only the predecessor does not end": "a=alloc(2,align=4); free(a) [0 quiet 0 quiet]",
  "only the predecessor can come to successes and failures": "purge || a=alloc(3); free(a)",
  "only the patch can come to successes and failures": "purge || a=alloc(3); free(a)",
};

describe("the differences of a patch", () => {
  it("node-blocks", { timeout: 120_000 }, () => {
    const result = compared("node-blocks", "v2");
    expect(smallest(result)).toEqual({
      "another address": "a=alloc(1) [0 quiet]",
      "only the patch fails: -EBUSY, with room": "a=alloc(1); b=alloc(2,align=4) [0 quiet 0 quiet]",
      "only the patch violates INV-COMPLETE-ALL": "a=alloc(1); b=alloc(3) [0 quiet 0 quiet]",
      "only the patch violates INV-BLOCK-RETURN": "a=alloc(1); purge [0! quiet 0 quiet]",
      "only the patch fails: -EBUSY, with nothing live":
        "a=alloc(1); b=alloc(1,window=0..1) [0! quiet 0 quiet]",
      "only the patch fails: -EBUSY, without room":
        "a=alloc(1); b=alloc(3); c=alloc(2,align=4) [0 quiet 0 quiet 0 quiet]",
      "only the predecessor fails: -EBUSY, with room":
        "a=alloc(1); free(a); b=alloc(2,align=4); c=alloc(2,align=4) [0 0 0 0]",
      "only the predecessor fails: -EBUSY, without room":
        "a=alloc(1); free(a); b=alloc(2,align=4); c=alloc(6) [0 0 0 0]",
      "only the predecessor can come to addresses": "purge || a=alloc(1)",
      "only the patch can come to addresses": "purge || a=alloc(1)",
      "only the predecessor can come to successes and failures": "a=alloc(1) || b=alloc(1)",
      "only the patch can come to successes and failures": "a=alloc(1) || b=alloc(1)",
    });
    expect(differenceProblems([result])).toEqual([]);
    expect(result).toMatchObject({ programs: 63_277, randomPrograms: 150, races: 39, undecided: [] });
  });

  it("unbound-drain, v2", { timeout: 120_000 }, () => {
    const result = compared("unbound-drain", "v2");
    expect(smallest(result)).toEqual({
      ...RUNS_ON_A_WORKER,
      "only the patch violates INV-WQ-FLUSH":
        "a=alloc(1); free(a); free(b) || b=alloc(1) [0 quiet 1 quiet 0 quiet 0 quiet]",
    });
    expect(differenceProblems([result])).toEqual([]);
  });

  it("unbound-drain, v3", { timeout: 120_000 }, () => {
    const result = compared("unbound-drain", "v3");
    expect(smallest(result)).toEqual(RUNS_ON_A_WORKER);
    expect(differenceProblems([result])).toEqual([]);
  });
});

describe("a comparison in the gate", () => {
  const [comparison] = comparisonsOf(findDossier("node-blocks")!);
  const gate = { seed: "gate", small: true, heed: NO_HEED };

  it("says which kind nobody expects", () => {
    const designs = { "node-blocks": mutantOf("MU-11").make };
    const result = compareRevision({ ...comparison!, expected: [] }, { ...gate, designs });
    expect(result.kinds.length).toBeGreaterThan(3);
    const problems = differenceProblems([result]);
    expect(problems).toHaveLength(result.kinds.length);
    expect(problems[0]).toBe('node-blocks v2: nobody expects "another address", as in "a=alloc(1)"');
    expect(differencesText([result])).toContain("another address (UNEXPECTED)");
  });

  it("misses nothing that it is too short for, and says what a whole one misses", () => {
    const { before } = comparison!.dossier;
    const same = { ...comparison!, after: before };
    expect(differenceProblems([compareRevision(same, gate)])).toEqual([]);
    const plan = {
      ...comparison!.dossier.differences,
      operationsMax: 1,
      random: { cases: 0, operationsMax: 1 },
    };
    const dossier = { ...comparison!.dossier, differences: plan };
    const result = compareRevision({ ...same, dossier }, { ...gate, small: false });
    expect(result.kinds).toEqual([]);
    expect(differenceProblems([result])).toHaveLength(plan.expected.length);
    expect(differencesText([result])).toContain("EXPECTED, NOT SEEN: another address");
  });

  it("that is cut short is not decided, and misses nothing", () => {
    const result = compareRevision(comparison!, { ...gate, small: false, heed: () => true });
    expect(result).toMatchObject({ undecided: ["the comparison was cut short"], missing: [], programs: 0 });
  });

  it("takes what stands in for a port", () => {
    class Same extends NodeBlocks {}
    const result = compareRevision(comparison!, { ...gate, designs: { "node-blocks": Same } });
    expect(smallest(result)).toEqual(smallest(compareRevision(comparison!, gate)));
  });
});

it("every expectation names a kind once, defects that exist and claims of its dossier", () => {
  for (const { claims, differences, revisions } of DOSSIERS) {
    for (const expected of [differences.expected, ...revisions.map((each) => each.differences)]) {
      const kinds = expected.map(({ kind }) => kind);
      expect(new Set(kinds).size).toBe(kinds.length);
      for (const each of expected) {
        for (const id of each.defects) expect(DEFECTS.map((defect): string => defect.id)).toContain(id);
        for (const id of each.claims) expect(claims.map((claim): string => claim.id)).toContain(id);
        expect(each.why).toMatch(/^[A-Z].*\.$/);
      }
    }
  }
});
