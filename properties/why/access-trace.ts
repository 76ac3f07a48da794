// SPDX-License-Identifier: GPL-2.0-only
//
// The trace of a run: for each step, which words it read and wrote, under which locks, and what it did to pages. It
// listens to the heap, so that it knows what the code did and not what it ought to do.

import type { Strategy } from "../../explore/strategy.ts";
import type { Site, Step } from "../../explore/sync.ts";
import type { HeapObserver } from "../../impl/heap/heap.ts";
import type { Simulation } from "../../impl/simulation.ts";
import { EVENT, EVENT_WORDS } from "../../spec/events.ts";
import { type Cell, cellNames, type CellNamer } from "./cells.ts";
import { type PageDeed, PageDeeds } from "./page-deeds.ts";

/** What a step did to one cell. */
export interface Access {
  readonly cell: Cell;
  reads: boolean;
  writes: boolean;
  /** The value that it found, and the one behind its last write. */
  before: number;
  after: number;
  /** Ids of the locks that were held at the first access. */
  readonly locks: readonly number[];
}

/** What a step says of a work item, for the order between processes. */
export interface WorkEvent {
  readonly kind: "queued" | "started" | "ended" | "waited";
  readonly work: string;
}

/** One step. */
export interface TracedStep {
  /** From 0 within the run. */
  readonly step: number;
  readonly process: number;
  readonly cpu: number;
  readonly site: Site;
  /** By the name of the cell. */
  readonly accesses: ReadonlyMap<string, Access>;
  readonly deeds: readonly PageDeed[];
  readonly works: readonly WorkEvent[];
  /** Locks held before the step, those that it took, and those held behind it. */
  readonly heldBefore: readonly number[];
  readonly taken: readonly number[];
  readonly heldAfter: readonly number[];
  /** Whether an operation of a task, or the function of a work item, ended. */
  readonly ends: boolean;
}

/** Steps that are kept: what lies further back explains nothing. */
const KEPT = 4_000;

/** Listens to one run. */
export class AccessTrace implements HeapObserver {
  /** The last steps of the run, in order. */
  readonly steps: TracedStep[] = [];
  private sim: Simulation | undefined;
  private nameOf: CellNamer = () => undefined;
  private pages: PageDeeds | undefined;
  private count = 0;
  private running = -1;
  private cpu = 0;
  private accesses = new Map<string, Access>();
  private taken: number[] = [];
  private heldBefore: readonly number[] = [];
  // Locks of each process.
  private readonly held: number[][] = [];

  /** Before the run; nothing was heard until then. */
  begin(sim: Simulation): void {
    this.sim = sim;
    this.nameOf = cellNames(sim);
    this.pages = new PageDeeds(sim);
  }

  /** The strategy, with an ear: a step begins behind each pick. */
  listening(strategy: Strategy): Strategy {
    return {
      begin: (view) => strategy.begin(view),
      next: () => {
        const process = strategy.next();
        this.open(process);
        return process;
      },
      choose: (n) => strategy.choose(n),
    };
  }

  /** A step was taken. */
  noted(step: Step): void {
    // A flush says whom it has waited for. A worker's own wait is over, and nobody can say any more for what it was.
    const resource = step.idle === undefined ? step.waitsFor?.().resource : undefined;
    this.close(step.site, resource?.startsWith("work ") ? resource : undefined);
  }

  /** A step ended in an exception; its process still stands before it. */
  broken(siteOf: (process: number) => Site | undefined): void {
    const site = this.running < 0 ? undefined : siteOf(this.running);
    if (site) this.close(site, undefined);
  }

  read(view: string, index: number, value: number): void {
    if (this.running < 0) return;
    const cell = this.nameOf(view, index);
    if (!cell) return;
    const access = this.access(cell);
    if (access.writes) return;
    if (!access.reads) access.before = value;
    access.reads = true;
  }

  written(view: string, index: number, before: number, after: number): void {
    if (this.running < 0) return;
    if (view === "lock.owner") {
      this.lock(index, after);
      return;
    }
    const cell = this.nameOf(view, index);
    if (!cell || before === after) return;
    const access = this.access(cell);
    if (!access.writes && !access.reads) access.before = before;
    access.writes = true;
    access.after = after;
  }

  private access(cell: Cell): Access {
    const known = this.accesses.get(cell.name);
    if (known) return known;
    const locks = [...this.mine()];
    const access: Access = { cell, reads: false, writes: false, before: 0, after: 0, locks };
    this.accesses.set(cell.name, access);
    return access;
  }

  private lock(id: number, owner: number): void {
    const mine = this.mine();
    const at = mine.indexOf(id);
    if (owner === this.running + 1 && at < 0) {
      mine.push(id);
      this.taken.push(id);
    } else if (owner === 0 && at >= 0) mine.splice(at, 1);
  }

  private mine(): number[] {
    return (this.held[this.running] ??= []);
  }

  private open(process: number): void {
    const { kernel } = this.sim!;
    this.running = -1;
    this.cpu = kernel.heap.racy(() => kernel.cpus.of(process));
    this.accesses = new Map();
    this.taken = [];
    this.running = process;
    this.heldBefore = [...this.mine()];
  }

  private close(site: Site, waited: string | undefined): void {
    const process = this.running;
    const heldAfter = [...this.mine()];
    this.running = -1;
    if (process < 0) return;
    const { works, ends } = this.events();
    if (waited !== undefined) works.push({ kind: "waited", work: waited });
    const pages = this.pages!;
    this.steps.push({
      step: this.count++,
      process,
      cpu: this.cpu,
      site,
      accesses: this.accesses,
      deeds: this.sim!.kernel.heap.racy(() => pages.of(process)),
      works,
      heldBefore: this.heldBefore,
      taken: this.taken,
      heldAfter,
      ends,
    });
    if (this.steps.length > 2 * KEPT) this.steps.splice(0, KEPT);
  }

  private events(): { readonly works: WorkEvent[]; readonly ends: boolean } {
    const { events, works: items } = this.sim!.kernel;
    const works: WorkEvent[] = [];
    let ends = false;
    for (let i = 0; i < events.count; i++) {
      const at = i * EVENT_WORDS;
      const kind = events.rows[at]!;
      if (kind === EVENT.OP_END || kind === EVENT.WORK_END) ends = true;
      const said = WORK_EVENTS[kind];
      if (said) works.push({ kind: said, work: `work ${items.name(events.rows[at + 2]!)}` });
    }
    return { works, ends };
  }
}

const WORK_EVENTS: Readonly<Partial<Record<number, WorkEvent["kind"]>>> = {
  [EVENT.QUEUE_WORK]: "queued",
  [EVENT.WORK_START]: "started",
  [EVENT.WORK_END]: "ended",
  [EVENT.FLUSHED_WORK]: "waited",
};
