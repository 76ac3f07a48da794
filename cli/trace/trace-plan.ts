// SPDX-License-Identifier: GPL-2.0-only
//
// The options of `vmapcheck trace`, and what they ask for.

import { quoted } from "../../spec/found-text.ts";
import type { UserError } from "../../spec/user-error.ts";
import type { ListedArea } from "../../trace/check/final-state.ts";
import { parseVmallocinfo } from "../../trace/reader/vmallocinfo.ts";
import { checkWritable, readTextFile, shown } from "../files.ts";
import { optionError, type OptionSpec, type Parsed, usage } from "../options.ts";

const FINDINGS_SHOWN = 10;
const FINDINGS_MAX = 100_000;
const FINDINGS_KEPT = 1000;

/** The options. */
export const TRACE_OPTIONS: readonly OptionSpec[] = [
  { name: "initial", value: "FILE", text: "/proc/vmallocinfo from before the trace" },
  { name: "final", value: "FILE", text: "/proc/vmallocinfo from after it" },
  { name: "strict", text: "a line that cannot be read is an error (otherwise it counts as a lost event)" },
  {
    name: "findings",
    value: "N",
    text: `show at most so many findings (${FINDINGS_SHOWN}); --json has ${FINDINGS_KEPT} or as many`,
    integer: { min: 0, max: FINDINGS_MAX },
  },
  { name: "statistics", text: "also print statistics: sizes, times, purges, reuse, windows, tasks, CPUs" },
  { name: "plot", value: "FILE", text: "draw live, lazy and free pages over time into an SVG file" },
  {
    name: "export-program",
    value: "FILE",
    text: "write the trace as a machine with a program for each CPU, for vmapcheck run --instance-file",
  },
  { name: "lines", value: "A..B", text: "the lines that --export-program takes (all)" },
  { name: "record-help", text: "print how to record such a trace, and do nothing else" },
];

/** What a command line asks for. */
export interface TracePlan {
  readonly path: string;
  readonly isStrict: boolean;
  readonly initial: readonly ListedArea[] | undefined;
  readonly final: readonly ListedArea[] | undefined;
  readonly findingsShown: number;
  readonly findingsKept: number;
  /** Whether statistics are made, and whether they are printed as text. */
  readonly hasStatistics: boolean;
  readonly statisticsShown: boolean;
  /** Files to write. */
  readonly plot: string | undefined;
  readonly program: string | undefined;
  /** Lines of the exported program, both included. */
  readonly lines: { readonly from: number; readonly to: number };
}

/** Reads the options and the lists. Throws an UnreadableInput if a list is malformed. */
export function tracePlanOf(parsed: Parsed): TracePlan | { readonly error: UserError } {
  const [path, extra] = parsed.positionals;
  if (path === undefined) return { error: usage("command line", "a file with a trace, or -", "nothing") };
  if (extra !== undefined)
    return { error: usage("command line", "one file", `${parsed.positionals.length}`) };
  const lines = linesOf(parsed);
  if ("error" in lines) return lines;
  const plot = parsed.text("plot");
  const program = parsed.text("export-program");
  if (plot !== undefined && plot === program) {
    return { error: usage("--export-program", "another file than that of --plot", shown(plot)) };
  }
  for (const file of [plot, program]) {
    const error = file === undefined ? undefined : checkWritable(file);
    if (error) return { error };
  }
  const initial = listOf(parsed.text("initial"));
  if (initial && "error" in initial) return initial;
  const final = listOf(parsed.text("final"));
  if (final && "error" in final) return final;
  const findingsShown = parsed.integer("findings", FINDINGS_SHOWN);
  return {
    path,
    isStrict: parsed.has("strict"),
    initial,
    final,
    findingsShown,
    findingsKept: Math.max(FINDINGS_KEPT, findingsShown),
    hasStatistics: parsed.has("statistics") || parsed.has("json") || plot !== undefined,
    statisticsShown: parsed.has("statistics"),
    plot,
    program,
    lines,
  };
}

function linesOf(parsed: Parsed): TracePlan["lines"] | { readonly error: UserError } {
  const text = parsed.text("lines");
  if (text === undefined) return { from: 1, to: Number.POSITIVE_INFINITY };
  if (!parsed.has("export-program")) {
    return { error: usage("--lines", "--export-program beside it", "no such option") };
  }
  const [, first, last] = /^([1-9]\d{0,11})\.\.([1-9]\d{0,11})$/.exec(text) ?? [];
  const lines = { from: Number(first), to: Number(last) };
  if (first !== undefined && lines.from <= lines.to) return lines;
  return { error: optionError("--lines", "the first and the last line, as 1..5000", quoted(text)) };
}

function listOf(path: string | undefined): readonly ListedArea[] | { readonly error: UserError } | undefined {
  if (path === undefined) return undefined;
  const read = readTextFile(path);
  if ("error" in read) return read;
  return parseVmallocinfo(read.text, shown(path));
}
