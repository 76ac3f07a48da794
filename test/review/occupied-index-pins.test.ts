// SPDX-License-Identifier: GPL-2.0-only
// The verdicts on record for what needs no campaign: each claim of the occupied-index patch that a count or a computation
// decides comes out as it is pinned.
import { describe, expect, it } from "vitest";
import { measureOf } from "../../review/measures.ts";
import { staticCheckOf } from "../../review/static-checks.ts";
import type { Claim } from "../../spec/dossier.ts";
import {
  OCCUPIED_INDEX_MEASURES,
  OCCUPIED_INDEX_STATIC_CHECKS,
} from "../../spec/dossiers/occupied-index-evidence.ts";
import { OCCUPIED_INDEX_DOSSIER } from "../../spec/dossiers/occupied-index.ts";

const CLAIMS: readonly Claim[] = OCCUPIED_INDEX_DOSSIER.claims;

const decided = CLAIMS.flatMap(({ id, evidence, pinned }) => {
  if (evidence.kind === "static") {
    const judge = staticCheckOf(evidence.check);
    return [{ id, names: evidence.check, pinned, verdict: () => judge().verdict }];
  }
  if (evidence.kind === "measured") {
    const judge = measureOf(evidence.measure);
    return [{ id, names: evidence.measure, pinned, verdict: () => judge().verdict }];
  }
  return [];
});

describe("claims that counts and computations decide", () => {
  it.each(decided)("$id, $names: $pinned", ({ verdict, pinned }) => {
    expect(verdict()).toBe(pinned);
  });

  it("name each count and each computation of the dossier once", () => {
    const named = Object.keys({ ...OCCUPIED_INDEX_STATIC_CHECKS, ...OCCUPIED_INDEX_MEASURES });
    expect(decided.map(({ names }) => names).toSorted()).toEqual(named.toSorted());
  });
});
