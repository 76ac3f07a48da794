// SPDX-License-Identifier: GPL-2.0-only
//
// Faults in real traces: each is found, or the rules say why it cannot be told; and no clean trace is accused. What there is
// to find is told by a second check of the rules, page by page, that shares no code with the first one.

import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { TRACE_RULES } from "../../../spec/trace-rules.ts";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import type { TraceFinding } from "../../../trace/check/finding.ts";
import type { TraceEvent } from "../../../trace/trace-event.ts";
import { INJECTIONS } from "./injections.ts";
import { plainProblems } from "./plain-check.ts";
import { type RecordedTrace, recordedTraces } from "./recorded-trace.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;
// Another folder with complete traces and their lists, to put faults into all of them.
const FOLDER = process.env["VMAPCHECK_TRACES"];
const EVENTS_MAX = 1000;
// Faults of each kind in a trace: more in the small ones, which take less time.
const EACH = { small: 12, large: 4 };

const TRACES = recordedTraces(FOLDER ?? FIXTURES, EVENTS_MAX);

function findingsOf(
  { cpus, final, initial }: RecordedTrace,
  events: readonly TraceEvent[],
): readonly TraceFinding[] {
  const checker = new TraceChecker({ initial });
  for (const event of events) checker.event(event);
  checker.end(cpus, final);
  return checker.findings.kept;
}

test.each(TRACES.map((trace) => [trace.name, trace] as const))("%s is clean", (_, trace) => {
  expect(findingsOf(trace, trace.events)).toEqual([]);
  expect(plainProblems(trace.events, trace.cpus, trace.initial, trace.final)).toEqual([]);
});

interface Tally {
  violation: number;
  suspicious: number;
  undecidable: number;
}

const tallies: Record<string, Tally> = {};

test("faults are found, or undecidable by the rules as they are stated", () => {
  const named = new Set<string>();
  let injected = 0;
  for (const trace of TRACES) {
    const each = trace.events.length > 500 ? EACH.large : EACH.small;
    for (const injection of INJECTIONS) {
      for (let i = 0; i < each; i++) {
        const seed = `${trace.name} ${injection.kind} ${i}`;
        const random = seedrandom(seed);
        const fault = injection.inject(trace, (n) => Math.floor(random() * n));
        if (!fault) continue;
        injected++;
        const found = findingsOf(trace, fault.events);
        const expected = plainProblems(fault.events, trace.cpus, trace.initial, trace.final);
        const verdict = found.some((each) => each.verdict === "violation")
          ? "violation"
          : found.length > 0
            ? "suspicious"
            : "undecidable";
        expect({ seed, line: fault.line, isFound: found.length > 0, expected: expected.slice(0, 3) }).toEqual(
          {
            seed,
            line: fault.line,
            isFound: expected.length > 0,
            expected: expected.slice(0, 3),
          },
        );
        const { rule } = injection;
        const isNamed = found.some((each) => each.rule === rule && each.line === fault.line);
        expect({ seed, isNamed: isNamed || rule === undefined }).toEqual({ seed, isNamed: true });
        (tallies[injection.kind] ??= { violation: 0, suspicious: 0, undecidable: 0 })[verdict]++;
        for (const each of found) named.add(each.rule);
      }
    }
  }
  expect(injected).toBeGreaterThanOrEqual(1000);
  expect([...named].sort()).toEqual(Object.keys(TRACE_RULES).sort());
}, 120_000);

// Of the committed traces: a check that proves less than it did shows here.
test.runIf(FOLDER === undefined)("how many of each kind are proved", () => {
  const rows = Object.entries(tallies).map(
    ([kind, each]) =>
      `${kind}: ${each.violation} proved, ${each.suspicious} suspicious, ${each.undecidable} undecidable`,
  );
  expect(`\n${rows.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    overlap: the same address: 14 proved, 14 suspicious, 0 undecidable
    overlap: begins inside: 20 proved, 8 suspicious, 0 undecidable
    overlap: ends inside: 23 proved, 7 suspicious, 0 undecidable
    overlap: its last page only: 27 proved, 4 suspicious, 0 undecidable
    overlap: its first page only: 19 proved, 8 suspicious, 0 undecidable
    misaligned: by a page: 44 proved, 0 suspicious, 0 undecidable
    misaligned: by half: 44 proved, 0 suspicious, 0 undecidable
    misaligned: within a page: 44 proved, 0 suspicious, 0 undecidable
    outside: below: 44 proved, 0 suspicious, 0 undecidable
    outside: the end: 44 proved, 0 suspicious, 0 undecidable
    size: nothing: 44 proved, 0 suspicious, 0 undecidable
    size: no whole pages: 44 proved, 0 suspicious, 0 undecidable
    double free: at once: 41 proved, 3 suspicious, 0 undecidable
    double free: before a purge: 34 proved, 9 suspicious, 0 undecidable
    double free: behind a purge: 36 proved, 4 suspicious, 1 undecidable
    free of unknown: an address of nobody: 0 proved, 44 suspicious, 0 undecidable
    free of unknown: inside an area: 10 proved, 34 suspicious, 0 undecidable
    free of unknown: within a page: 44 proved, 0 suspicious, 0 undecidable
    early reuse: the whole area: 32 proved, 3 suspicious, 4 undecidable
    early reuse: its last page: 32 proved, 3 suspicious, 4 undecidable
    early reuse: a page within: 32 proved, 4 suspicious, 4 undecidable
    no line: a purge: 8 proved, 18 suspicious, 18 undecidable
    no line: an allocation: 1 proved, 32 suspicious, 11 undecidable
    no line: a free: 0 proved, 40 suspicious, 4 undecidable
    num_purged: more: 0 proved, 44 suspicious, 0 undecidable
    num_purged: fewer: 4 proved, 26 suspicious, 14 undecidable
    num_purged: none: 10 proved, 21 suspicious, 13 undecidable
    nr_lazy: 0 proved, 16 suspicious, 28 undecidable
    order: a free behind its purge: 0 proved, 31 suspicious, 13 undecidable
    "
  `);
});
