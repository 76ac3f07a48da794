// SPDX-License-Identifier: GPL-2.0-only
//
// The fast way through a line: an event exactly as the kernel or trace-cmd prints it, with the name in 16 columns and the
// fields in their order. It says no to everything else without a reason, and any-line.ts looks at it again.

import { KIND } from "../trace-event.ts";
import { CPU_MAX, EVENT_NAMES, isInterrupt, NAME_COLUMNS, type LineEvent } from "./line-event.ts";
import { Keyword } from "./keyword.ts";
import { WideNumber } from "./wide-number.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

/** Returned instead of a place if the line is not read. */
export const NOT_READ = -1;

/** Columns of flags. */
const FLAGS = 5;
/** So many digits are below 2^31 in any case. */
const INT_DIGITS = 9;
/** So many digits fit a double. */
const TIME_DIGITS = 15;

const LF = 10;
const CR = 13;
const BLANK = 0x20;
const HASH = 0x23;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

const [ALLOC, FREE, PURGE] = EVENT_NAMES.map((name) => new Keyword(`${name}:`)) as [
  Keyword,
  Keyword,
  Keyword,
];
const VA_START_DECIMAL = new Keyword("va_start: ");
const VA_START_HEX = new Keyword("va_start=0x");
const SIZE = new Keyword(" size=");
const ALIGN = new Keyword(" align=");
const VSTART = new Keyword(" vstart=0x");
const VEND = new Keyword(" vend=0x");
const FAILED = new Keyword(" failed=");
const NR_LAZY = new Keyword(" nr_lazy=");
const NR_LAZY_MAX = new Keyword(" nr_lazy_max=");
const START = new Keyword("start=0x");
const END = new Keyword(" end=0x");
const NUM_PURGED = new Keyword(" num_purged=");

/** Reads such lines into one event. */
export class KernelLine {
  private readonly event: LineEvent;
  private readonly number = new WideNumber();
  /** The integer that `integer` has found. */
  private int = 0;
  private viewed: Uint8Array = NOTHING;
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(event: LineEvent) {
    this.event = event;
  }

  /** Reads the line at `start`, whose line feed is in `bytes`, and returns the place of that, or NOT_READ. */
  read(bytes: Uint8Array, start: number): number {
    const { event } = this;
    if (bytes !== this.viewed) this.viewOf(bytes);
    if (bytes[start] === HASH) return NOT_READ;
    const dash = start + NAME_COLUMNS;
    for (let at = start; at < dash; at++) if (bytes[at] === LF) return NOT_READ;
    if (bytes[dash] !== DASH) return NOT_READ;
    event.named(bytes, start, dash);
    let at = this.integer(bytes, dash + 1);
    if (at === dash + 1) return NOT_READ;
    event.pid = this.int;
    if (bytes[at] !== BLANK) return NOT_READ;
    at = blanks(bytes, at);
    if (bytes[at] !== 0x5b) return NOT_READ;
    at = this.integer(bytes, at + 1);
    event.cpu = this.int;
    if (this.int > CPU_MAX) return NOT_READ;
    if (bytes[at - 1] === 0x5b || bytes[at] !== 0x5d || bytes[at + 1] !== BLANK) return NOT_READ;
    at = blanks(bytes, at + 1);
    if (isDigit(bytes[at]!)) {
      event.inInterrupt = undefined;
    } else {
      for (const behind = at + FLAGS; at < behind; at++) if (!isVisible(bytes[at]!)) return NOT_READ;
      if (bytes[at] !== BLANK) return NOT_READ;
      event.inInterrupt = isInterrupt(bytes[at - 3]!);
      at = blanks(bytes, at);
    }
    at = this.time(bytes, at);
    if (at === NOT_READ || bytes[at] !== 0x3a || bytes[at + 1] !== BLANK) return NOT_READ;
    at = this.body(bytes, blanks(bytes, at + 1));
    if (at === NOT_READ || bytes[at] === LF) return at;
    return bytes[at] === CR && bytes[at + 1] === LF ? at + 1 : NOT_READ;
  }

  /** Lets go of the bytes that were read last. */
  forget(): void {
    this.viewOf(NOTHING);
  }

