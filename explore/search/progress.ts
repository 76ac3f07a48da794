// SPDX-License-Identifier: GPL-2.0-only
//
// Progress: from every reachable state a goal can be reached. The transitions of a search are kept in the order in which
// they were taken, some two bytes each; passes over them, from the last chunk to the first, find the states from which a
// goal can be reached, until a pass finds no more. A state that is left over is a trap.
// Source: the check for "AG EF goal" by backward reachability, Clarke, Grumberg, Peled, Model Checking, chapter 4.

import { MarkedLog, type MarkedMemory } from "./marked-log.ts";

// Values of the log, seven bits a byte, lowest first: a state has no more transitions; a transition leads to a new state,
// or to a new one that is a goal; any other leads to a known state, so far from the next new one, folded as 0, -1, 1, -2 ...
const END = 0;
const NEW = 1;
const NEW_GOAL = 2;
const KNOWN = 3;

// Numbers of a mark: where its chunk begins in the log, the number of the next new state then, the numbers of the states
// that are expanded (the first one, and how many chunks were begun before by anybody).
const OFFSET = 0;
const NEXT = 1;
const FIRST = 2;
const SEQUENCE = 3;
const MARK = 4;

/** The transitions that one worker took. Its new states have the numbers `next`, `next + stride` ... */
export class EdgeLog extends MarkedLog {
  constructor(memory: MarkedMemory = MarkedLog.reserve()) {
    super(memory, "log of transitions");
  }

  /** A chunk is expanded whose states are numbered from `first` on; new states are from `next` on. */
  begin(next: number, first: number, sequence: number): void {
    this.marks.push(this.log.length, next, first, sequence);
  }

  /** A transition leads to the next new state. */
  fresh(isGoal: boolean): void {
    this.log.put(isGoal ? NEW_GOAL : NEW);
  }

  /** A transition leads to a known state; the next new one gets the number `next`. */
  known(target: number, next: number): void {
    const back = next - target;
    let left = KNOWN + (back >= 0 ? back * 2 : -back * 2 - 1);
    for (; left > 127; left = Math.trunc(left / 128)) this.log.put((left % 128) + 128);
    this.log.put(left);
  }

  /** The state that is expanded now has no more transitions. */
  end(): void {
    this.log.put(END);
  }
}

/** One chunk of a log, read: by row, the numbers of the states behind it. */
class ReadChunk {
  readonly first: number;
  readonly sequence: number;
  /** All states of the chunk are known to reach a goal. */
  done = false;
  private readonly log: EdgeLog;
  private readonly from: number;
  private readonly to: number;
  private readonly next: number;

  constructor(log: EdgeLog, mark: number) {
    const number = (field: number): number => log.marks.at(mark * MARK + field);
    this.log = log;
    this.from = number(OFFSET);
    this.to = (mark + 1) * MARK < log.marks.length ? number(MARK + OFFSET) : log.log.length;
    this.next = number(NEXT);
    this.first = number(FIRST);
    this.sequence = number(SEQUENCE);
  }

  /** Calls back in order of the log: for each transition, and at the end of each state. */
  read(stride: number, edge: (to: number, isNew: boolean, isGoal: boolean) => void, end: () => void): void {
    const { log } = this.log;
    let { next } = this;
    for (let at = this.from; at < this.to;) {
      let value = 0;
      for (let unit = 1; ; unit *= 128) {
        const byte = log.byte(at++);
        value += (byte & 127) * unit;
        if (byte < 128) break;
      }
      if (value === END) end();
      else if (value < KNOWN) {
        edge(next, true, value === NEW_GOAL);
        next += stride;
      } else {
        const folded = value - KNOWN;
        edge(next - (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2), false, false);
      }
    }
  }
}

/** A search whose transitions were kept. */
export interface TakenTransitions {
  /** One for each worker. */
  readonly logs: readonly EdgeLog[];
  /** From one number of a worker to its next. */
  readonly stride: number;
  /** No state has this number, or one above it. */
  readonly end: number;
  readonly initialIsGoal: boolean;
}

/**
 * The number of the first state, in order of discovery, from which no goal can be reached, or -1: one of the nearest to
 * the initial state, number 0. O(transitions) for each pass; of them, as many as a way to a goal goes back, and two.
 */
export function firstTrapped({ logs, stride, end, initialIsGoal }: TakenTransitions): number {
  const chunks = logs
    .flatMap((log) => Array.from({ length: log.marks.length / MARK }, (_, i) => new ReadChunk(log, i)))
    .sort((a, b) => a.sequence - b.sequence);
  // 1 for each state from which a goal can be reached.
  const reaches = new Uint8Array(end);
  if (initialIsGoal) reaches[0] = 1;
  for (const chunk of chunks) {
    chunk.read(
      stride,
      (to, _isNew, isGoal) => {
        if (isGoal) reaches[to] = 1;
      },
      () => undefined,
    );
  }
  chunks.reverse();
  for (let changed = true; changed;) {
    changed = false;
    for (const chunk of chunks) if (pass(chunk, stride, reaches)) changed = true;
  }
  if (reaches[0] === 0) return 0;
  let trapped = -1;
  for (let i = chunks.length - 1; i >= 0 && trapped < 0; i--) {
    chunks[i]!.read(
      stride,
      (to, isNew) => {
        if (isNew && trapped < 0 && reaches[to] === 0) trapped = to;
      },
      () => undefined,
    );
  }
  return trapped;
}

// Marks the states of a chunk from which a transition leads to a marked one, the last one first; whether there was one.
function pass(chunk: ReadChunk, stride: number, reaches: Uint8Array): boolean {
  if (chunk.done) return false;
  const targets: number[] = [];
  const ends: number[] = [];
  chunk.read(
    stride,
    (to) => targets.push(to),
    () => ends.push(targets.length),
  );
  let changed = false;
  chunk.done = true;
  for (let row = ends.length - 1; row >= 0; row--) {
    const state = chunk.first + row * stride;
    if (reaches[state] !== 0) continue;
    let at = row === 0 ? 0 : ends[row - 1]!;
    while (at < ends[row]! && reaches[targets[at]!] === 0) at++;
    if (at < ends[row]!) {
      reaches[state] = 1;
      changed = true;
    } else chunk.done = false;
  }
  return changed;
}
