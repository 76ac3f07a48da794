// SPDX-License-Identifier: GPL-2.0-only
//
// The report of the gate as text: what was checked and how far, claim by claim, and the verdict last. A pure
// function of the report; it says nothing that the report does not.

import type { CampaignResult, CheckReport, ClaimResult, InstanceResult, InvariantLine } from "../report.ts";
import { evidenceText, painted, shownBy, VERDICTS } from "./claim-text.ts";
import { differenceSummary } from "./difference-text.ts";
import { type Paint, PLAIN } from "./paint.ts";
import { type Column, count, grouped, hanging, table, WIDTH } from "./text-layout.ts";

/** How to render. */
export interface CheckTextOptions {
  readonly width?: number | undefined;
  readonly paint?: Paint | undefined;
  /** What shows a counterexample again, by the id of the claim or campaign: a file or a token. */
  readonly replay?: ((id: string) => string | undefined) | undefined;
}

/** The whole report, without a final newline. */
export function checkText(report: CheckReport, options: CheckTextOptions = {}): string {
  const { width = WIDTH, paint = PLAIN } = options;
  return [
    section("Corpus", corpusLines(report, width), paint),
    section("Campaigns", campaignLines(report, width), paint),
    section("Instances", instanceLines(report, width), paint),
    section("Invariants", invariantLines(report, width), paint),
    section("Claims", claimLines(report, options, width, paint), paint),
    section("Differences", differenceLines(report, width), paint),
    section("Scenarios", scenarioLines(report, width), paint),
    section("Mutants", mutantLines(report, width), paint),
    section("Problems", bullets(report.problems, width), paint),
    section("Not decided", bullets(report.undecided, width), paint),
    verdictLines(report, width, paint),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint.heading(title), ...lines.map((line) => `  ${line}`.trimEnd())];
}

/** Kept counterexamples: all that came again in one line, the others one by one. */
function corpusLines({ corpus }: CheckReport, width: number): readonly string[] {
  if (corpus.length === 0) return [];
  const lost = corpus.filter(({ reproduced }) => !reproduced);
  return [
    `${corpus.length - lost.length} of ${count(corpus.length, "kept counterexample")} reproduced`,
    ...lost.flatMap(({ name, text }) => hanging(`${name}: `, `NOT REPRODUCED: ${text}`, width - 2)),
  ];
}

/** Below this width the table of campaigns leaves out what its ids hint at. */
const WIDE = 90;

function campaignLines({ campaigns }: CheckReport, width: number): readonly string[] {
  if (campaigns.length === 0) return [];
  const wide = width >= WIDE;
  const number = (title: string): Column => ({ title, align: "right" });
  return table(
    [
      { title: "id" },
      ...(wide ? [{ title: "design" }, number("instances")] : []),
      number("interleavings"),
      number("steps"),
      { title: "result", wraps: true },
    ],
    campaigns.map((each) => [
      each.id,
      ...(wide ? [each.allocator, grouped(each.instances)] : []),
      grouped(each.runs),
      grouped(each.steps),
      campaignResult(each),
    ]),
    width - 2,
  );
}

function campaignResult({ violation, missing, cutOff, exhausted }: CampaignResult): string {
  const parts = [
    ...(violation ? [`${violation.violation.invariant} VIOLATED`] : []),
    ...(missing.length === 0 ? [] : [`never reached: ${missing.join(", ")}`]),
    ...(cutOff === 0 ? [] : [`${grouped(cutOff)} cut off`]),
  ];
  if (exhausted?.finding !== undefined && !violation) parts.push(`${exhausted.finding} VIOLATED`);
  if (parts.length > 0) return parts.join("; ");
  if (!exhausted || exhausted.instances === 0) return "held";
  return `held; exhausted: ${count(exhausted.states, "state")} of ${count(exhausted.instances, "instance")}`;
}

/** Named instances that were searched to the end. */
function instanceLines({ instances }: CheckReport, width: number): readonly string[] {
  if (instances.length === 0) return [];
  const number = (title: string): Column => ({ title, align: "right" });
  return table(
    [{ title: "id" }, number("states"), number("transitions"), { title: "result", wraps: true }],
    instances.map((each) => [each.id, grouped(each.states), grouped(each.transitions), resultText(each)]),
    width - 2,
  );
}

