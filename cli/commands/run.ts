// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck run`: interleavings of one design, with given or random programs, until something is found or the
// plan is done. What it prints depends on its options only.

import { encodeToken } from "../../spec/token.ts";
import { casesHead, casesVerdict } from "../cases-text.ts";
import type { Command, CommandEnd } from "../command.ts";
import { emitTestProblem } from "../emit-test.ts";
import { whyOf } from "../counterexample-view.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { checkWritable } from "../files.ts";
import { type Io, paintFor } from "../io.ts";
import type { CasesReport } from "../jobs/cases.ts";
import { endJob } from "../job-end.ts";
import type { JobEnd } from "../jobs/job.ts";
import { printJson } from "../json.ts";
import type { Parsed } from "../options.ts";
import { ProgressWriter } from "../progress.ts";
import { runInOrder } from "../ordered-run.ts";
import { type CasesPlan, planOf, RUN_OPTIONS } from "../run-options.ts";

/** The command. */
export const RUN: Command = {
  name: "run",
  synopsis: "ALLOCATOR [OPTIONS]",
  summary: "runs interleavings of one design until an invariant is violated or the plan is done",
  description: [
    "Runs programs on a simulated kernel with one of the designs (see vmapcheck list allocators), under schedules " +
      "that a seed decides, and checks the invariants after each step. Without --program the programs are random. " +
      "What is found is made as small as possible and shown; --out keeps it for vmapcheck replay.",
    "With --instance-file, the load of a real kernel can be run: vmapcheck trace --export-program makes a machine and its " +
      "programs of a kernel's trace.",
    "With --order, operations run one at a time, each to its end, and what each comes to is shown.",
    "A verdict says how far it reaches and never more: held in so many interleavings of these programs.",
  ],
  options: RUN_OPTIONS,
  examples: [
    ["vmapcheck run node-blocks --seed 1", "random programs on two CPUs and two nodes"],
    [
      'vmapcheck run node-blocks --program "a=alloc(1); free(a)" --program "b=alloc(2); purge" --faults kasan',
      "two given tasks, in which one KASAN failure may happen",
    ],
    [
      "vmapcheck run node-blocks --invariants INV-BLOCK-RETURN --faults kasan --out found.json",
      "looks for one known violation and keeps it",
    ],
  ],
  run,
};

async function run(parsed: Parsed, io: Io): Promise<CommandEnd> {
  if (parsed.has("order")) return runInOrder(parsed, io);
  const plan = planOf(parsed, io.env);
  if ("error" in plan) return plan;
  const unwritable =
    (plan.out === undefined ? undefined : checkWritable(plan.out)) ?? emitTestProblem(parsed);
  if (unwritable) return { error: unwritable };
  const json = parsed.has("json");
  const paint = paintFor(io);
  if (json) io.err(`seed ${plan.request.plan.seed}\n`);
  else io.out(casesHead(plan, paint));
  const progress = new ProgressWriter(io);
  const end = await io.runJob("cases", plan.request, { onProgress: (now) => progress.show(now) });
  progress.clear();
  const { report } = end;
  const exitCode = exitCodeOf(end);
  return endJob(io, progress, end, {
    command: "run",
    exitCode,
    counterexample: report?.found?.counterexample,
    out: plan.out,
    emitted: parsed.text("emit-test"),
    printDocument: json ? () => printDocument(io, plan, end, exitCode, progress.seconds) : undefined,
    verdict: (done) => casesVerdict(plan, done, paint),
  });
}

function exitCodeOf({ report, stopped }: JobEnd<CasesReport>): ExitCode {
  if (stopped === "interrupted") return EXIT.interrupted;
  if (report?.found) return EXIT.violation;
  return !report || report.cutOff > 0 || stopped !== undefined ? EXIT.undecided : EXIT.held;
}

function printDocument(
  io: Io,
  plan: CasesPlan,
  end: JobEnd<CasesReport>,
  exitCode: ExitCode,
  seconds: number,
): void {
  const { report, stopped } = end;
  const body = {
    seed: plan.request.plan.seed,
    request: plan.request,
    notWatched: plan.left.map(({ id }) => id),
    stopped: stopped ?? null,
    report: report ?? null,
    token: report?.found ? encodeToken(report.found.counterexample) : null,
    why: whyOf(report?.found?.counterexample) ?? null,
  };
  const counts = report ? { runs: report.runs, steps: report.steps } : {};
  printJson(io, "run", exitCode, body, { seconds, ...counts });
}
