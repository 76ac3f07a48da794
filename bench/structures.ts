// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (b): the indexes alone, without a kernel around them. First fit at N live areas, beside a C program with the
// same trees and a plain sorted array, which must hand out the same addresses.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Column, table } from "../review/render/text-layout.ts";
import { type FirstFit, PAGES_PER_AREA, Workload } from "./first-fit-workload.ts";
import { SortedArrayFirstFit } from "./sorted-array-first-fit.ts";
import { TreeFirstFit } from "./tree-first-fit.ts";

export interface StructuresOptions {
  /** Live areas. */
  readonly sizes: readonly number[];
  readonly runs: number;
  /** Rounds before the first run: at least this, and twice the live areas. */
  readonly agingMin: number;
  /** Rounds per run; each is one free and one allocation. */
  readonly rounds: number;
  readonly seed: number;
}

const DEFAULTS: StructuresOptions = {
  sizes: [1_000, 100_000, 1_000_000],
  runs: 5,
  agingMin: 500_000,
  rounds: 500_000,
  seed: 12_345,
};

/** One line of the table. */
export interface StructuresRow {
  readonly index: "free tree" | "free and busy tree";
  readonly who: "C" | "tree, changes tracked" | "tree" | "sorted array";
  readonly live: number;
  /** Rounds per run, free and allocation each counting as one operation. */
  readonly rounds: number;
  readonly opsPerSecond: number;
  /** Median, lowest and highest of the runs. */
  readonly nsPerOp: number;
  readonly nsMin: number;
  readonly nsMax: number;
  /** Time per operation against the same program's at the smallest size. */
  readonly growth: number;
  /** Time per operation against the C program's, if there is one. */
  readonly toC: number | null;
  readonly bytesPerArea: number | null;
}

