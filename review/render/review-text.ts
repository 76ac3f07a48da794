// SPDX-License-Identifier: GPL-2.0-only
//
// A review of a patch as text: a table with a column for each revision, then claim by claim what a verdict rests on and
// the run that shows it, then the defects. Plain ASCII of the width of a mail, without runs and tables of counts, which are
// wider.

import { type Defect, defectOf } from "../../spec/defects.ts";
import type { Dossier, Verdict } from "../../spec/dossier.ts";
import type { ClaimResult, Judged } from "../report.ts";
import { evidenceText, ORIGINS, painted, shownBy, VERDICTS } from "./claim-text.ts";
import { measureTable } from "./measure-text.ts";
import { type Paint, PLAIN } from "./paint.ts";
import { hanging, table } from "./text-layout.ts";

/** Widest line of the text: it is made for mails. */
export const MAIL_WIDTH = 72;

/** How to render. */
export interface ReviewTextOptions {
  readonly paint?: Paint | undefined;
  /** The text of the counterexample of a claim on a revision, with how to replay it. */
  readonly shown?: ((claim: string, version: string) => string | undefined) | undefined;
}

/** The whole review, without a final newline. */
export function reviewText(
  dossier: Dossier,
  claims: readonly ClaimResult[],
  { paint = PLAIN, shown }: ReviewTextOptions = {},
): string {
  return [
    headLines(dossier, paint),
    summaryLines(dossier, claims),
    ...claims.map((each) => claimLines(dossier, each, paint, shown)),
    defectLines(claims, paint),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headLines({ subject, author, date, revisions }: Dossier, paint: Paint): readonly string[] {
  return [
    ...hanging("", subject, MAIL_WIDTH).map((line) => paint.heading(line)),
    `From: ${author}, ${date}`,
    ...revisions.flatMap(({ subject: later, date: on }) =>
      hanging("beside it: ", `${later}, ${on}`, MAIL_WIDTH),
    ),
  ];
}

function summaryLines({ version, revisions }: Dossier, claims: readonly ClaimResult[]): readonly string[] {
  return table(
    ["claim", "line", "kind", version, ...revisions.map(({ id }) => id)].map((title) => ({ title })),
    claims.map(({ claim, revisions: later = [], ...judged }) => [
      claim.id,
      claim.line === undefined ? "-" : String(claim.line),
      claim.kind,
      verdictOf(judged),
      ...later.map((each) => verdictOf(each)),
    ]),
    MAIL_WIDTH,
  );
}

// A verdict that was found to need its condition says so.
function verdictOf({ verdict, conditional }: Judged): string {
  return VERDICTS[verdict] + (conditional ? ", if" : "");
}

function claimLines(
  { version, revisions }: Dossier,
  result: ClaimResult,
  paint: Paint,
  shown: ReviewTextOptions["shown"],
): readonly string[] {
  const { claim } = result;
  const place = claim.line === undefined ? (claim.elsewhere ?? "") : `line ${claim.line}`;
  const lines = [
    paint.heading(`${claim.id}, ${claim.kind}, ${claim.saidBy}, ${place}`),
    ...hanging("> ", claim.quote, MAIL_WIDTH),
    ...judgedLines(
      claim.id,
      version,
      result,
      { verdict: claim.pinned, condition: claim.condition },
      paint,
      shown,
    ),
  ];
  for (const each of result.revisions ?? []) {
    const pinned = revisions.find(({ id }) => id === each.id)?.pinned[claim.id];
    lines.push(...judgedLines(claim.id, each.id, each, pinned, paint, shown));
  }
  if (claim.defects.length > 0) lines.push(...hanging("defects: ", claim.defects.join(", "), MAIL_WIDTH));
  if (claim.note !== undefined) lines.push(...hanging("note: ", claim.note, MAIL_WIDTH));
  return lines;
}

function judgedLines(
  id: string,
  version: string,
  judged: Judged & { readonly asPinned: boolean },
  pinned: { readonly verdict: Verdict; readonly condition?: string | undefined } | undefined,
  paint: Paint,
  shown: ReviewTextOptions["shown"],
): readonly string[] {
  const { verdict, asPinned, counterexample, conditional, origin } = judged;
  const label = `${version} ${VERDICTS[verdict]}: `;
  const [first, ...rest] = hanging(label, evidenceText(judged), MAIL_WIDTH);
  const indent = " ".repeat(version.length + 1);
  const condition = conditional === false ? undefined : pinned?.condition;
  const run = counterexample && shown?.(id, version);
  return [
    first!.slice(0, version.length + 1) +
      painted(verdict, paint)(VERDICTS[verdict]) +
      first!.slice(version.length + 1 + VERDICTS[verdict].length),
    ...rest,
    ...(judged.lines ?? []).flatMap((line) => hanging(`${indent}- `, line, MAIL_WIDTH)),
    ...countLines(judged, indent),
    ...(condition === undefined ? [] : hanging(`${indent}if: `, condition, MAIL_WIDTH)),
    ...(counterexample ? hanging(indent, shownBy(counterexample, judged.shortest), MAIL_WIDTH) : []),
    ...(origin ? hanging(`${indent}${ORIGINS[origin.origin]}: `, origin.text, MAIL_WIDTH) : []),
    ...(asPinned
      ? []
      : hanging(indent, `PINNED AS ${pinned ? VERDICTS[pinned.verdict] : "nothing"}`, MAIL_WIDTH)),
    ...(run === undefined ? [] : ["", run.trimEnd(), ""]),
  ];
}

// The rule of a measurement, and what it was applied to.
function countLines({ rows, rule, title }: Judged, indent: string): readonly string[] {
  if (title === undefined || !rows || rows.length === 0) return [];
  const fixed = rule === undefined ? [] : hanging(`${indent}rule: `, rule, MAIL_WIDTH);
  return [...fixed, "", ...measureTable(rows, title), ""];
}

const SINCE: Readonly<Record<Defect["introducedBy"], string>> = {
  patch: "introduced by this patch",
  before: "present before",
};

// Each defect once, in the order in which claims name them.
function defectLines(claims: readonly ClaimResult[], paint: Paint): readonly string[] {
  const ids = [...new Set(claims.flatMap(({ claim }) => [...claim.defects]))];
  if (ids.length === 0) return [];
  return [
    paint.heading("Defects and suspects"),
    ...ids
      .map((id) => defectOf(id))
      .flatMap((defect) => {
        const { label, introducedBy, description, breaks } = defect;
        return [
          `  ${defect.id}: ${label}, ${SINCE[introducedBy]}`,
          ...hanging("    ", description, MAIL_WIDTH),
          ...(breaks.length === 0 ? [] : hanging("    breaks: ", breaks.join(", "), MAIL_WIDTH)),
        ];
      }),
  ];
}
