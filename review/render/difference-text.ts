// SPDX-License-Identifier: GPL-2.0-only
//
// What callers see of a patch that they did not see of its predecessor, as text: a table of the kinds of difference,
// then of each kind the smallest program with both results and both address spaces beside each other.

import type { ExpectedDifference } from "../../spec/differences.ts";
import type { AllocatorId } from "../../spec/instance.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type {
  DifferenceExample,
  DifferenceLine,
  DifferenceResult,
  ExampleRow,
  RaceExample,
} from "../difference-report.ts";
import { configurationLines } from "./configuration-text.ts";
import { type Paint, PLAIN } from "./paint.ts";
import { count, grouped, hanging, table, WIDTH } from "./text-layout.ts";

const INDENT = "  ";

/** All comparisons of a report, each with its examples; empty if there are none. */
export function differencesText(
  results: readonly DifferenceResult[],
  paint: Paint = PLAIN,
  width: number = WIDTH,
): string {
  return results
    .map((each, i) => comparisonLines(each, results.slice(0, i), paint, width).join("\n"))
    .join("\n\n");
}

/** In a line or two, how far a comparison went and what it came to. */
export function differenceSummary(result: DifferenceResult): string {
  const { operationsMax, machines, programs, randomPrograms, races, states, kinds } = result;
  const found = kinds.reduce((sum, each) => sum + each.count, 0);
  return [
    `all programs of up to ${count(operationsMax, "operation")} on ${count(machines, "machine")}: ` +
      `${count(programs, "pair")}`,
    ...(randomPrograms === 0 ? [] : [`${count(randomPrograms, "longer one")} at random`]),
    ...(races === 0 ? [] : [`all interleavings of ${count(races, "tiny one")} (${count(states, "state")})`]),
    `${count(found, "difference")} of ${count(kinds.length, "kind")}`,
  ].join("; ");
}

function comparisonLines(
  result: DifferenceResult,
  earlier: readonly DifferenceResult[],
  paint: Paint,
  width: number,
): readonly string[] {
  const { before, after, kinds, missing, undecided, version } = result;
  const shown = kinds.filter((each) => !earlier.some((other) => isShownIn(other, each)));
  return [
    paint.heading(`Differences of ${version} (${after}) from ${before}`),
    ...hanging("", differenceSummary(result), width),
    ...undecided.flatMap((each) => hanging("NOT DECIDED: ", each, width)),
    ...(kinds.length === 0 ? [] : ["", ...kindTable(kinds, width)]),
    ...missing.flatMap(({ kind }) => ["", ...hanging("EXPECTED, NOT SEEN: ", kind, width)]),
    ...shown.flatMap((each, i) => ["", ...kindLines(each, shown[i - 1]?.race, result, paint, width)]),
    ...(shown.length < kinds.length
      ? ["", "For kinds that are not shown, the smallest programs are those above."]
      : []),
  ];
}

// Revisions of a patch differ from the predecessor in much the same way: what is shown once need not be shown again.
function isShownIn({ kinds }: DifferenceResult, { kind, example, race, expected }: DifferenceLine): boolean {
  const same = kinds.find((each) => each.kind === kind);
  if (!same || !expected) return false;
  return JSON.stringify(same.example?.rows ?? same.race) === JSON.stringify(example?.rows ?? race);
}

function kindTable(kinds: readonly DifferenceLine[], width: number): readonly string[] {
  return table(
    [{ title: "kind" }, { title: "programs", align: "right" }, { title: "smallest", wraps: true }],
    kinds.map(({ kind, count: n, expected, example, race }) => [
      kind + (expected ? "" : " (UNEXPECTED)"),
      grouped(n),
      ((example ?? race)?.programs ?? []).join(" || "),
    ]),
    width,
  );
}

function kindLines(
  { drawn, kind, expected, example, race }: DifferenceLine,
  raceBefore: RaceExample | undefined,
  { before, after }: DifferenceResult,
  paint: Paint,
  width: number,
): readonly string[] {
  const designs = [before, after] as const;
  const lines = [
    ...(expected ? expectedLines(expected, width) : ["UNEXPECTED"]),
    ...(drawn ? ["beyond the bound: drawn at random, and nothing can be dropped from it"] : []),
    ...(example ? exampleLines(example, designs, width - INDENT.length) : []),
    ...(race && isSame(race, raceBefore) ? ["in the programs above"] : []),
    ...(race && !isSame(race, raceBefore) ? raceLines(race, designs, width - INDENT.length) : []),
  ];
  return [paint.heading(kind), ...lines.map((line) => `${INDENT}${line}`.trimEnd())];
}

function isSame(race: RaceExample, other: RaceExample | undefined): boolean {
  return JSON.stringify(race) === JSON.stringify(other);
}

function expectedLines({ why, defects, claims }: ExpectedDifference, width: number): readonly string[] {
  const see = [...defects, ...claims].join(", ");
  return hanging("why: ", see === "" ? why : `${why} See ${see}.`, width - INDENT.length);
}

function exampleLines(
  { machine, rows, strips, legend, found, commands, order }: DifferenceExample,
  designs: readonly [AllocatorId, AllocatorId],
  width: number,
): readonly string[] {
  const prompt = isPrompt(rows);
  const shown = rows.filter(
    ({ task, saw }) => !prompt || task !== undefined || saw.some((each) => each !== ""),
  );
  const faults = order.split(" ").filter((each) => each !== "quiet");
  let acts = 0;
  const tableRows = shown.map(({ task, text, saw }) => {
    const fails = task !== undefined && faults[acts++]?.endsWith("!");
    return [task === undefined ? "-" : String(task), fails ? `${text}, an allocation fails` : text, ...saw];
  });
  return [
    ...machineLines(machine, designs[1], width),
    ...(prompt ? ["pending work runs after each operation"] : ["pending work runs at quiet points"]),
    ...table(
      [{ title: "task" }, { title: "operation" }, { title: designs[0] }, { title: designs[1] }],
      [...tableRows, ["", "then", ...strips]],
      width,
    ),
    ...hanging("", legend, width),
    ...designs.flatMap((design, i) => (found[i] === null ? [] : hanging(`${design}: `, found[i]!, width))),
    ...commands.flatMap((each) => commandLines(each, width)),
  ];
}

// Each operation is followed by a quiet point.
function isPrompt(rows: readonly ExampleRow[]): boolean {
  return (
    rows.every(
      ({ task }, i) => task === undefined || i === rows.length - 1 || rows[i + 1]!.task === undefined,
    ) && rows.some(({ task }) => task === undefined)
  );
}

function machineLines(machine: Machine, design: AllocatorId, width: number): readonly string[] {
  return configurationLines(instanceOf(design, machine, "-"), width);
}

// Broken between options, as a shell takes it.
function commandLines(command: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of command.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 3 <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines.map((line, i) => (i + 1 < lines.length ? `${line} \\` : line));
}

function raceLines(
  { machine, programs, both, only }: RaceExample,
  designs: readonly [AllocatorId, AllocatorId],
  width: number,
): readonly string[] {
  const list = (outcomes: readonly string[]): string => outcomes.join(" | ") || "nothing";
  return [
    ...machineLines(machine, designs[1], width),
    ...programs.flatMap((each, task) => hanging(`task ${task}: `, each, width)),
    "of all that callers can come to see, over all interleavings:",
    ...hanging("  in both: ", list(both), width),
    ...designs.flatMap((design, i) => hanging(`  in ${design} only: `, list(only[i]!), width)),
  ];
}