function resultText({ verdict, finding, violates }: InstanceResult): string {
  if (verdict === "as-pinned" && violates) {
    return `${violates.by} found as pinned: ${violates.invariant} in ${count(violates.steps, "step")}`;
  }
  return INSTANCE_RESULTS[verdict] + (finding === undefined ? "" : `: ${finding}`);
}

const INSTANCE_RESULTS: Readonly<Record<InstanceResult["verdict"], string>> = {
  held: "held in all",
  "as-pinned": "violated as pinned",
  vacuous: "VACUOUS",
  violated: "VIOLATED",
  "not-decided": "not decided",
};

/** One line per design: how many held, and by name those that did not. */
function invariantLines({ invariants }: CheckReport, width: number): readonly string[] {
  const designs = [...new Set(invariants.map(({ allocator }) => allocator))];
  return designs.flatMap((allocator) => {
    const own = invariants.filter((each) => each.allocator === allocator);
    const named = (result: string): readonly string[] =>
      own.filter((each) => each.result === result).map(({ id }) => id);
    const runs = Math.max(0, ...own.map((each) => each.runs));
    const computed = own.filter((each) => each.runs === 0 && each.result === "held").length;
    const excepted = own.filter(({ except, result }) => except && result === "held");
    const parts = [
      `${count(named("held").length - computed, "invariant")} held in ${count(runs, "interleaving")}`,
      ...(computed === 0 ? [] : [`${computed} by computation`]),
      ...(named("violated").length === 0 ? [] : [`VIOLATED: ${named("violated").join(", ")}`]),
      ...(named("known").length === 0
        ? []
        : [`known to be violated and not watched: ${named("known").join(", ")}`]),
      ...(excepted.length === 0 ? [] : [`known to be violated in some: ${exceptionsText(excepted)}`]),
    ];
    return hanging(`${allocator}: `.padEnd(13), parts.join("; "), width - 2);
  });
}

const VERDICT_WIDTH = 14;

function claimLines(
  { claims }: CheckReport,
  { replay }: CheckTextOptions,
  width: number,
  paint: Paint,
): readonly string[] {
  return claims.flatMap((result) => {
    const { claim, verdict, asPinned } = result;
    const label = `${claim.id.padEnd(6)} ${VERDICTS[verdict].padEnd(VERDICT_WIDTH)}`;
    const indent = " ".repeat(label.length);
    const place = claim.line === undefined ? "" : ` (${claim.saidBy}, line ${claim.line})`;
    const [first, ...rest] = hanging(label, `"${claim.quote}"${place}`, width - 2);
    const again = result.counterexample && replay?.(claim.id);
    return [
      claim.id.padEnd(7) +
        painted(verdict, paint)(first!.slice(7, label.length)) +
        first!.slice(label.length),
      ...rest,
      ...hanging(indent, evidenceText(result), width - 2),
      ...(result.counterexample
        ? hanging(indent, shownBy(result.counterexample, result.shortest), width - 2)
        : []),
      ...(asPinned ? [] : hanging(indent, `PINNED AS ${VERDICTS[claim.pinned]}`, width - 2)),
      ...(again === undefined ? [] : [`${indent}vmapcheck replay ${again}`]),
      ...revisionLines(result, indent, width - 2),
    ];
  });
}

// What later revisions come to, below the first one.
function revisionLines(
  { claim, revisions = [] }: ClaimResult,
  indent: string,
  width: number,
): readonly string[] {
  return revisions.flatMap((each) => {
    const { id, verdict, asPinned, counterexample } = each;
    return [
      ...hanging(indent, `on ${id}: ${VERDICTS[verdict]}: ${evidenceText(each)}`, width),
      ...(counterexample ? hanging(indent, shownBy(counterexample, each.shortest), width) : []),
      ...(asPinned ? [] : hanging(indent, `PINNED OTHERWISE for ${id} in ${claim.id}`, width)),
    ];
  });
}

