// SPDX-License-Identifier: GPL-2.0-only
//
// What every line of a trace begins with: task, CPU, flags, time. Not all of them have the thread group and the flags.
// Source: trace_print_context() in kernel/trace/trace_output.c.

import { CPU_MAX, isInterrupt, type LineEvent, NAME_COLUMNS } from "./line-event.ts";
import { BLANK, COLON, DASH, DOT, type LineCursor } from "./line-cursor.ts";

/** Least columns of flags: interrupts, need-resched, hard or soft interrupt, preemption. */
const FLAGS_MIN = 4;
const FLAGS_MAX = 16;
/** Columns of the thread group's id within its brackets, at most. */
const GROUP_MAX = 12;

/** Reads all of it up to the colon behind the time. */
export function readHead(cursor: LineCursor, event: LineEvent): boolean {
  return readTask(cursor, event) && readFlags(cursor, event) && readTime(cursor, event);
}

/** A name may look like anything, but the kernel prints it in 16 columns. In other lines, the first "-" that fits counts. */
function readTask(cursor: LineCursor, event: LineEvent): boolean {
  const start = cursor.at;
  cursor.fail("a task's name, - and its process id");
  if (cursor.bytes[start + NAME_COLUMNS] === DASH && readIds(cursor, event, start, start + NAME_COLUMNS)) {
    return true;
  }
  cursor.at = start;
  cursor.blanks();
  const last = Math.min(cursor.at + NAME_COLUMNS, cursor.end - 1);
  for (let dash = cursor.at; dash <= last; dash++) {
    if (cursor.bytes[dash] === DASH && readIds(cursor, event, start, dash)) return true;
  }
  return false;
}

function readIds(cursor: LineCursor, event: LineEvent, start: number, dash: number): boolean {
  if (dash >= cursor.end) return false;
  cursor.at = dash + 1;
  if (!cursor.integer("a process id")) return false;
  event.pid = cursor.int;
  if (!cursor.gap() || !readGroup(cursor)) return false;
  if (!cursor.take(0x5b)) return cursor.fail("a CPU in square brackets");
  const cpuAt = cursor.at;
  if (!cursor.integer("a CPU's number")) return false;
  if (cursor.int > CPU_MAX) return cursor.fail(`a CPU's number up to ${CPU_MAX}`, cpuAt);
  event.cpu = cursor.int;
  if (!cursor.take(0x5d)) return cursor.fail("] behind the CPU");
  event.named(cursor.bytes, start, dash);
  return cursor.gap();
}

/** The thread group's id, as in "(  123)" or "(-------)". */
function readGroup(cursor: LineCursor): boolean {
  if (!cursor.take(0x28)) return true;
  const stop = cursor.at + GROUP_MAX;
  while (cursor.at < stop && isInGroup(cursor.bytes[cursor.at] ?? 0)) cursor.at++;
  if (!cursor.take(0x29)) return cursor.fail("a thread group's id in brackets");
  return cursor.gap();
}

function isInGroup(byte: number): boolean {
  return byte === BLANK || byte === DASH || (byte >= 0x30 && byte <= 0x39);
}

function readFlags(cursor: LineCursor, event: LineEvent): boolean {
  event.inInterrupt = undefined;
  if (cursor.isDigitNext()) return true;
  const from = cursor.at;
  cursor.nonBlanks();
  const count = cursor.at - from;
  const flags = cursor.bytes.subarray(from, cursor.at);
  if (count < FLAGS_MIN || count > FLAGS_MAX || flags.some((byte) => byte < 0x21 || byte > 0x7e)) {
    return cursor.fail("flags of a task, or a time", from);
  }
  event.inInterrupt = isInterrupt(flags[2] ?? 0);
  return cursor.gap();
}

/** Seconds with a fraction of micro- or nanoseconds, or ticks. */
function readTime(cursor: LineCursor, event: LineEvent): boolean {
  const from = cursor.at;
  if (!cursor.isDigitNext() || !cursor.wide() || ((cursor.bytes[from + 1] ?? 0) | 0x20) === 0x78) {
    return cursor.fail("a time", from);
  }
  const whole = cursor.number.value();
  event.ticks = !cursor.take(DOT);
  event.time = whole;
  if (!event.ticks) {
    const fraction = cursor.at;
    if (!cursor.integer("a time with 6 or 9 digits behind the dot")) return false;
    if (cursor.at === fraction + 6) event.time = whole * 1e6 + cursor.int;
    else if (cursor.at === fraction + 9) event.time = (whole * 1e9 + cursor.int) / 1000;
    else return cursor.fail("a time with 6 or 9 digits behind the dot", fraction);
  }
  return cursor.take(COLON) || cursor.fail("a colon behind the time");
}
