// SPDX-License-Identifier: GPL-2.0-only
//
// What a report says of each patch, as checks: its claims on each of its revisions, and what callers see otherwise than
// of its predecessor.

import type { Dossier, Verdict } from "../../spec/dossier.ts";
import { findDossier } from "../../spec/dossiers.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import type { DifferenceLine, DifferenceResult } from "../difference-report.ts";
import { VERDICTS, evidenceText, shownBy } from "../render/claim-text.ts";
import { differenceSummary } from "../render/difference-text.ts";
import type { CheckReport, ClaimResult, Judged } from "../report.ts";
import type { OutlineCheck, OutlineGroup } from "./outline.ts";

/** A group for each patch, in the order of the report. */
export function patchGroups({ patches, claims, differences }: CheckReport): readonly OutlineGroup[] {
  return patches.flatMap((id) => {
    const dossier = findDossier(id);
    if (!dossier) return [];
    const own = claims.filter(({ claim }) => dossier.claims.some((each) => each.id === claim.id));
    const compared = differences.filter(({ patch }) => patch === id);
    const parts: readonly OutlineGroup[] = [
      { name: "claims", parts: own.flatMap((result) => claimChecks(result, dossier)) },
      { name: "differences", parts: compared.flatMap(differenceChecks) },
    ];
    const filled = parts.filter((part) => part.parts.length > 0);
    return filled.length === 0 ? [] : [{ name: id, parts: filled }];
  });
}

function claimChecks(result: ClaimResult, { after, revisions }: Dossier): readonly OutlineCheck[] {
  const { claim } = result;
  const line = (
    name: string,
    allocator: AllocatorId,
    judged: Judged & { readonly asPinned: boolean },
    pinned: Verdict,
  ): OutlineCheck => {
    const { verdict, asPinned, counterexample, shortest } = judged;
    const record = asPinned ? "as on record" : `on record as ${VERDICTS[pinned]}`;
    const decided = verdict !== "not-decided";
    return {
      name,
      rule: claim.id,
      allocator,
      title: claim.quote,
      ending: decided ? (asPinned ? "passed" : "failed") : "not-decided",
      notes: [
        `${VERDICTS[verdict]}${conditionText(judged)}, ${record}: ${evidenceText(judged)}`,
        ...(counterexample ? [shownBy(counterexample, shortest)] : []),
        ...(claim.defects.length === 0 ? [] : [`see ${claim.defects.join(", ")}`]),
      ],
      counterexample,
      refuted: verdict === "refuted",
    };
  };
  return [
    line(claim.id, after, result, claim.pinned),
    ...(result.revisions ?? []).map((each) => {
      const revision = revisions.find(({ id }) => id === each.id);
      const pinned = revision?.pinned[claim.id]?.verdict ?? claim.pinned;
      return line(`${claim.id} on ${each.id}`, revision?.design ?? after, each, pinned);
    }),
  ];
}

// Where somebody looked whether the verdict needs the condition of the claim.
function conditionText({ conditional }: Judged): string {
  if (conditional === undefined) return "";
  return conditional ? " under its condition" : " without its condition";
}

function differenceChecks(result: DifferenceResult): readonly OutlineCheck[] {
  const { after, before, kinds, missing, undecided, version } = result;
  const check = (name: string, ending: OutlineCheck["ending"], notes: readonly string[]): OutlineCheck => ({
    name: `${version}: ${name}`,
    rule: "difference",
    allocator: after,
    title: `${name}: ${after} beside ${before}`,
    ending,
    notes,
  });
  return [
    check("compared", undecided.length === 0 ? "passed" : "not-decided", [
      ...undecided,
      differenceSummary(result),
    ]),
    ...kinds.map((line) => check(line.kind, line.expected ? "passed" : "failed", kindNotes(line))),
    ...missing.map(({ kind, why }) => check(kind, "failed", ["expected, and not seen", why])),
  ];
}

function kindNotes({ expected, example, race }: DifferenceLine): readonly string[] {
  const programs = (example ?? race)?.programs.map((each) => `"${each}"`).join(" beside ");
  const shown = programs === undefined ? [] : [`as in ${programs}`];
  return [expected ? `expected: ${expected.why}` : "nobody expects it", ...shown];
}
