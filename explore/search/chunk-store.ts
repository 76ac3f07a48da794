// SPDX-License-Identifier: GPL-2.0-only
//
// Chunks of the frontier, in memory that threads share: two queues, one of the level whose states are expanded now and
// one of the next. A chunk is a list of pages, or, beyond a limit, lies in a file. A chunk goes in and out as a whole, so
// all that is shared is moved under one lock, once in some hundred states.

import { growTo, reserve } from "../grown-memory.ts";
import { lock, unlock } from "../shared-lock.ts";

const PAGE = 512;

// Words of the head.
const LOCK = 0;
const NOW = 1;
const NEXT = 3;
const FREE_CHUNK = 5;
const FREE_PAGE = 6;
const CHUNKS = 7;
const PAGES = 8;
const PAGES_USED = 9;
const SPILLED = 10;
const HEAD_WORDS = 16;

// Words of a chunk. Lists end with 0, so chunks and pages are counted from 1.
const LINK = 0;
const USED = 1;
const ROWS = 2;
const WRITER = 3;
const FIRST = 4;
const PLACE = 5;
const CHUNK_WORDS = 6;

/** Place of a chunk that lies in the file. */
const IN_FILE = -1;

/** Where chunks go that the memory has no room for, each in its own slot. */
export interface SpillFile {
  write(slot: number, bytes: Uint8Array): void;
  read(slot: number, bytes: Uint8Array): void;
}

/** The memory of a store. */
export interface ChunkMemory {
  readonly chunks: SharedArrayBuffer;
  readonly pages: SharedArrayBuffer;
  /** The page behind each page in a list. */
  readonly links: SharedArrayBuffer;
}

/** What is known of a chunk beside its bytes. */
export interface ChunkHead {
  /** Bytes and rows in it. */
  used: number;
  rows: number;
  /** The worker that discovered its states, and the number of the first one there. */
  writer: number;
  first: number;
}

/** Queues of chunks. */
export class ChunkStore {
  readonly memory: ChunkMemory;
  private readonly spill: SpillFile | undefined;
  private readonly pagesMax: number;
  private words: Int32Array;
  private pages: Uint8Array;
  private links: Int32Array;

  /** Beyond `bytesMax` of pages, chunks go to `spill`, if there is one. */
  constructor(memory: ChunkMemory, spill?: SpillFile, bytesMax: number = Number.POSITIVE_INFINITY) {
    this.memory = memory;
    this.spill = spill;
    this.pagesMax = Math.trunc(bytesMax / PAGE);
    this.words = new Int32Array(memory.chunks, 0, memory.chunks.byteLength >> 2);
    this.pages = new Uint8Array(memory.pages, 0, memory.pages.byteLength);
    this.links = new Int32Array(memory.links, 0, memory.links.byteLength >> 2);
  }

  static reserve(): ChunkMemory {
    return {
      chunks: reserve((HEAD_WORDS + 16 * CHUNK_WORDS) * 4, 2 ** 30),
      pages: reserve(32 * PAGE),
      links: reserve(32 * 4, 2 ** 26),
    };
  }

  /** Memory, bytes. */
  get bytes(): number {
    const { chunks, links, pages } = this.memory;
    return chunks.byteLength + links.byteLength + pages.byteLength;
  }

  /** Chunks that went to the file so far. */
  get spilled(): number {
    return Atomics.load(this.words, SPILLED);
  }

  /** Appends a chunk to the next level, or to the present one. */
  put(head: ChunkHead, bytes: Uint8Array, toNow = false): void {
    const { spill } = this;
    const pages = Math.max(1, Math.ceil(head.used / PAGE));
    this.enter();
    try {
      const chunk = this.newChunk();
      const inFile = spill !== undefined && this.words[PAGES_USED]! + pages > this.pagesMax;
      const at = this.chunkAt(chunk);
      const place = inFile ? IN_FILE : this.newPages(pages);
      const { words } = this;
      words[at + USED] = head.used;
      words[at + ROWS] = head.rows;
      words[at + WRITER] = head.writer;
      words[at + FIRST] = head.first;
      words[at + PLACE] = place;
      if (inFile) {
        words[SPILLED]!++;
        spill.write(chunk, bytes.subarray(0, head.used));
      } else this.copyIn(place, bytes, head.used);
      this.append(toNow ? NOW : NEXT, chunk);
    } finally {
      this.leave();
    }
  }

  /** Takes the oldest chunk of the present level, bytes and all; false if there is none. */
  take(head: ChunkHead, bytes: Uint8Array): boolean {
    this.enter();
    try {
      const { words } = this;
      const chunk = words[NOW]!;
      if (chunk === 0) return false;
      const at = this.chunkAt(chunk);
      words[NOW] = words[at + LINK]!;
      if (words[NOW] === 0) words[NOW + 1] = 0;
      this.load(at, chunk, head, bytes);
      if (words[at + PLACE] !== IN_FILE) this.freePages(words[at + PLACE]!);
      words[at + LINK] = words[FREE_CHUNK]!;
      words[FREE_CHUNK] = chunk;
      return true;
    } finally {
      this.leave();
    }
  }

