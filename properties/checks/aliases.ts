// SPDX-License-Identifier: GPL-2.0-only
//
// What a purge and vm_unmap_aliases() promise to those who freed before: no CPU translates those pages any more.

import { EVENT } from "../../spec/events.ts";
import type { Check, CheckContext } from "./check.ts";
import type { History } from "./check-memory.ts";

interface FreedRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

// Bits of a page in the history: bit 0 for a page that is freed and stale, bit 1 if that was before the purge that goes
// on, bit 2 + p if it was before the call of vm_unmap_aliases() in which process p is.
const FREED = 1;
const BEFORE_PURGE = 2;
const BEFORE_CALL = 4;

/** INV-ALIASES. */
export class Aliases implements Check {
  readonly on: NonNullable<Check["on"]>;
  readonly history: readonly History[];
  private readonly context: CheckContext;
  /** Step at which the purge that goes on began, 0 if none does. */
  private beganAt = 0;
  // Ranges whose free has completed, oldest first, and when each page was last unmapped.
  private freed: FreedRange[] = [];
  private readonly unmappedAt: Int32Array;
  // Step of the call of vm_unmap_aliases() in which each process is, or 0.
  private readonly calledAt: Int32Array;

  constructor(context: CheckContext) {
    this.context = context;
    const { kernel } = context.sim;
    this.unmappedAt = new Int32Array(kernel.instance.spacePages);
    this.calledAt = new Int32Array(kernel.processes);
    const row = (at: number, i: number): number => context.rows[at + 2 + i]!;
    this.on = {
      [EVENT.PURGE_BEGIN]: () => {
        this.beganAt = context.step;
      },
      [EVENT.UNMAP]: (at) => this.unmappedAt.fill(context.step, row(at, 0), row(at, 1)),
      [EVENT.LAZY]: (at) => this.freed.push({ start: row(at, 0), end: row(at, 1), step: context.step }),
      [EVENT.PURGE_END]: () => this.purgeEnds(),
      [EVENT.ALIASES_BEGIN]: () => {
        this.calledAt[context.process] = context.step;
      },
      [EVENT.ALIASES_END]: () => this.callReturns(),
    };
    this.history = [
      {
        invariants: ["INV-ALIASES"],
        past: true,
        words: kernel.instance.spacePages,
        rename: (from, at, renaming, into) => {
          for (let page = 0; page < kernel.instance.spacePages; page++) {
            const bits = from[at + page]!;
            const calls = Math.trunc(bits / BEFORE_CALL);
            into[at + page] = calls === 0 ? bits : (bits % BEFORE_CALL) + renaming.mask(calls) * BEFORE_CALL;
          }
        },
        save: (into, at) => this.save(into, at),
        load: (from, at) => this.load(from, at),
      },
    ];
  }

  reset(): void {
    this.beganAt = 0;
    this.freed = [];
    this.calledAt.fill(0);
  }

  // No page whose free had completed before the purge began may still be translated.
  private purgeEnds(): void {
    const { report } = this.context;
    const rest: FreedRange[] = [];
    for (const range of this.freed) {
      if (range.step > this.beganAt) {
        rest.push(range);
        continue;
      }
      const page = this.staleSince(range);
      if (page >= 0) {
        report("INV-ALIASES", () => `page ${page} was freed before the purge began and is stale behind it`);
      }
    }
    this.freed = rest;
    this.beganAt = 0;
  }

  // The same for vm_unmap_aliases() as a whole, whatever it did.
  private callReturns(): void {
    const { process, report } = this.context;
    const calledAt = this.calledAt[process]!;
    this.calledAt[process] = 0;
    for (const range of this.freed) {
      const page = range.step > calledAt ? -1 : this.staleSince(range);
      if (page < 0) continue;
      report("INV-ALIASES", () => `vm_unmap_aliases() returns, page ${page} was freed before and is stale`);
      return;
    }
  }

  // The first page of a range that some CPU may translate since the range was freed, or -1.
  private staleSince(range: FreedRange): number {
    for (let page = range.start; page < range.end; page++)
      if (this.isStaleSince(page, range.step)) return page;
    return -1;
  }

  private isStaleSince(page: number, step: number): boolean {
    return this.context.model.stale[page] !== 0 && this.unmappedAt[page]! <= step;
  }

  private save(into: Int32Array, at: number): void {
    const { calledAt } = this;
    for (let page = 0; page < this.unmappedAt.length; page++) into[at + page] = 0;
    for (const { start, end, step } of this.freed) {
      let bits = FREED;
      if (step <= this.beganAt) bits |= BEFORE_PURGE;
      for (let p = 0; p < calledAt.length; p++) if (step <= calledAt[p]!) bits |= BEFORE_CALL << p;
      for (let page = start; page < end; page++) if (this.isStaleSince(page, step)) into[at + page]! |= bits;
    }
  }

  // What was freed earlier came before more of the calls: so many bits, so early a step.
  private load(from: Int32Array, at: number): void {
    const { calledAt, unmappedAt } = this;
    const latest = calledAt.length + 2;
    this.freed = [];
    this.beganAt = 0;
    for (let p = 0; p < calledAt.length; p++) calledAt[p] = 0;
    for (let page = 0; page < unmappedAt.length; page++) {
      const bits = from[at + page]!;
      unmappedAt[page] = 0;
      if (bits === 0) continue;
      let step = latest;
      for (let rest = bits & ~FREED; rest !== 0; rest &= rest - 1) step--;
      this.freed.push({ start: page, end: page + 1, step });
      if (bits & BEFORE_PURGE) this.beganAt = Math.max(this.beganAt, step);
      for (let p = 0; p < calledAt.length; p++) {
        if (bits & (BEFORE_CALL << p)) calledAt[p] = Math.max(calledAt[p]!, step);
      }
    }
  }
}
