// SPDX-License-Identifier: GPL-2.0-only
//
// Stateful breadth-first search over all reachable states of a finite system. A state is the system's state and one
// position per process; two states with one fingerprint are taken for the same, at odds that the result states.
// Breadth first, so that the first violation is a shortest one. Knows nothing of vmap.

import { InternedExecutor } from "../positions.ts";
import { isReady, type Step } from "../sync.ts";
import type { System } from "../system.ts";
import { Frontier } from "./frontier.ts";
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
  /** The step was taken; returns whether something is wrong with it, or with the state behind it. */
  afterStep(process: number, isNew: boolean): boolean;
  /** Nothing is enabled in the current state; returns whether something is wrong. */
  atEnd(deadlock: boolean): boolean;
}

/** When a search gives up. */
export interface SearchLimits {
  readonly statesMax?: number | undefined;
  /** Bytes of table and frontier. */
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
  readonly end: "exhausted" | "violation" | "deadlock" | "limit";
  readonly states: number;
  readonly transitions: number;
  /** Transitions that led to a state already known. */
  readonly revisits: number;
  /** States in which nothing is enabled, and those of them in which a process is stuck. */
  readonly terminals: number;
  readonly deadlocks: number;
  /** Longest distance from the initial state, steps. */
  readonly depth: number;
  /** Bytes of table and frontier at their largest. */
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
  private readonly table = new StateTable();
  private readonly print: Fingerprint = { low: 0, high: 0 };
  private frontier: Frontier;
  private next: Frontier;
  private readonly words: number;
  private readonly row: Int32Array;
  private readonly out: Int32Array;
  private transitions = 0;
  private terminals = 0;
  private deadlocks = 0;
  private depth = 0;
  private bytes = 0;
  private heedAt = HEED_EVERY;

  constructor(system: Searchable, monitor: SearchMonitor, limits: SearchLimits) {
    this.system = system;
    this.monitor = monitor;
    this.limits = limits;
    this.executor = new InternedExecutor(system, Number.POSITIVE_INFINITY);
    system.reset();
    this.executor.reset();
    monitor.attach?.(this.executor);
    this.words = system.snapshot().length;
    // A row: the system's words, the position of each process, the number of the state.
    const rowWords = this.words + system.processes.length + 1;
    this.row = new Int32Array(rowWords);
    this.out = new Int32Array(rowWords);
    this.frontier = new Frontier(rowWords);
    this.next = new Frontier(rowWords);
  }

  run(): SearchResult {
    this.fingerprint();
    this.table.add(this.print.low, this.print.high, -1);
    this.keep(0);
    for (;;) {
      [this.frontier, this.next] = [this.next, this.frontier];
      if (this.frontier.count === 0) return this.result("exhausted");
      while (this.frontier.shift(this.row)) {
        const end = this.expand();
        if (end) return end;
        if (this.mustStop()) return this.result("limit");
      }
      if (this.next.count > 0) this.depth++;
      this.bytes = Math.max(this.bytes, this.table.bytes + this.frontier.bytes + this.next.bytes);
      if (this.limits.bytesMax !== undefined && this.bytes > this.limits.bytesMax)
        return this.result("limit");
    }
  }

  private mustStop(): boolean {
    const { statesMax, heed } = this.limits;
    if (statesMax !== undefined && this.table.count > statesMax) return true;
    if (!heed || this.transitions < this.heedAt) return false;
    this.heedAt = this.transitions + HEED_EVERY;
    return heed();
  }

  // Takes every transition out of the state in `row`.
  private expand(): SearchResult | undefined {
    const { executor, monitor, system } = this;
    const state = this.row[this.row.length - 1]!;
    this.load(this.row);
    monitor.enter?.();
    let left = false;
    let moved = false;
    for (let process = 0; process < system.processes.length; process++) {
      if (left) this.load(this.row);
      left = false;
      const step = executor.pending[process];
      if (!step || !isReady(step)) continue;
      moved = true;
      const choices = step.choices ? step.choices() : 1;
      for (let choice = 0; choice < choices; choice++) {
        if (left) this.load(this.row);
        left = true;
        this.take(process, step, choice);
        this.fingerprint();
        const { state: reached, isNew } = this.table.add(this.print.low, this.print.high, state);
        if (monitor.afterStep(process, isNew)) {
          return this.result("violation", [...this.trace(state), { process, choice }]);
        }
        if (isNew) this.keep(reached);
      }
    }
    return moved ? undefined : this.ended(state);
  }

  private ended(state: number): SearchResult | undefined {
    this.terminals++;
    const { executor, system } = this;
    const stuck = executor.pending.some((step, p) => step && !(step.idle && system.processes[p]!.daemon));
    if (stuck) this.deadlocks++;
    if (!this.monitor.atEnd(stuck)) return undefined;
    return this.result(stuck ? "deadlock" : "violation", this.trace(state));
  }

  private take(process: number, step: Step, choice: number): void {
    this.transitions++;
    this.system.begin(process);
    this.executor.advance(process, step.run(choice));
  }

  private fingerprint(): void {
    const { system, print } = this;
    if (system.fingerprint) {
      system.fingerprint(this.executor, print);
      return;
    }
    this.save(0);
    let low = 0x811c9dc5 | 0;
    let high = 0x2545f491 | 0;
    for (let i = 0; i < this.out.length - 1; i++) {
      const word = this.out[i]!;
      low = Math.imul(low ^ word, 0x01000193);
      low ^= low >>> 15;
      high = Math.imul(high ^ word, 0x85ebca6b);
      high ^= high >>> 13;
    }
    print.low = low;
    print.high = high;
  }

  private keep(state: number): void {
    this.save(state);
    this.next.push(this.out);
  }

  private save(state: number): void {
    this.out.set(this.system.snapshot());
    this.executor.saveInto(this.out, this.words);
    this.out[this.out.length - 1] = state;
  }

  private load(row: Int32Array): void {
    this.system.restore(row.subarray(0, this.words));
    this.executor.loadFrom(row, this.words);
  }

  // A shortest way to a state: its predecessors are known by fingerprint, so each step is the one that leads there.
  private trace(state: number): Decision[] {
    const { system, executor, table, print } = this;
    const path = table.pathTo(state);
    const decisions: Decision[] = [];
    system.reset();
    executor.reset();
    for (const target of path.slice(1)) {
      this.save(0);
      const from = this.out.slice();
      const found = this.decisions().find(({ process, choice }) => {
        this.load(from);
        this.take(process, executor.pending[process]!, choice);
        this.fingerprint();
        return table.is(target, print.low, print.high);
      });
      if (!found) throw new Error(`search: state ${target} cannot be reached again from its predecessor`);
      decisions.push(found);
    }
    return decisions;
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
      bytes: Math.max(this.bytes, this.table.bytes + this.frontier.bytes + this.next.bytes),
      // Birthday bound: states squared over twice the number of fingerprints.
      collisionOdds: (states * states) / 2 ** 65,
      trace,
    };
  }
}
