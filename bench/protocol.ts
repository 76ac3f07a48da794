// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (d): exhaustive search of the bounded protocol NB by this engine and by SPIN, on the same states and
// transitions. Each run is a process of its own, so that times and memory are its own.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { search, UNWATCHED } from "../explore/search/search.ts";
import { Protocol } from "../explore/selfcheck/protocol.ts";
import { ProtocolInvariants } from "../explore/selfcheck/protocol-invariants.ts";
import { PROTOCOL_COUNTS, protocolInstance, type ProtocolName } from "../explore/selfcheck/protocol-sizes.ts";
import { type Column, table } from "../review/render/text-layout.ts";
import { median, type Sample } from "./statistics.ts";

const ENGINE = "this engine";
const CHECKED = "this engine, I1-I6";
const SPIN = "SPIN";

export interface ProtocolOptions {
  /** Sizes, and the runs of each program in each. */
  readonly runs: Readonly<Partial<Record<ProtocolName, number>>>;
  /** Runs of our engine are processes of their own; only from the build. */
  readonly isolated: boolean;
}

/** Programs run in turn, so that a slower minute of the machine is everybody's. */
const DEFAULTS: ProtocolOptions = { runs: { "NB-1": 5, "NB-2": 5, "NB-3": 3 }, isolated: true };

/** Slots of SPIN's table, as a power of two: at least the number of states. */
const SPIN_SLOTS: Readonly<Record<ProtocolName, number>> = { "NB-1": 14, "NB-2": 20, "NB-3": 24 };

/** What one run came to. */
interface Measured {
  readonly states: number;
  readonly transitions: number;
  /** CPU time, user and system, of all threads. */
  readonly seconds: number;
  readonly mebibytes: number;
}

/** One line of the table. */
export interface ProtocolRow {
  readonly size: ProtocolName;
  readonly who: string;
  readonly runs: number;
  readonly states: number;
  readonly transitions: number;
  readonly seconds: Sample;
  readonly statesPerSecond: number;
  readonly mebibytes: number;
  /** States per second against SPIN's, if there is one. */
  readonly toSpin: number | null;
}

