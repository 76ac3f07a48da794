// SPDX-License-Identifier: GPL-2.0-only
//
// A search between two chunks, as sections of bytes: what a checkpoint holds, and how a search is made of it again.

import { ByteLog, NumberLog, reserve } from "../grown-memory.ts";
import type { ChunkHead, ChunkStore } from "./chunk-store.ts";
import { chunkBytesMax } from "./frontier.ts";
import { type LaneMemory, reserveSearch, type SearchMemory } from "./search-memory.ts";
import { WORD } from "./rendezvous.ts";

/** Form of the sections and of the rest. */
export const CHECKPOINT_VERSION = 1;

/** What a checkpoint says of itself, beside its sections. */
export interface CheckpointHead {
  /** What the caller says it is a checkpoint of. */
  readonly identity: string;
  readonly merge: boolean;
  readonly rowWords: number;
  readonly countsLength: number;
  readonly goals: boolean;
  /** Workers that discovered states so far. */
  readonly lanes: number;
  /** Positions that were met. */
  readonly positions: number;
  readonly figures: readonly number[];
  readonly counts: readonly number[];
  readonly depth: number;
  readonly sequence: number;
  readonly initialIsGoal: boolean;
}

/** A search that can go on, without its frontier, which is read when it does. */
export interface Checkpoint {
  readonly head: CheckpointHead;
  /** Makes the memory of a search with so many workers. Reads the file, which must still be there. */
  readonly load: (workers: number) => SearchMemory;
  /** Puts the chunks of the frontier into the store of that search. */
  readonly loadFrontier: (store: ChunkStore) => void;
}

/** Where sections go. */
export interface SectionWriter {
  section(name: string): void;
  write(bytes: Uint8Array): void;
}

/** Where sections come from. */
export interface SectionReader {
  /** Begins with a section: its length, bytes. */
  section(name: string): number;
  /** Fills `bytes` with what is next in the section. */
  read(bytes: Uint8Array): void;
}

/** How many workers may go on: with goals, states are numbered by worker, so not more than before. */
export function workersFor({ goals, lanes }: CheckpointHead, wanted: number): number {
  return goals ? Math.min(wanted, lanes) : wanted;
}

/** Writes the sections of a search. All its workers are between two chunks, and have published what they have done. */
export function writeSections(memory: SearchMemory, store: ChunkStore, to: SectionWriter): void {
  const put = (name: string, bytes: Uint8Array): void => {
    to.section(name);
    to.write(bytes);
  };
  const { table, positions } = memory;
  put("table", new Uint8Array(table.entries, 0, table.entries.byteLength));
  if (table.numbers) put("numbers", new Uint8Array(table.numbers, 0, table.numbers.byteLength));
  put("positions", bytesOfNumbers(positions.pairs));
  memory.lanes.forEach((lane, i) => {
    for (const [name, bytes, marks] of logsOf(lane, i)) {
      put(name, new ByteLog(bytes, name).content());
      put(`${name} marks`, bytesOfNumbers(marks));
    }
  });
  to.section("frontier");
  const head: ChunkHead = { used: 0, rows: 0, writer: 0, first: 0 };
  const bytes = new Uint8Array(chunkBytesMax(memory.rowWords));
  store.visit(head, bytes, (isNow) => {
    const { used, rows, writer, first } = head;
    to.write(new Uint8Array(Int32Array.of(isNow ? 1 : 0, used, rows, writer, first).buffer));
    to.write(bytes.subarray(0, used));
  });
}

/** Reads the sections of a search, all but its frontier. */
export function readSections(head: CheckpointHead, workers: number, from: SectionReader): SearchMemory {
  const { countsLength, goals, rowWords } = head;
  const lanes = Math.max(head.lanes, workersFor(head, workers));
  const made = reserveSearch({ rowWords, countsLength, lanes, goals });
  const slots = from.section("table");
  const entries = reserve(slots, made.table.entries.maxByteLength);
  from.read(new Uint8Array(entries, 0, slots));
  let numbers: SharedArrayBuffer | undefined;
  if (goals) {
    const length = from.section("numbers");
    numbers = reserve(length, entries.maxByteLength);
    from.read(new Uint8Array(numbers, 0, length));
  }
  const memory: SearchMemory = { ...made, table: { entries, numbers } };
  readNumbers("positions", memory.positions.pairs, from);
  const pairs = new NumberLog(memory.positions.pairs, "positions").length / 2;
  new Int32Array(memory.positions.words)[1] = pairs;
  memory.lanes.slice(0, head.lanes).forEach((lane, i) => {
    for (const [name, bytes, marks] of logsOf(lane, i)) {
      const log = new ByteLog(bytes, name);
      const length = from.section(name);
      from.read(log.content(length));
      log.length = length;
      log.publish();
      readNumbers(`${name} marks`, marks, from);
    }
  });
  new Float64Array(memory.figures).set(head.figures);
  new Float64Array(memory.counts).set(head.counts);
  const words = new Int32Array(memory.words);
  words[WORD.DEPTH] = head.depth;
  words[WORD.SEQUENCE] = head.sequence;
  words[WORD.INITIAL_IS_GOAL] = head.initialIsGoal ? 1 : 0;
  return memory;
}

/** Reads the section of the frontier. */
export function readFrontier({ rowWords }: CheckpointHead, store: ChunkStore, from: SectionReader): void {
  const head = new Int32Array(5);
  const buffer = new Uint8Array(chunkBytesMax(rowWords));
  for (let left = from.section("frontier"); left > 0;) {
    from.read(new Uint8Array(head.buffer));
    const [isNow, used, rows, writer, first] = head as unknown as [number, number, number, number, number];
    const bytes = buffer.subarray(0, used);
    from.read(bytes);
    store.put({ used, rows, writer, first }, bytes, isNow === 1);
    left -= head.byteLength + used;
  }
}

type NamedLog = readonly [name: string, bytes: SharedArrayBuffer, marks: SharedArrayBuffer];

function logsOf({ discoveries, edges }: LaneMemory, lane: number): readonly NamedLog[] {
  const logs: NamedLog[] = [[`discoveries ${lane}`, discoveries.bytes, discoveries.marks]];
  if (edges) logs.push([`edges ${lane}`, edges.bytes, edges.marks]);
  return logs;
}

function bytesOfNumbers(buffer: SharedArrayBuffer): Uint8Array {
  const numbers = new NumberLog(buffer, "numbers").content();
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function readNumbers(name: string, buffer: SharedArrayBuffer, from: SectionReader): void {
  const numbers = new Float64Array(from.section(name) / 8);
  from.read(new Uint8Array(numbers.buffer));
  const log = new NumberLog(buffer, name);
  for (const number of numbers) log.push(number);
}
