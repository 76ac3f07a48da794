// SPDX-License-Identifier: GPL-2.0-only
//
// The table of a run: step, CPU, process, kernel function and what happened, with the address space beside it (or
// below, where the space is wide). The space is shown when it has changed.

import type { PageRange } from "../../spec/instance.ts";
import type { RecordedRun, RunRow } from "./record-run.ts";
import { cells, interestingPages, type Strip } from "./strip.ts";
import { legend } from "./strip-legend.ts";
import { hanging, wrap } from "./text-layout.ts";

/** Most pages of the space that one line shows. */
const STRIP_MAX = 64;

/** Least room for the text beside a strip; with less, the strip goes below. */
const TEXT_MIN = 34;

/** A run of more rows is shown without its middle. */
const ROWS_MAX = 240;

/** Rows shown of the beginning of such a run. */
const ROWS_FIRST = 40;

/** Distance of the numbers above a strip, pages. */
const RULER_PAGES = 8;

interface Layout {
  readonly width: number;
  readonly stepWidth: number;
  readonly whoWidth: number;
  /** Width of step, CPU and process together. */
  readonly left: number;
  /** Width of the text. */
  readonly text: number;
  readonly beside: boolean;
  /** The same pages in each row; absent where the window moves with the changes. */
  readonly window?: PageRange | undefined;
  readonly windowMax: number;
  readonly names: readonly string[];
}

/** The table and its legend. */
export function runLines(run: RecordedRun, width: number): readonly string[] {
  const layout = layOut(run, width);
  const { rows } = run;
  const tail = ROWS_MAX - ROWS_FIRST;
  const skipped = rows.length > ROWS_MAX ? rows.length - ROWS_MAX : 0;
  const shown = (list: readonly RunRow[]): readonly string[] => list.flatMap((row) => rowLines(row, layout));
  return [
    ...headLines(layout),
    ...initialLines(run.initial, layout),
    ...(skipped === 0
      ? shown(rows)
      : [
          ...shown(rows.slice(0, ROWS_FIRST)),
          `... ${skipped} steps left out; --json has them all ...`,
          ...shown(rows.slice(-tail)),
        ]),
    "",
    ...legendLines(run, layout),
  ];
}

function layOut(run: RecordedRun, width: number): Layout {
  const names = run.processes.map(shortName);
  const used = new Set(run.rows.map(({ process }) => process));
  const whoWidth = Math.max(4, ...names.filter((_, p) => used.has(p)).map((name) => name.length));
  const stepWidth = Math.max(4, String(run.rows.length).length);
  const left = stepWidth + whoWidth + 9;
  const windowMax = Math.min(STRIP_MAX, width - 12);
  const window = fixedWindow(run, windowMax);
  const stripWidth = window ? window.end - window.start : windowMax;
  const besideText = width - left - 2 - stripWidth;
  const beside = window !== undefined && besideText >= TEXT_MIN;
  const text = beside ? besideText : width - left;
  return { width, stepWidth, whoWidth, left, text, beside, window, windowMax, names };
}

/** The whole space if it fits, else all that ever changes if that fits. */
function fixedWindow(run: RecordedRun, windowMax: number): PageRange | undefined {
  const { spacePages } = run.instance;
  if (spacePages <= windowMax) return { start: 0, end: spacePages };
  const ranges = [interestingPages(run.initial), ...run.rows.map(({ changed }) => changed)];
  const known = ranges.filter((range) => range !== undefined);
  const start = Math.max(0, Math.min(spacePages, ...known.map((range) => range.start)) - 1);
  const end = Math.min(spacePages, Math.max(0, ...known.map((range) => range.end)) + 1);
  if (start >= end) return { start: 0, end: Math.min(spacePages, windowMax) };
  return end - start <= windowMax ? { start, end } : undefined;
}

