// SPDX-License-Identifier: GPL-2.0-only
//
// Stateful breadth-first search over all reachable states of a finite system. A state is the system's state and one
// position per process; two states with one fingerprint are taken for the same, at odds that the result states.
// Breadth first, so that the first violation is a shortest one. Knows nothing of vmap.

import { InternedExecutor } from "../positions.ts";
import { isReady } from "../sync.ts";
import type { System } from "../system.ts";
import { DiscoveryLog } from "./discovery-log.ts";
import { Frontier } from "./frontier.ts";
import { EdgeLog } from "./progress.ts";
import { StateTable } from "./state-table.ts";

/** A 64-bit fingerprint in two halves. */
export interface Fingerprint {
  low: number;
  high: number;
}

/** A system that can be searched. */
export interface Searchable extends System {
  /**
   * The fingerprint of the current state with the processes at these positions. States that differ only in what
   * cannot be observed may share one. Without it, every word counts.
   */
  fingerprint?(executor: InternedExecutor, into: Fingerprint): void;
}

/** Watches a search. */
export interface SearchMonitor {
  /** A search begins; `executor` knows where the processes are, at any time during it. */
  attach?(executor: InternedExecutor): void;
  /** The current state is about to be left, by one step after the other. */
  enter?(): void;
  /** The step was taken, and the state behind it is not known yet; returns whether something is wrong with it. */
  checkStep?(process: number): boolean;
  /** The step was taken; returns whether something is wrong with it, or with the state behind it. */
  afterStep(process: number, isNew: boolean): boolean;
  /**
   * Whether the current state, met for the first time, is a goal: one that must be reachable from every state. With
   * it, a state from which none is reachable ends the search as `trap`; transitions are kept, 8 bytes each.
   */
  isGoal?(): boolean;
  /** Nothing is enabled in the current state; returns whether something is wrong. */
  atEnd(deadlock: boolean): boolean;
}

/** When a search gives up. */
export interface SearchLimits {
  readonly statesMax?: number | undefined;
  /** Bytes of table, log and frontier. */
  readonly bytesMax?: number | undefined;
  /** Called every few thousand transitions; true ends the search. */
  readonly heed?: (() => boolean) | undefined;
}

/** One decision of a trace. */
export interface Decision {
  readonly process: number;
  readonly choice: number;
}

/** What a search came to. */
export interface SearchResult {
  /** `exhausted`: all reachable states were seen. `limit`: not decided. */
  readonly end: "exhausted" | "violation" | "deadlock" | "trap" | "limit";
  readonly states: number;
  readonly transitions: number;
  /** Transitions that led to a state already known. */
  readonly revisits: number;
  /** States in which nothing is enabled, and those of them in which a process is stuck. */
  readonly terminals: number;
  readonly deadlocks: number;
  /** Longest distance from the initial state, steps. */
  readonly depth: number;
  /** Bytes of table, log and frontier at their largest. */
  readonly bytes: number;
  /** Bound on the probability that two different states shared a fingerprint. */
  readonly collisionOdds: number;
  /** A shortest way to the violation or deadlock. */
  readonly trace?: readonly Decision[] | undefined;
}

const HEED_EVERY = 4096;

/** A monitor to which everything is right. */
export const UNWATCHED: SearchMonitor = { afterStep: () => false, atEnd: () => false };

/** Searches from the initial state. A deadlock ends the search only if the monitor says so. */
export function search(
  system: Searchable,
  monitor: SearchMonitor = UNWATCHED,
  limits: SearchLimits = {},
): SearchResult {
  return new Search(system, monitor, limits).run();
}

class Search {
  private readonly system: Searchable;
  private readonly monitor: SearchMonitor;
  private readonly limits: SearchLimits;
  private readonly executor: InternedExecutor;
  private readonly table: StateTable;
  private readonly edges: EdgeLog | undefined;
  private readonly goals: number[] = [];
  private readonly log = new DiscoveryLog();
  private readonly frontier: Frontier;
  private readonly print: Fingerprint = { low: 0, high: 0 };
  // A row: the system's words, then the position of each process. `row` is the state that is left, `out` the one that
  // is reached; their positions differ in one process at most.
  private readonly words: number;
  private readonly row: Int32Array;
  private readonly out: Int32Array;
  private expanded = 0;
  private transitions = 0;
  private terminals = 0;
  private deadlocks = 0;
  private depth = 0;
  private heedAt = HEED_EVERY;

  constructor(system: Searchable, monitor: SearchMonitor, limits: SearchLimits) {
    this.system = system;
    this.monitor = monitor;
    this.limits = limits;
    this.executor = new InternedExecutor(system, Number.POSITIVE_INFINITY);
    system.reset();
    this.executor.reset();
    monitor.attach?.(this.executor);
    this.table = new StateTable(undefined, monitor.isGoal !== undefined);
    this.edges = monitor.isGoal && new EdgeLog();
    this.words = system.snapshot().length;
    const rowWords = this.words + system.processes.length;
    this.row = new Int32Array(rowWords);
    this.out = new Int32Array(rowWords);
    this.frontier = new Frontier(rowWords);
  }

  run(): SearchResult {
    const { executor, frontier, log, out, table } = this;
    executor.saveInto(out, this.words);
    this.meet();
    this.noteGoal();
    let levelEnd = 1;
    while (frontier.shift(this.row)) {
      // States are read in the order in which they were discovered.
      if (this.expanded === levelEnd) {
        this.depth++;
        levelEnd = table.count;
      }
      const end = this.expand();
      if (end) return end;
      log.end();
      this.expanded++;
      if (this.mustStop()) return this.result("limit");
    }
    return this.trapped() ?? this.result("exhausted");
  }

