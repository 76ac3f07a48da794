// SPDX-License-Identifier: GPL-2.0-only
//
// One worker of a search: takes chunks of the present level, wherever they were written, and expands their states. All
// workers expand one level before anybody begins with the next.

import { DerivationLog } from "../derivation-log.ts";
import { InternedExecutor } from "../positions.ts";
import { ChunkStore, type SpillFile } from "./chunk-store.ts";
import type { Searchable, SearchMonitor } from "./contract.ts";
import { DiscoveryLog } from "./discovery-log.ts";
import { Expansion, type Wrong } from "./expansion.ts";
import { Frontier } from "./frontier.ts";
import { EdgeLog } from "./progress.ts";
import { END, PAUSE, Rendezvous, WORD } from "./rendezvous.ts";
import { bytesOf, FIGURE, figureOf, type SearchMemory } from "./search-memory.ts";
import { SharedTable } from "./shared-table.ts";
import { StateTable } from "./state-table.ts";

/** What all workers of a search must know; plain data. */
export interface WorkerSettings {
  readonly workers: number;
  readonly merge: boolean;
  readonly statesMax: number | undefined;
  readonly bytesMax: number | undefined;
  readonly frontierBytesMax: number | undefined;
  readonly chunkRows: number | undefined;
  /** Whether a search that comes to a limit stops between two chunks, so that it can be kept. */
  readonly keeps: boolean;
}

/** What worker 0 does beside its work. */
export interface Lead {
  /** All workers are here, none of them in the midst of a chunk. */
  readonly together: () => void;
  /** Every few thousand transitions of worker 0, and now and then while it waits for others. */
  readonly lookAround: () => void;
}

const NO_LEAD: Lead = { together: () => undefined, lookAround: () => undefined };

/** Kinds of what can be found. */
export const FOUND = ["violation", "deadlock"] as const;

/** Transitions from one look around to the next. */
const HEED_EVERY = 4096;

/** States that a worker may add without a look at what the others have. */
const UNSEEN = 64;

/** How many words a state of a system has, its positions included. */
export function rowWordsOf(system: Searchable): number {
  return system.snapshot().length + system.processes.length;
}

function mustFit(system: Searchable, monitor: SearchMonitor, memory: SearchMemory): void {
  const { countsLength, lanes, rowWords } = memory;
  const fits =
    rowWordsOf(system) === rowWords &&
    (monitor.counts?.length ?? 0) === countsLength &&
    (monitor.isGoal !== undefined) === (lanes[0]!.edges !== undefined);
  if (!fits)
    throw new Error("the entry of a worker makes another system, or another monitor, than the search has");
}

/** A worker. System and monitor are its own, everything else is in the memory that all share. */
export class SearchWorker {
  readonly executor: InternedExecutor;
  readonly store: ChunkStore;
  readonly table: StateTable;
  readonly rendezvous: Rendezvous;
  readonly log: DiscoveryLog;
  private readonly edges: EdgeLog | undefined;
  private readonly expansion: Expansion;
  private readonly frontier: Frontier;
  private readonly memory: SearchMemory;
  private readonly settings: WorkerSettings;
  private readonly worker: number;
  private readonly monitor: SearchMonitor;
  private readonly lead: Lead;
  private readonly words: Int32Array;
  private readonly figures: Float64Array;
  // States expanded and discovered by this worker, and those of the latter that its table has not counted.
  private expanded: number;
  private readonly uncounted: number;
  // Number of discovered states at which to look at those of the others.
  private lookAt = 0;
  // Number of transitions at which to look around.
  private heedAt: number;

  constructor(
    system: Searchable,
    monitor: SearchMonitor,
    memory: SearchMemory,
    settings: WorkerSettings,
    worker = 0,
    spill?: SpillFile,
    lead: Lead = NO_LEAD,
  ) {
    const lane = memory.lanes[worker]!;
    mustFit(system, monitor, memory);
    this.memory = memory;
    this.settings = settings;
    this.worker = worker;
    this.monitor = monitor;
    this.lead = lead;
    this.words = new Int32Array(memory.words);
    this.figures = new Float64Array(memory.figures).subarray(worker * FIGURE.COUNT);
    this.rendezvous = new Rendezvous(this.words, worker, settings.workers);
    system.reset();
    this.executor = new InternedExecutor(
      system,
      Number.POSITIVE_INFINITY,
      new DerivationLog(memory.positions),
    );
    this.executor.reset();
    this.executor.catchUp();
    monitor.attach?.(this.executor);
    const counts = this.counts;
    monitor.counts?.set(counts);
    const states = this.figures[FIGURE.STATES]!;
    const all = figureOf(memory, FIGURE.STATES);
    this.table = settings.workers === 1 ? new StateTable(memory.table) : new SharedTable(memory.table);
    this.table.stride = memory.lanes.length;
    this.table.next = states * memory.lanes.length + worker;
    this.table.count = settings.workers === 1 ? all : states;
    this.uncounted = states - this.table.count;
    this.store = new ChunkStore(memory.chunks, spill, settings.frontierBytesMax);
    this.frontier = new Frontier(this.store, memory.rowWords, worker, states, settings.chunkRows);
    // The initial state is discovered by worker 0, and in no log.
    this.log = new DiscoveryLog(lane.discoveries, Math.max(states, worker === 0 ? 1 : 0));
    this.edges = lane.edges && new EdgeLog(lane.edges);
    const { executor, table, frontier, log, edges } = this;
    const parts = { system, monitor, executor, table, frontier, log, edges, merge: settings.merge };
    this.expansion = new Expansion(parts, memory.rowWords);
    this.expanded = this.figures[FIGURE.EXPANDED]!;
    this.expansion.transitions = this.figures[FIGURE.TRANSITIONS]!;
    this.heedAt = worker === 0 ? this.expansion.transitions + HEED_EVERY : Number.POSITIVE_INFINITY;
    this.expansion.terminals = this.figures[FIGURE.TERMINALS]!;
    this.expansion.deadlocks = this.figures[FIGURE.DEADLOCKS]!;
  }

