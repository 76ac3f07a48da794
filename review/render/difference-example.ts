// SPDX-License-Identifier: GPL-2.0-only
//
// A case of a comparison, run in both designs and put side by side: what each operation let its caller see, and the two
// address spaces where the designs have come apart.

import { type OrderedStep } from "../../properties/differential/ordered-run.ts";
import type { DesignPair, PairedDesign } from "../../properties/differential/pair.ts";
import { type Case, caseText } from "../../properties/differential/program.ts";
import type { DifferenceKind } from "../../spec/differences.ts";
import { isInvariantId } from "../../spec/invariants.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";
import type { DifferenceExample, ExampleRow } from "../difference-report.ts";
import { commandOf } from "./difference-command.ts";
import { type OrderedRecord, recordInOrder } from "./ordered-record.ts";
import { legend } from "./strip-legend.ts";

/** The case as data for a rendering. */
export function exampleOf(designs: DesignPair, of: Case, kind: DifferenceKind): DifferenceExample {
  const { fault, machine } = of;
  const { order, programs } = caseText(of);
  const faulty: Machine = fault === undefined ? machine : { ...machine, faults: [fault] };
  const run = ({ allocator, design }: PairedDesign): OrderedRecord =>
    recordInOrder(instanceOf(allocator, faulty, ...programs), order, design);
  const [before, after] = [run(designs[0]), run(designs[1])];
  const strips = [before.strip, after.strip] as const;
  const named = /^only the \w+ violates (\S+)$/.exec(kind)?.[1] ?? "";
  const violated = isInvariantId(named) ? named : undefined;
  const command = ({ allocator }: PairedDesign): string =>
    commandOf(allocator, faulty, programs, order, violated);
  return {
    machine: faulty,
    programs,
    order,
    rows: before.rows.map(({ step }, i) => rowOf(step, after.rows[i]?.step)),
    strips,
    legend: legend(new Set(strips.join("")), before.instance.programs),
    found: [foundIn(before), foundIn(after)],
    commands: [command(designs[0]), command(designs[1])],
  };
}

function rowOf({ turn, text, saw }: OrderedStep, other: OrderedStep | undefined): ExampleRow {
  return { ...(turn.task !== undefined && { task: turn.task }), text, saw: [saw, other?.saw ?? ""] };
}

function foundIn({ rows }: OrderedRecord): string | null {
  const finding = rows.find(({ step }) => step.finding)?.step.finding;
  return finding ? `${finding.id}: ${finding.message}` : null;
}
