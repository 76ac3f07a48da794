// SPDX-License-Identifier: GPL-2.0-only
//
// Stateful breadth-first search over all reachable states of a finite system. A state is the system's state and one
// position per process; two states with one fingerprint are taken for the same, at odds that the result states.
// Breadth first, so that the first violation is a shortest one. Knows nothing of vmap.

import { MemoryExhausted } from "../grown-memory.ts";
import {
  type Decision,
  type Searchable,
  type SearchMonitor,
  type SearchOptions,
  type SearchProgress,
  type SearchResult,
  UNWATCHED,
} from "./contract.ts";
import { workersFor } from "./checkpoint.ts";
import { DiscoveryLog, pathTo, type StateName } from "./discovery-log.ts";
import { chunkBytesMax } from "./frontier.ts";
import { writeCheckpoint } from "./machine/checkpoint-file.ts";
import { closeSpillFile, openSpillFile, spillSlots } from "./machine/spill-file.ts";
import { startWorkers } from "./machine/threads.ts";
import { EdgeLog, firstTrapped } from "./progress.ts";
import { END, PAUSE, WORD, WorkerDied } from "./rendezvous.ts";
import {
  bytesOf,
  countsOf,
  FIGURE,
  figureOf,
  lastWords,
  reserveSearch,
  type SearchMemory,
  SHARED_STATES_MIN,
} from "./search-memory.ts";
import { FOUND, type Lead, rowWordsOf, SearchWorker, type WorkerSettings } from "./search-worker.ts";
import { decisionsOf, show } from "./trace.ts";

export { UNWATCHED } from "./contract.ts";
export { type Checkpoint } from "./checkpoint.ts";
export { type CheckpointFound, openCheckpoint } from "./machine/checkpoint-file.ts";
export { auditMerging, type Offender } from "./merging-audit.ts";
export { serveSearch, type Served } from "./machine/threads.ts";
export type {
  Decision,
  Fingerprint,
  Searchable,
  SearchMonitor,
  SearchOptions,
  SearchProgress,
  SearchResult,
  SearchWorkers,
  Wish,
} from "./contract.ts";

/**
 * Searches from the initial state. A deadlock ends the search only if the monitor says so. Whatever the number of
 * workers, and whether steps are merged or not: the same verdict; and a violation, deadlock or trap is the one that the
 * plain search of one worker finds, which is then run for it.
 */
export function search(
  system: Searchable,
  monitor: SearchMonitor = UNWATCHED,
  options: SearchOptions = {},
): SearchResult {
  const { result, isPlain } = run(new Search(system, monitor, options, "search"));
  if (isPlain || result.end === "exhausted" || result.end === "limit") return result;
  const { bytesMax, chunkRows, frontierBytesMax, heed, spillTo, statesMax } = options;
  const limits = { bytesMax, chunkRows, frontierBytesMax, heed, spillTo, statesMax };
  const second = new Search(system, monitor, limits, "shortest");
  const plain = run(second).result;
  if (plain.end !== "limit") return plain;
  second.showAgain(result);
  return { ...result, shortest: false };
}

// The search itself is forgotten: a second one needs the memory.
function run(first: Search): { readonly result: SearchResult; readonly isPlain: boolean } {
  return { result: first.run(), isPlain: first.isPlain };
}

class Search {
  private readonly system: Searchable;
  private readonly monitor: SearchMonitor;
  private readonly options: SearchOptions;
  private readonly phase: SearchProgress["phase"];
  private readonly memory: SearchMemory;
  private readonly words: Int32Array;
  private readonly settings: WorkerSettings;
  private readonly worker: SearchWorker;
  private spill: number | undefined;
  // Whether there are other workers.
  private hasStarted = false;

