// SPDX-License-Identifier: GPL-2.0-only
//
// `vmapcheck trace`: checks the vmalloc trace of a running kernel. What it prints depends on the trace and the options
// only.

import type { UserError } from "../../spec/user-error.ts";
import { instanceText } from "../../trace/export/instance-text.ts";
import { leftOutLines } from "../../trace/export/left-out.ts";
import { type ExportedProgram, ProgramExport } from "../../trace/export/program-export.ts";
import { UnreadableInput } from "../../trace/reader/unreadable-input.ts";
import { TraceStatistics } from "../../trace/statistics/trace-statistics.ts";
import { type TraceReport, TraceSession } from "../../trace/trace-session.ts";
import { interruptedText } from "../cases-text.ts";
import { nowSeconds } from "../clock.ts";
import type { Command, CommandEnd } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { shown, writeTextFile } from "../files.ts";
import { type Io, paintFor } from "../io.ts";
import { printJson } from "../json.ts";
import type { Parsed } from "../options.ts";
import { tracePlot } from "../trace/plot.ts";
import { inputName, readInput } from "../trace/input.ts";
import { traceRecordHelp } from "../trace/record-help.ts";
import { reportText } from "../trace/report-text.ts";
import { statisticsText } from "../trace/statistics-text.ts";
import { TRACE_OPTIONS, type TracePlan, tracePlanOf } from "../trace/trace-plan.ts";
import { count } from "../../review/render/text-layout.ts";

/** The command. */
export const TRACE: Command = {
  name: "trace",
  synopsis: "FILE [OPTIONS]",
  summary: "checks the vmalloc trace of a running kernel",
  description: [
    "Reads the text of the events alloc_vmap_area, free_vmap_area_noflush and purge_vmap_area_lazy: the file trace or " +
      "trace_pipe of tracefs, or what trace-cmd report prints; plain or gzip; - is standard input. Other events are " +
      "skipped. The rules are those of vmapcheck list trace-rules.",
    "A finding is a violation if the trace proves it, suspicious if something that was not seen to happen may explain it, " +
      "and undecidable where events are missing. The exit code is 1 if there is a violation, and 4 if there is a " +
      "suspicion only, if events are missing, or if there are none.",
  ],
  options: TRACE_OPTIONS,
  examples: [
    [
      "vmapcheck trace trace.txt --initial before.txt --final after.txt",
      "with the areas before and after it",
    ],
    ["vmapcheck trace - --statistics", "standard input, as from trace-cmd report; and what the load was"],
    ["vmapcheck trace trace.txt.gz --plot pages.svg", "live, lazy and free pages over time"],
    [
      "vmapcheck trace trace.txt --export-program load.json --lines 1..3000",
      "the load of some lines; vmapcheck run size-pools --instance-file load.json runs it",
    ],
    ["vmapcheck trace --record-help", "how to record one"],
  ],
  run: trace,
};

/** All that a trace has come to. */
interface Heard {
  readonly report: TraceReport;
  readonly isInterrupted: boolean;
  readonly statistics: ReturnType<TraceStatistics["result"]> | undefined;
  readonly program: ExportedProgram | undefined;
}

async function trace(parsed: Parsed, io: Io): Promise<CommandEnd> {
  if (parsed.has("record-help")) {
    io.setVerdict(EXIT.held);
    io.out(traceRecordHelp());
    return EXIT.held;
  }
  const began = nowSeconds();
  try {
    const plan = tracePlanOf(parsed);
    if ("error" in plan) return plan;
    const heard = await listen(plan, io);
    if ("error" in heard) return heard;
    const error = writeFiles(plan, heard);
    if (error) return { error };
    return printed(plan, heard, parsed.has("json"), io, nowSeconds() - began);
  } catch (error) {
    if (error instanceof UnreadableInput) return { error };
    throw error;
  }
}