  /** Whether the present level has no chunk left. */
  get isEmpty(): boolean {
    return Atomics.load(this.words, NOW) === 0;
  }

  /** The next level becomes the present one; false if it is empty, too. All threads are paused. */
  turn(): boolean {
    const { words } = this;
    words[NOW] = words[NEXT]!;
    words[NOW + 1] = words[NEXT + 1]!;
    words[NEXT] = 0;
    words[NEXT + 1] = 0;
    return words[NOW] !== 0;
  }

  /** Shows every chunk, oldest first, without taking it. All threads are paused. */
  visit(head: ChunkHead, bytes: Uint8Array, each: (isNow: boolean) => void): void {
    this.view();
    const { words } = this;
    for (const queue of [NOW, NEXT]) {
      for (let chunk = words[queue]!; chunk !== 0; chunk = words[this.chunkAt(chunk) + LINK]!) {
        this.load(this.chunkAt(chunk), chunk, head, bytes);
        each(queue === NOW);
      }
    }
  }

  private load(at: number, chunk: number, head: ChunkHead, bytes: Uint8Array): void {
    const { words } = this;
    head.used = words[at + USED]!;
    head.rows = words[at + ROWS]!;
    head.writer = words[at + WRITER]!;
    head.first = words[at + FIRST]!;
    const place = words[at + PLACE]!;
    if (place === IN_FILE) this.spill!.read(chunk, bytes.subarray(0, head.used));
    else this.copyOut(place, bytes, head.used);
  }

  private enter(): void {
    lock(this.words, LOCK);
    this.view();
  }

  private leave(): void {
    unlock(this.words, LOCK);
  }

  // Others may have made the memory grow.
  private view(): void {
    const { chunks, links, pages } = this.memory;
    if (chunks.byteLength >> 2 !== this.words.length)
      this.words = new Int32Array(chunks, 0, chunks.byteLength >> 2);
    if (pages.byteLength !== this.pages.length) this.pages = new Uint8Array(pages, 0, pages.byteLength);
    if (links.byteLength >> 2 !== this.links.length)
      this.links = new Int32Array(links, 0, links.byteLength >> 2);
  }

  private append(queue: number, chunk: number): void {
    const { words } = this;
    words[this.chunkAt(chunk) + LINK] = 0;
    if (words[queue] === 0) words[queue] = chunk;
    else words[this.chunkAt(words[queue + 1]!) + LINK] = chunk;
    words[queue + 1] = chunk;
  }

  private chunkAt(chunk: number): number {
    return HEAD_WORDS + (chunk - 1) * CHUNK_WORDS;
  }

  private newChunk(): number {
    const { words } = this;
    const free = words[FREE_CHUNK]!;
    if (free !== 0) {
      words[FREE_CHUNK] = words[this.chunkAt(free) + LINK]!;
      return free;
    }
    const chunk = ++words[CHUNKS]!;
    growTo(this.memory.chunks, (this.chunkAt(chunk) + CHUNK_WORDS) * 4, "list of chunks");
    this.view();
    return chunk;
  }

  // A list of so many pages: its first one.
  private newPages(count: number): number {
    let first = 0;
    for (let i = 0; i < count; i++) {
      let page = this.words[FREE_PAGE]!;
      if (page !== 0) this.words[FREE_PAGE] = this.links[page - 1]!;
      else {
        page = ++this.words[PAGES]!;
        growTo(this.memory.pages, page * PAGE, "frontier");
        growTo(this.memory.links, page * 4, "frontier");
        this.view();
      }
      this.links[page - 1] = first;
      first = page;
    }
    this.words[PAGES_USED]! += count;
    return first;
  }

  private freePages(first: number): void {
    const { links, words } = this;
    let last = first;
    let count = 1;
    for (; links[last - 1] !== 0; last = links[last - 1]!) count++;
    links[last - 1] = words[FREE_PAGE]!;
    words[FREE_PAGE] = first;
    words[PAGES_USED]! -= count;
  }

  private copyIn(first: number, bytes: Uint8Array, used: number): void {
    for (let page = first, from = 0; from < used; from += PAGE, page = this.links[page - 1]!) {
      this.pages.set(bytes.subarray(from, Math.min(from + PAGE, used)), (page - 1) * PAGE);
    }
  }

  private copyOut(first: number, bytes: Uint8Array, used: number): void {
    for (let page = first, from = 0; from < used; from += PAGE, page = this.links[page - 1]!) {
      const at = (page - 1) * PAGE;
      bytes.set(this.pages.subarray(at, at + Math.min(PAGE, used - from)), from);
    }
  }
}
