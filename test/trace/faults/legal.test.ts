// SPDX-License-Identifier: GPL-2.0-only
//
// Nothing is proved against a correct kernel, whatever its tasks' delays make of the order of its lines.

import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { KIND, type TraceEvent, type TraceLoss } from "../../../trace/trace-event.ts";
import type { Draw } from "./injections.ts";
import { legalTrace, type LegalOptions } from "./legal-trace.ts";

const RUNS = 1000;
const STEPS = 700;

/** A line of a CPU that has lost some of its events says so; one that cannot be read stands for one. */
function withLosses(events: readonly TraceEvent[], draw: Draw): readonly (TraceEvent | TraceLoss)[] {
  const cpu = draw(5);
  const from = draw(events.length);
  const to = from + 1 + draw(events.length - from);
  const isLost = (each: TraceEvent, i: number): boolean => each.cpu === cpu && i >= from && i < to;
  const back = events.findIndex((each, i) => each.cpu === cpu && i >= to);
  const unreadable = draw(2 * events.length);
  const out: (TraceEvent | TraceLoss)[] = [];
  for (const [i, event] of events.entries()) {
    const line = out.length + 1;
    if (i === back) out.push({ kind: "lost", line, cpu, events: undefined });
    if (i === unreadable)
      out.push({ kind: "unreadable", line: out.length + 1, cpu: undefined, events: undefined });
    else if (!isLost(event, i)) out.push({ ...event, line: out.length + 1 });
  }
  if (back < 0) out.push({ kind: "lost", line: out.length + 1, cpu, events: undefined });
  return out;
}

function accusations(name: string, options: LegalOptions, hasList: boolean, isLossy = false): string[] {
  const found: string[] = [];
  let reuses = 0;
  let inFlight = 0;
  let late = 0;
  for (let i = 0; i < RUNS; i++) {
    const random = seedrandom(`${name} ${i}`);
    const draw: Draw = (n) => Math.floor(random() * n);
    const { events, list } = legalTrace(draw, options);
    expect(events.some(({ kind }) => kind === KIND.PURGE)).toBe(true);
    const checker = new TraceChecker({ initial: hasList ? list : undefined });
    for (const each of isLossy ? withLosses(events, draw) : events) {
      if ("pid" in each) checker.event(each);
      else checker.loss(each);
    }
    checker.end(5);
    reuses += checker.counts.reusedAreas;
    inFlight += checker.counts.inFlight;
    late += checker.findings.count("suspicious");
    for (const { line, rule, verdict, why } of checker.findings.kept) {
      if (verdict === "violation") found.push(`run ${i}, line ${line}: ${rule}: ${why}`);
    }
  }
  // Otherwise the runs would show nothing.
  expect(reuses).toBeGreaterThan((isLossy ? 5 : 10) * RUNS);
  expect(inFlight).toBeGreaterThan((isLossy ? 0.5 : 1) * RUNS);
  expect(late).toBeGreaterThan(0);
  return found;
}

test.each([
  ["from the boot on, x86-64", { machine: "x86", steps: [0, 0, STEPS] }, true],
  ["from the boot on", { machine: "other", steps: [0, 0, STEPS] }, true],
  ["without a list", { machine: "x86", steps: [200, 0, STEPS] }, false],
  ["with a list, and a gap behind it", { machine: "x86", steps: [200, 40, STEPS] }, true],
  ["with lost events", { machine: "x86", steps: [200, 0, STEPS] }, false, true],
] as const)("a correct kernel is not accused: %s", (name, options, hasList, isLossy?: boolean) => {
  expect(accusations(name, options, hasList, isLossy)).toEqual([]);
});
