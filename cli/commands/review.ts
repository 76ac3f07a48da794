// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck review`: the claims of one patch, each with its verdict on every revision, what the verdict rests on, the
// run that shows what is wrong, the defects, and in what callers see a difference. What it does follows from the budget and the seed alone.

import { developments } from "../../review/against.ts";
import { recordOf } from "../../review/kept-run.ts";
import { againstLines } from "../../review/render/against-text.ts";
import { quotedForShell } from "../../review/render/counterexample-text.ts";
import { differencesText } from "../../review/render/difference-text.ts";
import { htmlFragment } from "../../review/render/html-fragment.ts";
import { mailText } from "../../review/render/mail-text.ts";
import { PLAIN } from "../../review/render/paint.ts";
import { MAIL_WIDTH, reviewText } from "../../review/render/review-text.ts";
import type { CheckReport } from "../../review/report.ts";
import { defectOf } from "../../spec/defects.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import type { Dossier } from "../../spec/dossier.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { quoted } from "../../spec/found-text.ts";
import { encodeToken } from "../../spec/token.ts";
import type { UserError } from "../../spec/user-error.ts";
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

const FORMATS = ["text", "mail", "json", "html-fragment"] as const;

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
  options: [
    budgetOption,
    seedOption("the schedules", `"${GATE_SEED}"`),
    {
      name: "format",
      value: "FORMAT",
      text: `${FORMATS.join(", ")} (text); mail: at most 72 columns, with runs in CPU columns; json is --json`,
      choices: FORMATS,
    },
    {
      name: "against",
      value: "REVISION",
      text: "also say what a later revision of the patch has fixed, still has, or has anew",
    },
  ],
  examples: [
    ["vmapcheck review unbound-drain", "the claims of the patch, v2 beside v3"],
    ["vmapcheck review node-blocks --json", "the same as data"],
    ["vmapcheck review unbound-drain --against v3 --format mail", "a reply to v2: what v3 has fixed"],
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
  const format = formatOf(parsed);
  if (typeof format === "object") return format;
  const against = parsed.text("against");
  const unknown = against === undefined ? undefined : againstProblem(dossier, against);
  if (unknown) return { error: unknown };
  const json = format === "json";
  const paint = format === "text" ? paintFor(io) : PLAIN;
  if (format !== "text") io.err(`seed ${seed}\n`);
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
      review: report ? dataOf(dossier, report, against) : null,
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
  const list = against === undefined ? undefined : developments(dossier, report.claims, against);
  if (format === "mail") {
    const command = `npx vmapcheck review ${dossier.id} --seed ${quotedForShell(seed)} --budget ${budgetSeconds}`;
    const later = list && against !== undefined ? { id: against, list } : undefined;
    io.out(mailText(dossier, report.claims, { recordOf, command, against: later }));
    return exitCode;
  }
  if (format === "html-fragment") {
    io.out(htmlFragment(dossier, report.claims, shown));
    return exitCode;
  }
  const differences = differencesText(report.differences, paint);
  const parts = [
    reviewText(dossier, report.claims, { paint, shown }),
    list && against !== undefined ? againstLines(list, dossier.version, against, MAIL_WIDTH).join("\n") : "",
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

type Format = (typeof FORMATS)[number];

function formatOf(parsed: Parsed): Format | { readonly error: UserError } {
  const named = FORMATS.find((each) => each === parsed.text("format"));
  if (!parsed.has("json")) return named ?? "text";
  if (named === undefined || named === "json") return "json";
  return { error: usage("--format", "no --json beside it", "both options") };
}

function againstProblem({ id, revisions }: Dossier, against: string): UserError | undefined {
  const ids = revisions.map((each) => each.id);
  if (ids.includes(against)) return undefined;
  const expected =
    ids.length === 0 ? `a patch with later revisions, which ${id} is not` : `one of ${ids.join(", ")}`;
  return { code: "VMC-E005", message: `--against: expected ${expected}, found ${quoted(against)}` };
}

function dataOf(dossier: Dossier, report: CheckReport, against: string | undefined): unknown {
  const { claims: _, ...patch } = dossier;
  const { verdict, problems, undecided, claims, differences } = report;
  const defects = [...new Set(claims.flatMap(({ claim }) => [...claim.defects]))].map((id) => defectOf(id));
  const tokens = Object.fromEntries(
    [...counterexamplesOf(dossier, report)].map(([id, each]) => [id, encodeToken(each)]),
  );
  const later =
    against === undefined
      ? {}
      : { against: { revision: against, claims: developments(dossier, claims, against) } };
  return { patch, verdict, problems, undecided, claims, tokens, differences, defects, ...later };
}

function closing({ problems, undecided, claims, differences }: CheckReport, exitCode: ExitCode): string {
  const lines = [...problems, ...undecided];
  const kinds = differences.reduce((sum, each) => sum + each.kinds.length, 0);
  const also = differences.length === 0 ? "" : `; kinds of difference as expected: ${kinds}`;
  if (exitCode === 0) return `All verdicts on ${claims.length} claims are those on record${also}.`;
  return ["Not all verdicts are those on record:", ...lines.map((line) => `- ${line}`)].join("\n");
}
