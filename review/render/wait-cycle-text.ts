// SPDX-License-Identifier: GPL-2.0-only
//
// Who waits for whom, for people: a column for each process, time downwards, first what each of them holds, then where
// each waits. Source: the scenarios of lockdep, kernel/locking/lockdep.c, print_circular_lock_scenario.

import type { WaitingProcess, WaitScene } from "../../properties/deadlock.ts";
import { hanging, wrap } from "./text-layout.ts";

/** Widest line: it goes into a mail. */
const WIDTH = 72;

const INDENT = "  ";

/** Between two columns. */
const GAP = 2;

/** Narrower columns are hard to read. */
const COLUMN_MIN = 20;

/** The lines, ASCII. */
export function waitLines(scene: WaitScene): readonly string[] {
  const { processes } = scene;
  const room = WIDTH - INDENT.length;
  const width = Math.floor((room - GAP * (processes.length - 1)) / processes.length);
  const words = processes.flatMap((each) => [...each.has, waitOf(each), each.name].join(" ").split(" "));
  const fits = width >= COLUMN_MIN && words.every(({ length }) => length <= width);
  return [
    "Who waits for whom:",
    "",
    ...(fits ? columns(processes, width) : list(processes)).map((line) => `${INDENT}${line}`.trimEnd()),
    "",
    ...hanging(`${INDENT}*** `, `${verdictOf(scene)} ***`, WIDTH),
  ];
}

function waitOf({ name, fn, resource, holder = "nobody" }: WaitingProcess): string {
  return `waits in ${fn} for ${resource}, held by ${holder === name ? "itself" : holder}`;
}

function verdictOf({ processes, end }: WaitScene): string {
  const { resource, holder } = processes.at(-1)!;
  switch (end) {
    case "circle":
      return "DEADLOCK";
    case "nobody":
      return `DEADLOCK: nobody holds ${resource}`;
    case "other":
      return `DEADLOCK: ${holder ?? "nobody"} does not give ${resource} back`;
  }
}

function columns(processes: readonly WaitingProcess[], width: number): readonly string[] {
  const across = (cells: readonly string[]): string =>
    cells.map((cell) => cell.padEnd(width)).join(" ".repeat(GAP));
  // Each line of a text in the column of its process.
  const down = (text: (of: WaitingProcess) => readonly string[]): readonly string[] =>
    processes.flatMap((each, column) =>
      text(each)
        .flatMap((line) => wrap(line, width))
        .map((line) => across(processes.map((_, i) => (i === column ? line : "")))),
    );
  return [
    across(processes.map(({ name }) => name)),
    across(processes.map(({ name }) => "-".repeat(name.length))),
    ...down(({ has }) => has),
    ...down((each) => [waitOf(each)]),
  ];
}

function list(processes: readonly WaitingProcess[]): readonly string[] {
  const width = WIDTH - INDENT.length;
  return processes.flatMap((each) => [
    ...wrap(each.name, width),
    ...[...each.has, waitOf(each)].flatMap((line) => hanging(INDENT, line, width)),
  ]);
}
