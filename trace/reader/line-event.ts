// SPDX-License-Identifier: GPL-2.0-only
//
// The one event that a reader fills anew for every line, and the bytes of a trace as text.

import { KIND, type TraceEvent } from "../trace-event.ts";

/** Names of the events as a line has them, by KIND. */
export const EVENT_NAMES = ["alloc_vmap_area", "free_vmap_area_noflush", "purge_vmap_area_lazy"] as const;

/** Columns of a task's name; behind them come "-" and the process id. */
export const NAME_COLUMNS = 16;

/** Highest number of a CPU that is believed: no kernel has more, and tables by CPU stay small. */
export const CPU_MAX = 65_535;

const NOTHING = new Uint8Array(0);
const DECODER = new TextDecoder();

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return DECODER.decode(bytes.subarray(from, to));
}

/** The text's bytes, each an ASCII character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Whether `expected` begins at `at`. It must not hold a line break, which stops it before the array ends. */
export function matches(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** The event. Fields that its kind does not have are 0. */
export class LineEvent implements TraceEvent {
  kind: number = KIND.ALLOC;
  line = 0;
  cpu = 0;
  pid = 0;
  inInterrupt: boolean | undefined = undefined;
  time = 0;
  page = 0;
  offset = 0;
  size = 0;
  align = 0;
  failed = false;
  fromPage = 0;
  fromOffset = 0;
  toPage = 0;
  toOffset = 0;
  nrLazy = 0;
  nrLazyMax = 0;
  numPurged = 0;

  /** Whether `time` is in ticks of an unknown length. */
  ticks = false;

  private bytes: Uint8Array = NOTHING;
  private nameFrom = 0;
  private nameTo = 0;

  /** Where the task's name is, with blanks before it. */
  named(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.nameFrom = from;
    this.nameTo = to;
  }

  comm(): string {
    const { bytes } = this;
    let from = this.nameFrom;
    while (from < this.nameTo && bytes[from] === 0x20) from++;
    return textOf(bytes, from, this.nameTo);
  }

  /** Lets go of the line. */
  forget(): void {
    this.named(NOTHING, 0, 0);
  }

  /** Clears the fields of other kinds than `kind`. */
  become(kind: number): void {
    this.kind = kind;
    if (kind !== KIND.ALLOC) {
      this.size = 0;
      this.align = 0;
      this.failed = false;
    }
    if (kind !== KIND.FREE) {
      this.nrLazy = 0;
      this.nrLazyMax = 0;
    } else {
      this.fromPage = 0;
      this.fromOffset = 0;
      this.toPage = 0;
      this.toOffset = 0;
    }
    if (kind === KIND.PURGE) {
      this.page = 0;
      this.offset = 0;
    } else {
      this.numPurged = 0;
    }
  }
}

/** Whether a letter of the flags' third column is that of an interrupt: hard or soft, one in the other, or an NMI. */
export function isInterrupt(flag: number): boolean {
  return flag === 0x68 || flag === 0x48 || flag === 0x73 || flag === 0x7a || flag === 0x5a;
}
