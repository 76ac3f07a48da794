// SPDX-License-Identifier: GPL-2.0-only
//
// What `explore` says before and after its work. Pure text: equal plans and reports give equal bytes.

import { mutantOf } from "../properties/mutants/catalogue.ts";
import type { FunctionCoverage, UnreachedStep } from "../properties/search/coverage.ts";
import { configurationLines, programLines } from "../review/render/configuration-text.ts";
import type { Paint } from "../review/render/paint.ts";
import { count, grouped, hanging, WIDTH, wrap } from "../review/render/text-layout.ts";
import { waitLines } from "../review/render/wait-cycle-text.ts";
import { leftText, watchedText } from "./cases-text.ts";
import type { ExplorePlan } from "./explore-options.ts";
import type { ExploreFound, ExploreReport, ExploreRequest } from "./jobs/explore.ts";
import type { Stopped } from "./jobs/job.ts";

const MIB = 2 ** 20;

/** The plan. */
export function exploreHead(
  { request, name, seconds, left, notSearched }: ExplorePlan,
  paint: Paint,
): string {
  const { instance, mutant, watched, statesMax, bytesMax, resume } = request;
  const title = mutant === undefined ? undefined : mutantOf(mutant).title;
  const memory = bytesMax === undefined ? "" : ` or ${grouped(bytesMax / MIB)} MiB`;
  const time = seconds === undefined ? "" : ` or ${count(seconds, "second")}`;
  const reductions = reductionsText(request);
  const closed = instance.closed
    ? `each program is a menu from which its task picks for ever, with at most ${count(instance.closed.liveMax, "live area")}`
    : undefined;
  return lines([
    paint.heading(
      `vmapcheck explore ${instance.allocator}${mutant === undefined ? "" : `, mutant ${mutant}`}`,
    ),
    ...(title === undefined ? [] : hanging("mutant: ", title, WIDTH)),
    ...(name === undefined ? [] : wrap(name, WIDTH)),
    ...configurationLines(instance, WIDTH),
    ...programLines(instance, WIDTH),
    ...(closed === undefined ? [] : hanging("closed: ", closed, WIDTH)),
    `limit: ${count(statesMax, "state")}${memory}${time}`,
    ...(reductions === "" ? [] : [reductions]),
    ...(resume === undefined ? [] : hanging("goes on from: ", resume, WIDTH)),
    ...hanging("watched: ", watchedText(watched), WIDTH),
    ...(left.length === 0
      ? []
      : hanging("not watched, known to be violated: ", leftText(left, instance.allocator), WIDTH)),
    ...(notSearched.length === 0
      ? []
      : hanging("not checked here, but by vmapcheck run: ", notSearched.join(", "), WIDTH)),
  ]);
}

// What differs from the usual way to search.
function reductionsText({ symmetry, merge, past }: ExploreRequest): string {
  const parts = [
    ...(symmetry ? [] : ["without symmetry"]),
    ...(merge ? ["steps that no other process can observe are merged"] : []),
    ...(past ? [] : ["without history"]),
  ];
  return parts.length === 0 ? "" : `search: ${parts.join(", ")}`;
}

/** How it went, after the counterexample if there is one. */
export function exploreVerdict(
  plan: ExplorePlan,
  report: ExploreReport,
  stopped: Stopped | undefined,
  paint: Paint,
): string {
  const { end, found, states, transitions, revisits, depth } = report;
  const far = `${count(transitions, "transition")}, ${grouped(revisits)} of them to known states, depth ${grouped(depth)}`;
  if (found) return lines(foundLines(found, `${count(states, "state")} (${far})`, plan.out, paint));
  const whole = end === "exhausted";
  const worth = whole && report.vacuous.length === 0;
  const word = worth ? "HELD" : whole ? "HELD VACUOUSLY" : "NOT DECIDED";
  const text = whole
    ? `in all ${count(states, "reachable state")} (${far}), every interleaving and every choice of this instance; ` +
      `odds that two states shared a fingerprint: at most ${oddsText(report.collisionOdds)}`
    : `after ${count(states, "state")} (${far}), ${limitText(plan, report, stopped)}: no violation up to here`;
  const label = hanging(`${word} `, text, WIDTH);
  return lines([
    "",
    (worth ? paint.good(word) : paint.open(word)) + label[0]!.slice(word.length),
    ...label.slice(1),
    ...stuckLines(report),
    ...vacuousLines(report, paint),
    ...coverageLines(report, whole),
    ...(whole ? [] : keptLines(plan)),
  ]);
}