export interface StructuresReport {
  readonly node: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly options: StructuresOptions;
  readonly rows: readonly StructuresRow[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

interface Timing {
  readonly nanoseconds: readonly number[];
  readonly checksum: string;
  readonly bytesPerArea: number | null;
}

/** CPU time and not wall time, here and in the C program: other work on the machine then disturbs less. */
function timed(workload: Workload, allocator: FirstFit, runs: number, rounds: number): number[] {
  return Array.from({ length: runs }, () => {
    const from = process.cpuUsage();
    workload.rounds(allocator, rounds);
    const spent = process.cpuUsage(from);
    return (spent.user + spent.system) * 1000;
  });
}

/** A tree at its steady state, and the workload that brought it there. */
function aged(live: number, busy: boolean, tracking: boolean, aging: number, seed: number) {
  const tree = new TreeFirstFit(live, live * PAGES_PER_AREA, busy, tracking);
  const workload = new Workload(live, seed);
  workload.populate(tree);
  workload.rounds(tree, aging);
  return { tree, workload };
}

/** Compiles the C peer; undefined, with a note, where that is not possible. */
function compilePeer(directory: string, notes: string[]): string | undefined {
  // The sources lie beside this file, or above dist/ if it was compiled.
  const source = ["./peers/first-fit.c", "../../bench/peers/first-fit.c"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (source === undefined) {
    notes.push("C peer skipped: bench/peers/first-fit.c is not part of this installation");
    return undefined;
  }
  const program = join(directory, "first-fit");
  try {
    execFileSync("gcc", ["-O3", "-o", program, source], { stdio: ["ignore", "ignore", "pipe"] });
    return program;
  } catch (error) {
    notes.push(`C peer skipped: gcc -O3 failed (${String((error as Error).message).split("\n")[0] ?? ""})`);
    return undefined;
  }
}

function runPeer(program: string, busy: boolean, live: number, aging: number, o: StructuresOptions): Timing {
  const parameters = [live, aging, o.rounds, o.runs, o.seed].map(String);
  const lines = execFileSync(program, [busy ? "busy" : "free", ...parameters], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const runs = lines.filter(([kind]) => kind === "run");
  return {
    nanoseconds: runs.map(([, nanoseconds]) => Number(nanoseconds)),
    checksum: runs.at(-1)?.[2] ?? "",
    bytesPerArea: null,
  };
}

function mustAgree(what: string, got: string, expected: string): void {
  if (got !== expected) throw new Error(`${what}: address checksum ${got}, expected ${expected}`);
}

/** Runs everything. Throws if two programs hand out different addresses. */
export function benchStructures(
  overrides: Partial<StructuresOptions> = {},
  progress: (line: string) => void = () => undefined,
): StructuresReport {
  const o = { ...DEFAULTS, ...overrides };
  const rows: StructuresRow[] = [];
  const notes: string[] = [];
  const first = new Map<string, number>();
  const directory = mkdtempSync(join(tmpdir(), "first-fit-"));

  const add = (
    index: StructuresRow["index"],
    who: StructuresRow["who"],
    live: number,
    rounds: number,
    timing: Timing,
    cNs: number | null,
  ): number => {
    const ns = timing.nanoseconds.map((n) => n / rounds / 2).sort((x, y) => x - y);
    const median = ns[ns.length >> 1]!;
    const key = `${index} ${who}`;
    if (!first.has(key)) first.set(key, median);
    rows.push({
      index,
      who,
      live,
      rounds,
      opsPerSecond: Math.round(1e9 / median),
      nsPerOp: median,
      nsMin: ns[0]!,
      nsMax: ns.at(-1)!,
      growth: median / first.get(key)!,
      toC: cNs === null ? null : median / cNs,
      bytesPerArea: timing.bytesPerArea,
    });
    return median;
  };

  try {
    const peer = compilePeer(directory, notes);
    for (const index of ["free tree", "free and busy tree"] as const) {
      const busy = index !== "free tree";
      for (const live of o.sizes) {
        progress(`${index}, ${live} areas`);
        const aging = Math.max(o.agingMin, 2 * live);
        const c = peer === undefined ? undefined : runPeer(peer, busy, live, aging, o);
        const cNs = c ? add(index, "C", live, o.rounds, c, null) : null;
        let expected = c?.checksum;
        for (const tracking of [true, false]) {
          const { tree, workload } = aged(live, busy, tracking, aging, o.seed);
          const nanoseconds = timed(workload, tree, o.runs, o.rounds);
          expected ??= workload.checksum;
          mustAgree(`${index}, ${live} areas`, workload.checksum, expected);
          const timing = { nanoseconds, checksum: workload.checksum, bytesPerArea: tree.bytes / live };
          add(index, tracking ? "tree, changes tracked" : "tree", live, o.rounds, timing, cNs);
        }
        if (!busy) {
          const sorted = sortedArray(live, aging, o);
          add(index, "sorted array", live, sorted.rounds, sorted, cNs);
          if (sorted.rounds < o.rounds) {
            notes.push(`sorted array, ${live} areas: ${sorted.rounds} rounds per run instead of ${o.rounds}`);
          }
        }
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const cpu = cpus()[0]?.model ?? "unknown";
  return { node: process.version, cpu, cpuCount: availableParallelism(), options: o, rows, notes };
}

/** The sorted array, started from the state that the tree has reached; fewer rounds where it is slow. */
function sortedArray(live: number, aging: number, o: StructuresOptions): Timing & { rounds: number } {
  const { tree, workload } = aged(live, false, false, aging, o.seed);
  const array = new SortedArrayFirstFit(tree.freeIntervals(), live + 16);
  const rounds = Math.min(o.rounds, Math.max(100, Math.floor(2e9 / live)));
  const ahead = workload.clone();
  const nanoseconds = timed(workload, array, o.runs, rounds);
  ahead.rounds(tree, o.runs * rounds);
  mustAgree(`sorted array, ${live} areas`, workload.checksum, ahead.checksum);
  return { nanoseconds, checksum: workload.checksum, bytesPerArea: null, rounds };
}

/** The report as a plain text table. */
export function formatStructures(report: StructuresReport): string {
  const o = report.options;
  const header = ["index", "program", "live areas", "ops/s", "ns/op", "min-max", "growth", "to C", "B/area"];
  const body = report.rows.map((r) => [
    r.index,
    r.who,
    String(r.live),
    `${(r.opsPerSecond / 1e6).toFixed(2)}M`,
    r.nsPerOp.toFixed(0),
    `${r.nsMin.toFixed(0)}-${r.nsMax.toFixed(0)}`,
    `${r.growth.toFixed(1)}x`,
    r.toC === null ? "-" : `${r.toC.toFixed(2)}x`,
    r.bytesPerArea === null ? "-" : r.bytesPerArea.toFixed(0),
  ]);
  const columns = header.map((title, c): Column => ({ title, align: c < 2 ? "left" : "right" }));
  return [
    `Node ${report.node}, ${report.cpuCount} CPUs (${report.cpu}); seed ${o.seed}, median of ${o.runs} runs of`,
    `${o.rounds} rounds (a free and an allocation, 2 operations) after ${o.agingMin} rounds or twice the live areas; CPU time`,
    "",
    ...table(columns, body),
    ...(report.notes.length > 0 ? ["", ...report.notes] : []),
  ].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const progress = process.stderr.isTTY ? (line: string) => console.error(line) : undefined;
  const report = benchStructures({}, progress);
  console.log(process.argv.includes("--json") ? JSON.stringify(report, null, 2) : formatStructures(report));
}
