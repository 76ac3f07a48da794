// SPDX-License-Identifier: GPL-2.0-only
//
// What became of the claims of a patch in a later revision of it, judged by the same evidence.

import type { Dossier, Verdict } from "../spec/dossier.ts";
import type { ClaimResult, Judged } from "./report.ts";

/**
 * fixed: something spoke against the claim, and nothing does any more. still: it does on both. new: it does on the later
 * one only. same: on neither.
 */
export type Development = "fixed" | "still" | "new" | "same";

/** A claim on two revisions. */
export interface ClaimDevelopment {
  readonly claim: string;
  readonly from: Judged["verdict"];
  readonly to: Judged["verdict"];
  readonly development: Development;
}

/** The claims on the patch itself and on one of its later revisions, in their order. Throws if there is no such revision. */
export function developments(
  { revisions }: Dossier,
  claims: readonly ClaimResult[],
  against: string,
): readonly ClaimDevelopment[] {
  if (!revisions.some(({ id }) => id === against)) throw new Error(`no revision ${against}`);
  return claims.flatMap(({ claim, revisions: later = [], verdict: from }) => {
    const to = later.find(({ id }) => id === against)?.verdict;
    return to === undefined ? [] : [{ claim: claim.id, from, to, development: developmentOf(from, to) }];
  });
}

const AGAINST: ReadonlySet<Verdict | "not-decided"> = new Set(["refuted", "partly"]);

function developmentOf(from: Judged["verdict"], to: Judged["verdict"]): Development {
  if (AGAINST.has(from)) return AGAINST.has(to) ? "still" : "fixed";
  return AGAINST.has(to) ? "new" : "same";
}