function foundLines(
  { finding, steps, shortest, counterexample, waits, trace = [] }: ExploreFound,
  far: string,
  out: string | undefined,
  paint: Paint,
): readonly string[] {
  const { id, message } = finding;
  const least = shortest
    ? `a shortest one: no interleaving comes to a violation in fewer than ${count(steps, "step")}`
    : "a limit ended the search for a shortest one";
  const same = counterexample?.violation.invariant === id && counterexample.violation.step + 1 === steps;
  const seen = counterexample
    ? `by the search as ${id} after ${count(steps, "step")} (${message}); in a run with the checks of each step as above`
    : `${id} after ${count(steps, "step")}: ${message}. vmapcheck replay cannot show it: the checks of a single run do not see it, so the steps are listed here`;
  return [
    "",
    ...(counterexample ? [] : [`${paint.bad("VIOLATED")}: ${id}`]),
    ...hanging("found: ", `after ${far}; ${least}`, WIDTH),
    ...(same ? [] : hanging("seen: ", seen, WIDTH)),
    ...trace.flatMap(({ process, fn, what }, i) =>
      hanging(`${String(i).padStart(4)}  ${process}  ${fn}: `, what, WIDTH),
    ),
    ...(waits ? ["", ...waitLines(waits)] : []),
    ...(out === undefined || !counterexample ? [] : [`written: ${out}`]),
  ];
}

function keptLines({ request: { checkpoint } }: ExplorePlan): readonly string[] {
  return checkpoint === undefined
    ? []
    : hanging("kept: ", `${checkpoint}; --resume goes on from there`, WIDTH);
}

function limitText(
  { request: { statesMax, bytesMax }, seconds }: ExplorePlan,
  { states, bytes }: ExploreReport,
  stopped: Stopped | undefined,
): string {
  if (stopped === "deadline" && seconds !== undefined) {
    return `when the limit of ${count(seconds, "second")} was reached`;
  }
  if (states > statesMax) return `when the limit of ${count(statesMax, "state")} was reached`;
  return bytesMax !== undefined && bytes > bytesMax
    ? `when the limit of ${grouped(bytesMax / MIB)} MiB was reached`
    : "when it was stopped";
}

/** A bound, so the last digit is rounded up. */
function oddsText(odds: number): string {
  const exponent = Math.floor(Math.log10(odds));
  const digits = Math.ceil((odds / 10 ** exponent) * 10) / 10;
  return `${digits.toFixed(1)}e${exponent}`;
}

// Only if nobody watches for deadlocks.
function stuckLines({ deadlocks }: ExploreReport): readonly string[] {
  if (deadlocks === 0) return [];
  return hanging("not watched: ", `a task is stuck for ever in ${count(deadlocks, "state")}`, WIDTH);
}

function coverageLines({ coverage }: ExploreReport, whole: boolean): readonly string[] {
  const { functions, unreached } = coverage;
  const sum = (of: (each: FunctionCoverage) => number): number =>
    functions.reduce((total, each) => total + of(each), 0);
  const far = `${sum(({ executed }) => executed)} of ${count(
    sum(({ steps }) => steps),
    "step",
  )} of the design: `;
  return [
    ...hanging("executed ", far + functions.map(coverageText).join(", "), WIDTH),
    ...unreachedLines(unreached, whole),
  ];
}

function coverageText({ fn, executed, steps }: FunctionCoverage): string {
  return `${fn} ${executed}/${steps}`;
}

function unreachedLines(unreached: readonly UnreachedStep[], whole: boolean): readonly string[] {
  if (unreached.length === 0) return ["every step of the design was executed"];
  return [
    whole ? "never reached in this instance:" : "not reached so far:",
    ...unreached.flatMap(({ fn, what, why }) => [
      ...hanging(`  ${fn}: `, what, WIDTH),
      ...(why === undefined ? [] : hanging("      cannot be reached here: ", why, WIDTH)),
    ]),
  ];
}

function vacuousLines({ vacuous }: ExploreReport, paint: Paint): readonly string[] {
  return vacuous.flatMap((line) => {
    const [first, ...rest] = hanging("vacuous: ", line, WIDTH);
    return [paint.bad("vacuous") + first!.slice("vacuous".length), ...rest];
  });
}

function lines(list: readonly string[]): string {
  return `${list.join("\n")}\n`;
}
