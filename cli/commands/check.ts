// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck check`: the gate. All campaigns, claims, scenarios and mutants within a budget; what it does follows
// from the budget and the seed alone.

import { join } from "node:path";
import { checkText } from "../../review/render/check-text.ts";
import { quotedForShell } from "../../review/render/counterexample-text.ts";
import { hanging, WIDTH } from "../../review/render/text-layout.ts";
import type { CheckReport } from "../../review/report.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { quoted } from "../../spec/found-text.ts";
import type { UserError } from "../../spec/user-error.ts";
import { TOOL_VERSION } from "../../spec/version.ts";
import type { Command, CommandEnd } from "../command.ts";
import { OUTPUT_OPTIONS, outputProblem, printAnnotations, writeOutputs } from "../check-outputs.ts";
import { readCorpus } from "../corpus-folder.ts";
import { counterexampleText, writeCounterexample } from "../counterexample-view.ts";
import { errorLine } from "../error-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { checkWritable, makeFolder } from "../files.ts";
import { type Io, paintFor } from "../io.ts";
import type { JobEnd } from "../jobs/job.ts";
import { printJson } from "../json.ts";
import { nearest } from "../nearest.ts";
import { type OptionSpec, type Parsed, usage } from "../options.ts";
import { ProgressWriter } from "../progress.ts";
import { seedOf, seedOption } from "../seed.ts";

/** Seconds of a slow machine. */
export const GATE_BUDGET = 30;

/** Seconds for what does not depend on the budget: mutants, scenarios, shrinking. */
export const EXTRA_SECONDS = 60;

/** The seed of the gate, so that it is the same check every time. */
export const GATE_SEED = "gate";

/** How much work is planned. */
export const budgetOption: OptionSpec = {
  name: "budget",
  value: "SECONDS",
  text: `how much work is planned: what a slow machine does in that time (${GATE_BUDGET})`,
  integer: { min: 1, max: 1_000_000 },
};

/** The command. */
export const CHECK: Command = {
  name: "check",
  synopsis: "[OPTIONS]",
  summary: "the gate: checks all designs, claims, scenarios and mutants within a budget",
  description: [
    "Runs the campaigns of each design, searches the tiny named instances to the end, judges each claim of the patches and compares it with the verdict that this " +
      "project stands for, runs the scenarios, and sees to it that each mutant is killed. The budget decides how many " +
      "interleavings are planned, so the same budget and seed give the same report on any machine.",
    `The plan takes about half of the budget on a usual machine. The work is cut short ${EXTRA_SECONDS} seconds after ` +
      "the budget; then nothing is called held and the exit code is 4.",
    "What --corpus keeps is replayed first. One that ends otherwise than recorded is a problem: the exit code is 3 if this " +
      "version wrote it, and 2 if another version did and nothing else is wrong, as for vmapcheck replay.",
  ],
  options: [
    budgetOption,
    {
      name: "patch",
      value: "ID",
      text: "only this patch and what it needs (vmapcheck list patches)",
      repeatable: true,
    },
    seedOption("the schedules", `"${GATE_SEED}"`),
    { name: "out", value: "DIR", text: "folder for the counterexamples" },
    {
      name: "corpus",
      value: "DIR",
      text: "folder of kept counterexamples (*.json, or one token in each *.txt); each must replay as recorded",
    },
    ...OUTPUT_OPTIONS,
  ],
  examples: [
    ["vmapcheck check", "the gate as CI runs it"],
    [
      "vmapcheck check --patch node-blocks --budget 600 --out found",
      "one patch, thoroughly, with files to replay",
    ],
    ["vmapcheck check --ktap gate.ktap --sarif gate.sarif --github", "in a workflow, with reports to keep"],
  ],
  run: check,
};

