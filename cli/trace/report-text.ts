// SPDX-License-Identifier: GPL-2.0-only
//
// What the check of a trace says. Pure text: equal traces and options give equal bytes.

import type { Paint } from "../../review/render/paint.ts";
import { count, grouped, hanging, WIDTH } from "../../review/render/text-layout.ts";
import type { TraceVerdict } from "../../trace/check/finding.ts";
import type { TraceOutcome, TraceReport } from "../../trace/trace-session.ts";
import { findingLines } from "./finding-text.ts";

const ORDER: readonly TraceVerdict[] = ["violation", "suspicious", "undecidable"];

/** The text of a report with at most so many findings, those that prove most first; `notes` come before the verdict. */
export function reportText(
  report: TraceReport,
  shownMax: number,
  notes: readonly string[],
  paint: Paint,
): string {
  const { findings, reader } = report;
  const shown = [...findings]
    .sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || a.line - b.line)
    .slice(0, shownMax);
  const all = ORDER.reduce((sum, verdict) => sum + countOf(report, verdict), 0);
  return [
    paint.heading(`vmapcheck trace ${report.file}`),
    ...headLines(report),
    ...shown.flatMap((finding) => ["", ...findingLines(finding, reader.timeUnit, paint)]),
    ...(all > shown.length
      ? ["", `${count(all - shown.length, "more finding")} not shown (--findings N, --json)`]
      : []),
    ...(notes.length > 0 ? ["", ...notes] : []),
    "",
    ...verdictLines(report, paint),
    "",
  ].join("\n");
}

function headLines({ byRule, completeFrom, counts, listed, reader }: TraceReport): readonly string[] {
  const { allocations, chunkFrees, failed, frees, inFlight, open, purges, reusedAreas, unknownFrees } =
    counts;
  const cpus = reader.cpus === undefined ? "" : `, ${count(reader.cpus, "CPU")}`;
  const others = reader.otherEvents > 0 ? `, ${count(reader.otherEvents, "other event")}` : "";
  const failures = failed > 0 ? ` (${grouped(failed)} failed)` : "";
  const flight = inFlight > 0 ? `, ${grouped(inFlight)} of them before the line of their purge` : "";
  return [
    `text: ${reader.format}${cpus}, ${count(reader.lines, "line")}, ${count(reader.events, "event")}${others}`,
    `events: ${count(allocations, "allocation")}${failures}, ${count(frees, "free")}, ${count(purges, "purge")}`,
    `used again: ${count(reusedAreas, "freed area")}${flight}`,
    ...(listed.before === undefined && listed.after === undefined ? [] : [listedLine(listed)]),
    ...(unknownFrees > 0 ? [`freed, but older than the trace: ${count(unknownFrees, "area")}`] : []),
    ...(chunkFrees > 0 ? [`freed, and taken for per-CPU chunks: ${count(chunkFrees, "area")}`] : []),
    ...(open > 0 ? [`used again, and no purge line behind: ${count(open, "area")}, not decided`] : []),
    ...lossLines(counts.losses, completeFrom, reader),
    ...(byRule.length === 0
      ? []
      : hanging("findings: ", byRule.map(([rule, each]) => `${rule} ${tally(each)}`).join("; "), WIDTH)),
    ...notCheckedLines(listed, reader.cpus),
  ];
}

function listedLine({ after, before }: TraceReport["listed"]): string {
  const parts = [
    ...(before === undefined ? [] : [`${count(before, "area")} before the trace`]),
    ...(after === undefined ? [] : [`${count(after, "area")} after it`]),
  ];
  return `lists: ${parts.join(", ")}`;
}

function lossLines(
  losses: number,
  completeFrom: number | undefined,
  reader: TraceReport["reader"],
): readonly string[] {
  const { entries, firstMalformed, malformed } = reader;
  const lines: string[] = [];
  if (malformed > 0) {
    const [first] = firstMalformed;
    const where = first
      ? ` (line ${first.line}:${first.column}: expected ${first.expected}, found ${first.found})`
      : "";
    lines.push(...hanging("unreadable: ", `${count(malformed, "line")}${where}`, WIDTH));
  }
  if (losses === 0) return lines;
  const missing =
    entries && entries.written > entries.inBuffer
      ? `, ${grouped(entries.written - entries.inBuffer)} of ${count(entries.written, "event")} were overwritten`
      : "";
  const from = completeFrom === undefined ? "nowhere" : `from line ${grouped(completeFrom)} on`;
  const text = `in ${count(losses, "place")}${missing}; nothing is missing ${from}`;
  return [...lines, ...hanging("events are missing: ", text, WIDTH)];
}

function notCheckedLines(listed: TraceReport["listed"], cpus: number | undefined): readonly string[] {
  const parts = [
    ...(listed.before === undefined ? ["areas from before the trace (--initial)"] : []),
    ...(listed.after === undefined ? ["the state at its end (--final)"] : []),
    ...(cpus === 1 ? [] : ["nr_lazy, which is exact on one CPU only"]),
    "maps within vmap blocks, which have no event",
  ];
  return hanging("not checked: ", parts.join("; "), WIDTH);
}

function tally(counts: Readonly<Record<TraceVerdict, number>>): string {
  return ORDER.flatMap((verdict) =>
    counts[verdict] > 0 ? [`${grouped(counts[verdict])} ${verdict}`] : [],
  ).join(", ");
}

function countOf({ byRule }: TraceReport, verdict: TraceVerdict): number {
  return byRule.reduce((sum, [, counts]) => sum + counts[verdict], 0);
}

function verdictLines(report: TraceReport, paint: Paint): readonly string[] {
  const { outcome, reader } = report;
  const violations = countOf(report, "violation");
  const suspicions = countOf(report, "suspicious");
  const texts: Readonly<Record<TraceOutcome, string>> = {
    held: `HELD: none of ${count(reader.events, "event")} breaks a rule.`,
    violated: `VIOLATED: the trace proves ${count(violations, "broken rule")}.`,
    suspicious: `NOT DECIDED: ${count(suspicions, "broken rule")}, unless something happened that was not seen to happen.`,
    undecided:
      reader.events === 0
        ? "NOT DECIDED: there is no vmalloc event in it (vmapcheck trace --record-help)."
        : "NOT DECIDED: nothing that the trace shows breaks a rule, but events are missing.",
  };
  const colour = { held: paint.good, violated: paint.bad, suspicious: paint.open, undecided: paint.open };
  const label = texts[outcome].slice(0, texts[outcome].indexOf(":") + 2);
  return hanging(label, texts[outcome].slice(label.length), WIDTH).map(colour[outcome]);
}
