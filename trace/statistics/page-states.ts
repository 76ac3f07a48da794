// SPDX-License-Identifier: GPL-2.0-only
//
// The state of each page of all addresses, as runs of pages in one state. Neighbours in one state are one run, so the
// memory follows what lies there now and not what has ever happened. Runs lie in chunks of a sorted list, so that one
// more moves few others.

/** States of a page. UNSEEN: no area of the trace has had it, or that was forgotten. */
export const PAGE_STATE = { UNSEEN: 0, LIVE: 1, LAZY: 2, FREE: 3 } as const;

/** Most runs in a chunk. */
const CHUNK_MAX = 64;

/** With more runs than this, and several times those that were left the last time, what is free is forgotten. */
const RUNS_MAX = 1 << 17;

/** No neighbour, or no condition. */
const NONE = -1;

/** Neighbouring runs; a run ends where the next one starts. There is at least one. */
export interface RunChunk {
  readonly count: number;
  readonly starts: Readonly<Float64Array>;
  readonly states: Readonly<Uint8Array>;
}

/** Where a run is: the number of its chunk, and its number there. */
export interface RunPlace {
  readonly chunk: number;
  readonly run: number;
}

interface Chunk {
  count: number;
  readonly starts: Float64Array;
  readonly states: Uint8Array;
}

/** Runs of pages. */
export class PageStates {
  /** Pages in each state; those never seen are not counted. */
  readonly pages: [unseen: number, live: number, lazy: number, free: number] = [0, 0, 0, 0];
  /** Runs in any state. */
  runs = 1;
  /** How often what is free was forgotten. */
  timesForgotten = 0;
  private chunks: Chunk[] = [firstChunk()];
  private runsMax: number;
  // Where the last search ended.
  private c = 0;
  private i = 0;

  /** `runsMax` is how many runs there may be before free ones are forgotten for the first time. */
  constructor(runsMax = RUNS_MAX) {
    this.runsMax = runsMax;
  }

  /** Every page is unseen. */
  clear(): void {
    this.chunks = [firstChunk()];
    this.runs = 1;
    this.pages.fill(0);
  }

  /**
   * Puts `count` pages from `page` on into a state; with `only`, those of them that are in that state. O(log runs) for
   * each run that it touches.
   */
  set(page: number, count: number, state: number, only: number = NONE): void {
    const end = page + count;
    for (let from = page; from < end;) {
      this.seek(from);
      const old = this.chunks[this.c]!.states[this.i]!;
      const runEnd = this.runEnd();
      const to = runEnd < end ? runEnd : end;
      if (old !== state && (only === NONE || old === only)) this.change(from, to, runEnd, old, state);
      from = to;
    }
    if (this.runs > this.runsMax) this.forgetFree();
  }

  /** The state of a page. O(log runs). */
  stateOf(page: number): number {
    this.seek(page);
    return this.chunks[this.c]!.states[this.i]!;
  }

  /** The place of the run that has a page. O(log runs). */
  placeOf(page: number): RunPlace {
    this.seek(page);
    return { chunk: this.c, run: this.i };
  }

  /** All runs, in order. Valid until the next change. */
  get all(): readonly RunChunk[] {
    return this.chunks;
  }

  // Changes the state of a part of the run at the cursor, or of all of it.
  private change(from: number, to: number, runEnd: number, old: number, state: number): void {
    const { c, i, pages } = this;
    const { starts, states } = this.chunks[c]!;
    if (old !== PAGE_STATE.UNSEEN) pages[old as 1] -= to - from;
    if (state !== PAGE_STATE.UNSEEN) pages[state as 1] += to - from;
    const fromStart = starts[i] === from;
    const toEnd = to === runEnd;
    const joinsNext = toEnd && this.nextState() === state;
    if (fromStart && this.stateBefore() === state) {
      if (joinsNext) this.removeNext();
      if (toEnd) this.remove(c, i);
      else starts[i] = to;
    } else if (fromStart) {
      states[i] = state;
      if (joinsNext) this.removeNext();
      else if (!toEnd) this.insert(to, old);
    } else if (joinsNext) {
      this.startNextAt(from);
    } else {
      this.insert(from, state);
      if (!toEnd) {
        this.seek(from);
        this.insert(to, old);
      }
    }
  }

