// SPDX-License-Identifier: GPL-2.0-only
//
// A review as the body of a reply: at most 72 columns of plain ASCII, each claim quoted, then what came of it, how far
// that was looked at, and for what is refuted the smallest run in CPU columns, the space before and after it, and how to
// see it again.

import type { Counterexample } from "../../spec/counterexample.ts";
import { type Defect, defectOf } from "../../spec/defects.ts";
import type { Claim, Dossier } from "../../spec/dossier.ts";
import { INVARIANTS } from "../../spec/invariants.ts";
import { encodeToken } from "../../spec/token.ts";
import type { ClaimDevelopment } from "../against.ts";
import type { ClaimResult, Judged } from "../report.ts";
import { againstLines } from "./against-text.ts";
import { evidenceText, ORIGINS, VERDICTS } from "./claim-text.ts";
import { configurationLines, programLines } from "./configuration-text.ts";
import { TOKEN_SHOWN_MAX } from "./counterexample-text.ts";
import { cpuColumns } from "./cpu-columns.ts";
import type { RecordedRun } from "./record-run.ts";
import { MAIL_WIDTH } from "./review-text.ts";
import { cells } from "./strip.ts";
import { legend } from "./strip-legend.ts";
import { hanging, table, wrap } from "./text-layout.ts";

/** Most pages of a space that a line shows. */
const STRIP_MAX = 56;

/** What a mail says besides the claims. */
export interface MailOptions {
  /** Replays a counterexample. */
  readonly recordOf: (counterexample: Counterexample) => RecordedRun;
  /** The command that comes to the same again. */
  readonly command: string;
  /** A later revision, and what became of the claims there. */
  readonly against?: { readonly id: string; readonly list: readonly ClaimDevelopment[] } | undefined;
}

/** The text, with a final newline. No line is wider than MAIL_WIDTH. */
export function mailText(dossier: Dossier, claims: readonly ClaimResult[], options: MailOptions): string {
  const { against, command } = options;
  const versions = [dossier.version, ...dossier.revisions.map(({ id }) => id)];
  const parts = [
    [
      ...wrap(
        "What the patch says, checked on a simulated kernel that runs its code, transliterated function by " +
          "function, beside the code before it: every interleaving of small programs, or a sample of them as " +
          "noted. Times are not simulated.",
        MAIL_WIDTH,
      ),
    ],
    table(
      ["claim", "kind", ...versions].map((title) => ({ title })),
      claims.map(({ claim, revisions: later = [], verdict }) => [
        claim.id,
        claim.kind,
        VERDICTS[verdict],
        ...later.map((each) => VERDICTS[each.verdict]),
      ]),
      MAIL_WIDTH,
    ),
    ...(against ? [againstLines(against.list, dossier.version, against.id, MAIL_WIDTH)] : []),
    ...claims.map((each) => claimLines(dossier, each, options)),
    [...hanging("To see it again: ", command, MAIL_WIDTH), ...linkLines(dossier)],
  ];
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function claimLines(dossier: Dossier, result: ClaimResult, options: MailOptions): readonly string[] {
  const { claim, revisions: later = [] } = result;
  const judged = [{ id: dossier.version, ...result }, ...later];
  return [
    ...wrap(claim.quote, MAIL_WIDTH - 2).map((line) => `> ${line}`),
    "",
    ...verdictLines(claim.id, judged),
    ...conditionLines(claim, result),
    ...judged.flatMap((each) => (each.counterexample ? shownLines(each, each.counterexample, options) : [])),
    ...claim.defects.flatMap((id) => defectLines(defectOf(id))),
  ];
}

// Revisions of which the same is to be said are named together.
function verdictLines(
  claim: string,
  judged: readonly (Judged & { readonly id: string })[],
): readonly string[] {
  const said = new Map<string, string[]>();
  for (const each of judged) {
    const text = `${VERDICTS[each.verdict]}: ${evidenceText(each)}.`;
    said.set(text, [...(said.get(text) ?? []), each.id]);
  }
  return [...said].flatMap(([text, ids]) => wrap(`${claim}, ${ids.join(" and ")}: ${text}`, MAIL_WIDTH));
}

function conditionLines({ condition }: Claim, { conditional }: Judged): readonly string[] {
  return condition === undefined || conditional === false
    ? []
    : hanging("Condition: ", condition, MAIL_WIDTH);
}

function shownLines(
  { id: version, origin }: Judged & { readonly id: string },
  counterexample: Counterexample,
  { recordOf }: MailOptions,
): readonly string[] {
  const run = recordOf(counterexample);
  const { instance, violation } = counterexample;
  const invariant = INVARIANTS.find(({ id }) => id === violation.invariant);
  const last = run.rows.at(-1);
  return [
    "",
    ...hanging(
      `On ${version}: `,
      configurationLines(instance, Number.POSITIVE_INFINITY).join(" "),
      MAIL_WIDTH,
    ),
    ...programLines(instance, MAIL_WIDTH),
    "",
    ...cpuColumns(run, MAIL_WIDTH),
    "",
    ...spaceLines(run),
    ...(invariant ? hanging("Broken: ", `${invariant.id}. ${invariant.statement}`, MAIL_WIDTH) : []),
    ...(origin ? hanging("Origin: ", `${ORIGINS[origin.origin]}; ${origin.text}.`, MAIL_WIDTH) : []),
    ...(last ? hanging("In: ", `${last.fn}(), ${last.what}`, MAIL_WIDTH) : []),
    ...replayLines(encodeToken(counterexample)),
    "",
  ];
}

// The address space before the run and after it, if a line holds it.
function spaceLines({ initial, instance, rows }: RecordedRun): readonly string[] {
  const { spacePages } = instance;
  const last = rows.at(-1);
  if (!last || spacePages > STRIP_MAX) return [];
  const window = { start: 0, end: spacePages };
  const seen = new Set([...initial, ...last.strip].map(({ cell }) => cell));
  return [
    `Space before: ${cells(initial, window)}`,
    `Space after:  ${cells(last.strip, window)}`,
    ...hanging("Pages: ", legend(seen, instance.programs), MAIL_WIDTH),
  ];
}

// A shell joins the lines again.
function replayLines(token: string): readonly string[] {
  if (token.length > TOKEN_SHOWN_MAX) return ["Its replay token is long: --json has it."];
  const lines = `npx vmapcheck replay ${token}`.match(/.{1,71}/g) ?? [];
  return ["Replay:", ...lines.map((line, i) => (i + 1 < lines.length ? `${line}\\` : line))];
}

function defectLines({ description, id, introducedBy, label }: Defect): readonly string[] {
  const since = introducedBy === "patch" ? "introduced by this patch" : "present before it";
  return ["", `${id}: ${label}, ${since}.`, ...hanging("  ", description, MAIL_WIDTH)];
}

function linkLines({ messageId }: Dossier): readonly string[] {
  const line = `Link: https://lore.kernel.org/r/${messageId ?? ""}`;
  return messageId === undefined || line.length > MAIL_WIDTH ? [] : [line];
}
