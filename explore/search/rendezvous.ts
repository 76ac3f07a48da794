// SPDX-License-Identifier: GPL-2.0-only
//
// Where the workers of a search wait for each other: at the end of a level, and whenever one of them asks for a pause.
// Worker 0 leads: what must be done while nobody works is done by it. All in a few words of shared memory, so that no
// worker needs a turn of its event loop.

/** Words of shared memory. */
export const WORD = {
  PAUSE: 0,
  GENERATION: 1,
  ARRIVED: 2,
  MIDWAY: 3,
  END: 4,
  LEFT: 5,
  FAILED: 6,
  DEPTH: 7,
  SEQUENCE: 8,
  STOP: 9,
  CHECKPOINT: 10,
  /** What was found: kind, the state (worker and index), and the step from it. */
  FOUND: 11,
  FOUND_WORKER: 12,
  FOUND_INDEX: 13,
  FOUND_PROCESS: 14,
  FOUND_CHOICE: 15,
  INITIAL_IS_GOAL: 16,
  COUNT: 17,
} as const;

/** Why a search ends; 0 while it does not. */
export const END = { EXHAUSTED: 1, FOUND: 2, LIMIT: 3, FAULT: 4 } as const;

/** When workers are to pause: before the next state, or before the next chunk. */
export const PAUSE = { STATE: 1, CHUNK: 2 } as const;

/** How long worker 0 waits before it looks around, and the others, milliseconds. */
const LOOK = 100;
const NAP = 1000;

/** One worker's view of it. */
export class Rendezvous {
  private readonly words: Int32Array;
  private readonly worker: number;
  private readonly workers: number;

  constructor(words: Int32Array, worker: number, workers: number) {
    this.words = words;
    this.worker = worker;
    this.workers = workers;
  }

  /** Whether the search has ended. */
  get ended(): boolean {
    return Atomics.load(this.words, WORD.END) !== 0;
  }

  /** Asks all workers to come here. */
  ask(when: number): void {
    Atomics.or(this.words, WORD.PAUSE, when);
  }

  /** Ends the search, unless somebody has ended it. */
  end(why: number): void {
    Atomics.compareExchange(this.words, WORD.END, 0, why);
    for (const word of [WORD.END, WORD.GENERATION, WORD.ARRIVED]) Atomics.notify(this.words, word);
  }

  /**
   * Waits for all workers, or for the end. Worker 0 leads once all are here; `midway` says whether one of them is in the
   * midst of a chunk. While it waits it looks around.
   */
  meet(midway: boolean, lead: (midway: boolean) => void, lookAround: () => void): void {
    const { words } = this;
    if (this.worker !== 0) {
      this.follow(midway);
      return;
    }
    this.gather(WORD.ARRIVED, lookAround);
    if (this.ended) return;
    const anyMidway = midway || Atomics.load(words, WORD.MIDWAY) > 0;
    lead(anyMidway);
    Atomics.store(words, WORD.ARRIVED, 0);
    Atomics.store(words, WORD.MIDWAY, 0);
    Atomics.and(words, WORD.PAUSE, anyMidway ? PAUSE.CHUNK : 0);
    Atomics.add(words, WORD.GENERATION, 1);
    Atomics.notify(words, WORD.GENERATION);
  }

  /** The last thing that a worker does; worker 0 waits for all others. */
  leave(): void {
    if (this.worker === 0) {
      while (!this.areAll(WORD.LEFT)) this.await(WORD.LEFT);
      return;
    }
    Atomics.add(this.words, WORD.LEFT, 1);
    Atomics.notify(this.words, WORD.LEFT);
  }

  private follow(midway: boolean): void {
    const { words } = this;
    const generation = Atomics.load(words, WORD.GENERATION);
    if (midway) Atomics.add(words, WORD.MIDWAY, 1);
    Atomics.add(words, WORD.ARRIVED, 1);
    Atomics.notify(words, WORD.ARRIVED);
    while (Atomics.load(words, WORD.GENERATION) === generation && !this.ended) {
      Atomics.wait(words, WORD.GENERATION, generation, NAP);
    }
  }

  private gather(word: number, lookAround: () => void): void {
    while (!this.areAll(word) && !this.ended) {
      this.await(word);
      lookAround();
    }
  }

  private areAll(word: number): boolean {
    return Atomics.load(this.words, word) === this.workers - 1;
  }

  private await(word: number): void {
    const { words } = this;
    if (Atomics.load(words, WORD.FAILED) !== 0) throw new WorkerDied();
    const seen = Atomics.load(words, word);
    if (seen !== this.workers - 1) Atomics.wait(words, word, seen, LOOK);
  }
}

/** A worker is no more; why is in the memory of the search. */
export class WorkerDied extends Error {}
