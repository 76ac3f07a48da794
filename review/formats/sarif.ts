// SPDX-License-Identifier: GPL-2.0-only
//
// The report as SARIF 2.1.0: problems as results of level "error", refuted claims on record as notes, each with its
// interleaving; what was not decided as notifications of the run. A dossier names lines of a mail, not of a file, so
// the place of a result is the port's file, and the mail is among its properties.

import type { Claim, Dossier } from "../../spec/dossier.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { INVARIANTS } from "../../spec/invariants.ts";
import { TOOL_VERSION } from "../../spec/version.ts";
import type { CheckReport } from "../report.ts";
import { failedIn, findingText, openIn, refutedIn, type ReportFinding } from "./findings.ts";
import { codeFlowOf, placeOf } from "./sarif-flow.ts";

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
}

/** The report, with a final newline. Replays the counterexamples that it shows. */
export function sarifText(report: CheckReport): string {
  const rules = [...invariantRules(), ...claimRules(report), ...OTHER_RULES];
  const index = new Map(rules.map(({ id }, i) => [id, i]));
  const result = (finding: ReportFinding, level: "error" | "note"): unknown =>
    resultOf(finding, level, index.get(finding.check.rule) ?? -1);
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "vmapcheck", semanticVersion: TOOL_VERSION, rules } },
        automationDetails: { id: `vmapcheck/${report.patches.join("+")}/` },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: openIn(report).map((finding) => ({
              level: "warning",
              message: { text: findingText(finding) },
            })),
          },
        ],
        results: [
          ...failedIn(report).map((finding) => result(finding, "error")),
          ...refutedIn(report).map((finding) => result(finding, "note")),
        ],
        properties: { verdict: report.verdict, seed: report.seed },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(finding: ReportFinding, level: string, ruleIndex: number): unknown {
  const { check, file, id, path } = finding;
  const { counterexample, notes, rule, title } = check;
  const said = claimOf(rule);
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: [`${check.name}: ${title}`, ...notes].join("\n") },
    locations: [placeOf(file)],
    partialFingerprints: { "vmapcheckFinding/v1": id },
    ...(counterexample && { codeFlows: [codeFlowOf(counterexample)] }),
    properties: {
      group: path.join("/"),
      ...(said && { patch: said.dossier.id, messageId: said.dossier.messageId, threadLine: said.claim.line }),
    },
  };
}

function claimOf(rule: string): { readonly dossier: Dossier; readonly claim: Claim } | undefined {
  for (const dossier of DOSSIERS) {
    const claim = dossier.claims.find(({ id }) => id === rule);
    if (claim) return { dossier, claim };
  }
  return undefined;
}

function invariantRules(): readonly Rule[] {
  return INVARIANTS.map(({ id, statement }) => ruleWith(id, id, statement));
}

function claimRules({ claims }: CheckReport): readonly Rule[] {
  return claims.map(({ claim: { id, how, quote } }) => ruleWith(id, `"${quote}"`, how));
}

function ruleWith(id: string, short: string, full: string): Rule {
  return { id, shortDescription: { text: short }, fullDescription: { text: full } };
}

/** Rules of what is about neither an invariant nor a claim. */
const OTHER_RULES: readonly Rule[] = [
  ruleWith("campaign", "Campaigns", "A campaign runs to its end and comes to all of its witnesses."),
  ruleWith(
    "instance",
    "Named instances",
    "A named instance shows what is on record for it, no more, no less.",
  ),
  ruleWith(
    "difference",
    "Differences",
    "Callers see of a patch what its dossier expects, and nothing else that is new.",
  ),
  ruleWith("scenario", "Scenarios", "A scenario comes to the outcome that is on record."),
  ruleWith("mutant", "Mutants", "Each mistake that is put in on purpose is seen by an invariant."),
  ruleWith("corpus", "Corpus", "A kept counterexample replays to the last digest."),
  ruleWith("plan", "Plan", "The work that follows from the budget is done to its end."),
];
