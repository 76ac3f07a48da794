// SPDX-License-Identifier: GPL-2.0-only
//
// The innermost part of a search: takes every transition out of one state after the other, and writes down the states
// that are new. A state is the system's state and one position per process.

import type { InternedExecutor } from "../positions.ts";
import { isReady, type Step } from "../sync.ts";
import type { System } from "../system.ts";
import { mayWait } from "../wait-cycle.ts";
import type { Decision, Fingerprint, Searchable, SearchMonitor } from "./contract.ts";
import type { DiscoveryLog } from "./discovery-log.ts";
import type { Frontier } from "./frontier.ts";
import type { EdgeLog } from "./progress.ts";
import type { StateTable } from "./state-table.ts";

/** What is wrong in or behind a state. */
export interface Wrong {
  readonly end: "violation" | "deadlock";
  /** The step that is wrong; absent if the state itself is. */
  readonly step: Decision | undefined;
}

/** What a worker searches with. */
export interface Expands {
  readonly system: Searchable;
  readonly monitor: SearchMonitor;
  readonly executor: InternedExecutor;
  readonly table: StateTable;
  readonly frontier: Frontier;
  readonly log: DiscoveryLog;
  readonly edges: EdgeLog | undefined;
  readonly merge: boolean;
}

/** Whether a step is taken first, and alone, when steps are merged. */
export function isAlone(step: Step | undefined): boolean {
  return step?.local === true;
}

/** Whether a state in which nothing is enabled is a deadlock: a process waits that is not done. */
export function isStuck({ processes }: System, { pending }: InternedExecutor): boolean {
  return pending.some((step, p) => step && !mayWait(step, processes[p]!));
}

/** Expands states. */
export class Expansion {
  transitions = 0;
  terminals = 0;
  deadlocks = 0;
  /** A row: the system's words, then the position of each process. The state that is left. */
  readonly row: Int32Array;
  // The state that is reached; its positions differ in one process at most.
  private readonly out: Int32Array;
  private readonly system: Searchable;
  private readonly monitor: SearchMonitor;
  private readonly executor: InternedExecutor;
  private readonly table: StateTable;
  private readonly frontier: Frontier;
  private readonly log: DiscoveryLog;
  private readonly edges: EdgeLog | undefined;
  private readonly merge: boolean;
  private readonly print: Fingerprint = { low: 0, high: 0 };
  private readonly words: number;

  constructor(parts: Expands, rowWords: number) {
    this.system = parts.system;
    this.monitor = parts.monitor;
    this.executor = parts.executor;
    this.table = parts.table;
    this.frontier = parts.frontier;
    this.log = parts.log;
    this.edges = parts.edges;
    this.merge = parts.merge;
    this.words = rowWords - parts.system.processes.length;
    this.row = new Int32Array(rowWords);
    this.out = new Int32Array(rowWords);
  }

  /** Notes the initial state, in which system and executor are; returns whether it is a goal. */
  begin(): boolean {
    this.executor.saveInto(this.out, this.words);
    this.meet();
    return this.monitor.isGoal?.() ?? false;
  }

  /** Takes every transition out of the state in `row`. */
  expand(): Wrong | undefined {
    const { executor, monitor, out, row, system, words } = this;
    const { pending } = executor;
    executor.loadFrom(row, words);
    for (let i = words; i < row.length; i++) out[i] = row[i]!;
    this.loadSystem();
    monitor.enter?.();
    let transition = 0;
    // Whether the system is no longer in the state to be left. It is put back when somebody looks at it.
    let left = false;
    const alone = this.merge ? pending.findIndex(isAlone) : -1;
    const processes = pending.length;
    for (let process = 0; process < processes; process++) {
      if (alone >= 0 && process !== alone) continue;
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
        if (monitor.checkStep?.(process)) return { end: "violation", step: { process, choice } };
        const isNew = this.meet();
        if (isNew) this.log.note(transition);
        if (monitor.afterStep(process, isNew)) return { end: "violation", step: { process, choice } };
        if (this.edges) this.noteEdge(isNew);
        executor.place(process, from);
        transition++;
      }
      out[words + process] = row[words + process]!;
    }
    const wrong = transition > 0 ? undefined : this.terminal();
    this.log.end();
    this.edges?.end();
    return wrong;
  }

  private noteEdge(isNew: boolean): void {
    if (isNew) this.edges!.fresh(this.monitor.isGoal!());
    else this.edges!.known(this.table.last, this.table.next);
  }

  private terminal(): Wrong | undefined {
    this.terminals++;
    const stuck = isStuck(this.system, this.executor);
    if (stuck) this.deadlocks++;
    if (!this.monitor.atEnd(stuck)) return undefined;
    return { end: stuck ? "deadlock" : "violation", step: undefined };
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
}
