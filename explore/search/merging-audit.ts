// SPDX-License-Identifier: GPL-2.0-only
//
// Holds steps that call themselves local to what that means, in every reachable state of a system: an unsound one would
// hide states from a search that merges. For tests: it takes several steps where a search takes one.

import { InternedExecutor } from "../positions.ts";
import { isReady, type Step } from "../sync.ts";
import type { Fingerprint, Searchable } from "./contract.ts";

/** A local step that is none. */
export interface Offender {
  readonly process: number;
  readonly step: Step;
  /** The process whose step shows it; `process` itself if none is needed. */
  readonly other: number;
  readonly why: string;
}

/** The first offender, in breadth-first order, or undefined. O(transitions * processes); keeps every state. */
export function auditMerging(system: Searchable, statesMax = 1_000_000): Offender | undefined {
  return new Audit(system).run(statesMax);
}

/** System and positions. */
interface State {
  readonly words: Int32Array;
  readonly positions: readonly number[];
}

class Audit {
  private readonly system: Searchable;
  private readonly executor: InternedExecutor;
  private readonly print: Fingerprint = { low: 0, high: 0 };

  constructor(system: Searchable) {
    this.system = system;
    this.executor = new InternedExecutor(system, Number.POSITIVE_INFINITY);
    system.reset();
    this.executor.reset();
  }

  run(statesMax: number): Offender | undefined {
    const { executor } = this;
    const initial = this.now();
    const seen = new Set([this.key()]);
    const queue = [initial];
    for (const state of queue) {
      this.enter(state);
      for (let p = 0; p < executor.pending.length; p++) {
        const offender = this.offender(state, p);
        if (offender) return offender;
        for (const choice of this.choicesOf(p)) {
          this.take(p, choice);
          const key = this.key();
          if (!seen.has(key)) {
            seen.add(key);
            queue.push(this.now());
          }
          this.enter(state);
        }
      }
      if (seen.size > statesMax) throw new Error(`the audit came to more than ${statesMax} states`);
    }
    return undefined;
  }

  // What is wrong with the step of `process` in `state`, in which everything is and is left.
  private offender(state: State, process: number): Offender | undefined {
    const step = this.executor.pending[process];
    if (!step?.local) return undefined;
    const found = (why: string, other = process): Offender => ({ process, step, other, why });
    if (!isReady(step)) return found("is not always enabled");
    if (step.choices) return found("has choices");
    if (this.staysLocal(state, process)) return found("is one of local steps without an end");
    for (let other = 0; other < this.executor.pending.length; other++) {
      if (other === process) continue;
      const why = this.conflict(state, process, other);
      if (why !== undefined) return found(why, other);
    }
    return undefined;
  }

  // Whether local steps of a process lead back to a state that they have passed.
  private staysLocal(state: State, process: number): boolean {
    const passed = new Set<string>();
    for (let key = this.key(); this.executor.pending[process]?.local; key = this.key()) {
      if (passed.has(key)) break;
      passed.add(key);
      if (!isReady(this.executor.pending[process])) break;
      this.take(process, 0);
    }
    const endless = passed.has(this.key());
    this.enter(state);
    return endless;
  }

  private conflict(state: State, process: number, other: number): string | undefined {
    const before = this.choicesOf(other);
    this.take(process, 0);
    const behind = this.now();
    const after = this.choicesOf(other);
    this.enter(state);
    if (before.length !== after.length) return "changes whether another step is enabled, or its choices";
    for (const choice of before) {
      this.enter(behind);
      this.take(other, choice);
      const localFirst = this.key();
      this.enter(state);
      this.take(other, choice);
      const still = this.executor.pending[process]!;
      const keepsLocal = still.local === true && isReady(still);
      if (keepsLocal) this.take(process, 0);
      const localLast = this.key();
      this.enter(state);
      if (!keepsLocal) return "is disabled by another step";
      if (localFirst !== localLast) return "does not commute with another step";
    }
    return undefined;
  }

  private choicesOf(process: number): readonly number[] {
    const step = this.executor.pending[process];
    if (!step || !isReady(step)) return [];
    return Array.from({ length: step.choices ? step.choices() : 1 }, (_, choice) => choice);
  }

  private take(process: number, choice: number): void {
    this.system.begin(process);
    this.executor.advance(process, this.executor.pending[process]!.run(choice));
  }

  private now(): State {
    return { words: this.system.snapshot(), positions: this.executor.save() };
  }

  private enter({ words, positions }: State): void {
    this.system.restore(words);
    this.executor.load(positions);
  }

  // What tells states apart: the fingerprint, or else every word.
  private key(): string {
    const { executor, print, system } = this;
    if (!system.fingerprint) return `${system.snapshot().join()};${executor.save().join()}`;
    system.fingerprint(executor, print);
    return `${print.low},${print.high}`;
  }
}
