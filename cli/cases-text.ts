// SPDX-License-Identifier: GPL-2.0-only
//
// What `run` says before and after its work. Pure text: equal plans and reports give equal bytes.

import { SITUATIONS } from "../properties/campaigns/catalogue.ts";
import { mutantOf } from "../properties/mutants/catalogue.ts";
import { operationsOf } from "../properties/mutants/kill.ts";
import { configurationLines, programLines } from "../review/render/configuration-text.ts";
import type { Paint } from "../review/render/paint.ts";
import { count, grouped, hanging, WIDTH } from "../review/render/text-layout.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import type { Expectation } from "../spec/invariants/entry.ts";
import type { Invariant } from "../spec/invariants.ts";
import { shown } from "./files.ts";
import type { CasesReport } from "./jobs/cases.ts";
import type { CasesPlan } from "./run-options.ts";

/** Most invariants that are named one by one. */
const NAMED_MAX = 6;

/** The plan, with the seed first. */
export function casesHead({ file, request, left }: CasesPlan, paint: Paint): string {
  const { configuration, programs, plan, mutant, watched } = request;
  const title = mutant === undefined ? undefined : mutantOf(mutant)?.title;
  const instance = { ...configuration, programs: programs ?? [] };
  return lines([
    paint.heading(
      `vmapcheck run ${configuration.allocator}${mutant === undefined ? "" : `, mutant ${mutant}`}`,
    ),
    `seed ${plan.seed}`,
    ...(title === undefined ? [] : hanging("mutant: ", title, WIDTH)),
    ...configurationLines(instance, WIDTH),
    ...(file === undefined ? programLines(instance, WIDTH) : loadLines(file, instance.programs)),
    ...hanging("plan: ", planText(request), WIDTH),
    ...hanging("watched: ", watchedText(watched), WIDTH),
    ...(left.length === 0
      ? []
      : hanging("not watched, known to be violated: ", leftText(left, configuration.allocator), WIDTH)),
  ]);
}

/** Programs of a file, which are long. */
function loadLines(file: string, programs: Instance["programs"]): readonly string[] {
  const lengths = programs.map(({ length }) => grouped(length)).join(", ");
  const tasks = count(programs.length, "task");
  return hanging("programs: ", `${tasks} with ${lengths} operations, from ${shown(file)}`, WIDTH);
}

function planText({ programs, cases, tasks, operations, plan }: CasesPlan["request"]): string {
  const what = programs
    ? "the given programs"
    : `${count(cases, "random case")} of at most ${count(tasks, "task")} with at most ${count(operations, "operation")} each`;
  const strategy = plan.strategy === "pct" ? `pct of depth ${plan.depth ?? 3}` : plan.strategy;
  const each = programs ? "" : " of each";
  const strict = plan.strictRuns === plan.runs ? "all" : grouped(plan.strictRuns);
  return `${what}, ${count(plan.runs, "interleaving")}${each} (${strategy}), every heap access checked in ${strict}`;
}

/** A few invariants by name, many by number. */
export function watchedText(watched: readonly string[]): string {
  return watched.length <= NAMED_MAX ? watched.join(", ") : count(watched.length, "invariant");
}

/** The invariants that are left out, each with what violates it. */
export function leftText(left: readonly Invariant[], allocator: AllocatorId): string {
  const named = left.map(({ id, designs }) => {
    const expected: Expectation | undefined = designs[allocator];
    return expected?.verdict === "violated" ? `${id} (${expected.by.join(", ")})` : id;
  });
  return `${named.join(", ")}; --invariants all watches them`;
}

/** How it went, after the counterexample if there is one. */
export function casesVerdict({ request, out }: CasesPlan, report: CasesReport, paint: Paint): string {
  const { found, cutOff } = report;
  const far = `${count(report.runs, "interleaving")} of ${casesText(request, report)} (${count(report.steps, "step")})`;
  if (found) {
    const { operations, counterexample, minimal } = found;
    const where = request.programs ? "" : `, in case ${grouped(found.caseNumber)}`;
    const now = `${count(operationsOf(counterexample.instance), "operation")} in ${count(counterexample.violation.step + 1, "step")}`;
    return lines([
      "",
      ...hanging("found: ", `in ${far}${where}`, WIDTH),
      ...hanging(
        "shrunk: ",
        `from ${count(operations, "operation")} to ${now}${minimal ? "" : "; not as small as it could get"}`,
        WIDTH,
      ),
      ...(out === undefined ? [] : [`written: ${out}`]),
    ]);
  }
  const planned = request.programs ? request.plan.runs : request.cases * request.plan.runs;
  const whole = report.runs >= planned && cutOff === 0;
  const word = whole ? "HELD" : "NOT DECIDED";
  const verdict = whole ? paint.good(word) : paint.open(word);
  const cut = cutOff === 0 ? "" : `, ${grouped(cutOff)} of them cut off at the step limit`;
  const label = hanging(
    `${word} `,
    whole
      ? `in ${far}: no violation of the watched invariants`
      : `after ${far}${cut}, of ${grouped(planned)} planned: no violation up to here`,
    WIDTH,
  );
  return lines([
    "",
    verdict + label[0]!.slice(word.length),
    ...label.slice(1),
    ...reachedLines(request, report),
  ]);
}

function casesText({ programs }: CasesPlan["request"], report: CasesReport): string {
  return programs ? "the given programs" : count(report.cases, "random case");
}

/** The situations that make a verdict worth something, and those that did not occur. */
function reachedLines({ configuration }: CasesPlan["request"], { reached }: CasesReport): readonly string[] {
  if (SITUATIONS.length === 0) return [];
  const shown = reached.map(([id, runs]) => `${id} ${grouped(runs)}`);
  const none = shown.length === 0 ? `none, so this says little about ${configuration.allocator}` : "";
  return hanging("reached: ", `${shown.join(", ")}${none}`, WIDTH);
}

/** Said when SIGINT ended the work. */
export function interruptedText(paint: Paint): string {
  return lines(["", `${paint.open("INTERRUPTED")}, this is what was done so far:`]);
}

function lines(list: readonly string[]): string {
  return `${list.join("\n")}\n`;
}
