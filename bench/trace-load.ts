// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (j): every design under the load of a real kernel, an exported program of a trace, in random interleavings, with
// all checks on. A design that does not keep what it is expected to ends the bench.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRng } from "../explore/rng.ts";
import { RandomStrategy } from "../explore/strategies/random.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import { Session } from "../properties/session.ts";
import { type Column, grouped, table } from "../review/render/text-layout.ts";
import { ALLOCATOR_IDS, type AllocatorId, type Instance } from "../spec/instance.ts";
import { decodeInstance } from "../spec/instance-schema.ts";
import { parseJson } from "../spec/json-text.ts";
import { median, type Sample } from "./statistics.ts";

export interface TraceLoadOptions {
  /** An exported program; the one that is kept beside the benches if it is left out. */
  readonly file?: string;
  /** Interleavings of each design, one measurement each. */
  readonly runs: number;
}

/** One line of the table. */
export interface TraceLoadRow {
  readonly design: AllocatorId;
  readonly stepsPerOperation: number;
  readonly operationsPerSecond: Sample;
}

export interface TraceLoadReport {
  readonly operations: number;
  readonly runs: number;
  readonly rows: readonly TraceLoadRow[];
}

const KEPT = "k7.2-2cpu-small.json";

/** Runs everything. Throws if a run does not end, or breaks what its design is expected to keep. */
export function benchTraceLoad({ file, runs }: TraceLoadOptions = { runs: 7 }): TraceLoadReport {
  const load = read(file ?? keptFile());
  const operations = load.programs.flat().length;
  const rows = ALLOCATOR_IDS.map((design) => measure({ ...load, allocator: design }, runs, operations));
  return { operations, runs, rows };
}

// What the strategy has to know is measured first, which warms the design up.
function measure(instance: Instance, runs: number, operations: number): TraceLoadRow {
  const { allocator: design } = instance;
  const session = new Session(instance, { watched: expectedToHold(design, [instance]) });
  const strategy = new RandomStrategy(createRng("trace-load"), session.profile);
  let steps = 0;
  const rates = Array.from({ length: runs }, () => {
    const start = performance.now();
    const outcome = session.run(strategy);
    if (outcome.end !== "done") throw new Error(`${design}: ${outcome.finding?.message ?? outcome.end}`);
    steps += outcome.steps;
    return operations / ((performance.now() - start) / 1000);
  });
  return {
    design,
    stepsPerOperation: steps / (runs * operations),
    operationsPerSecond: median(rates),
  };
}

// Beside the sources, from which the compiled bench is two folders away.
function keptFile(): string {
  const found = [`./programs/${KEPT}`, `../../bench/programs/${KEPT}`]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`bench/programs/${KEPT} is not part of this installation`);
  return found;
}

function read(file: string): Instance {
  const json = parseJson(readFileSync(file, "utf8"), file);
  const instance = json.ok ? decodeInstance(json.value, file) : json;
  if (!instance.ok) throw new Error(instance.error.message);
  return instance.value;
}

/** The report as a plain text table. */
export function formatTraceLoad({ operations, rows, runs }: TraceLoadReport): string {
  const columns: readonly Column[] = [
    { title: "design" },
    { title: "steps/op", align: "right" },
    { title: "ops/s", align: "right" },
    { title: "min-max", align: "right" },
  ];
  const body = rows.map(({ design, operationsPerSecond: rate, stepsPerOperation }) => [
    design,
    stepsPerOperation.toFixed(1),
    grouped(Math.round(rate.median)),
    `${grouped(Math.round(rate.min))}-${grouped(Math.round(rate.max))}`,
  ]);
  return [
    `(j) the load of a kernel, ${grouped(operations)} operations; median of ${runs} random interleavings`,
    "",
    ...table(columns, body),
  ].join("\n");
}
