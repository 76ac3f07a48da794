// SPDX-License-Identifier: GPL-2.0-only
//
// A finding as text: the rule, the lines with their numbers, a drawing of the addresses, and why nothing else explains it.

import type { Paint } from "../../review/render/paint.ts";
import { hanging, table, WIDTH } from "../../review/render/text-layout.ts";
import { quoted } from "../../spec/found-text.ts";
import { TRACE_RULES } from "../../spec/trace-rules.ts";
import type { LineReference, TraceFinding, TraceVerdict } from "../../trace/check/finding.ts";
import { addressText, type DrawnRange, rangeDrawing } from "./range-drawing.ts";
import { timestampText } from "./timestamp-text.ts";

const TITLES: Readonly<Record<TraceVerdict, string>> = {
  violation: "VIOLATION",
  suspicious: "SUSPICIOUS",
  undecidable: "UNDECIDABLE HERE",
};

/** The lines of a finding's text. */
export function findingLines(finding: TraceFinding, unit: "us" | "ticks", paint: Paint): readonly string[] {
  const { line, lines, message, rule, verdict, why } = finding;
  const title = `${TITLES[verdict]} of ${rule} at line ${line}`;
  const isBad = verdict === "violation";
  const rows = table(
    [
      { title: "line", align: "right" },
      { title: "time", align: "right" },
      { title: "task" },
      { title: "what" },
      { title: "addresses" },
    ],
    lines.map((each) => rowOf(each, unit)),
  );
  const drawing = rangeDrawing(lines.flatMap(drawnOf));
  return [
    (isBad ? paint.bad : paint.open)(title),
    ...hanging("  rule: ", TRACE_RULES[rule].statement, WIDTH),
    ...hanging("  here: ", `${message}.`, WIDTH),
    ...rows.map((row) => `    ${row}`),
    ...(drawing.length > 0 ? ["", ...drawing.map((row) => `    ${row}`), ""] : []),
    ...hanging(isBad ? "  proof: " : "  but: ", why, WIDTH),
  ];
}

function rowOf(
  { comm, cpu, line, pid, range, time, what }: LineReference,
  unit: "us" | "ticks",
): readonly string[] {
  const name = comm === undefined ? "task " : `${/^[!-~]{1,40}$/.test(comm) ? comm : quoted(comm)}-`;
  const task = pid < 0 ? "-" : `${name}${pid} on CPU ${cpu}`;
  const addresses = range ? `${addressText(range[0])}-${addressText(range[0] + range[1])}` : "";
  return [line > 0 ? String(line) : "-", line > 0 ? timestampText(time, unit) : "-", task, what, addresses];
}

function drawnOf({ isPurge, line, range, what }: LineReference): readonly DrawnRange[] {
  if (!range) return [];
  const [page, pages] = range;
  const label = line > 0 ? `line ${line}` : what;
  return [{ label, page, pages, ...(isPurge === true ? { isBackground: true } : {}) }];
}