async function check(parsed: Parsed, io: Io): Promise<CommandEnd> {
  const patches = parsed.texts("patch");
  const problem = argumentProblem(parsed, patches);
  if (problem) return { error: problem };
  const seed = seedOf(parsed, io.env, () => GATE_SEED);
  if (typeof seed === "object") return seed;
  const out = parsed.text("out");
  const unwritable = out === undefined ? undefined : (makeFolder(out) ?? checkWritable(join(out, "check")));
  if (unwritable) return { error: unwritable };
  const blocked = outputProblem(parsed);
  if (blocked) return { error: blocked };
  const corpusFolder = parsed.text("corpus");
  const corpus = corpusFolder === undefined ? [] : readCorpus(corpusFolder);
  if ("error" in corpus) return corpus;
  const budgetSeconds = parsed.integer("budget", GATE_BUDGET);
  const json = parsed.has("json");
  const paint = paintFor(io);
  if (json) io.err(`seed ${seed}\n`);
  else io.out(`${paint.heading("vmapcheck check")}\nseed ${seed}, budget ${budgetSeconds} s\n\n`);
  const progress = new ProgressWriter(io);
  const end = await io.runJob(
    "check",
    {
      budgetSeconds,
      seed,
      ...(patches.length === 0 ? {} : { patches }),
      ...(corpus.length === 0 ? {} : { corpus }),
    },
    { onProgress: (now) => progress.show(now), seconds: budgetSeconds + EXTRA_SECONDS },
  );
  progress.clear();
  const { report } = end;
  const exitCode = exitCodeOf(end);
  io.setVerdict(exitCode);
  const files = report && out !== undefined ? writeAll(report, out, io) : new Map<string, string>();
  for (const error of report ? writeOutputs(report, parsed, io) : [])
    io.err(`${errorLine(error, "check")}\n`);
  if (json) {
    const counts = report ? { runs: report.runs, steps: report.steps } : {};
    const body = { seed, budgetSeconds, stopped: end.stopped ?? null, report: report ?? null };
    printJson(io, "check", exitCode, body, { seconds: progress.seconds, ...counts });
    if (report) printAnnotations(report, parsed, io);
    return exitCode;
  }
  if (!report) {
    io.out(`${paint.open("INTERRUPTED")} before there was anything to report\n`);
    io.err(`vmapcheck: ${progress.lastWords(end.progress)}\n`);
    return exitCode;
  }
  const unknown = report.instances.filter(({ verdict }) => verdict !== "as-pinned");
  for (const { id, violation } of [...report.campaigns, ...unknown]) {
    if (violation) io.out(`${counterexampleText(violation, files.get(id), paint)}\n`);
  }
  const replay = (id: string): string | undefined => {
    const file = files.get(id);
    return file === undefined ? undefined : quotedForShell(file);
  };
  io.out(`${checkText(report, { paint, replay })}\n`);
  if (end.stopped === "interrupted") io.out(`${paint.open("INTERRUPTED")}, this is what was done so far\n`);
  if (out === undefined && report.claims.some(({ counterexample }) => counterexample)) {
    io.out(
      `${hanging("", "--out DIR keeps the counterexamples of refuted claims for vmapcheck replay", WIDTH).join("\n")}\n`,
    );
  }
  printAnnotations(report, parsed, io);
  return exitCode;
}

function argumentProblem(parsed: Parsed, patches: readonly string[]): UserError | undefined {
  const extra = parsed.positionals[0];
  if (extra !== undefined) return usage("command line", "options only", quoted(extra));
  const ids = DOSSIERS.map(({ id }) => id);
  for (const id of patches) {
    if (ids.includes(id)) continue;
    const close = nearest(id, ids);
    return {
      code: "VMC-E005",
      message: `--patch: expected one of ${ids.join(", ")}, found ${quoted(id)}`,
      hint: close === undefined ? "vmapcheck list patches" : `did you mean ${close}?`,
    };
  }
  return undefined;
}

/** The exit code of a gate. */
export function exitCodeOf({ report, stopped }: JobEnd<CheckReport>): ExitCode {
  if (stopped === "interrupted") return EXIT.interrupted;
  const lost = report?.corpus.filter(({ reproduced }) => !reproduced) ?? [];
  if (lost.some(({ tool }) => tool === TOOL_VERSION)) return EXIT.fault;
  if (lost.length > 0 && lost.length === report?.problems.length) return EXIT.usage;
  if (report?.verdict === "violated") return EXIT.violation;
  return report?.verdict === "held" && stopped === undefined ? EXIT.held : EXIT.undecided;
}

/** Writes a file for each counterexample; returns their names by the id of the claim or campaign. */
function writeAll(report: CheckReport, folder: string, io: Io): ReadonlyMap<string, string> {
  const found: readonly (readonly [string, Counterexample | undefined])[] = [
    ...[...report.campaigns, ...report.instances].map(({ id, violation }) => [id, violation] as const),
    ...report.claims.map(({ claim, counterexample }) => [claim.id, counterexample] as const),
  ];
  const files = new Map<string, string>();
  for (const [id, counterexample] of found) {
    if (!counterexample) continue;
    // The id of a named instance has a slash in it.
    const path = join(folder, `${id.replace("/", "-")}.json`);
    const error = writeCounterexample(path, counterexample);
    if (error) io.err(`${errorLine(error, "check")}\n`);
    else files.set(id, path);
  }
  return files;
}
