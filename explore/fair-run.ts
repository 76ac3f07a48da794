// SPDX-License-Identifier: GPL-2.0-only
//
// What comes of a state if all go on fairly: the next step is that of the enabled process whose last step is longest
// ago, and each choice is the first one. So nobody who can go on again and again is passed over for ever. A state that
// comes again with the same order of turns is the beginning of a round that goes on for ever.
// Source: strong fairness, Manna and Pnueli, The Temporal Logic of Reactive and Concurrent Systems, chapter 2; rounds by
// Brent, "An improved Monte Carlo factorization algorithm" (1980), which keeps one state.

import { InternedExecutor } from "./positions.ts";
import { isIdle, isReady, type Site, type Step } from "./sync.ts";
import type { System } from "./system.ts";
import { type Waiting, waitingIn } from "./wait-cycle.ts";

/** Decisions to take before all go on fairly. */
export interface Prefix {
  readonly picks: ArrayLike<number>;
  readonly choices: ArrayLike<number>;
  readonly steps: number;
}

/** A step of a round. */
export interface Turn {
  readonly process: number;
  readonly site: Site;
  /** The process had nothing to do before it. */
  readonly wasIdle: boolean;
}

/** A round that never ends. */
export interface Round {
  /** The processes that take the steps behind the prefix, up to the end of the first round. */
  readonly picks: readonly number[];
  /** Steps behind the prefix before the round begins. */
  readonly begin: number;
  readonly turns: readonly Turn[];
  /** Who takes no step in it and has something to do, as they are where it begins. */
  readonly waiting: readonly Waiting[];
  /** Steps up to the end of the first round that run-to-completion would not take, and choices other than the first. */
  readonly deviations: number;
}

/** What came of it. `limit`: nothing yet. */
export type FairEnd =
  | { readonly kind: "end"; readonly waiting: readonly Waiting[] }
  | { readonly kind: "round"; readonly round: Round }
  | { readonly kind: "limit" };

interface State {
  readonly words: Int32Array;
  readonly positions: readonly number[];
  readonly order: Int32Array;
}

/** Fair runs of one system. They use it: afterwards it is where the run has ended, or where the round begins. */
export class FairRuns {
  private readonly system: System;
  private readonly executor: InternedExecutor;
  // Process numbers, the one whose last step is longest ago first.
  private readonly order: Int32Array;
  private last = -1;
  private deviations = 0;

  constructor(system: System) {
    this.system = system;
    this.executor = new InternedExecutor(system);
    this.order = new Int32Array(system.processes.length);
  }

  /** Takes the prefix, and then at most so many steps. `look` sees the steps that are pending in each state of a round. */
  goOn(prefix: Prefix, stepsMax: number, look?: (pending: readonly (Step | undefined)[]) => void): FairEnd {
    this.system.rehearse?.(true);
    try {
      this.take(prefix);
      const first = this.save();
      const deviations = this.deviations;
      const found = this.roundLength(stepsMax);
      if (typeof found === "string") {
        return found === "end" ? { kind: "end", waiting: this.waiting() } : { kind: "limit" };
      }
      const begin = this.beginOf(first, found);
      this.load(first);
      this.deviations = deviations;
      this.last = prefix.steps === 0 ? -1 : prefix.picks[prefix.steps - 1]!;
      return { kind: "round", round: this.record(begin, found, look) };
    } finally {
      this.system.rehearse?.(false);
    }
  }

  private take({ picks, choices, steps }: Prefix): void {
    const { executor, order, system } = this;
    system.reset();
    executor.reset();
    this.last = -1;
    this.deviations = 0;
    const lastStep = new Int32Array(order.length).fill(-1);
    for (let i = 0; i < steps; i++) {
      lastStep[picks[i]!] = i;
      this.count(picks[i]!, choices[i]!);
      this.step(picks[i]!, choices[i]!);
    }
    order.set([...order.keys()].sort((a, b) => lastStep[a]! - lastStep[b]! || a - b));
  }

  // Goes on until a state comes again: how many steps later. Or until nothing is enabled, or the limit is reached.
  private roundLength(stepsMax: number): number | "end" | "limit" {
    let kept = this.save();
    let length = 0;
    let power = 1;
    for (let steps = 0; steps < stepsMax; steps++) {
      if (this.turn() < 0) return "end";
      length++;
      if (this.isAt(kept)) return length;
      if (length === power) {
        kept = this.save();
        power *= 2;
        length = 0;
      }
    }
    return "limit";
  }

  // Number of steps from `first` to the first state that comes again after `length` steps.
  private beginOf(first: State, length: number): number {
    let behind = first;
    let begin = 0;
    this.load(first);
    for (let i = 0; i < length; i++) this.turn();
    while (!this.isAt(behind)) {
      this.turn();
      const ahead = this.save();
      this.load(behind);
      this.turn();
      behind = this.save();
      this.load(ahead);
      begin++;
    }
    return begin;
  }

  private record(
    begin: number,
    length: number,
    look: ((pending: readonly (Step | undefined)[]) => void) | undefined,
  ): Round {
    const picks: number[] = [];
    const turns: Turn[] = [];
    let state: State | undefined;
    for (let i = 0; i < begin + length; i++) {
      if (i === begin) state = this.save();
      if (i >= begin) look?.(this.executor.pending);
      const process = this.next();
      const step = this.executor.pending[process]!;
      this.count(process, 0);
      this.turn();
      picks.push(process);
      if (i >= begin) turns.push({ process, site: step.site, wasIdle: isIdle(step) });
    }
    this.load(state!);
    const turning = new Set(turns.map(({ process }) => process));
    const waiting = this.waiting().filter(({ process }) => !turning.has(process));
    return { picks, begin, turns, waiting, deviations: this.deviations };
  }

  private waiting(): readonly Waiting[] {
    return waitingIn(this.system.processes, this.executor.pending);
  }

  private next(): number {
    const { order } = this;
    const { pending } = this.executor;
    for (let i = 0; i < order.length; i++) {
      const step = pending[order[i]!];
      if (step && isReady(step)) return order[i]!;
    }
    return -1;
  }

  private turn(): number {
    const { order } = this;
    const process = this.next();
    if (process < 0) return process;
    this.step(process, 0);
    order.copyWithin(order.indexOf(process), order.indexOf(process) + 1);
    order[order.length - 1] = process;
    return process;
  }

  private step(process: number, choice: number): void {
    const { executor, system } = this;
    system.begin(process);
    executor.advance(process, executor.pending[process]!.run(choice));
    this.last = process;
  }

  // To be called before the step.
  private count(process: number, choice: number): void {
    const { pending } = this.executor;
    const isOpen = (p: number): boolean => pending[p] !== undefined && isReady(pending[p]);
    const plain = this.last >= 0 && isOpen(this.last) ? this.last : pending.findIndex((_, p) => isOpen(p));
    if (process !== plain) this.deviations++;
    if (choice !== 0) this.deviations++;
  }

  private save(): State {
    return {
      words: this.system.snapshot(),
      positions: this.executor.save(),
      order: this.order.slice(),
    };
  }

  private load({ words, positions, order }: State): void {
    this.system.restore(words);
    this.executor.load(positions);
    this.order.set(order);
  }

  private isAt({ words, positions, order }: State): boolean {
    const { executor, system } = this;
    return (
      order.every((process, i) => this.order[i] === process) &&
      positions.every((id, process) => executor.at(process).id === id) &&
      system.equals(words)
    );
  }
}