/** How far each revision was compared with its predecessor; what nobody expected is among the problems. */
function differenceLines({ differences }: CheckReport, width: number): readonly string[] {
  return differences.flatMap((each) => {
    const { after, before, kinds, version } = each;
    const wrong = kinds.filter(({ expected }) => !expected).length;
    const text = differenceSummary(each) + (wrong === 0 ? ", all expected" : `, ${wrong} UNEXPECTED`);
    return hanging("", `${after} (${version}) against ${before}: ${text}`, width - 2);
  });
}

/** All that went as it should in one line, the others one by one. */
function scenarioLines({ scenarios }: CheckReport, width: number): readonly string[] {
  if (scenarios.length === 0) return [];
  const wrong = scenarios.filter(({ asExpected }) => !asExpected);
  const runs = scenarios.reduce((sum, each) => sum + each.runs, 0);
  return [
    `${scenarios.length - wrong.length} of ${scenarios.length} as expected, in ${count(runs, "interleaving")}`,
    ...wrong.flatMap(({ id, allocator, title, text }) =>
      hanging(`${id} on ${allocator}: `, `${title}: ${text}`, width - 2),
    ),
  ];
}

function mutantLines({ mutants }: CheckReport, width: number): readonly string[] {
  if (mutants.length === 0) return [];
  const alive = mutants.filter(({ killed }) => !killed);
  const runs = mutants.reduce((sum, each) => sum + each.runs, 0);
  const steps = mutants.flatMap((each) => each.steps ?? []).sort((a, b) => a - b);
  const searched =
    steps.length === 0
      ? ""
      : `; ${steps.length} of them by a search, in ${steps[0]!} to ${count(steps.at(-1)!, "step")}, which are the fewest`;
  const killed = `${mutants.length - alive.length} of ${mutants.length} killed, in ${count(runs, "interleaving")}`;
  return [
    ...hanging("", `${killed}${searched}`, width - 2),
    ...alive.flatMap(({ id, title, text }) => hanging(`${id} SURVIVED: `, `${title}: ${text}`, width - 2)),
  ];
}

// What the faithful port breaks in certain instances only, by what makes them so.
function exceptionsText(lines: readonly InvariantLine[]): string {
  const byFeature = new Map<string, string[]>();
  for (const { id, except = [] } of lines) {
    const where = except.join(" or ");
    byFeature.set(where, [...(byFeature.get(where) ?? []), id]);
  }
  return [...byFeature].map(([where, ids]) => `${ids.join(", ")} (${where})`).join(", ");
}

function bullets(lines: readonly string[], width: number): readonly string[] {
  return lines.flatMap((line) => hanging("- ", line, width - 2));
}

function sampledText({ campaigns, instances }: CheckReport): string {
  const whole = [
    ...campaigns.flatMap(({ exhausted }) => (exhausted ? [exhausted] : [])),
    ...instances.flatMap(({ verdict, states }) => (verdict === "held" ? [{ instances: 1, states }] : [])),
  ];
  const sum = (of: (each: (typeof whole)[number]) => number): number =>
    whole.reduce((n, each) => n + of(each), 0);
  const small = sum((each) => each.instances);
  if (small === 0) return "Sampled, not exhausted";
  const states = count(
    sum((each) => each.states),
    "state",
  );
  return `Sampled, not exhausted, except in ${count(small, "small instance")} (${states})`;
}

function verdictLines(report: CheckReport, width: number, paint: Paint): readonly string[] {
  const { verdict, runs, steps, problems, undecided, claims } = report;
  const far = `${count(runs, "interleaving")} (${count(steps, "step")})`;
  const pinned = claims.filter(({ asPinned }) => asPinned).length;
  const label = verdict === "held" ? "HELD" : verdict === "violated" ? "VIOLATED" : "NOT DECIDED";
  const paintLabel = verdict === "held" ? paint.good : verdict === "violated" ? paint.bad : paint.open;
  const text =
    verdict === "held"
      ? `in ${far} of the campaigns; ${pinned} of ${count(claims.length, "claim")} as pinned. ` +
        `${sampledText(report)}: this says nothing of what was not run.`
      : `${count(problems.length, "problem")}, ${undecided.length} not decided, after ${far} of the campaigns`;
  const [first, ...rest] = hanging(`${label}: `, text, width);
  return [paintLabel(first!.slice(0, label.length)) + first!.slice(label.length), ...rest];
}
