// SPDX-License-Identifier: GPL-2.0-only
//
// An interleaving as SARIF tells it: a code flow with a thread flow for each CPU, whose steps have one order over all.

import type { Counterexample } from "../../spec/counterexample.ts";
import { recordOf } from "../kept-run.ts";
import type { RecordedRun, RunRow } from "../render/record-run.ts";
import { fileOf } from "./findings.ts";

/** Locations of all thread flows together: more are not shown by usual readers. The last ones are kept. */
export const LOCATIONS_MAX = 1000;

/** The code flow of a counterexample, which is replayed for it. */
export function codeFlowOf(counterexample: Counterexample): unknown {
  const run = recordOf(counterexample);
  const rows = run.rows.slice(-LOCATIONS_MAX);
  const left = run.rows.length - rows.length;
  const cpus = [...new Set(rows.map(({ cpu }) => cpu))].sort((a, b) => a - b);
  const { invariant, message } = counterexample.violation;
  const without = left === 0 ? "" : ` The first ${left} steps are left out.`;
  return {
    message: { text: `${invariant}: ${message}${without}` },
    threadFlows: cpus.map((cpu) => ({
      id: `CPU ${cpu}`,
      locations: rows.filter((row) => row.cpu === cpu).map((row) => stepOf(row, run)),
    })),
  };
}

function stepOf(row: RunRow, { instance, processes, rows }: RecordedRun): unknown {
  const { cpu, facts, fn, process, step, what } = row;
  const came = facts.length === 0 ? "" : ` -> ${facts.join("; ")}`;
  return {
    location: {
      ...placeOf(fileOf(instance.allocator)),
      logicalLocations: [{ name: fn, kind: "function" }],
      message: { text: `${processes[process] ?? "?"} on CPU ${cpu}: ${fn}: ${what}${came}` },
    },
    // Counted from 1, as the steps of a run are counted from 0.
    executionOrder: step + 1,
    importance: step === rows.length - 1 ? "essential" : facts.length > 0 ? "important" : "unimportant",
  };
}

/** A place in a file of the sources. */
export function placeOf(file: string): { readonly physicalLocation: unknown } {
  return {
    physicalLocation: {
      artifactLocation: { uri: file, uriBaseId: "%SRCROOT%" },
      region: { startLine: 1 },
    },
  };
}
