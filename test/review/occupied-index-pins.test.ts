// SPDX-License-Identifier: GPL-2.0-only
// The verdicts on record for what needs no campaign: each claim of the occupied-index patch that a count or a computation
// decides comes out as it is pinned.
import { describe, expect, it } from "vitest";
import { type ClaimContext, judgeClaim } from "../../review/claims.ts";
import type { Claim } from "../../spec/dossier.ts";
import {
  OCCUPIED_INDEX_MEASURES,
  OCCUPIED_INDEX_STATIC_CHECKS,
} from "../../spec/dossiers/occupied-index-evidence.ts";
import { OCCUPIED_INDEX_DOSSIER } from "../../spec/dossiers/occupied-index.ts";

const CLAIMS: readonly Claim[] = OCCUPIED_INDEX_DOSSIER.claims;

const decided = CLAIMS.flatMap((claim) => {
  const { id, evidence, pinned } = claim;
  const name =
    evidence.kind === "static" ? evidence.check : evidence.kind === "measured" ? evidence.measure : undefined;
  return name === undefined ? [] : [{ id, name, pinned, claim }];
});

/** Nothing was run: these claims need no run. */
const NO_RUNS: ClaimContext = {
  seed: "none",
  runs: 0,
  campaigns: new Map(),
  instances: [],
  heed: () => false,
};

describe("claims that counts and computations decide", () => {
  it.each(decided)("$id, $name: $pinned", ({ claim, pinned }) => {
    const { verdict, asPinned, runs } = judgeClaim(claim, NO_RUNS);
    expect({ verdict, asPinned, runs }).toEqual({ verdict: pinned, asPinned: true, runs: 0 });
  });

  it("name each count and each computation of the dossier once", () => {
    const named = Object.keys({ ...OCCUPIED_INDEX_STATIC_CHECKS, ...OCCUPIED_INDEX_MEASURES });
    expect(decided.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
  });

  it("come with the rows, the rule and the lines that they rest on, also as JSON", () => {
    const judged = decided.map(({ claim }) => judgeClaim(claim, NO_RUNS));
    for (const { claim, rows, rule, title } of judged) {
      const measured = claim.evidence.kind === "measured";
      expect([rows !== undefined, rule !== undefined, title !== undefined]).toEqual([
        measured,
        measured,
        measured,
      ]);
    }
    expect(judged.filter(({ lines }) => lines !== undefined).map(({ claim }) => claim.id)).toEqual([
      "C1-3",
      "C1-6",
      "C1-15",
      "C1-17",
    ]);
    expect(JSON.parse(JSON.stringify(judged))).toEqual(judged);
  });
});