async function listen(plan: TracePlan, io: Io): Promise<Heard | { readonly error: UserError }> {
  const { final, findingsKept, hasStatistics, initial, isStrict: strict, lines, path } = plan;
  const statistics = hasStatistics ? new TraceStatistics() : undefined;
  statistics?.initial(initial ?? []);
  const program = plan.program === undefined ? undefined : new ProgramExport(lines);
  const session = new TraceSession({
    file: inputName(path),
    strict,
    initial,
    final,
    findingsMax: findingsKept,
    observer: statistics,
    sink: program,
  });
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once("SIGINT", interrupt);
  try {
    const hear = (bytes: Uint8Array): void => session.write(bytes);
    const error = await readInput(path, () => io.stdin(), hear, abort.signal);
    if (error) return { error };
  } finally {
    process.off("SIGINT", interrupt);
  }
  const report = session.end();
  const isInterrupted = abort.signal.aborted;
  if (!report.reader.recognised && !isInterrupted) return { error: notATrace(report) };
  return {
    report,
    isInterrupted,
    statistics: statistics?.result(report.reader.timeUnit),
    program: program?.result(),
  };
}

function notATrace({ file, reader }: TraceReport): UserError {
  const found = reader.lines === 0 ? "nothing" : `no line of one in ${count(reader.lines, "line")}`;
  return {
    code: "VMC-E040",
    message: `${file}: expected a trace of vmalloc events, found ${found}`,
    hint: "vmapcheck trace --record-help says how to make one",
  };
}

function writeFiles(plan: TracePlan, { program, report, statistics }: Heard): UserError | undefined {
  const wrong =
    plan.plot === undefined || !statistics
      ? undefined
      : writeTextFile(plan.plot, tracePlot(statistics, report.file));
  if (wrong) return wrong;
  if (!program || plan.program === undefined) return undefined;
  if (program.operations === 0) {
    return {
      code: "VMC-E002",
      message: `--lines: expected lines with events that a program can have, found ${count(program.events, "event")}`,
      hint: leftOutLines(program.left).join(", ") || "name other lines",
    };
  }
  return writeTextFile(plan.program, instanceText(program.instance));
}

function printed(plan: TracePlan, heard: Heard, asJson: boolean, io: Io, seconds: number): CommandEnd {
  const { isInterrupted, program, report, statistics } = heard;
  const exitCode = exitCodeOf(heard);
  if (asJson) {
    const body = { interrupted: isInterrupted, report, statistics, exported: exportedOf(plan, program) };
    printJson(io, "trace", exitCode, body, { seconds, events: report.reader.events });
    return exitCode;
  }
  const paint = paintFor(io);
  io.setVerdict(exitCode);
  if (isInterrupted) io.out(interruptedText(paint));
  if (statistics && plan.statisticsShown) io.out(`${statisticsText(statistics, paint)}\n`);
  io.out(reportText(report, plan.findingsShown, notesOf(plan, program), paint));
  return exitCode;
}

// What was exported, but for the instance, which is in its file.
function exportedOf({ program: file }: TracePlan, program: ExportedProgram | undefined): unknown {
  if (!program) return undefined;
  const { events, left, operations } = program;
  return { file, events, operations, left };
}

function notesOf(
  { plot, program: file }: TracePlan,
  program: ExportedProgram | undefined,
): readonly string[] {
  const notes = plot === undefined ? [] : [`plot: ${shown(plot)}`];
  if (!program || file === undefined) return notes;
  const { events, left, operations } = program;
  const what = `${count(operations, "operation")} of ${count(events, "event")}`;
  const lacks = leftOutLines(left).map((line) => `  without ${line}`);
  return [...notes, `program: ${shown(file)}, ${what}`, ...lacks];
}

function exitCodeOf({ isInterrupted, report }: Heard): ExitCode {
  if (report.outcome === "violated") return EXIT.violation;
  if (isInterrupted) return EXIT.interrupted;
  return report.outcome === "held" ? EXIT.held : EXIT.undecided;
}
