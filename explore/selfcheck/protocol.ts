// SPDX-License-Identifier: GPL-2.0-only
//
// The bounded protocol NB as a system of this engine: per-node blocks with shrunken edges, lazy frees and a purge,
// small enough to count. Positions stand for (operation, label, one integer) exactly: whatever a later step does not
// read is dropped by a tail call, or equal states would be kept apart. bench/peers/nb.pml is the same in Promela.

import { call, type KernelCode, site, type Step, tail } from "../sync.ts";
import type { ProcessSpec } from "../system.ts";
import { BLOCK_PAGES, NODE_SIZE_MAX, NODES, type ProtocolInstance } from "./protocol-sizes.ts";
import { WordSystem } from "./word-system.ts";

/** What a page is, beside 0 (free in the global heap), `1 + n` (free in node n) and `OWNED + k` (of area k). */
export const PAGE = {
  FREE: 0,
  EDGE: NODES + 1,
  FILL_HELD: NODES + 2,
  PURGE_HELD: NODES + 3,
  OWNED: NODES + 3,
};

/** States of an area. */
export const AREA = {
  NONE: 0,
  GOT: 1,
  BUSY: 2,
  UNLINKED: 3,
  COUNTED: 4,
  LAZY: 5,
  PURGING: 6,
  DONE: 7,
  FAILED: 8,
};

/** The labels of the steps. */
export const LABEL = {
  A1: site("node_alloc", "first fit in the node"),
  F1: site("node_alloc_fill", "take a block"),
  F2: site("node_alloc_fill", "insert the block and clip it"),
  F3: site("node_alloc_fill", "fill_in_progress = 0"),
  G1: site("alloc_vmap_area", "first fit in the global heap"),
  BI: site("insert_vmap_area", "busy"),
  U1: site("find_unlink_vmap_area", "unlink"),
  N1: site("free_vmap_area_noflush", "count"),
  L1: site("free_vmap_area_noflush", "lazy"),
  P0: site("__purge_vmap_area_lazy", "lock"),
  P1: site("__purge_vmap_area_lazy", "collect a node"),
  P2: site("__purge_vmap_area_lazy", "flush"),
  P3: site("purge_vmap_node", "release"),
  P4: site("reclaim_list_global", "return to the global heap"),
  P5: site("__purge_vmap_area_lazy", "unlock"),
};

/** Result of A1. */
const NODE = { FULL: 0, FOUND: 1, MUST_FILL: 2 };

/** Results that say which node comes next are 0 or more. */
const NO_NODE = -1;
const PAGES_HELD = -2;

/**
 * An instance in its current state. Bytes are views of words, so that rows are short. The first word is 1 while
 * vmap_purge_lock is held.
 */
export class Protocol extends WordSystem {
  readonly processes: readonly ProcessSpec[];
  readonly instance: ProtocolInstance;
  /** Number of areas; they are 1 to `areas`. */
  readonly areas: number;
  /** By page. */
  readonly page: Uint8Array;
  /** By area: state, first page, and 0 or 1 + the node that it came from. */
  readonly state: Uint8Array;
  readonly address: Uint8Array;
  readonly origin: Uint8Array;
  /** By node: fill_in_progress. */
  readonly filling: Uint8Array;
  /** The first entry is vmap_lazy_nr, pages. */
  readonly lazy: Uint8Array;

  constructor(instance: ProtocolInstance) {
    const areas = instance.sizes.length - 1;
    let at = 4;
    const take = (length: number): number => (at += length) - length;
    const { pages } = instance;
    const starts = [pages, areas, areas, areas, NODES, 1].map(take);
    super((at + 3) >> 2);
    this.instance = instance;
    this.areas = areas;
    const { buffer } = this.words;
    this.page = new Uint8Array(buffer, starts[0], pages);
    // Entry 0 of these is not theirs, and not used.
    this.state = new Uint8Array(buffer, starts[1]! - 1, areas + 1);
    this.address = new Uint8Array(buffer, starts[2]! - 1, areas + 1);
    this.origin = new Uint8Array(buffer, starts[3]! - 1, areas + 1);
    this.filling = new Uint8Array(buffer, starts[4], NODES);
    this.lazy = new Uint8Array(buffer, starts[5], 1);
    this.processes = instance.threads.map((_, thread) => ({
      name: `thread ${thread}`,
      entry: call(this, this.program, thread, 0),
      daemon: false,
    }));
  }

