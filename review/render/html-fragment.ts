// SPDX-License-Identifier: GPL-2.0-only
//
// A review as a piece of a page: one section without style, script or address of its own, to be put into a tracker or a
// dashboard. Everything that is not markup of this file is escaped.

import type { Dossier } from "../../spec/dossier.ts";
import type { ClaimResult } from "../report.ts";
import { evidenceText, VERDICTS } from "./claim-text.ts";

/** What is shown of a claim on a revision: its counterexample as text. */
export type ShownRun = (claim: string, version: string) => string | undefined;

/** The section, with a final newline. */
export function htmlFragment(dossier: Dossier, claims: readonly ClaimResult[], shown: ShownRun): string {
  const { id, revisions, subject, version } = dossier;
  const versions = [version, ...revisions.map((each) => each.id)];
  const head = ["claim", "kind", ...versions].map((title) => `<th scope="col">${escaped(title)}</th>`);
  const rows = claims.map(({ claim, revisions: later = [], verdict }) => {
    const verdicts = [verdict, ...later.map((each) => each.verdict)];
    const cells = verdicts.map((each) => `<td class="verdict ${each}">${escaped(VERDICTS[each])}</td>`);
    return `<tr><th scope="row"><a href="#${anchor(id, claim.id)}">${claim.id}</a></th><td>${claim.kind}</td>${cells.join("")}</tr>`;
  });
  return [
    `<section class="vmapcheck-review" id="vmapcheck-${escaped(id)}">`,
    `<h2>${escaped(subject)}</h2>`,
    `<table>`,
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>`,
    ...rows,
    `</tbody>`,
    `</table>`,
    ...claims.map((each) => article(dossier, each, shown)),
    `</section>`,
    "",
  ].join("\n");
}

function article({ id, version }: Dossier, result: ClaimResult, shown: ShownRun): string {
  const { claim, revisions: later = [] } = result;
  const judged = [{ ...result, id: version }, ...later].flatMap((each) => {
    const run = shown(claim.id, each.id);
    const verdict = `<strong>${escaped(`${each.id}: ${VERDICTS[each.verdict]}`)}</strong>`;
    return [
      `<p>${verdict}. ${escaped(evidenceText(each))}</p>`,
      ...(run === undefined ? [] : [`<pre>${escaped(run.trimEnd())}</pre>`]),
    ];
  });
  const note = claim.note === undefined ? [] : [`<p>${escaped(claim.note)}</p>`];
  return [
    `<article id="${anchor(id, claim.id)}">`,
    `<h3>${claim.id}</h3>`,
    `<blockquote>${escaped(claim.quote)}</blockquote>`,
    ...judged,
    ...note,
    `</article>`,
  ].join("\n");
}

function anchor(dossier: string, claim: string): string {
  return escaped(`vmapcheck-${dossier}-${claim}`);
}

/** Text as HTML holds it, in elements and in attributes. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