  /** Notes the initial state: what worker 0 does first in a search that was not begun before. */
  begin(): void {
    if (this.expansion.begin()) this.words[WORD.INITIAL_IS_GOAL] = 1;
    this.frontier.close();
    this.publish();
    this.store.turn();
  }

  /** Works until the search ends. */
  run(): void {
    const { rendezvous } = this;
    while (!rendezvous.ended) {
      this.look();
      if (Atomics.load(this.words, WORD.PAUSE) !== 0 || !this.frontier.take()) this.meet(false);
      else this.expandChunk();
    }
    this.publish();
    rendezvous.leave();
  }

  /** Something ends the search before it is exhausted. */
  stop(): void {
    if (!this.settings.keeps) {
      this.rendezvous.end(END.LIMIT);
      return;
    }
    Atomics.store(this.words, WORD.STOP, 1);
    this.rendezvous.ask(PAUSE.CHUNK);
  }

  private expandChunk(): void {
    const { expansion, frontier, words } = this;
    const { writer, first } = frontier.from;
    const { length } = this.memory.lanes;
    this.executor.catchUp();
    expansion.row.fill(0);
    this.log.begin(writer, first);
    this.edges?.begin(this.table.next, first * length + writer, Atomics.add(words, WORD.SEQUENCE, 1));
    for (let row = 0; frontier.left > 0; row++) {
      frontier.shift(expansion.row);
      const wrong = expansion.expand();
      this.expanded++;
      if (wrong) {
        this.found(wrong, writer, first + row);
        return;
      }
      if (this.discovered >= this.lookAt) this.look();
      if (expansion.transitions >= this.heedAt) this.lookAround();
      // Plain reads: what is missed now is seen soon.
      if (words[WORD.END] !== 0) return;
      if ((words[WORD.PAUSE]! & PAUSE.STATE) !== 0) this.meet(true);
    }
  }

  private lookAround(): void {
    this.heedAt = this.expansion.transitions + HEED_EVERY;
    this.publish();
    this.lead.lookAround();
  }

  private get discovered(): number {
    return this.uncounted + this.table.count;
  }

  private meet(midway: boolean): void {
    if (!midway) this.frontier.close();
    this.publish();
    this.rendezvous.meet(
      midway,
      (anyMidway) => {
        const { table } = this;
        if (this.settings.workers > 1 && this.allStates() >= table.statesMax) table.grow();
        if (!anyMidway) this.lead.together();
      },
      () => this.lead.lookAround(),
    );
    this.table.view();
    this.lookAt = 0;
  }

  // Whether there is room for more states: in the table, and below the limit.
  private look(): void {
    const { rendezvous, settings, table } = this;
    this.figures[FIGURE.STATES] = this.discovered;
    const all = this.allStates();
    if (settings.statesMax !== undefined && all > settings.statesMax) this.stop();
    if (settings.bytesMax !== undefined && bytesOf(this.memory) > settings.bytesMax) this.stop();
    const isShared = settings.workers > 1;
    if (isShared && all >= table.statesMax) rendezvous.ask(PAUSE.STATE);
    const max = Math.min(
      isShared ? table.statesMax : Number.POSITIVE_INFINITY,
      settings.statesMax === undefined ? Number.POSITIVE_INFINITY : settings.statesMax + 1,
    );
    const share = Math.floor((max - all) / (isShared ? 2 * settings.workers : 1));
    this.lookAt = this.discovered + Math.max(isShared ? UNSEEN : 1, share);
  }

  private allStates(): number {
    return figureOf(this.memory, FIGURE.STATES);
  }

  private found({ end, step }: Wrong, worker: number, index: number): void {
    const { words } = this;
    if (Atomics.compareExchange(words, WORD.FOUND, 0, 1 + FOUND.indexOf(end)) === 0) {
      words[WORD.FOUND_WORKER] = worker;
      words[WORD.FOUND_INDEX] = index;
      words[WORD.FOUND_PROCESS] = step ? step.process : -1;
      words[WORD.FOUND_CHOICE] = step ? step.choice : 0;
    }
    this.rendezvous.end(END.FOUND);
  }

  private get counts(): Float64Array {
    const { counts, countsLength } = this.memory;
    return new Float64Array(counts).subarray(this.worker * countsLength, (this.worker + 1) * countsLength);
  }

  // Lets the others see what this worker has done.
  private publish(): void {
    const { edges, expansion, figures, log, monitor } = this;
    figures[FIGURE.STATES] = this.discovered;
    figures[FIGURE.EXPANDED] = this.expanded;
    figures[FIGURE.TRANSITIONS] = expansion.transitions;
    figures[FIGURE.TERMINALS] = expansion.terminals;
    figures[FIGURE.DEADLOCKS] = expansion.deadlocks;
    if (monitor.counts) this.counts.set(monitor.counts);
    log.log.publish();
    edges?.log.publish();
  }
}
