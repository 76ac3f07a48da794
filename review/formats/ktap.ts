// SPDX-License-Identifier: GPL-2.0-only
//
// The report as KTAP version 1, the form in which the kernel's own tests say what came of them: nested groups, what a
// verdict rests on as diagnostics before the result line, "SKIP" for what was not decided.

import type { CheckReport } from "../report.ts";
import { isGroup, type Ending, type OutlineCheck, type OutlineGroup } from "./outline.ts";
import { outlineOf } from "./report-outline.ts";

/** The report, with a final newline. ASCII only. Linear in the report. */
export function ktapText(report: CheckReport): string {
  const { lines } = levelOf(outlineOf(report), "");
  const last = `# ${diagnostic(`vmapcheck: ${report.verdict}, seed ${report.seed}`)}`;
  return `${[...lines, last].join("\n")}\n`;
}

interface Level {
  readonly lines: readonly string[];
  readonly ending: Ending;
}

// One level of nesting with its own version line and plan; it fails if a part of it does.
function levelOf(parts: readonly (OutlineGroup | OutlineCheck)[], indent: string): Level {
  const lines = [`${indent}KTAP version 1`, `${indent}1..${parts.length}`];
  const endings: Ending[] = [];
  for (const [i, part] of parts.entries()) {
    const inner = isGroup(part) ? levelOf(part.parts, `${indent}  `) : checkLevel(part, indent);
    lines.push(...inner.lines);
    lines.push(`${indent}${resultLine(i + 1, part.name, inner.ending, isGroup(part) ? [] : part.notes)}`);
    endings.push(inner.ending);
  }
  const failed = endings.includes("failed");
  return { lines, ending: failed ? "failed" : endings.includes("passed") ? "passed" : "not-decided" };
}

function checkLevel({ ending, notes, title }: OutlineCheck, indent: string): Level {
  return { lines: [title, ...notes].map((note) => `${indent}# ${diagnostic(note)}`), ending };
}

function resultLine(number: number, name: string, ending: Ending, notes: readonly string[]): string {
  const result = `${ending === "failed" ? "not ok" : "ok"} ${number} ${nameText(name)}`;
  if (ending !== "not-decided") return result;
  return `${result} # SKIP ${diagnostic(notes[0] ?? "nothing was decided")}`;
}

// "#" begins a directive, so a name has none.
function nameText(name: string): string {
  return diagnostic(name).replaceAll("#", "_");
}

/** One line of printable ASCII. */
function diagnostic(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .trim();
}
