// SPDX-License-Identifier: GPL-2.0-only
//
// The thorough way through a line: any event of any tracer, whatever its columns, and what is wrong with it if it is none.

import { bytesOf, EVENT_NAMES, type LineEvent, textOf } from "./line-event.ts";
import { readFields } from "./event-fields.ts";
import { readHead } from "./line-head.ts";
import { BLANK, COLON, isDigit, LineCursor } from "./line-cursor.ts";

/** What a line is. */
export const LINE = {
  /** One of the three events. */
  EVENT: 0,
  /** A line of a trace that says something else. */
  OTHER: 1,
  /** Its end cannot be read. */
  MALFORMED: 2,
  /** It does not begin as lines of a trace do. */
  FOREIGN: 3,
} as const;

const NAMES = EVENT_NAMES.map((name) => bytesOf(name));
const ROUND = 0x28;
const CALLED_FROM = bytesOf("<-");
const RETURNS = bytesOf("->");
const STACK = bytesOf("<stack trace>");
const USER_STACK = bytesOf("<user stack trace>");
/** A probe's line, which has the probe's place in front. */
const PROBED = /^\([^\s()]+\+0x[0-9a-f]+\/0x[0-9a-f]+/;
/** A function as %ps prints it, of a module, before a text of trace_printk(). */
const OF_MODULE = /^ \[\w+\]:/;
/** A function and its caller, with arguments. */
const CALLED_WITH = /^\(.*\) <-\S/;

/** Reads such lines into one event. */
export class AnyLine {
  private readonly cursor = new LineCursor();
  private readonly event: LineEvent;

  constructor(event: LineEvent) {
    this.event = event;
  }

  /** Place of the last line's problem. */
  get problemAt(): number {
    return this.cursor.problemAt;
  }

  /** What should have been there. */
  get expected(): string {
    return this.cursor.expected;
  }

  /** Reads the line from `start` to `end`, behind which a line break must be in `bytes`. Returns one of LINE. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const { cursor, event } = this;
    cursor.begin(bytes, start, end);
    if (!readHead(cursor, event)) return LINE.FOREIGN;
    cursor.blanks();
    const nameAt = cursor.at;
    while (!cursor.atEnd() && isInName(bytes[cursor.at] ?? 0)) cursor.at++;
    const nameEnd = cursor.at;
    const kind = NAMES.findIndex((name) => name.length === nameEnd - nameAt && isSame(bytes, nameAt, name));
    if (cursor.take(COLON) && nameEnd > nameAt) {
      if (kind < 0) return this.other(nameAt);
      cursor.blanks();
      if (bytes[cursor.at] === ROUND && PROBED.test(textOf(bytes, cursor.at, end))) return LINE.OTHER;
      return readFields(cursor, event, kind) ? LINE.EVENT : LINE.MALFORMED;
    }
    cursor.at = nameAt;
    if (cursor.isNext(STACK) || cursor.isNext(USER_STACK)) return LINE.OTHER;
    cursor.at = nameEnd;
    if (nameEnd > nameAt && this.isOfAFunction(kind >= 0)) return LINE.OTHER;
    cursor.fail("an event's name and a colon", nameAt);
    return LINE.MALFORMED;
  }

  /** A line of another event, if that may be its name: no number, unless it is a function's address. */
  private other(nameAt: number): number {
    const { cursor } = this;
    const { bytes } = cursor;
    if (!isDigit(bytes[nameAt] ?? 0) || bytes[nameAt + 1] === 0x78) return LINE.OTHER;
    cursor.fail("an event's name", nameAt);
    return LINE.MALFORMED;
  }

  /** What tracers of functions and of system calls print behind a name instead of a colon. */
  private isOfAFunction(isEventName: boolean): boolean {
    const { cursor } = this;
    const { bytes, at, end } = cursor;
    if (bytes[at] === ROUND) return !isEventName || CALLED_WITH.test(textOf(bytes, at, end));
    if (bytes[at] !== BLANK) return false;
    cursor.blanks();
    if (cursor.isNext(CALLED_FROM)) return true;
    return !isEventName && (cursor.isNext(RETURNS) || OF_MODULE.test(textOf(bytes, at, end)));
  }
}

function isInName(byte: number): boolean {
  return byte > BLANK && byte !== COLON && byte !== ROUND;
}

function isSame(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}