function headLines(layout: Layout): readonly string[] {
  const { window, beside } = layout;
  const titles = prefix(layout, "step", "cpu", "who");
  const ruler = window ? rulerText(window) : "";
  if (beside) return [`${titles}${"what happened".padEnd(layout.text + 2)}${ruler}`];
  return [`${titles}what happened`, ...(window ? [`${stripIndent(layout)}${ruler}`] : [])];
}

function initialLines(strip: Strip, layout: Layout): readonly string[] {
  const { window, beside } = layout;
  if (!window) return [];
  const text = cells(strip, window);
  const start = `${prefix(layout, "", "", "")}at the start`;
  if (beside) return [start.padEnd(layout.left + layout.text + 2) + text];
  return [start, `${stripIndent(layout)}${text}`];
}

function rowLines(row: RunRow, layout: Layout): readonly string[] {
  const said = wrap(`${row.fn}: ${row.what}`, layout.text);
  const facts = row.facts.flatMap((fact) => hanging("  -> ", fact, layout.text));
  const lines = [...said, ...facts];
  const first = prefix(layout, String(row.step), String(row.cpu), layout.names[row.process]!);
  const rest = " ".repeat(layout.left);
  const strip = row.changed ? stripText(row, row.changed, layout) : "";
  if (!layout.beside) {
    const text = lines.map((line, i) => (i === 0 ? first : rest) + line);
    return strip === "" ? text : [...text, `${stripIndent(layout)}${strip}`];
  }
  return lines.map((line, i) =>
    i > 0 ? rest + line : (first + line.padEnd(layout.text + 2) + strip).trimEnd(),
  );
}

/** The space after a row; where the window moves, with the number of its first page. */
function stripText(row: RunRow, changed: PageRange, layout: Layout): string {
  if (layout.window) return cells(row.strip, layout.window);
  const { end: spacePages } = row.strip[row.strip.length - 1]!;
  const room = layout.windowMax;
  const size = Math.min(changed.end - changed.start, room);
  const middle = Math.max(0, changed.start - Math.floor((room - size) / 2));
  const start = Math.min(middle, Math.max(0, spacePages - room));
  const shown = cells(row.strip, { start, end: start + room });
  return `@${start} ${shown}${changed.end > start + room ? "..." : ""}`;
}

function prefix(layout: Layout, step: string, cpu: string, who: string): string {
  return `${step.padStart(layout.stepWidth)}  ${cpu.padStart(3)}  ${who.padEnd(layout.whoWidth)}`.padEnd(
    layout.left,
  );
}

/** Wide strips start near the margin. */
function stripIndent(layout: Layout): string {
  return " ".repeat(Math.min(layout.left, 8));
}

function rulerText({ start, end }: PageRange): string {
  let text = "";
  for (let page = start; page < end; page++) {
    if (page % RULER_PAGES === 0 || page === start) {
      const label = String(page);
      const at = page - start;
      if (text.length <= at && at + label.length <= end - start) text = text.padEnd(at) + label;
    }
  }
  return text;
}

function legendLines(run: RecordedRun, layout: Layout): readonly string[] {
  const seen = new Set([run.initial, ...run.rows.map(({ strip }) => strip)].flat().map(({ cell }) => cell));
  const workers = run.processes.flatMap((name, p) =>
    layout.names[p] !== name && run.rows.some(({ process }) => process === p)
      ? [`${layout.names[p]} = ${name}`]
      : [],
  );
  return [
    ...hanging("Pages: ", legend(seen, run.instance.programs), layout.width),
    ...(workers.length === 0 ? [] : hanging("Workers: ", workers.join(", "), layout.width)),
  ];
}

/** Workers by what they run; others by their name. */
export function shortName(name: string): string {
  if (name === "kworker/drain_vmap_work") return "drain";
  const helper = /^kworker\/node (\d+) purge_work$/.exec(name);
  return helper ? `helper ${helper[1]}` : name.replace(/^kworker\//, "");
}
