// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck mutants`: shows that the checks can fail. Each mutant is a design with one mistake; the checks must
// see each of them.

import { join } from "node:path";
import { MUTANTS } from "../../properties/mutants/catalogue.ts";
import type { Paint } from "../../review/render/paint.ts";
import { count, grouped, hanging, table, WIDTH } from "../../review/render/text-layout.ts";
import { quoted } from "../../spec/found-text.ts";
import type { UserError } from "../../spec/user-error.ts";
import type { Command, CommandEnd } from "../command.ts";
import { writeCounterexample } from "../counterexample-view.ts";
import { errorLine } from "../error-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { checkWritable, makeFolder } from "../files.ts";
import { type Io, paintFor } from "../io.ts";
import type { JobEnd } from "../jobs/job.ts";
import type { MutantRow, MutantsReport } from "../jobs/mutants.ts";
import { printJson } from "../json.ts";
import { nearest } from "../nearest.ts";
import type { Parsed } from "../options.ts";
import { ProgressWriter } from "../progress.ts";
import { seedOf, seedOption } from "../seed.ts";

/** Most interleavings of each mutant. */
const RUNS = 4000;

/** The seed unless another one is given: the same table every time. */
const SEED = "mutants";

/** The command. */
export const MUTANTS_COMMAND: Command = {
  name: "mutants",
  synopsis: "[ID...] [OPTIONS]",
  summary: "shows that the checks can fail: hunts designs with a mistake in them",
  description: [
    "Each mutant is a design with one mistake that an author or a reviewer could make, and is hunted in a small " +
      "instance on which the faithful port shows nothing. A mutant that survives means that a check is missing: exit " +
      "code 1. A repair mends a defect: the port must show the defect and the repaired design must not.",
    `Each is given ${grouped(RUNS)} interleavings at most. Without ids, all of them.`,
  ],
  options: [
    seedOption("the schedules", `"${SEED}"`),
    { name: "no-shrink", text: "do not look for the smallest counterexamples" },
    { name: "out", value: "DIR", text: "folder for the smallest counterexamples, one file per mutant" },
  ],
  examples: [
    ["vmapcheck mutants", "all of them, as a table"],
    ["vmapcheck mutants MU-1 MU-2 --out found", "two of them, with files for vmapcheck replay"],
  ],
  run: mutants,
};

async function mutants(parsed: Parsed, io: Io): Promise<CommandEnd> {
  const problem = argumentProblem(parsed);
  if (problem) return { error: problem };
  const seed = seedOf(parsed, io.env, () => SEED);
  if (typeof seed === "object") return seed;
  const out = parsed.text("out");
  const unwritable = out === undefined ? undefined : (makeFolder(out) ?? checkWritable(join(out, "mutants")));
  if (unwritable) return { error: unwritable };
  const wanted = new Set(parsed.positionals);
  const ids = MUTANTS.map(({ id }): string => id).filter((id) => wanted.size === 0 || wanted.has(id));
  const json = parsed.has("json");
  const paint = paintFor(io);
  if (json) io.err(`seed ${seed}\n`);
  else io.out(`${paint.heading("vmapcheck mutants")}\nseed ${seed}, ${count(ids.length, "mutant")}\n\n`);
  const progress = new ProgressWriter(io);
  const request = { ids, seed, runs: RUNS, shrink: !parsed.has("no-shrink") };
  const end = await io.runJob("mutants", request, { onProgress: (now) => progress.show(now) });
  progress.clear();
  const report = end.report ?? { planned: ids.length, rows: [] };
  const exitCode = exitCodeOf(end, report);
  io.setVerdict(exitCode);
  if (out !== undefined) writeAll(report, out, io);
  if (json) {
    const runs = report.rows.reduce((sum, row) => sum + row.runs, 0);
    printJson(
      io,
      "mutants",
      exitCode,
      { seed, stopped: end.stopped ?? null, report },
      {
        seconds: progress.seconds,
        runs,
      },
    );
    return exitCode;
  }
  io.out(`${reportLines(report, paint).join("\n")}\n`);
  if (end.stopped === "interrupted") {
    io.out(`${paint.open("INTERRUPTED")} after ${report.rows.length} of ${count(ids.length, "mutant")}\n`);
  }
  return exitCode;
}

function argumentProblem(parsed: Parsed): UserError | undefined {
  const ids = MUTANTS.map(({ id }): string => id);
  const unknown = parsed.positionals.find((id) => !ids.includes(id));
  if (unknown === undefined) return undefined;
  const close = nearest(unknown, ids);
  return {
    code: "VMC-E005",
    message: `ID: expected the id of a mutant, found ${quoted(unknown)}`,
    hint: close === undefined ? "vmapcheck list mutants" : `did you mean ${close}?`,
  };
}

function exitCodeOf({ stopped }: JobEnd<MutantsReport>, { rows, planned }: MutantsReport): ExitCode {
  if (stopped === "interrupted") return EXIT.interrupted;
  if (rows.some(({ killed }) => !killed)) return EXIT.violation;
  return rows.length < planned ? EXIT.undecided : EXIT.held;
}

function reportLines({ rows }: MutantsReport, paint: Paint): readonly string[] {
  const alive = rows.filter(({ killed }) => !killed);
  const [head, ...body] = table(
    [
      { title: "id" },
      { title: "design" },
      { title: "seen by" },
      { title: "runs", align: "right" },
      { title: "ops", align: "right" },
      { title: "steps", align: "right" },
      { title: "mistake", wraps: true },
    ],
    rows.map((row) => [
      row.id,
      row.base,
      seenBy(row),
      grouped(row.runs),
      row.operations === undefined ? "-" : grouped(row.operations),
      row.steps === undefined ? "-" : grouped(row.steps),
      row.title,
    ]),
    WIDTH,
  );
  const verdict =
    alive.length === 0
      ? paint.good(`${rows.length} of ${count(rows.length, "mutant")} killed`)
      : paint.bad(
          `${alive.length} of ${count(rows.length, "mutant")} SURVIVED: ${alive.map(({ id }) => id).join(", ")}`,
        );
  const why = alive.flatMap(({ id, text }) => hanging(`${id}: `, text, WIDTH));
  return [paint.heading(head ?? ""), ...body, "", verdict, ...why];
}

function seenBy({ kind, killed, by, strict }: MutantRow): string {
  if (!killed) return kind === "repair" ? "NOT CURED" : `SURVIVED${by === undefined ? "" : ` (${by})`}`;
  const notes = [...(kind === "repair" ? ["cured"] : []), ...(strict ? ["strict"] : [])];
  return `${by ?? ""}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
}

function writeAll({ rows }: MutantsReport, folder: string, io: Io): void {
  for (const { id, counterexample } of rows) {
    if (!counterexample) continue;
    const error = writeCounterexample(join(folder, `${id}.json`), counterexample);
    if (error) io.err(`${errorLine(error, "mutants")}\n`);
  }
}
