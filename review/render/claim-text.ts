// SPDX-License-Identifier: GPL-2.0-only
//
// Words for what a claim comes to, shared by the texts that say it.

import type { Counterexample } from "../../spec/counterexample.ts";
import type { Verdict } from "../../spec/dossier.ts";
import { printProgram } from "../../spec/program-text.ts";
import type { Judged, OriginResult } from "../report.ts";
import type { Paint } from "./paint.ts";
import { count } from "./text-layout.ts";

/** Verdicts in words. */
export const VERDICTS: Readonly<Record<Verdict | "not-decided", string>> = {
  holds: "holds",
  partly: "partly",
  refuted: "refuted",
  "not-checkable": "not checkable",
  "not-decided": "not decided",
};

/** Where a violation comes from, in words. */
export const ORIGINS: Readonly<Record<OriginResult["origin"], string>> = {
  introduced: "introduced by the patch",
  "present-before": "present before the patch",
  "not-seen-before": "not seen before the patch",
  "not-comparable": "not comparable with the code before",
};

/** The minimal case in a line: who reads the programs of two or three operations sees the point. */
export function shownBy({ instance, schedule, violation }: Counterexample, shortest = false): string {
  const programs = instance.programs.map((program) => `"${printProgram(program)}"`).join(" beside ");
  const deviations = schedule.switches.length + schedule.choices.length;
  const how = deviations === 0 ? "" : `, ${count(deviations, "deviation")} from run-to-completion`;
  const steps = `${count(violation.step + 1, "step")}${shortest ? ", which are the fewest" : ""}`;
  return `shown by ${programs} in ${steps}${how}`;
}

/** What a verdict rests on, and how far that was looked at. */
export function evidenceText({ text, runs }: Judged): string {
  return runs === 0 ? text : `${text} (${count(runs, "interleaving")})`;
}

/** How a verdict is painted. */
export function painted(verdict: Verdict | "not-decided", paint: Paint): (text: string) => string {
  switch (verdict) {
    case "holds":
      return (text) => paint.good(text);
    case "refuted":
      return (text) => paint.bad(text);
    case "partly":
    case "not-decided":
      return (text) => paint.open(text);
    case "not-checkable":
      return (text) => paint.quiet(text);
  }
}
