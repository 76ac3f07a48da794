// SPDX-License-Identifier: GPL-2.0-only
//
// A run as kernel people write races down: a column for each CPU, time downwards. Shown is what had an effect, and where a
// task stood when another one went on.

import type { RecordedRun, RunRow } from "./record-run.ts";
import { shortName } from "./run-table.ts";
import { hanging, wrap } from "./text-layout.ts";

/** Least width of a column; where there are more CPUs than fit, all go into one. */
const COLUMN_MIN = 20;
const GAP = 2;
/** Width of the steps' numbers and the blank behind them. */
const STEP = 5;

interface Entry {
  readonly cpu: number;
  readonly step: number;
  readonly lines: readonly string[];
}

/** The lines, none wider than `width`. */
export function cpuColumns(run: RecordedRun, width: number): readonly string[] {
  const cpus = [...new Set(run.rows.map(({ cpu }) => cpu))].sort((a, b) => a - b);
  const room = Math.floor((width - STEP - GAP * (cpus.length - 1)) / cpus.length);
  const isOne = room < COLUMN_MIN;
  const column = isOne ? width - STEP : room;
  const entries = entriesOf(run, column, isOne);
  const titles = isOne ? ["all CPUs"] : cpus.map((cpu) => `CPU ${cpu}`);
  const at = (cpu: number): number => (isOne ? 0 : cpus.indexOf(cpu));
  const indent = (i: number): string => " ".repeat(i * (column + GAP));
  return [
    `${"step".padEnd(STEP)}${titles.map((title) => title.padEnd(column + GAP)).join("")}`.trimEnd(),
    ...entries.flatMap(({ cpu, lines, step }) =>
      lines.map((line, i) => `${(i === 0 ? String(step) : "").padEnd(STEP)}${indent(at(cpu))}${line}`),
    ),
  ];
}

function entriesOf({ processes, rows }: RecordedRun, width: number, isOne: boolean): readonly Entry[] {
  const entries: Entry[] = [];
  let process = -1;
  let fn = "";
  for (const [i, row] of rows.entries()) {
    const next = rows[i + 1];
    const isSwitch = next?.process !== row.process;
    if (row.facts.length === 0 && !isSwitch) continue;
    const lines: string[] = [];
    if (row.process !== process) {
      const name = shortName(processes[row.process] ?? "");
      lines.push(...wrap(isOne ? `[${name}, CPU ${row.cpu}]` : `[${name}]`, width));
      fn = "";
    }
    if (row.fn !== fn) lines.push(...wrap(`${row.fn}()`, width));
    lines.push(...saidOf(row, isSwitch, width));
    entries.push({ cpu: row.cpu, step: row.step, lines });
    process = row.process;
    fn = row.fn;
  }
  return entries;
}

function saidOf({ facts, what }: RunRow, isSwitch: boolean, width: number): readonly string[] {
  if (facts.length > 0) return facts.flatMap((fact) => hanging("  ", fact, width));
  return isSwitch ? hanging("  ", what, width) : [];
}
