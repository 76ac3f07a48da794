// SPDX-License-Identifier: GPL-2.0-only
//
// Damaged lines and damaged files. A line is read as what it says, or not at all.

import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { TraceReader } from "../../../trace/reader/trace-reader.ts";
import { UnreadableInput } from "../../../trace/reader/unreadable-input.ts";
import { copied, fixture, readText, type ReadEvent } from "./read-text.ts";
import { namesEvent, plainEvent } from "./plain-parser.ts";

const LINES = 100_000;
const FILES = 300;
const LF = 10;

const NUMBERS = [
  "0",
  "00",
  "-1",
  "4294967296",
  "9007199254740993",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999",
  "100000000000000000000000000",
  "0x0",
  "0xffffffffffffffff",
  "0x10000000000000000",
  "0x",
  "1e3",
];
const PIECES = [
  " ",
  "  ",
  ":",
  "=",
  "-",
  "0x",
  "\r",
  "\0",
  "\u00ff",
  "[",
  "]",
  "(",
  ")",
  "<-",
  "#",
  "x=1",
  " x: y",
  "CPU:1 ",
];

type Random = () => number;

const other = [
  "     kworker/2:1-61      [002]     5.425148: free_vmap_area_noflush:   va_start=0xffffd2fd80440000 nr_lazy=5 nr_lazy_max=24576",
  "          <idle>-0       (-------) [000] d.h1.     5.1: purge_vmap_area_lazy: start=0xffffffffffffffff end=0x0 num_purged=0",
  "            init-1       [000] .....            6: alloc_ret: (__get_vm_area_node+0xcc/0x130 <- alloc_vmap_area) start=0xf end=0x1",
  "CPU:1 [LOST 411 EVENTS]",
  "##### CPU 3 buffer started ####",
  "# entries-in-buffer/entries-written: 3855/15377   #P:4",
  "cpus=4",
];
const real = ["k6.12-2cpu-failed-alloc.trace.txt", "k7.2-2cpu-small.trace.txt"].flatMap((name) =>
  latin1(fixture(name)).split("\n"),
);
const seeds = [...real.filter((line) => line !== "" && !line.startsWith("#")), ...other];

/** Text of which each character is one byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function below(random: Random, n: number): number {
  return Math.floor(random() * n);
}

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[below(random, from.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}

/** The line with one thing changed. */
function mutated(random: Random, line: string, lines: readonly string[]): string {
  const at = below(random, line.length + 1);
  const length = 1 + below(random, 8);
  const [before, behind] = [line.slice(0, at), line.slice(at)];
  switch (below(random, 9)) {
    case 0:
      return before + String.fromCharCode(below(random, 256)) + behind.slice(1);
    case 1:
      return before + String.fromCharCode(behind.charCodeAt(0) ^ (1 << below(random, 8))) + behind.slice(1);
    case 2:
      return before + behind.slice(length);
    case 3:
      return before + behind.slice(0, length) + behind;
    case 4:
      return before + pick(random, PIECES) + behind;
    case 5:
      return before;
    case 6:
      return before + pick(random, lines).slice(below(random, 160));
    case 7: {
      const numbers = [...line.matchAll(/0x[0-9a-f]+|[0-9]+/gu)];
      if (numbers.length === 0) return line;
      const number = pick(random, numbers);
      return (
        line.slice(0, number.index) + pick(random, NUMBERS) + line.slice(number.index + number[0].length)
      );
    }
    default: {
      // Two words change places.
      const words = line.split(" ");
      const [i, j] = [below(random, words.length), below(random, words.length)];
      [words[i], words[j]] = [words[j] ?? "", words[i] ?? ""];
      return words.join(" ");
    }
  }
}