  private viewOf(bytes: Uint8Array): void {
    this.viewed = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  private time(bytes: Uint8Array, from: number): number {
    const { event } = this;
    let whole = 0;
    let at = from;
    for (let byte = bytes[at]!; isDigit(byte); byte = bytes[++at]!) whole = whole * 10 + (byte - ZERO);
    if (at === from || at > from + TIME_DIGITS) return NOT_READ;
    event.ticks = bytes[at] !== DOT;
    if (event.ticks) {
      event.time = whole;
      return at;
    }
    const point = at + 1;
    at = this.integer(bytes, point);
    if (at === point + 6) event.time = whole * 1e6 + this.int;
    else if (at === point + 9) event.time = (whole * 1e9 + this.int) / 1000;
    else return NOT_READ;
    return at;
  }

  private body(bytes: Uint8Array, at: number): number {
    if (ALLOC.isAt(this.view, at)) return this.alloc(bytes, fields(bytes, at + ALLOC.length));
    if (FREE.isAt(this.view, at)) return this.free(bytes, fields(bytes, at + FREE.length));
    if (PURGE.isAt(this.view, at)) return this.purge(bytes, fields(bytes, at + PURGE.length));
    return NOT_READ;
  }

  private alloc(bytes: Uint8Array, from: number): number {
    const { event, number } = this;
    event.become(KIND.ALLOC);
    let at = this.decimal(bytes, from, VA_START_DECIMAL);
    event.page = number.page;
    event.offset = number.offset;
    at = this.decimal(bytes, at, SIZE);
    event.size = number.value();
    at = this.decimal(bytes, at, ALIGN);
    event.align = number.value();
    at = this.window(bytes, at, VSTART, VEND);
    at = this.decimal(bytes, at, FAILED);
    const failed = number.value();
    if (failed > 1) return NOT_READ;
    event.failed = failed === 1;
    return at;
  }

  private free(bytes: Uint8Array, from: number): number {
    const { event, number } = this;
    event.become(KIND.FREE);
    let at = this.hex(bytes, from, VA_START_HEX);
    event.page = number.page;
    event.offset = number.offset;
    at = this.decimal(bytes, at, NR_LAZY);
    event.nrLazy = number.value();
    at = this.decimal(bytes, at, NR_LAZY_MAX);
    event.nrLazyMax = number.value();
    return at;
  }

  private purge(bytes: Uint8Array, from: number): number {
    const { event, number } = this;
    event.become(KIND.PURGE);
    let at = this.window(bytes, from, START, END);
    at = this.decimal(bytes, at, NUM_PURGED);
    event.numPurged = number.value();
    return event.numPurged < 2 ** 32 ? at : NOT_READ;
  }

  private window(bytes: Uint8Array, from: number, first: Keyword, last: Keyword): number {
    const { event, number } = this;
    let at = this.hex(bytes, from, first);
    event.fromPage = number.page;
    event.fromOffset = number.offset;
    at = this.hex(bytes, at, last);
    event.toPage = number.page;
    event.toOffset = number.offset;
    return at;
  }

  /** The decimal number behind `key`; NOT_READ, which is also TOO_WIDE, goes through. */
  private decimal(bytes: Uint8Array, at: number, key: Keyword): number {
    if (at === NOT_READ || !key.isAt(this.view, at)) return NOT_READ;
    const from = at + key.length;
    const behind = this.number.decimal(bytes, from);
    return behind === from ? NOT_READ : behind;
  }

  private hex(bytes: Uint8Array, at: number, key: Keyword): number {
    if (at === NOT_READ || !key.isAt(this.view, at)) return NOT_READ;
    const from = at + key.length;
    const behind = this.number.hex(bytes, from);
    return behind === from ? NOT_READ : behind;
  }

  /** Up to INT_DIGITS digits. */
  private integer(bytes: Uint8Array, from: number): number {
    let int = 0;
    let at = from;
    const stop = from + INT_DIGITS;
    for (let byte = bytes[at]!; isDigit(byte) && at < stop; byte = bytes[++at]!)
      int = int * 10 + (byte - ZERO);
    this.int = int;
    return at;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}

function isVisible(byte: number): boolean {
  return byte > BLANK && byte < 0x7f;
}

function blanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === BLANK) at++;
  return at;
}

/** The place of the first field behind an event's name, which a blank must separate. */
function fields(bytes: Uint8Array, at: number): number {
  return bytes[at] === BLANK ? blanks(bytes, at) : NOT_READ;
}
