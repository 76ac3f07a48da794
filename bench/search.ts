// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (e): exhaustive search of the real allocators, all invariants checked, by one worker and by two; beside it the
// bounded protocol, whose steps cost next to nothing. Wall time: workers share it.

import { performance } from "node:perf_hooks";
import { search } from "../explore/search/search.ts";
import { makeKnown } from "../explore/selfcheck/known-systems.ts";
import type { ProtocolName } from "../explore/selfcheck/protocol-sizes.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import { searchInstance } from "../properties/search/search-instance.ts";
import { searchInstanceOf } from "../spec/search-instances.ts";
import { type Column, table } from "../review/render/text-layout.ts";
import { median, type Sample } from "./statistics.ts";

export interface SearchBenchOptions {
  /** Named instances. */
  readonly instances: readonly string[];
  readonly protocols: readonly ProtocolName[];
  readonly runs: number;
  /** Beside one. */
  readonly workers: number;
  /** Only from the build. */
  readonly entries?: { readonly instance?: URL; readonly protocol?: URL };
}

const DEFAULTS: SearchBenchOptions = {
  instances: [
    "global-tree/closed-tiny",
    "node-index/closed-tiny",
    "node-blocks/closed-tiny-drain",
    "global-tree/closed-small",
    "node-index/closed-small",
    "node-blocks/closed-small",
  ],
  protocols: ["NB-1", "NB-2", "NB-3"],
  runs: 5,
  workers: 2,
};

const PROTOCOL_ENTRY = new URL("../explore/selfcheck/selfcheck-worker.js", import.meta.url);

/** What one search came to. */
interface Searched {
  readonly states: number;
  readonly transitions: number;
  readonly bytes: number;
  readonly end: string;
}

/** One line of the table. */
export interface SearchRow {
  readonly what: string;
  readonly workers: number;
  readonly states: number;
  readonly transitions: number;
  readonly seconds: Sample;
  readonly transitionsPerSecond: number;
  readonly microsecondsPerState: number;
  /** Table, logs and frontier. */
  readonly bytesPerState: number;
  /** How much faster than one worker. */
  readonly toOne: number;
}

/** Runs everything. Throws if two workers count anything else than one. */
export function benchSearch(
  overrides: Partial<SearchBenchOptions> = {},
  progress: (line: string) => void = () => undefined,
): readonly SearchRow[] {
  const options = { ...DEFAULTS, ...overrides };
  const subjects: (readonly [what: string, run: (workers: number) => Searched])[] = [
    ...options.instances.map(
      (id) => [id, (n: number) => ofInstance(id, n, options.entries?.instance)] as const,
    ),
    ...options.protocols.map(
      (name) => [name, (n: number) => ofProtocol(name, n, options.entries?.protocol)] as const,
    ),
  ];
  return subjects.flatMap(([what, run]) => {
    const counts = options.workers > 1 ? [1, options.workers] : [1];
    const results = counts.map((): { seconds: number; came: Searched }[] => []);
    for (let i = 0; i < options.runs; i++) {
      counts.forEach((workers, c) => {
        progress(`(e) search ${what}, ${workers} workers, run ${i + 1} of ${options.runs}`);
        const from = performance.now();
        const came = run(workers);
        results[c]!.push({ seconds: (performance.now() - from) / 1000, came });
      });
    }
    const one = median(results[0]!.map(({ seconds }) => seconds)).median;
    return counts.map((workers, c) => rowOf(what, workers, results[c]!, results[0]![0]!.came, one));
  });
}

function rowOf(
  what: string,
  workers: number,
  results: readonly { readonly seconds: number; readonly came: Searched }[],
  expected: Searched,
  one: number,
): SearchRow {
  const seconds = median(results.map((each) => each.seconds));
  for (const { came } of results) {
    const same = came.states === expected.states && came.transitions === expected.transitions;
    if (!same || came.end !== "exhausted") {
      throw new Error(
        `${what}, ${workers} workers: ${came.end}, ${came.states} states, expected ${expected.states}`,
      );
    }
  }
  const { bytes, states, transitions } = results[0]!.came;
  return {
    what,
    workers,
    states,
    transitions,
    seconds,
    transitionsPerSecond: transitions / seconds.median,
    microsecondsPerState: (seconds.median * 1e6) / states,
    bytesPerState: bytes / states,
    toOne: one / seconds.median,
  };
}

function ofInstance(id: string, count: number, entry: URL | undefined): Searched {
  const { allocator, instance } = searchInstanceOf(id)!;
  return searchInstance(instance, expectedToHold(allocator), { workers: { count, entry } });
}

function ofProtocol(name: ProtocolName, count: number, entry: URL = PROTOCOL_ENTRY): Searched {
  const data = { name, order: 0, invariants: false };
  const { system, monitor } = makeKnown(data);
  return search(system, monitor, count > 1 ? { workers: { count, entry, data } } : {});
}

/** The table for people. */
export function formatSearch(rows: readonly SearchRow[]): string {
  const header = [
    "instance",
    "workers",
    "states",
    "transitions",
    "seconds",
    "min-max",
    "tr/s",
    "us/state",
    "B/state",
    "to one",
  ];
  const body = rows.map((row) => [
    row.what,
    String(row.workers),
    String(row.states),
    String(row.transitions),
    row.seconds.median.toFixed(2),
    `${row.seconds.min.toFixed(2)}-${row.seconds.max.toFixed(2)}`,
    `${(row.transitionsPerSecond / 1000).toFixed(0)}k`,
    row.microsecondsPerState.toFixed(2),
    row.bytesPerState.toFixed(1),
    `${row.toOne.toFixed(2)}x`,
  ]);
  const columns = header.map((title, c): Column => ({ title, align: c < 1 ? "left" : "right" }));
  return [
    "(e) exhaustive search, all invariants of the allocators checked; wall time, median of the runs",
    ...table(columns, body).map((line) => `    ${line}`),
  ].join("\n");
}