  // --- coroutines

  *program(thread: number, index: number): KernelCode {
    const { node, program } = this.instance.threads[thread]!;
    const operation = program[index];
    if (!operation) return 0;
    switch (operation.kind) {
      case "alloc":
        yield call(this, this.alloc, node, operation.area);
        break;
      case "free":
        yield call(this, this.free, operation.area);
        break;
      case "purge":
        yield call(this, this.purge);
        break;
    }
    return tail(this, this.program, thread, index + 1);
  }

  *alloc(node: number, area: number): KernelCode {
    if (this.size(area) > NODE_SIZE_MAX) return tail(this, this.globalAlloc, area);
    const got = yield this.step(LABEL.A1, () => this.firstFitInNode(node, area));
    if (got === NODE.FOUND) return tail(this, this.insertBusy, area);
    if (got === NODE.FULL) return tail(this, this.globalAlloc, area);
    return tail(this, this.fill, node, area);
  }

  *fill(node: number, area: number): KernelCode {
    const block = yield this.step(LABEL.F1, () => {
      const found = this.first(PAGE.FREE, BLOCK_PAGES);
      if (found >= 0) this.mark(found, BLOCK_PAGES, PAGE.FILL_HELD);
      return found;
    });
    if (block >= 0) yield this.step(LABEL.F2, () => this.insertBlock(node, area, block));
    return tail(this, this.endFill, node, area);
  }

  *endFill(node: number, area: number): KernelCode {
    const got = yield this.step(LABEL.F3, () => {
      this.filling[node] = 0;
      return this.state[area] === AREA.GOT ? 1 : 0;
    });
    return got === 1 ? tail(this, this.insertBusy, area) : tail(this, this.globalAlloc, area);
  }

  *globalAlloc(area: number): KernelCode {
    const got = yield this.step(LABEL.G1, () => {
      const found = this.first(PAGE.FREE, this.size(area));
      if (found >= 0) this.own(area, found, 0);
      else this.state[area] = AREA.FAILED;
      return found >= 0 ? 1 : 0;
    });
    return got === 1 ? tail(this, this.insertBusy, area) : 0;
  }

  *insertBusy(area: number): KernelCode {
    yield this.become(LABEL.BI, area, AREA.BUSY);
    return 0;
  }

  *free(area: number): KernelCode {
    const failed = yield this.step(LABEL.U1, () => {
      if (this.state[area] === AREA.FAILED) return 1;
      this.state[area] = AREA.UNLINKED;
      return 0;
    });
    if (failed === 1) return 0;
    yield this.step(LABEL.N1, () => {
      this.lazy[0]! += this.size(area);
      this.state[area] = AREA.COUNTED;
      return 0;
    });
    yield this.become(LABEL.L1, area, AREA.LAZY);
    return 0;
  }

  *purge(): KernelCode {
    const run = (): number => {
      this.words[0] = 1;
      return 0;
    };
    yield { site: LABEL.P0, gate: { words: this.words, index: 0, value: 0 }, run };
    return tail(this, this.collect, 0);
  }

  *collect(node: number): KernelCode {
    const last = node === NODES - 1;
    const any = yield this.step(LABEL.P1, () => {
      let found = 0;
      for (let area = 1; area <= this.areas; area++) {
        if (this.state[area] === AREA.LAZY && this.nodeOf(area) === node) this.state[area] = AREA.PURGING;
        if (last && this.state[area] === AREA.PURGING) found = 1;
      }
      return found;
    });
    if (!last) return tail(this, this.collect, node + 1);
    return any === 1 ? tail(this, this.flush) : tail(this, this.unlock);
  }