export interface ProtocolReport {
  readonly rows: readonly ProtocolRow[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Runs everything. Throws if a program counts anything else than the known numbers. */
export function benchProtocol(
  overrides: Partial<ProtocolOptions> = {},
  progress: (line: string) => void = () => undefined,
): ProtocolReport {
  const options = { ...DEFAULTS, ...overrides };
  const rows: ProtocolRow[] = [];
  const notes: string[] = [];
  const directory = mkdtempSync(join(tmpdir(), "protocol-"));
  try {
    for (const size of ["NB-1", "NB-2", "NB-3"] as const) {
      const runs = options.runs[size];
      if (runs === undefined) continue;
      const spin = notes.length === 0 ? compileSpin(directory, size, notes) : undefined;
      const ours = options.isolated ? runApart : runEngine;
      const programs: (readonly [who: string, run: () => Measured])[] = [
        ...(spin === undefined ? [] : [[SPIN, () => runSpin(spin, size)] as const]),
        [ENGINE, () => ours(size, false)],
        [CHECKED, () => ours(size, true)],
      ];
      const measured = programs.map((): Measured[] => []);
      for (let i = 0; i < runs; i++) {
        programs.forEach(([who, run], p) => {
          progress(`(d) protocol ${size}, ${who}, run ${i + 1} of ${runs}`);
          measured[p]!.push(mustAgree(size, who, run()));
        });
      }
      const bySpin = spin === undefined ? null : median(measured[0]!.map(({ seconds }) => seconds)).median;
      programs.forEach(([who], p) => rows.push(rowOf(size, who, measured[p]!, bySpin)));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { rows, notes };
}

function rowOf(
  size: ProtocolName,
  who: string,
  measured: readonly Measured[],
  bySpin: number | null,
): ProtocolRow {
  const { states, transitions } = measured[0]!;
  const seconds = median(measured.map((each) => each.seconds));
  return {
    size,
    who,
    runs: measured.length,
    states,
    transitions,
    seconds,
    statesPerSecond: states / seconds.median,
    mebibytes: median(measured.map((each) => each.mebibytes)).median,
    // Clock ticks are too coarse for a ratio of the smallest size.
    toSpin: bySpin === null || bySpin < 0.05 ? null : bySpin / seconds.median,
  };
}

function mustAgree(size: ProtocolName, who: string, measured: Measured): Measured {
  const { states, transitions } = PROTOCOL_COUNTS[size];
  if (measured.states !== states || measured.transitions !== transitions) {
    throw new Error(
      `${size}: ${who} counts ${measured.states} states and ${measured.transitions} transitions, ` +
        `expected ${states} and ${transitions}`,
    );
  }
  return measured;
}

/** One search by this engine, in this process. */
function runEngine(size: ProtocolName, checked: boolean): Measured {
  const from = process.cpuUsage();
  const protocol = new Protocol(protocolInstance(size));
  const { states, transitions, end } = search(
    protocol,
    checked ? new ProtocolInvariants(protocol) : UNWATCHED,
  );
  const { user, system } = process.cpuUsage(from);
  if (end !== "exhausted") throw new Error(`${size}: the search ended with a ${end}`);
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  return { states, transitions, seconds: (user + system) / 1e6, mebibytes };
}

/** One search by this engine, in a process of its own. */
function runApart(size: ProtocolName, checked: boolean): Measured {
  const self = fileURLToPath(import.meta.url);
  const args = [self, "--engine", size, ...(checked ? ["--checked"] : [])];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Measured;
}

/** Generates and compiles SPIN's verifier; undefined, with a note, where that is not possible. */
function compileSpin(directory: string, size: ProtocolName, notes: string[]): string | undefined {
  // The model lies beside this file, or above dist/ if it was compiled.
  const source = ["./peers/nb.pml", "../../bench/peers/nb.pml"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (source === undefined) {
    notes.push("SPIN skipped: bench/peers/nb.pml is not part of this installation");
    return undefined;
  }
  copyFileSync(source, join(directory, "nb.pml"));
  const program = `pan-${size}`;
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ["spin", [`-DNB=${size.slice(-1)}`, "-a", "nb.pml"]],
    ["gcc", ["-O3", "-DSAFETY", "-DNOREDUCE", "-o", program, "pan.c"]],
  ];
  for (const [command, args] of steps) {
    try {
      execFileSync(command, args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      const why = String((error as Error).message).split("\n")[0] ?? "";
      notes.push(`SPIN skipped: ${command} failed (${why})`);
      return undefined;
    }
  }
  return join(directory, program);
}

function runSpin(program: string, size: ProtocolName): Measured {
  // The shell knows the CPU time of its children; SPIN itself tells the time of the clock on the wall only.
  const script = '"$0" "$@"; times';
  const args = ["-c", script, program, "-m10000", `-w${SPIN_SLOTS[size]}`];
  return readSpin(execFileSync("sh", args, { encoding: "utf8" }));
}

/** Reads what SPIN's verifier and the shell's `times` print. */
export function readSpin(text: string): Measured {
  const number = (pattern: RegExp): number => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`SPIN printed nothing like ${pattern.source}:\n${text}`);
    return Number(found);
  };
  if (number(/errors: (\d+)/) !== 0) throw new Error(`SPIN found errors:\n${text}`);
  // The last line of `times`: user and system time of the children.
  const times = [...(text.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  if (times.length !== 2) throw new Error(`the shell told no times:\n${text}`);
  return {
    states: number(/(\d+) states, stored/),
    // SPIN counts the initial state as one more transition.
    transitions: number(/(\d+) transitions/) - 1,
    seconds: times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0),
    mebibytes: number(/([\d.]+)\s+total actual memory usage/),
  };
}

/** The table for people. */
export function formatProtocol({ rows, notes }: ProtocolReport): string {
  const header = [
    "size",
    "program",
    "states",
    "transitions",
    "runs",
    "seconds",
    "min-max",
    "states/s",
    "MiB",
  ];
  const body = rows.map((row) => [
    row.size,
    row.who,
    String(row.states),
    String(row.transitions),
    String(row.runs),
    row.seconds.median.toFixed(2),
    `${row.seconds.min.toFixed(2)}-${row.seconds.max.toFixed(2)}`,
    row.seconds.median < 0.05 ? "-" : `${(row.statesPerSecond / 1e6).toFixed(2)}M`,
    row.mebibytes.toFixed(0),
    row.toSpin === null ? "-" : `${row.toSpin.toFixed(2)}x`,
  ]);
  const columns = [...header, "to SPIN"].map((title, c): Column => ({
    title,
    align: c < 2 ? "left" : "right",
  }));
  return [
    "(d) exhaustive search of the bounded protocol NB; CPU time, median of the runs",
    ...table(columns, body).map((line) => `    ${line}`),
    ...notes.map((note) => `    ${note}`),
  ].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const size = (["NB-1", "NB-2", "NB-3"] as const).find((name) => process.argv.includes(name));
  if (size === undefined || !process.argv.includes("--engine")) {
    throw new Error("usage: npm run bench -- protocol");
  }
  console.log(JSON.stringify(runEngine(size, process.argv.includes("--checked"))));
}
