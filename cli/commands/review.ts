// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck review`: the claims of one patch, each with its verdict on every revision, what the verdict rests on, the
// run that shows what is wrong, the defects, and in what callers see a difference. What it does follows from the budget and the seed alone.

import { differencesText } from "../../review/render/difference-text.ts";
import { reviewText } from "../../review/render/review-text.ts";
import type { CheckReport } from "../../review/report.ts";
import { defectOf } from "../../spec/defects.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Dossier } from "../../spec/dossier.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { quoted } from "../../spec/found-text.ts";
import { encodeToken } from "../../spec/token.ts";
import type { Command, CommandEnd } from "../command.ts";
import { counterexampleText } from "../counterexample-view.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Io, paintFor } from "../io.ts";
import { printJson } from "../json.ts";
import { nearest } from "../nearest.ts";
import { type Parsed, usage } from "../options.ts";
import { ProgressWriter } from "../progress.ts";
import { seedOf, seedOption } from "../seed.ts";
import { budgetOption, EXTRA_SECONDS, exitCodeOf, GATE_BUDGET, GATE_SEED } from "./check.ts";

/** The command. */
export const REVIEW: Command = {
  name: "review",
  synopsis: "PATCH [OPTIONS]",
  summary: "judges the claims of a patch, revision by revision, with counterexamples and defects",
  description: [
    "Runs the campaigns that the claims of PATCH rest on, judges each claim on each revision of the patch by the same " +
      "instances, and prints the quotation, the verdict, how far it was checked, and what shows it; then the defects " +
      "that the claims are about, new or older.",
    "Ends with what callers see of the patch that they did not see of its predecessor: both designs run the same small " +
      "programs, one operation at a time, and the smallest program is shown for each kind of difference; of tiny " +
      "programs, the outcomes of all interleavings are compared.",
    "The exit code is 0 if every verdict is the one that this project stands for, whatever that is, and the kinds of " +
      "difference are those that the dossier expects.",
  ],
  options: [budgetOption, seedOption("the schedules", `"${GATE_SEED}"`)],
  examples: [
    ["vmapcheck review unbound-drain", "the claims of the patch, v2 beside v3"],
    ["vmapcheck review node-blocks --json", "the same as data"],
  ],
  run: review,
};

async function review(parsed: Parsed, io: Io): Promise<CommandEnd> {
  const found = dossierOf(parsed);
  if ("error" in found) return found;
  const { dossier } = found;
  const seed = seedOf(parsed, io.env, () => GATE_SEED);
  if (typeof seed === "object") return seed;
  const budgetSeconds = parsed.integer("budget", GATE_BUDGET);
  const json = parsed.has("json");
  const paint = paintFor(io);
  if (json) io.err(`seed ${seed}\n`);
  else
    io.out(`${paint.heading(`vmapcheck review ${dossier.id}`)}\nseed ${seed}, budget ${budgetSeconds} s\n\n`);
  const progress = new ProgressWriter(io);
  const end = await io.runJob(
    "check",
    { budgetSeconds, seed, patches: [dossier.id], claimsOnly: true },
    { onProgress: (now) => progress.show(now), seconds: budgetSeconds + EXTRA_SECONDS },
  );
  progress.clear();
  const { report } = end;
  const exitCode = exitCodeOf(end);
  io.setVerdict(exitCode);
  if (json) {
    const counts = report ? { runs: report.runs, steps: report.steps } : {};
    const body = {
      seed,
      budgetSeconds,
      stopped: end.stopped ?? null,
      review: report ? dataOf(dossier, report) : null,
    };
    printJson(io, "review", exitCode, body, { seconds: progress.seconds, ...counts });
    return exitCode;
  }
  if (!report) {
    io.out(`${paint.open("INTERRUPTED")} before there was anything to report\n`);
    io.err(`vmapcheck: ${progress.lastWords(end.progress)}\n`);
    return exitCode;
  }
  const runs = counterexamplesOf(dossier, report);
  const shown = (claim: string, version: string): string | undefined => {
    const run = runs.get(`${claim} ${version}`);
    return run && counterexampleText(run, undefined, paint);
  };
  const differences = differencesText(report.differences, paint);
  const parts = [
    reviewText(dossier, report.claims, { paint, shown }),
    differences,
    closing(report, exitCode),
  ];
  io.out(`${parts.filter((part) => part !== "").join("\n\n")}\n`);
  return exitCode;
}

function dossierOf(parsed: Parsed): { readonly dossier: Dossier } | Extract<CommandEnd, object> {
  const [id, extra] = parsed.positionals;
  const ids = DOSSIERS.map((each) => each.id);
  if (id === undefined || extra !== undefined) {
    const count = id === undefined ? "nothing" : `${parsed.positionals.length}`;
    return { error: usage("PATCH", `one of ${ids.join(", ")}`, count) };
  }
  const dossier = DOSSIERS.find((each) => each.id === id);
  if (dossier) return { dossier };
  const close = nearest(id, ids);
  return {
    error: {
      code: "VMC-E005",
      message: `PATCH: expected one of ${ids.join(", ")}, found ${quoted(id)}`,
      hint: close === undefined ? "vmapcheck list patches" : `did you mean ${close}?`,
    },
  };
}

/** Counterexamples by claim and version. */
function counterexamplesOf(
  { version }: Dossier,
  { claims }: CheckReport,
): ReadonlyMap<string, Counterexample> {
  return new Map(
    claims.flatMap(({ claim, counterexample, revisions = [] }) =>
      [{ id: version, counterexample }, ...revisions].flatMap((each) =>
        each.counterexample ? [[`${claim.id} ${each.id}`, each.counterexample] as const] : [],
      ),
    ),
  );
}

function dataOf(dossier: Dossier, report: CheckReport): unknown {
  const { claims: _, ...patch } = dossier;
  const { verdict, problems, undecided, claims, differences } = report;
  const defects = [...new Set(claims.flatMap(({ claim }) => [...claim.defects]))].map((id) => defectOf(id));
  const tokens = Object.fromEntries(
    [...counterexamplesOf(dossier, report)].map(([id, each]) => [id, encodeToken(each)]),
  );
  return { patch, verdict, problems, undecided, claims, tokens, differences, defects };
}

function closing({ problems, undecided, claims, differences }: CheckReport, exitCode: ExitCode): string {
  const lines = [...problems, ...undecided];
  const kinds = differences.reduce((sum, each) => sum + each.kinds.length, 0);
  const also = differences.length === 0 ? "" : `; kinds of difference as expected: ${kinds}`;
  if (exitCode === 0) return `All verdicts on ${claims.length} claims are those on record${also}.`;
  return ["Not all verdicts are those on record:", ...lines.map((line) => `- ${line}`)].join("\n");
}
