// SPDX-License-Identifier: GPL-2.0-only
//
// The gate's report as an outline. A claim has passed if its verdict is the one on record, whatever that is, and so has
// an instance in which the port violates what it is known to violate.

import { MUTANTS } from "../../properties/mutants/catalogue.ts";
import { isInvariantId } from "../../spec/invariants.ts";
import { count } from "../render/text-layout.ts";
import type {
  CampaignResult,
  CheckReport,
  CorpusLine,
  InstanceResult,
  InvariantLine,
  MutantLine,
  ScenarioLine,
} from "../report.ts";
import type { OutlineCheck, OutlineGroup } from "./outline.ts";
import { patchGroups } from "./patch-outline.ts";

/** The groups of a report, in a fixed order. */
export function outlineOf(report: CheckReport): readonly OutlineGroup[] {
  const groups: readonly OutlineGroup[] = [
    { name: "plan", parts: [planCheck(report)] },
    { name: "corpus", parts: report.corpus.map(corpusCheck) },
    { name: "patches", parts: patchGroups(report) },
    { name: "campaigns", parts: report.campaigns.map(campaignCheck) },
    { name: "instances", parts: report.instances.map(instanceCheck) },
    { name: "invariants", parts: invariantGroups(report.invariants) },
    { name: "scenarios", parts: report.scenarios.map(scenarioCheck) },
    { name: "mutants", parts: report.mutants.map(mutantCheck) },
  ];
  return groups.filter(({ parts }) => parts.length > 0);
}

// What is known of the work as a whole.
function planCheck({ campaigns, undecided, runs, steps }: CheckReport): OutlineCheck {
  const cut = undecided.filter((line) => line.startsWith("stopped in ") || line === "no campaign was run");
  return {
    name: "all of it was done",
    rule: "plan",
    title: "the work that follows from the budget was done to its end",
    ending: cut.length === 0 && campaigns.length > 0 ? "passed" : "not-decided",
    notes: [...cut, `${count(runs, "interleaving")}, ${count(steps, "step")} in the campaigns`],
  };
}

function corpusCheck({ name, allocator, finding, reproduced, text }: CorpusLine): OutlineCheck {
  const title = `a kept counterexample to ${finding} replays as recorded`;
  return { name, rule: "corpus", allocator, title, ending: reproduced ? "passed" : "failed", notes: [text] };
}

function campaignCheck(result: CampaignResult): OutlineCheck {
  const { id, allocator, statement, violation, exhausted, missing, cutOff, runs, steps } = result;
  const finding = violation
    ? `${violation.violation.invariant}: ${violation.violation.message}`
    : exhausted?.finding;
  const open = [
    ...missing.map((witness) => `${witness} was never reached`),
    ...(cutOff === 0 ? [] : [`${count(cutOff, "interleaving")} did not end`]),
  ];
  const searched = exhausted && exhausted.instances > 0;
  return {
    name: id,
    rule: ruleOf(finding, "campaign"),
    allocator,
    title: statement,
    ending: finding !== undefined ? "failed" : open.length > 0 ? "not-decided" : "passed",
    notes: [
      ...(finding === undefined ? [] : [finding]),
      ...open,
      `${count(runs, "interleaving")}, ${count(steps, "step")}`,
      ...(searched
        ? [`${count(exhausted.states, "state")} of ${count(exhausted.instances, "instance")} seen`]
        : []),
    ],
    counterexample: violation,
  };
}

function instanceCheck(result: InstanceResult): OutlineCheck {
  const { id, allocator, statement, states, verdict, finding, vacuous, violation, violates } = result;
  const known = verdict === "as-pinned" && violates ? [`violated as on record, see ${violates.by}`] : [];
  const open =
    verdict === "not-decided" ? ["not searched to its end"] : vacuous.map((why) => `vacuous: ${why}`);
  const failed = verdict === "violated" || (finding !== undefined && verdict !== "as-pinned");
  return {
    name: id,
    rule: ruleOf(finding, "instance"),
    allocator,
    title: statement,
    ending: failed ? "failed" : verdict === "held" || verdict === "as-pinned" ? "passed" : "not-decided",
    notes: [...(finding === undefined ? [] : [finding]), ...known, ...open, `${count(states, "state")} seen`],
    counterexample: violation,
  };
}

function invariantGroups(lines: readonly InvariantLine[]): readonly OutlineGroup[] {
  const designs = [...new Set(lines.map(({ allocator }) => allocator))];
  return designs.map((design) => ({
    name: design,
    parts: lines.filter(({ allocator }) => allocator === design).map(invariantCheck),
  }));
}

function invariantCheck({ id, allocator, runs, result, except = [] }: InvariantLine): OutlineCheck {
  const words = {
    held: runs === 0 ? "held by computation" : `held in ${count(runs, "interleaving")}`,
    violated: "violated",
    known: "violated by the port as on record, and not watched",
  } as const;
  return {
    name: id,
    rule: id,
    allocator,
    title: `${id} of ${allocator}`,
    ending: result === "violated" ? "failed" : "passed",
    notes: [
      words[result],
      ...(except.length > 0 ? [`violated as on record where there is ${except.join(" or ")}`] : []),
    ],
  };
}

function scenarioCheck({ id, allocator, title, asExpected, text, runs }: ScenarioLine): OutlineCheck {
  return {
    name: `${id} on ${allocator}`,
    rule: "scenario",
    allocator,
    title,
    ending: asExpected ? "passed" : "failed",
    notes: [text, count(runs, "interleaving")],
  };
}

function mutantCheck({ id, title, killed, text, runs, steps }: MutantLine): OutlineCheck {
  const shortest = steps === undefined ? [] : [`${count(steps, "step")} at least`];
  return {
    name: id,
    rule: "mutant",
    allocator: MUTANTS.find((each) => each.id === id)?.base,
    title,
    ending: killed ? "passed" : "failed",
    notes: [`${killed ? "killed" : "SURVIVED"}: ${text}`, ...shortest, count(runs, "interleaving")],
  };
}

// A finding begins with the id of what is violated.
function ruleOf(finding: string | undefined, otherwise: string): string {
  const id = finding?.split(":")[0];
  return id !== undefined && isInvariantId(id) ? id : otherwise;
}