  constructor(
    system: Searchable,
    monitor: SearchMonitor,
    options: SearchOptions,
    phase: SearchProgress["phase"],
  ) {
    this.system = system;
    this.monitor = monitor;
    this.options = options;
    this.phase = phase;
    const { bytesMax, checkpoint, chunkRows, frontierBytesMax, merge = false, resume, statesMax } = options;
    const wanted = options.workers?.count ?? 1;
    const workers = resume ? workersFor(resume.head, wanted) : wanted;
    system.reset();
    const shape = {
      rowWords: rowWordsOf(system),
      countsLength: monitor.counts?.length ?? 0,
      lanes: workers,
      goals: monitor.isGoal !== undefined,
    };
    if (resume && resume.head.merge !== merge) throw new Error("search: the checkpoint is of another search");
    this.memory = resume ? resume.load(workers) : reserveSearch(shape);
    this.words = new Int32Array(this.memory.words);
    const keeps = checkpoint !== undefined;
    this.settings = { workers, merge, statesMax, bytesMax, frontierBytesMax, chunkRows, keeps };
    this.spill = frontierBytesMax === undefined ? undefined : openSpillFile(options.spillTo);
    const lead: Lead = { together: () => this.together(), lookAround: () => this.lookAround() };
    try {
      const slots =
        this.spill === undefined ? undefined : spillSlots(this.spill, chunkBytesMax(this.memory.rowWords));
      this.worker = new SearchWorker(system, monitor, this.memory, this.settings, 0, slots, lead);
    } catch (error) {
      this.closeSpill();
      throw error;
    }
  }

  /** Whether this is the search that all others must agree with. */
  get isPlain(): boolean {
    return this.memory.lanes.length === 1 && !this.settings.merge;
  }

  run(): SearchResult {
    try {
      this.begin();
      this.worker.run();
    } catch (error) {
      this.dismiss(error);
      if (!(error instanceof MemoryExhausted)) throw error;
    }
    this.closeSpill();
    this.monitor.counts?.set(countsOf(this.memory));
    switch (Atomics.load(this.words, WORD.END)) {
      case END.FOUND:
        return this.found();
      case END.EXHAUSTED:
        return this.trapped() ?? this.result("exhausted");
      default:
        return this.result("limit");
    }
  }

  // Ends the search in all workers, whatever has ended it here.
  private dismiss(error: unknown): void {
    const { rendezvous } = this.worker;
    rendezvous.end(error instanceof MemoryExhausted ? END.LIMIT : END.FAULT);
    try {
      if (this.hasStarted) rendezvous.leave();
    } catch (died) {
      // A file that somebody may still write to stays open: its number must not become that of another one.
      if (!(died instanceof WorkerDied)) throw died;
      throw new Error(`a worker of the search failed: ${lastWords(this.memory)}`, { cause: error });
    }
    this.closeSpill();
  }

  private closeSpill(): void {
    if (this.spill !== undefined) closeSpillFile(this.spill);
    this.spill = undefined;
  }

  /** Lets the monitor see what another search has found. */
  showAgain({ end, trace }: SearchResult): void {
    if (end !== "violation" && end !== "deadlock") return;
    show(this.system, this.worker.executor, this.monitor, trace ?? []);
  }

  // Goes on from a checkpoint, or notes the initial state; and starts the other workers.
  private begin(): void {
    const { resume, workers } = this.options;
    const { executor, store, table } = this.worker;
    if (resume) {
      if (resume.head.positions !== executor.size) {
        throw new Error("search: the system takes other steps than the one of the checkpoint did");
      }
      resume.loadFrontier(store);
      while (this.settings.workers > 1 && table.statesMax < SHARED_STATES_MIN) table.grow();
    } else this.worker.begin();
    if (workers && this.settings.workers > 1) {
      startWorkers(workers, this.memory, this.settings, this.spill);
      this.hasStarted = true;
    }
  }

  // Nobody is in the midst of a chunk.
  private together(): void {
    const { store, rendezvous } = this.worker;
    if (store.isEmpty) {
      if (!store.turn()) {
        rendezvous.end(END.EXHAUSTED);
        return;
      }
      this.words[WORD.DEPTH]!++;
    }
    const stops = this.words[WORD.STOP] === 1;
    if (stops || this.words[WORD.CHECKPOINT] === 1) this.keep();
    this.words[WORD.CHECKPOINT] = 0;
    if (stops) rendezvous.end(END.LIMIT);
  }

