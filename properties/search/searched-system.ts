// SPDX-License-Identifier: GPL-2.0-only
//
// A simulation with its checks, as a search wants it: a state is the kernel's heap, what the checks know of it, and what
// they remember of the way there.

import type { InternedExecutor } from "../../explore/positions.ts";
import type { Fingerprint, Searchable } from "../../explore/search/search.ts";
import type { Simulation, SimulatedProcess } from "../../impl/simulation.ts";
import type { History } from "../checks/check-memory.ts";
import type { Checker } from "../checker.ts";
import type { Canonical, HistoryWords } from "./canonical.ts";
import type { Renaming } from "./symmetry.ts";

/** Steps from 1 to this one are those that histories speak of when they are put back. */
const BEFORE = 1000;

/** One instance under search. */
export class SearchedSystem implements Searchable {
  readonly processes: readonly SimulatedProcess[];
  private readonly taken: Float64Array;
  private readonly placeOf: Int32Array;
  private executor: InternedExecutor | undefined;
  private readonly sim: Simulation;
  private readonly checker: Checker;
  private readonly canonical: Pick<Canonical, "fingerprint">;
  private readonly histories: readonly History[];
  // Left out: the same in all states.
  private readonly forgotten: readonly History[];
  private readonly nothing: Int32Array;
  private readonly anySilent: boolean;
  // Words of the heap, then of the checks' memory, then of their histories.
  private readonly heapWords: number;
  private readonly memory: Int32Array;
  // The heap's part of the row that was loaded last: a search loads one and the same row again and again.
  private viewed: Int32Array | undefined;
  private viewedAt = 0;
  private view: Int32Array = new Int32Array(0);
  /** What the histories hold now, in their own words. */
  private readonly history: Int32Array;
  private readonly other: Int32Array;
  private readonly remembered: HistoryWords;

  /**
   * Counts the steps in `taken`, at the place that `placeOf` gives to a site; -1 is nowhere. `past` says whether
   * histories that are past are kept.
   */
  constructor(
    sim: Simulation,
    checker: Checker,
    canonical: Pick<Canonical, "fingerprint">,
    taken: Float64Array,
    placeOf: Int32Array,
    past: boolean,
  ) {
    this.taken = taken;
    this.placeOf = placeOf;
    this.sim = sim;
    this.checker = checker;
    this.canonical = canonical;
    this.processes = sim.processes;
    this.heapWords = sim.kernel.heap.size;
    this.memory = checker.memory.words;
    this.histories = checker.histories.filter((history) => past || !history.past);
    this.forgotten = checker.histories.filter((history) => !this.histories.includes(history));
    this.nothing = new Int32Array(Math.max(0, ...this.forgotten.map(({ words }) => words)));
    this.anySilent = this.histories.some(({ silent }) => silent);
    this.history = new Int32Array(this.histories.reduce((sum, { words }) => sum + words, 0));
    this.other = this.history.slice();
    this.remembered = { words: this.history, renamed: (renaming) => this.renamed(renaming) };
  }

  reset(): void {
    this.sim.reset();
    this.checker.reset(BEFORE);
    this.saveHistories();
  }

  /** A search begins. */
  attach(executor: InternedExecutor): void {
    this.executor = executor;
  }

  begin(process: number): void {
    const step = this.executor?.pending[process];
    const place = step ? this.placeOf[step.site.id]! : -1;
    if (place >= 0) this.taken[place]!++;
    this.sim.begin(process);
  }

  betweenSteps(now: boolean): void {
    this.sim.betweenSteps(now);
  }

  /** To be called after each step, once the checks have seen it. */
  remember(): void {
    if (this.anySilent || this.sim.kernel.events.count > 0) this.saveHistories();
  }

  saveInto(row: Int32Array, offset: number): void {
    const { heapWords, history, memory } = this;
    this.sim.kernel.heap.save(row, offset);
    let at = offset + heapWords;
    for (let i = 0; i < memory.length; i++) row[at++] = memory[i]!;
    for (let i = 0; i < history.length; i++) row[at++] = history[i]!;
  }

  loadFrom(row: Int32Array, offset: number): void {
    const { heapWords, memory } = this;
    if (row !== this.viewed || offset !== this.viewedAt) {
      this.viewed = row;
      this.viewedAt = offset;
      this.view = row.subarray(offset, offset + heapWords);
    }
    this.sim.kernel.heap.restore(this.view);
    let at = offset + heapWords;
    for (let i = 0; i < memory.length; i++) memory[i] = row[at++]!;
    this.loadHistories(row, at);
    for (const history of this.forgotten) history.load(this.nothing, 0);
  }

  snapshot(): Int32Array {
    const row = new Int32Array(this.heapWords + this.memory.length + this.history.length);
    this.saveInto(row, 0);
    return row;
  }

  restore(snapshot: Int32Array): void {
    this.loadFrom(snapshot, 0);
  }

  equals(snapshot: Int32Array): boolean {
    return this.sim.equals(snapshot.subarray(0, this.heapWords));
  }

  digest(): string {
    return this.sim.digest();
  }

  fingerprint(executor: InternedExecutor, into: Fingerprint): void {
    this.canonical.fingerprint(executor, this.remembered, into);
  }

  private renamed(renaming: Renaming): Int32Array {
    const { history, other } = this;
    other.set(history);
    let at = 0;
    for (const each of this.histories) {
      each.rename?.(history, at, renaming, other);
      at += each.words;
    }
    return other;
  }

  // What is saved is loaded at once, so that no check holds more than its words say: the same words may come with a
  // state in which it would matter.
  private saveHistories(): void {
    let at = 0;
    for (const history of this.histories) {
      history.save(this.history, at);
      history.load(this.history, at);
      at += history.words;
    }
  }

  // Most steps are taken from a state with the same history as that of the step before. A silent one is moved by
  // every step, and must be put back in any case.
  private loadHistories(row: Int32Array, from: number): void {
    const { history } = this;
    let at = 0;
    for (const each of this.histories) {
      let same = !each.silent;
      for (let i = at; i < at + each.words; i++) {
        const word = row[from + i]!;
        if (history[i] === word) continue;
        history[i] = word;
        same = false;
      }
      if (!same) each.load(history, at);
      at += each.words;
    }
  }
}