test(`${LINES} damaged lines are read as what they say, or not at all`, () => {
  const random = seedrandom("damaged lines");
  const wrong: string[] = [];
  const counts = { events: 0, thrown: 0, others: 0 };
  let read: ReadEvent | undefined;
  const sink = {
    event: (event: Parameters<typeof copied>[0]) => void (read = copied(event)),
    loss: () => undefined,
  };
  for (let i = 0; i < LINES; i++) {
    let line = pick(random, seeds);
    for (let n = 1 + below(random, 2); n > 0; n--) line = mutated(random, line, seeds);
    line = line.replaceAll("\n", " ");
    read = undefined;
    let isThrown = false;
    try {
      const reader = new TraceReader(sink, { file: "t", strict: true });
      reader.write(Buffer.from(`${line}\n`, "latin1"));
      const { events, lines, otherEvents, otherLines } = reader.end();
      if (lines !== 1 || events + otherEvents + otherLines !== 1) wrong.push(`counted wrongly: ${line}`);
    } catch (error) {
      if (!(error instanceof UnreadableInput)) throw error;
      isThrown = true;
    }
    const said = plainEvent(line);
    if (isThrown) counts.thrown++;
    else if (read) counts.events++;
    else counts.others++;
    if (!isSame(read, said)) wrong.push(`read otherwise: ${JSON.stringify(line)}`);
    if (!read && !isThrown && !line.startsWith("#") && namesEvent(line))
      wrong.push(`passed over: ${JSON.stringify(line)}`);
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(Math.min(counts.events, counts.thrown, counts.others)).toBeGreaterThan(LINES / 50);
});

function isSame(read: ReadEvent | undefined, said: Omit<ReadEvent, "line"> | undefined): boolean {
  if (read === undefined || said === undefined) return read === said;
  // The name of a task is text, and no longer bytes.
  const comm = new TextDecoder().decode(Buffer.from(said.comm, "latin1"));
  const all: Readonly<Record<string, unknown>> = { ...read };
  return Object.entries({ ...said, comm }).every(([key, value]) => all[key] === value);
}

test(`${FILES} damaged files: each line is counted once, wherever the text is cut`, () => {
  const random = seedrandom("damaged files");
  const whole = fixture("k6.12-4cpu-lossy.trace_pipe.txt.gz");
  for (let i = 0; i < FILES; i++) {
    const from = below(random, whole.length - 8000);
    const pieces = Array.from({ length: 1 + below(random, 4) }, () => damaged(random, whole, from));
    const bytes = Buffer.concat(pieces);
    const { events, losses, summary } = readText(bytes, { chunk: 1 + below(random, 1 << below(random, 14)) });
    const feeds = bytes.reduce((n, byte) => n + Number(byte === LF), 0);
    const { malformed, otherEvents, otherLines } = summary;
    expect(summary.lines).toBe(feeds + (bytes.at(-1) === LF ? 0 : 1));
    expect(summary.events + otherEvents + otherLines + malformed).toBe(summary.lines);
    const lines = latin1(bytes).split("\n");
    expect(events.every((event) => isSame(event, plainEvent(lines[event.line - 1] ?? "")))).toBe(true);
    expect(losses.length).toBe(summary.losses + summary.malformed);
    expect({ events, losses, summary }).toEqual(readText(bytes));
  }
});

/** Some of the bytes, a few of them changed, or cut out, or random. */
function damaged(random: Random, whole: Uint8Array, from: number): Buffer {
  const bytes = Buffer.from(whole.subarray(from, from + 1 + below(random, 4000)));
  for (let n = below(random, 12); n > 0; n--) bytes[below(random, bytes.length)] = below(random, 256);
  switch (below(random, 8)) {
    case 0:
      return Buffer.from(bytes.map(() => below(random, 256)));
    case 1:
      return Buffer.from(bytes.filter((byte) => byte !== LF));
    case 2:
      return Buffer.alloc(70_000, "x");
    case 3:
      return Buffer.from(bytes.filter(() => random() > 0.01));
    default:
      return bytes;
  }
}
