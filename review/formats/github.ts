// SPDX-License-Identifier: GPL-2.0-only
//
// The report for GitHub: workflow commands that annotate files, and the summary of a step.

import type { CheckReport } from "../report.ts";
import { count } from "../render/text-layout.ts";
import { failedIn, findingText, openIn, type ReportFinding } from "./findings.ts";

/** Annotations of one kind in one step: GitHub drops what is beyond. */
const ANNOTATIONS_MAX = 10;

/** Bytes of the summary of a step. */
export const SUMMARY_BYTES_MAX = 1024 * 1024;

/** Errors for what failed, warnings for what was not decided, most relevant first, and one notice that counts them. */
export function annotationsText(report: CheckReport): string {
  const failed = failedIn(report);
  const open = openIn(report);
  const few = (level: string, all: readonly ReportFinding[]): readonly string[] =>
    all.slice(0, ANNOTATIONS_MAX).map((finding) => {
      const place = { file: finding.file, line: "1", title: finding.check.rule };
      return command(level, place, [findingText(finding), finding.check.title].join("\n"));
    });
  const left = Math.max(0, failed.length - ANNOTATIONS_MAX) + Math.max(0, open.length - ANNOTATIONS_MAX);
  const hidden = left === 0 ? "" : `; ${left} of them not shown here`;
  const summary = command("notice", { title: "vmapcheck" }, `${headline(report)}${hidden}`);
  return `${[...few("error", failed), ...few("warning", open), summary].join("\n")}\n`;
}

/** The summary of the step as Markdown, at most so many bytes of UTF-8, cut at a line. */
export function stepSummary(report: CheckReport, bytesMax = SUMMARY_BYTES_MAX): string {
  const section = (title: string, findings: readonly ReportFinding[]): readonly string[] =>
    findings.length === 0
      ? []
      : ["", `### ${title}`, "", ...findings.map((each) => `- ${markdown(findingText(each))}`)];
  const pinned = report.claims.filter(({ asPinned }) => asPinned).length;
  const killed = report.mutants.filter(({ killed: dead }) => dead).length;
  const lines = [
    `## vmapcheck: ${markdown(headline(report))}`,
    "",
    "| What | As it should be | Of |",
    "| --- | ---: | ---: |",
    row("Claims as on record", pinned, report.claims.length),
    row("Scenarios", report.scenarios.filter(({ asExpected }) => asExpected).length, report.scenarios.length),
    row("Mutants killed", killed, report.mutants.length),
    row("Kept counterexamples", report.corpus.filter((each) => each.reproduced).length, report.corpus.length),
    ...section("Problems", failedIn(report)),
    ...section("Not decided", openIn(report)),
  ];
  return cutAt(lines, bytesMax);
}

function headline({ verdict, seed, runs, ...report }: CheckReport): string {
  const words = { held: "HELD", violated: "VIOLATED", "not-decided": "NOT DECIDED" } as const;
  const problems = count(report.problems.length, "problem");
  const far = `${count(runs, "interleaving")} of the campaigns, seed ${seed}`;
  return `${words[verdict]}: ${problems}, ${report.undecided.length} not decided, after ${far}`;
}

function row(what: string, good: number, all: number): string {
  return `| ${what} | ${good} | ${all} |`;
}

function cutAt(lines: readonly string[], bytesMax: number): string {
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const end = "\n(cut off: a summary holds no more)\n";
  const whole = `${lines.join("\n")}\n`;
  if (bytes(whole) <= bytesMax) return whole;
  let text = "";
  let left = bytesMax - bytes(end);
  for (const line of lines) {
    left -= bytes(line) + 1;
    if (left < 0) break;
    text += `${line}\n`;
  }
  return bytes(text + end) <= bytesMax ? text + end : "";
}

function command(level: string, properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
  return `::${level} ${list.join(",")}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

// Nothing in a text may begin a tag, a link, an emphasis or another line.
function markdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|#&~]/g, (character) => `&#${character.charCodeAt(0)};`);
}