  private keep(): void {
    const { checkpoint, merge = false } = this.options;
    if (!checkpoint) return;
    const { memory, words } = this;
    const { countsLength, lanes, rowWords } = memory;
    const head = {
      identity: checkpoint.identity,
      merge,
      rowWords,
      countsLength,
      goals: this.monitor.isGoal !== undefined,
      lanes: lanes.length,
      positions: this.positions(),
      figures: [...new Float64Array(memory.figures)],
      counts: [...new Float64Array(memory.counts)],
      depth: words[WORD.DEPTH]!,
      sequence: words[WORD.SEQUENCE]!,
      initialIsGoal: words[WORD.INITIAL_IS_GOAL] === 1,
    };
    writeCheckpoint(checkpoint.path, head, memory, this.worker.store);
  }

  private positions(): number {
    const { executor } = this.worker;
    executor.catchUp();
    return executor.size;
  }

  private lookAround(): void {
    const { heed } = this.options;
    if (!heed) return;
    const wish = heed(this.progress);
    if (wish === "stop") this.worker.stop();
    else if (wish === "checkpoint" && this.options.checkpoint) {
      this.words[WORD.CHECKPOINT] = 1;
      this.worker.rendezvous.ask(PAUSE.CHUNK);
    }
  }

  private get progress(): SearchProgress {
    const { memory, phase, words } = this;
    const states = figureOf(memory, FIGURE.STATES);
    return {
      phase,
      states,
      transitions: figureOf(memory, FIGURE.TRANSITIONS),
      depth: words[WORD.DEPTH]!,
      frontier: states - figureOf(memory, FIGURE.EXPANDED),
      bytes: bytesOf(memory),
    };
  }

  private found(): SearchResult {
    const { words } = this;
    const [end, worker, index, process, choice] = words.subarray(WORD.FOUND, WORD.FOUND_CHOICE + 1);
    const way = this.trace({ worker: worker!, index: index! });
    const trace = process === -1 ? way : [...way, { process: process!, choice: choice! }];
    return this.result(FOUND[end! - 1]!, trace);
  }

  // All states are known: is there one from which no goal can be reached?
  private trapped(): SearchResult | undefined {
    if (!this.monitor.isGoal) return undefined;
    const { lanes, figures } = this.memory;
    const stride = lanes.length;
    const states = lanes.map((_, lane) => new Float64Array(figures)[lane * FIGURE.COUNT + FIGURE.STATES]!);
    const trap = firstTrapped({
      logs: lanes.map(({ edges }) => new EdgeLog(edges)),
      stride,
      end: Math.max(...states) * stride,
      initialIsGoal: this.words[WORD.INITIAL_IS_GOAL] === 1,
    });
    if (trap < 0) return undefined;
    return this.result("trap", this.trace({ worker: trap % stride, index: Math.trunc(trap / stride) }));
  }

  private trace(state: StateName): Decision[] {
    const logs = this.memory.lanes.map(({ discoveries }) => new DiscoveryLog(discoveries));
    return decisionsOf(this.system, this.worker.executor, pathTo(logs, state), this.settings.merge);
  }

  private result(end: SearchResult["end"], trace?: readonly Decision[]): SearchResult {
    const { memory, words } = this;
    const states = figureOf(memory, FIGURE.STATES);
    const transitions = figureOf(memory, FIGURE.TRANSITIONS);
    return {
      end,
      states,
      transitions,
      revisits: transitions - states + 1,
      terminals: figureOf(memory, FIGURE.TERMINALS),
      deadlocks: figureOf(memory, FIGURE.DEADLOCKS),
      depth: words[WORD.DEPTH]!,
      bytes: bytesOf(memory),
      // Birthday bound: states squared over twice the number of fingerprints.
      collisionOdds: (states * states) / 2 ** 65,
      trace,
      shortest: trace && true,
    };
  }
}
