// SPDX-License-Identifier: GPL-2.0-only
//
// What a reader has come across: counts, the format, and the lines that it could not read.

import { quoted } from "../../spec/found-text.ts";
import { textOf } from "./line-event.ts";
import type { Notice } from "./notice.ts";
import { UnreadableInput } from "./unreadable-input.ts";

/** A line that cannot be read. */
export interface MalformedLine {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters: the place of what was not understood. */
  readonly column: number;
  readonly expected: string;
  readonly found: string;
}

/** What was in a text. */
export interface ReaderSummary {
  /** ftrace: with the kernel's header. trace_pipe: lines of a trace without one. */
  readonly format: "ftrace" | "trace-cmd" | "trace_pipe" | "unknown";
  /** False if nothing in it looks like a trace: no header and no line of one. */
  readonly recognised: boolean;
  readonly lines: number;
  /** Events of the three kinds. */
  readonly events: number;
  /** Lines of other events, and of tracers. */
  readonly otherEvents: number;
  /** Comments, headers, blank lines, notices of losses. */
  readonly otherLines: number;
  readonly malformed: number;
  /** The first ones, at most 10. */
  readonly firstMalformed: readonly MalformedLine[];
  /** Losses that the text tells of. */
  readonly losses: number;
  /** As the first header has it. */
  readonly cpus: number | undefined;
  /** As the first header has it. */
  readonly entries: { readonly inBuffer: number; readonly written: number } | undefined;
  /** That of the first line that has a time. */
  readonly timeUnit: "us" | "ticks";
}

const MALFORMED_KEPT = 10;
/** Bytes of what was found that an error looks at; it shows fewer. */
const FOUND_BYTES = 200;

/** Gathers a summary. */
export class Outcome {
  lines = 0;
  events = 0;
  otherEvents = 0;
  /** Whether no line of a trace was seen yet. */
  isFirst = true;
  private readonly file: string;
  private readonly isStrict: boolean;
  private format: ReaderSummary["format"] = "unknown";
  private isInTicks = false;
  private otherLines = 0;
  private malformedLines = 0;
  private losses = 0;
  private cpus: number | undefined;
  private entries: ReaderSummary["entries"];
  private readonly firstMalformed: MalformedLine[] = [];

  constructor(file: string, isStrict: boolean) {
    this.file = file;
    this.isStrict = isStrict;
  }

  /** The first line of a trace. */
  traced(isInTicks: boolean): void {
    this.isFirst = false;
    this.isInTicks = isInTicks;
    if (this.format === "unknown") this.format = "trace_pipe";
  }

  noticed(notice: Notice): void {
    this.otherLines++;
    if (this.format === "unknown" && notice.format !== undefined) this.format = notice.format;
    this.cpus ??= notice.cpus;
    this.entries ??= notice.entries;
    if (notice.loss) this.losses++;
  }

  /** The line from `start` to `end` cannot be read from `at` on. Throws if reading is strict. */
  malformedAt(bytes: Uint8Array, start: number, end: number, at: number, expected: string): void {
    if (!this.isStrict && this.malformedLines >= MALFORMED_KEPT) {
      this.malformedLines++;
      return;
    }
    const rest = textOf(bytes, at, Math.min(end, at + FOUND_BYTES));
    this.malformed({
      line: this.lines,
      column: textOf(bytes, start, at).length + 1,
      expected,
      found: at >= end ? "the end of the line" : quoted(/^\S+|^./su.exec(rest)?.[0] ?? ""),
    });
  }

  /** Throws if reading is strict. */
  malformed(line: MalformedLine): void {
    this.malformedLines++;
    if (this.firstMalformed.length < MALFORMED_KEPT) this.firstMalformed.push(line);
    if (!this.isStrict) return;
    const place = `${line.line}:${line.column}`;
    throw new UnreadableInput("VMC-E040", this.file, place, line.expected, line.found);
  }

  summary(): ReaderSummary {
    return {
      format: this.format,
      recognised: this.format !== "unknown",
      lines: this.lines,
      events: this.events,
      otherEvents: this.otherEvents,
      otherLines: this.otherLines,
      malformed: this.malformedLines,
      firstMalformed: this.firstMalformed,
      losses: this.losses,
      cpus: this.cpus,
      entries: this.entries,
      timeUnit: this.isInTicks ? "ticks" : "us",
    };
  }
}
