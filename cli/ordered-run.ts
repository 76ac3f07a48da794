// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck run --order`: the operations of given programs one at a time, each to its end, with what each let its
// caller see and the address space behind it. Nothing is left to chance, so there is no seed.

import { MUTANTS } from "../properties/mutants/catalogue.ts";
import { parseOrder, type Turn } from "../properties/differential/ordered-run.ts";
import { configurationLines, programLines } from "../review/render/configuration-text.ts";
import { type OrderedRecord, recordInOrder } from "../review/render/ordered-record.ts";
import { legend } from "../review/render/strip-legend.ts";
import { hanging, table, WIDTH } from "../review/render/text-layout.ts";
import { quoted } from "../spec/found-text.ts";
import type { Instance } from "../spec/instance.ts";
import type { UserError } from "../spec/user-error.ts";
import { nowSeconds } from "./clock.ts";
import type { CommandEnd } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { allocatorOf, instanceOf, mutantOf } from "./instance-options.ts";
import { type Io, paintFor } from "./io.ts";
import { printJson } from "./json.ts";
import { optionError, type OptionSpec, type Parsed, usage } from "./options.ts";
import { watchFor } from "./watched.ts";

/** The order. */
export const ORDER_OPTION: OptionSpec = {
  name: "order",
  value: "TEXT",
  text:
    'beside --program: one operation at a time, in this order of tasks, as in "0 1! quiet 0"; ' +
    "! makes its first fault happen, quiet lets pending work run",
};

/** Largest space of such a run, pages. */
const SPACE_MAX = 4000;

/** What an order leaves nothing to decide for. */
const OUT_OF_PLACE = [
  "cases",
  "depth",
  "emit-test",
  "ops",
  "out",
  "runs",
  "seed",
  "strategy",
  "strict",
  "tasks",
] as const;

/** Runs the programs of a command line in its order. */
export function runInOrder(parsed: Parsed, io: Io): CommandEnd {
  const allocator = allocatorOf(parsed);
  if (typeof allocator !== "string") return allocator;
  const given = instanceOf(parsed, allocator);
  if ("error" in given) return given;
  const mutant = mutantOf(parsed, allocator);
  if (typeof mutant === "object") return mutant;
  const { configuration, programs } = given;
  if (!programs) return { error: usage("--order", "--program beside it", "no program") };
  const instance: Instance = { ...configuration, programs };
  const order = parsed.text("order") ?? "";
  const error = misplaced(parsed) ?? orderProblem(order, instance);
  if (error) return { error };
  const watch = watchFor(instance, parsed.text("invariants") ?? "expected");
  if ("error" in watch) return watch;
  const began = nowSeconds();
  const design = MUTANTS.find(({ id }) => id === mutant)?.make;
  const run = recordInOrder(instance, order, design, watch.watched);
  const exitCode = exitCodeOf(run);
  io.setVerdict(exitCode);
  if (parsed.has("json")) {
    const { initial, rows } = run;
    printJson(io, "run", exitCode, { instance, order, initial, rows }, { seconds: nowSeconds() - began });
    return exitCode;
  }
  io.out(textOf(run, io));
  return exitCode;
}

function misplaced(parsed: Parsed): UserError | undefined {
  const name = OUT_OF_PLACE.find((each) => parsed.has(each));
  return name && usage(`--${name}`, "no --order beside it, which leaves nothing to chance", "both options");
}

function orderProblem(order: string, { programs, faults, spacePages }: Instance): UserError | undefined {
  const wrong = (expected: string, found: string): UserError => optionError("--order", expected, found);
  if (spacePages > SPACE_MAX)
    return wrong(`a space of at most ${SPACE_MAX} pages beside it`, `${spacePages}`);
  const parsed = parseOrder(order);
  if ("wrong" in parsed) {
    return wrong('numbers of tasks, with "!" where an allocation fails, and "quiet"', quoted(parsed.wrong));
  }
  const { turns } = parsed;
  const left = programs.map((program) => program.length);
  for (const { task } of turns) {
    if (task === undefined) continue;
    if (left[task] === undefined) return wrong(`tasks from 0 to ${programs.length - 1}`, `${task}`);
    if (left[task]-- === 0) {
      return wrong(`at most ${programs[task]!.length} times task ${task}, once for each operation`, "more");
    }
  }
  const fails = turns.some((turn: Turn) => turn.fault);
  return fails && faults.budget === 0
    ? usage("--order", "--faults beside an order with !", "no fault points", "add --faults kasan")
    : undefined;
}

function exitCodeOf({ rows }: OrderedRecord): ExitCode {
  if (rows.some(({ step }) => step.finding)) return EXIT.violation;
  return rows.every(({ step }) => step.ended === "ended") ? EXIT.held : EXIT.undecided;
}

function textOf(run: OrderedRecord, io: Io): string {
  const paint = paintFor(io);
  const { initial, instance, rows } = run;
  const finding = rows.find(({ step }) => step.finding)?.step.finding;
  const strips = new Set([initial, ...rows.map(({ strip }) => strip)].join(""));
  const lines = table(
    [{ title: "task" }, { title: "operation" }, { title: "seen" }, { title: "pages from 0 on" }],
    [
      ["", "at the start", "", initial],
      ...rows.map(({ step, strip }) => [
        step.turn.task === undefined ? "-" : String(step.turn.task),
        step.text + (step.turn.fault ? ", an allocation fails" : ""),
        step.saw,
        strip,
      ]),
    ],
  );
  const verdict = finding
    ? [paint.bad("VIOLATED"), ...hanging(`  ${finding.id}: `, finding.message, WIDTH)]
    : rows.every(({ step }) => step.ended === "ended")
      ? [`${paint.good("HELD")} in this one order, which says nothing of others`]
      : [`${paint.open("NOT DECIDED")}: it does not end, which is known of this design or not watched`];
  return [
    paint.heading(`vmapcheck run ${instance.allocator}, one operation at a time`),
    ...configurationLines(instance, WIDTH),
    ...programLines(instance, WIDTH),
    "",
    ...lines,
    "",
    ...hanging("Pages: ", legend(strips, instance.programs), WIDTH),
    ...verdict,
    "",
  ].join("\n");
}