  private noteGoal(): void {
    if (this.monitor.isGoal?.()) this.goals.push(this.table.last);
  }

  // All states are known: is there one from which no goal can be reached?
  private trapped(): SearchResult | undefined {
    if (!this.edges) return undefined;
    const goals = new Uint8Array(this.table.count);
    for (const state of this.goals) goals[state] = 1;
    const trap = this.edges.firstTrapped(this.table.count, (state) => goals[state] === 1);
    return trap < 0 ? undefined : this.result("trap", this.trace(trap));
  }

  private mustStop(): boolean {
    const { bytesMax, heed, statesMax } = this.limits;
    if (statesMax !== undefined && this.table.count > statesMax) return true;
    if (bytesMax !== undefined && this.bytes > bytesMax) return true;
    if (!heed || this.transitions < this.heedAt) return false;
    this.heedAt = this.transitions + HEED_EVERY;
    return heed();
  }

  // None of the three ever shrinks.
  private get bytes(): number {
    return this.table.bytes + this.log.bytes + this.frontier.bytes + (this.edges?.bytes ?? 0);
  }

  // Takes every transition out of the state in `row`.
  private expand(): SearchResult | undefined {
    const { executor, monitor, out, row, system, words } = this;
    const { pending } = executor;
    executor.loadFrom(row, words);
    for (let i = words; i < row.length; i++) out[i] = row[i]!;
    this.loadSystem();
    monitor.enter?.();
    let transition = 0;
    // Whether the system is no longer in the state to be left. It is put back when somebody looks at it.
    let left = false;
    for (let process = 0; process < pending.length; process++) {
      const step = pending[process];
      if (!step) continue;
      if (left) this.loadSystem();
      left = false;
      if (!isReady(step)) continue;
      const from = executor.at(process);
      const choices = step.choices ? step.choices() : 1;
      for (let choice = 0; choice < choices; choice++) {
        if (left) this.loadSystem();
        left = true;
        this.transitions++;
        system.begin(process);
        executor.advance(process, step.run(choice));
        out[words + process] = executor.at(process).id;
        if (monitor.checkStep?.(process)) {
          return this.result("violation", [...this.trace(this.expanded), { process, choice }]);
        }
        const isNew = this.meet();
        this.edges?.push(this.expanded, this.table.last);
        if (isNew) this.log.note(transition);
        if (monitor.afterStep(process, isNew)) {
          return this.result("violation", [...this.trace(this.expanded), { process, choice }]);
        }
        if (isNew) this.noteGoal();
        executor.place(process, from);
        transition++;
      }
      out[words + process] = row[words + process]!;
    }
    return transition > 0 ? undefined : this.ended();
  }

  private ended(): SearchResult | undefined {
    this.terminals++;
    const { executor, system } = this;
    const stuck = executor.pending.some((step, p) => step && !(step.idle && system.processes[p]!.daemon));
    if (stuck) this.deadlocks++;
    if (!this.monitor.atEnd(stuck)) return undefined;
    return this.result(stuck ? "deadlock" : "violation", this.trace(this.expanded));
  }

  // Notes the current state, whose positions are in `out`; returns whether it is new.
  private meet(): boolean {
    const { out, print, system, table } = this;
    if (system.fingerprint) {
      system.fingerprint(this.executor, print);
      if (!table.add(print.low, print.high)) return false;
      this.saveSystem();
    } else {
      this.saveSystem();
      let low = 0x811c9dc5 | 0;
      let high = 0x2545f491 | 0;
      for (let i = 0; i < out.length; i++) {
        const word = out[i]!;
        low = Math.imul(low ^ word, 0x9e3779b1);
        low ^= low >>> 15;
        high = Math.imul(high ^ word, 0x85ebca6b);
        high ^= high >>> 13;
      }
      if (!table.add(low, high)) return false;
    }
    this.frontier.push(out);
    return true;
  }

  private saveSystem(): void {
    const { out, system } = this;
    if (system.saveInto) system.saveInto(out, 0);
    else out.set(system.snapshot());
  }

  private loadSystem(): void {
    const { row, system } = this;
    if (system.loadFrom) system.loadFrom(row, 0);
    else system.restore(row.subarray(0, this.words));
  }

  // A shortest way to a state, by taking the transitions that the log names.
  private trace(state: number): Decision[] {
    const { executor, log, system } = this;
    system.reset();
    executor.reset();
    return log.pathTo(state).map((transition) => {
      const decision = this.decisions()[transition];
      if (!decision)
        throw new Error(`search: a state on the way to state ${state} has changed its transitions`);
      const { process, choice } = decision;
      system.begin(process);
      executor.advance(process, executor.pending[process]!.run(choice));
      return decision;
    });
  }

  private decisions(): Decision[] {
    return this.executor.pending.flatMap((step, process) => {
      if (!step || !isReady(step)) return [];
      return Array.from({ length: step.choices ? step.choices() : 1 }, (_, choice) => ({ process, choice }));
    });
  }

  private result(end: SearchResult["end"], trace?: readonly Decision[]): SearchResult {
    const states = this.table.count;
    return {
      end,
      states,
      transitions: this.transitions,
      revisits: this.transitions - states + 1,
      terminals: this.terminals,
      deadlocks: this.deadlocks,
      depth: this.depth,
      bytes: this.bytes,
      // Birthday bound: states squared over twice the number of fingerprints.
      collisionOdds: (states * states) / 2 ** 65,
      trace,
    };
  }
}