  *flush(): KernelCode {
    const node = yield this.step(LABEL.P2, () => this.nextToPurge());
    return node === NO_NODE ? tail(this, this.unlock) : tail(this, this.release, node);
  }

  *release(node: number): KernelCode {
    let next = yield this.step(LABEL.P3, () => this.releaseNode(node));
    if (next === PAGES_HELD) next = yield this.step(LABEL.P4, () => this.returnPages());
    return next === NO_NODE ? tail(this, this.unlock) : tail(this, this.release, next);
  }

  *unlock(): KernelCode {
    yield this.step(LABEL.P5, () => {
      this.words[0] = 0;
      return 0;
    });
    return 0;
  }

  // --- what the steps do

  /** Pages of an area. */
  size(area: number): number {
    return this.instance.sizes[area]!;
  }

  /** The node in whose lazy list an area is. */
  nodeOf(area: number): number {
    const origin = this.origin[area]!;
    return origin > 0 ? origin - 1 : Math.trunc(this.address[area]! / BLOCK_PAGES) % NODES;
  }

  private step(label: Step["site"], run: () => number): Step {
    return { site: label, run };
  }

  private become(label: Step["site"], area: number, state: number): Step {
    return this.step(label, () => {
      this.state[area] = state;
      return 0;
    });
  }

  /** The lowest run of `length` pages that all are `value`, or -1. */
  private first(value: number, length: number): number {
    const { page } = this;
    for (let at = 0, run = 0; at < page.length; at++) {
      run = page[at] === value ? run + 1 : 0;
      if (run === length) return at - length + 1;
    }
    return -1;
  }

  private mark(from: number, length: number, value: number): void {
    for (let at = from; at < from + length; at++) this.page[at] = value;
  }

  private own(area: number, from: number, origin: number): void {
    this.mark(from, this.size(area), PAGE.OWNED + area);
    this.state[area] = AREA.GOT;
    this.address[area] = from;
    this.origin[area] = origin;
  }

  private firstFitInNode(node: number, area: number): number {
    const found = this.first(1 + node, this.size(area));
    if (found >= 0) {
      this.own(area, found, 1 + node);
      return NODE.FOUND;
    }
    if (this.filling[node] === 1) return NODE.FULL;
    this.filling[node] = 1;
    return NODE.MUST_FILL;
  }

  private insertBlock(node: number, area: number, block: number): number {
    this.mark(block, BLOCK_PAGES, PAGE.EDGE);
    this.mark(block + 1, BLOCK_PAGES - 2, 1 + node);
    this.own(area, block + 1, 1 + node);
    return 0;
  }

  private nextToPurge(): number {
    let next = NODES;
    for (let area = 1; area <= this.areas; area++) {
      if (this.state[area] === AREA.PURGING) next = Math.min(next, this.nodeOf(area));
    }
    return next === NODES ? NO_NODE : next;
  }

  private releaseNode(node: number): number {
    for (let area = 1; area <= this.areas; area++) {
      if (this.state[area] !== AREA.PURGING || this.nodeOf(area) !== node) continue;
      this.lazy[0]! -= this.size(area);
      const value = this.origin[area]! > 0 ? 1 + node : PAGE.PURGE_HELD;
      this.mark(this.address[area]!, this.size(area), value);
      this.state[area] = AREA.DONE;
      this.address[area] = 0;
      this.origin[area] = 0;
    }
    const { page } = this;
    for (let at = 0, run = 0; at <= page.length; at++) {
      if (page[at] === 1 + node) {
        run++;
        continue;
      }
      if (run === BLOCK_PAGES - 2) this.mark(at - run - 1, BLOCK_PAGES, PAGE.PURGE_HELD);
      run = 0;
    }
    return page.includes(PAGE.PURGE_HELD) ? PAGES_HELD : this.nextToPurge();
  }

  private returnPages(): number {
    const { page } = this;
    for (let at = 0; at < page.length; at++) if (page[at] === PAGE.PURGE_HELD) page[at] = PAGE.FREE;
    return this.nextToPurge();
  }
}
