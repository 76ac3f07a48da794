// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck explore`: all reachable states of one instance of one design. What it prints depends on its options only.

import { encodeToken } from "../../spec/token.ts";
import type { UserError } from "../../spec/user-error.ts";
import type { Command, CommandEnd } from "../command.ts";
import { emitTestProblem } from "../emit-test.ts";
import { whyOf } from "../counterexample-view.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { EXPLORE_OPTIONS, type ExplorePlan, explorePlanOf } from "../explore-options.ts";
import { exploreHead, exploreVerdict } from "../explore-text.ts";
import { checkWritable, shown } from "../files.ts";
import { type Io, paintFor } from "../io.ts";
import { type ExploreReport, resumeProblem } from "../jobs/explore.ts";
import { endJob } from "../job-end.ts";
import type { JobEnd } from "../jobs/job.ts";
import { printJson } from "../json.ts";
import type { Parsed } from "../options.ts";
import { ProgressWriter } from "../progress.ts";

/** How long the last checkpoint of an interrupted search may take, seconds. */
const CHECKPOINT_GRACE = 300;

/** The command. */
export const EXPLORE: Command = {
  name: "explore",
  synopsis: "ALLOCATOR [OPTIONS]",
  summary: "searches all states of a small instance: a verdict on every interleaving and every choice",
  description: [
    "Searches all states that one instance of a design can come to, breadth first, and checks each state and each " +
      "step. The instance is a named one, by default closed-tiny; or it is taken from a campaign, or made of options, " +
      "with two small built-in programs if none is given. States that differ only in how records are numbered, or in " +
      "which of several like tasks is which, count as one. What is found is a shortest counterexample; --out keeps it " +
      "for vmapcheck replay. Neither workers nor reductions change a verdict or the length of a counterexample.",
    "HELD is said of all interleavings and choices of this instance, and of no other one. Steps of the design that " +
      "were never executed are listed: of them it says nothing. A named instance says which ones it cannot come to; if " +
      "another one was never executed the verdict is vacuous, and not decided, as is a search that a limit ends first.",
  ],
  options: EXPLORE_OPTIONS,
  examples: [
    ["vmapcheck explore node-blocks", "the named instance closed-tiny"],
    ["vmapcheck explore node-blocks --instance closed-small --workers 2", "another one, by two threads"],
    [
      "vmapcheck explore global-tree --instance closed-large --checkpoint large.ckpt",
      "a long one: after an interruption, add --resume large.ckpt",
    ],
    ["vmapcheck explore node-blocks --campaign node-blocks-kasan --instance 2", "an instance of a campaign"],
    [
      'vmapcheck explore global-tree --program "a=alloc(1); free(a)" --program "b=alloc(2); purge" --faults all',
      "two given tasks, in which any one allocation of the kernel's own may fail",
    ],
    [
      'vmapcheck explore global-tree --space 2 --cpus 1 --lazy-max 1 --closed 2 --program "a=alloc(1); free(a)"',
      "one task that allocates and frees for ever",
    ],
  ],
  run: explore,
};

async function explore(parsed: Parsed, io: Io): Promise<CommandEnd> {
  const plan = explorePlanOf(parsed);
  if ("error" in plan) return plan;
  const { checkpoint, resume } = plan.request;
  for (const file of [plan.out, checkpoint]) {
    const unwritable = file === undefined ? undefined : checkWritable(file);
    if (unwritable) return { error: unwritable };
  }
  const notEmittable = emitTestProblem(parsed);
  if (notEmittable) return { error: notEmittable };
  const problem = resumeProblem(plan.request);
  if (problem !== undefined) return { error: unusable(resume!, problem) };
  const json = parsed.has("json");
  const paint = paintFor(io);
  if (!json) io.out(exploreHead(plan, paint));
  const progress = new ProgressWriter(io);
  const end = await io.runJob("explore", plan.request, {
    onProgress: (now) => progress.show(now),
    seconds: plan.seconds,
    ...(checkpoint !== undefined && { grace: CHECKPOINT_GRACE }),
  });
  progress.clear();
  const { report } = end;
  const exitCode = exitCodeOf(end);
  return endJob(io, progress, end, {
    command: "explore",
    exitCode,
    counterexample: report?.found?.counterexample,
    out: plan.out,
    emitted: parsed.text("emit-test"),
    printDocument: json ? () => printDocument(io, plan, end, exitCode, progress.seconds) : undefined,
    verdict: (done) => exploreVerdict(plan, done, end.stopped, paint),
  });
}

function unusable(file: string, problem: string): UserError {
  return {
    code: "VMC-E033",
    message: `${shown(file)}: expected a checkpoint of this search, but ${problem}`,
  };
}

function exitCodeOf({ report, stopped }: JobEnd<ExploreReport>): ExitCode {
  if (stopped === "interrupted") return EXIT.interrupted;
  if (report?.found) return EXIT.violation;
  return report?.end === "exhausted" && report.vacuous.length === 0 ? EXIT.held : EXIT.undecided;
}

function printDocument(
  io: Io,
  plan: ExplorePlan,
  { report, stopped }: JobEnd<ExploreReport>,
  exitCode: ExitCode,
  seconds: number,
): void {
  const counterexample = report?.found?.counterexample;
  // How much memory it takes depends on the number of workers, and on nothing that was found.
  const { bytes, ...found } = report ?? { bytes: 0 };
  const body = {
    request: plan.request,
    notWatched: plan.left.map(({ id }) => id),
    notSearched: plan.notSearched,
    stopped: stopped ?? null,
    report: report ? found : null,
    token: counterexample ? encodeToken(counterexample) : null,
    why: whyOf(counterexample) ?? null,
  };
  const counts = report ? { states: report.states, transitions: report.transitions, bytes } : {};
  printJson(io, "explore", exitCode, body, { seconds, ...counts });
}
