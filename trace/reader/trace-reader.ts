// SPDX-License-Identifier: GPL-2.0-only
//
// Reads the text of a vmalloc trace as it comes, from the kernel's trace and trace_pipe files or `trace-cmd report`, and
// tells a sink each event and each loss. Memory: one line, whatever the length of the trace.

import type { TraceSink } from "../trace-event.ts";
import { AnyLine, LINE } from "./any-line.ts";
import { KernelLine, NOT_READ } from "./kernel-line.ts";
import { LineEvent, textOf } from "./line-event.ts";
import { Outcome, type ReaderSummary } from "./reader-summary.ts";
import { readNotice, whyNoNotice } from "./notice.ts";
import { LineCarry } from "./line-carry.ts";

export type { MalformedLine, ReaderSummary } from "./reader-summary.ts";

/** Bytes of the longest line, without its line feed. */
export const LINE_BYTES_MAX = 65_536;

/** How a trace is read. */
export interface ReaderOptions {
  /** The text's name, for errors. */
  readonly file: string;
  /** Whether a malformed line throws an UnreadableInput, which is an InputError with the code VMC-E040. */
  readonly strict?: boolean | undefined;
}

const LF = 10;
const CR = 13;

/** The reader of one trace. After a throw it is not to be used again. */
export class TraceReader {
  private readonly sink: TraceSink;
  private readonly event = new LineEvent();
  private readonly kernelLine = new KernelLine(this.event);
  private readonly anyLine = new AnyLine(this.event);
  private readonly carry = new LineCarry(LINE_BYTES_MAX);
  private readonly outcome: Outcome;

  constructor(sink: TraceSink, { file, strict = false }: ReaderOptions) {
    this.sink = sink;
    this.outcome = new Outcome(file, strict);
  }

  /** Reads on. The text may be cut anywhere; nothing of `bytes` is kept. */
  write(bytes: Uint8Array): void {
    const { carry } = this;
    let from = 0;
    if (!carry.isEmpty) {
      const feed = bytes.indexOf(LF);
      if (feed < 0) {
        carry.add(bytes, 0, bytes.length);
        return;
      }
      carry.add(bytes, 0, feed);
      this.carried();
      from = feed + 1;
    }
    const behind = bytes.lastIndexOf(LF) + 1;
    if (behind > from) {
      this.lines(bytes, from, behind);
      from = behind;
    }
    carry.add(bytes, from, bytes.length);
    this.event.forget();
    this.kernelLine.forget();
  }

  /** The text is over; a line without a line feed at its end counts. */
  end(): ReaderSummary {
    if (!this.carry.isEmpty) this.carried();
    this.event.forget();
    return this.outcome.summary();
  }

  /** Reads the line that came in pieces. */
  private carried(): void {
    const { carry } = this;
    if (carry.isTooLong) this.tooLong();
    else {
      const end = carry.close();
      this.lines(carry.bytes, 0, end);
    }
    carry.clear();
  }

  /** Reads whole lines; the last byte is a line feed. */
  private lines(bytes: Uint8Array, from: number, to: number): void {
    const { event, kernelLine, outcome, sink } = this;
    for (let start = from; start < to;) {
      const feed = kernelLine.read(bytes, start);
      if (feed === NOT_READ || feed - start > LINE_BYTES_MAX) {
        start = this.line(bytes, start) + 1;
        continue;
      }
      event.line = ++outcome.lines;
      outcome.events++;
      if (outcome.isFirst) outcome.traced(event.ticks);
      sink.event(event);
      start = feed + 1;
    }
  }

  /** Reads a line that is not exactly as the kernel prints one of the events, and returns the place of its line feed. */
  private line(bytes: Uint8Array, start: number): number {
    const { anyLine, event, outcome } = this;
    const feed = bytes.indexOf(LF, start);
    if (feed - start > LINE_BYTES_MAX) {
      this.tooLong();
      return feed;
    }
    const end = feed > start && bytes[feed - 1] === CR ? feed - 1 : feed;
    event.line = ++outcome.lines;
    const kind = bytes[start] === 0x23 ? LINE.FOREIGN : anyLine.read(bytes, start, end);
    if (kind === LINE.FOREIGN) {
      this.foreign(bytes, start, end);
      return feed;
    }
    if (outcome.isFirst) outcome.traced(event.ticks);
    if (kind === LINE.EVENT) {
      outcome.events++;
      this.sink.event(event);
    } else if (kind === LINE.OTHER) outcome.otherEvents++;
    else {
      outcome.malformedAt(bytes, start, end, anyLine.problemAt, anyLine.expected);
      this.unreadable();
    }
    return feed;
  }

  private foreign(bytes: Uint8Array, start: number, end: number): void {
    const { anyLine, outcome } = this;
    const text = textOf(bytes, start, end);
    const notice = readNotice(text);
    if (notice === undefined) {
      const expected = whyNoNotice(text);
      if (expected !== undefined) outcome.malformedAt(bytes, start, end, start, expected);
      else outcome.malformedAt(bytes, start, end, anyLine.problemAt, anyLine.expected);
      this.unreadable();
      return;
    }
    outcome.noticed(notice);
    if (notice.loss) this.sink.loss({ line: outcome.lines, ...notice.loss });
  }

  private tooLong(): void {
    const { outcome } = this;
    const line = ++outcome.lines;
    outcome.malformed({
      line,
      column: LINE_BYTES_MAX + 1,
      expected: `a line of at most ${LINE_BYTES_MAX} bytes`,
      found: "a longer one",
    });
    this.unreadable();
  }

  private unreadable(): void {
    this.sink.loss({ kind: "unreadable", line: this.outcome.lines, cpu: undefined, events: undefined });
  }
}
