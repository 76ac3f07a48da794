// SPDX-License-Identifier: GPL-2.0-only
//
// The whole of a search in shared memory: what its workers share, and what a checkpoint holds.

import { type DerivationMemory, DerivationLog } from "../derivation-log.ts";
import { type ChunkMemory, ChunkStore } from "./chunk-store.ts";
import { MarkedLog, type MarkedMemory } from "./marked-log.ts";
import { WORD } from "./rendezvous.ts";
import { StateTable, type TableMemory } from "./state-table.ts";

/** What each worker counts; the numbers of one after those of the other. */
export const FIGURE = {
  STATES: 0,
  EXPANDED: 1,
  TRANSITIONS: 2,
  TERMINALS: 3,
  DEADLOCKS: 4,
  COUNT: 8,
} as const;

/** States that a table of several workers has room for at least: they add some before they see that it is full. */
export const SHARED_STATES_MIN = 1 << 15;

/** Bytes for the last words of a worker. */
const LAST_WORDS = 4096;

/** The logs of one worker. */
export interface LaneMemory {
  readonly discoveries: MarkedMemory;
  readonly edges: MarkedMemory | undefined;
}

/** The memory of a search; plain data that can be handed to a thread. */
export interface SearchMemory {
  readonly rowWords: number;
  /** Numbers of a monitor's `counts`. */
  readonly countsLength: number;
  readonly words: SharedArrayBuffer;
  readonly figures: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
  readonly table: TableMemory;
  readonly positions: DerivationMemory;
  readonly chunks: ChunkMemory;
  /** One for each worker; state `index` of worker `w` has the number `index * lanes.length + w`. */
  readonly lanes: readonly LaneMemory[];
  /** Length and text of what a worker said when it died. */
  readonly lastWords: SharedArrayBuffer;
}

/** What memory is for. */
export interface MemoryShape {
  readonly rowWords: number;
  readonly countsLength: number;
  readonly lanes: number;
  /** Whether transitions are kept, and the numbers of states. */
  readonly goals: boolean;
}

/** Memory of a search that has not begun. */
export function reserveSearch({ rowWords, countsLength, lanes, goals }: MemoryShape): SearchMemory {
  return {
    rowWords,
    countsLength,
    words: new SharedArrayBuffer(WORD.COUNT * 4),
    figures: new SharedArrayBuffer(lanes * FIGURE.COUNT * 8),
    counts: new SharedArrayBuffer(lanes * countsLength * 8),
    table: StateTable.reserve(lanes === 1 ? undefined : SHARED_STATES_MIN, goals),
    positions: DerivationLog.reserve(),
    chunks: ChunkStore.reserve(),
    lanes: Array.from({ length: lanes }, () => ({
      discoveries: MarkedLog.reserve(),
      edges: goals ? MarkedLog.reserve() : undefined,
    })),
    lastWords: new SharedArrayBuffer(LAST_WORDS),
  };
}

/** The memory in use, bytes. */
export function bytesOf({ table, positions, chunks, lanes }: SearchMemory): number {
  const buffers = [
    table.entries,
    table.numbers,
    positions.pairs,
    chunks.chunks,
    chunks.links,
    chunks.pages,
    ...lanes.flatMap(({ discoveries, edges }) => [
      discoveries.bytes,
      discoveries.marks,
      edges?.bytes,
      edges?.marks,
    ]),
  ];
  return buffers.reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
}

/** A figure, summed over all workers. */
export function figureOf(memory: SearchMemory, figure: number): number {
  const figures = new Float64Array(memory.figures);
  let sum = 0;
  for (let at = figure; at < figures.length; at += FIGURE.COUNT) sum += figures[at]!;
  return sum;
}

/** The counts of the monitors, summed over all workers. */
export function countsOf({ counts, countsLength }: SearchMemory): Float64Array {
  const sums = new Float64Array(countsLength);
  new Float64Array(counts).forEach((count, i) => (sums[i % countsLength]! += count));
  return sums;
}

/** Why a worker died. */
export function lastWords(memory: SearchMemory): string {
  const length = Atomics.load(new Int32Array(memory.lastWords, 0, 1), 0);
  return new TextDecoder().decode(new Uint8Array(memory.lastWords).slice(4, 4 + length));
}