  // The place of the run that has a page.
  private seek(page: number): void {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (chunks[middle]!.starts[0]! <= page) low = middle;
      else high = middle;
    }
    this.c = low;
    const { count, starts } = chunks[low]!;
    low = 0;
    high = count;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= page) low = middle;
      else high = middle;
    }
    this.i = low;
  }

  private runEnd(): number {
    const chunk = this.chunks[this.c]!;
    if (this.i + 1 < chunk.count) return chunk.starts[this.i + 1]!;
    return this.c + 1 < this.chunks.length ? this.chunks[this.c + 1]!.starts[0]! : Infinity;
  }

  private stateBefore(): number {
    if (this.i > 0) return this.chunks[this.c]!.states[this.i - 1]!;
    if (this.c === 0) return NONE;
    const before = this.chunks[this.c - 1]!;
    return before.states[before.count - 1]!;
  }

  private nextState(): number {
    const chunk = this.chunks[this.c]!;
    if (this.i + 1 < chunk.count) return chunk.states[this.i + 1]!;
    return this.c + 1 < this.chunks.length ? this.chunks[this.c + 1]!.states[0]! : NONE;
  }

  private startNextAt(page: number): void {
    const chunk = this.chunks[this.c]!;
    if (this.i + 1 < chunk.count) chunk.starts[this.i + 1] = page;
    else this.chunks[this.c + 1]!.starts[0] = page;
  }

  // A run starts behind the cursor's.
  private insert(page: number, state: number): void {
    let chunk = this.chunks[this.c]!;
    let at = this.i + 1;
    if (chunk.count === CHUNK_MAX) {
      const upper = split(chunk);
      this.chunks.splice(this.c + 1, 0, upper);
      if (at > chunk.count) {
        at -= chunk.count;
        chunk = upper;
      }
    }
    const { starts, states } = chunk;
    for (let k = chunk.count; k > at; k--) {
      starts[k] = starts[k - 1]!;
      states[k] = states[k - 1]!;
    }
    starts[at] = page;
    states[at] = state;
    chunk.count++;
    this.runs++;
  }

  private removeNext(): void {
    if (this.i + 1 < this.chunks[this.c]!.count) this.remove(this.c, this.i + 1);
    else this.remove(this.c + 1, 0);
  }

  private remove(c: number, at: number): void {
    const chunk = this.chunks[c]!;
    const { starts, states } = chunk;
    chunk.count--;
    for (let k = at; k < chunk.count; k++) {
      starts[k] = starts[k + 1]!;
      states[k] = states[k + 1]!;
    }
    if (chunk.count === 0) this.chunks.splice(c, 1);
    this.runs--;
  }

  // Free pages become unseen. What is live or lazy stays, whatever its number.
  private forgetFree(): void {
    const kept = new PageStates(Infinity);
    for (const [c, { count, starts, states }] of this.chunks.entries()) {
      for (let i = 0; i < count; i++) {
        const state = states[i]!;
        if (state !== PAGE_STATE.LIVE && state !== PAGE_STATE.LAZY) continue;
        const end = i + 1 < count ? starts[i + 1]! : (this.chunks[c + 1]?.starts[0] ?? Infinity);
        kept.set(starts[i]!, end - starts[i]!, state);
      }
    }
    this.chunks = kept.chunks;
    this.runs = kept.runs;
    this.pages[PAGE_STATE.FREE] = 0;
    this.runsMax = Math.max(this.runsMax, 4 * kept.runs);
    this.timesForgotten++;
  }
}

// Every page is unseen.
function firstChunk(): Chunk {
  const chunk = emptyChunk();
  chunk.starts[0] = -1;
  chunk.count = 1;
  return chunk;
}

function emptyChunk(): Chunk {
  return { count: 0, starts: new Float64Array(CHUNK_MAX), states: new Uint8Array(CHUNK_MAX) };
}

// Cuts off the upper half.
function split(chunk: Chunk): Chunk {
  const upper = emptyChunk();
  const half = CHUNK_MAX / 2;
  upper.starts.set(chunk.starts.subarray(half));
  upper.states.set(chunk.states.subarray(half));
  upper.count = CHUNK_MAX - half;
  chunk.count = half;
  return upper;
}
