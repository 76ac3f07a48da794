// SPDX-License-Identifier: GPL-2.0-only
//
// Interned positions: a position of a process is (frame, results so far in the frame); a frame is (position of
// its caller, function, arguments). (position, result) -> position is looked up; the generator runs again,
// re-fed with the recorded results, only the first time that a pair is met. So a process is one integer.

import type { DerivationLog } from "./derivation-log.ts";
import { CALLS_MAX, type Executor, type Reached, start, tooManyCalls } from "./executor.ts";
import { type Call, isStep, type KernelCode, type Step, TailCall } from "./sync.ts";
import type { System } from "./system.ts";

interface Frame {
  /** Where the caller waits for the return value; undefined in the entry frame. */
  readonly caller: Position | undefined;
  readonly target: Call;
}

/** A place where a process waits: for its step to be scheduled, or for a call to return. */
export interface Position {
  readonly id: number;
  /** All positions of its table, by id. */
  readonly all: readonly Position[];
  /** The pending step; undefined while a call is out. */
  readonly step: Step | undefined;
  readonly frame: Frame;
  readonly results: readonly number[];
  /** By result of the step, or return value of the call. */
  readonly next: Map<number, Position>;
  /** First positions of the frames called from here, by object, function and arguments. */
  readonly callees: Map<string, Position>;
  /** While a call is out: the suspended generator, until a return has used it to go on. */
  code: KernelCode | undefined;
  lastResult: number;
  lastNext: Position | undefined;
}

/** A call, or the return (or the step's result) that goes on behind a position. */
type Move =
  | { readonly caller: Position | undefined; readonly target: Call }
  | { readonly at: Position; readonly result: number };

/** All positions that were met. Grows with what was seen, never with how often. */
export class PositionTable {
  /** By id. Position 0 stands for "finished". */
  readonly all: Position[] = [];
  readonly finished: Position;
  private readonly entries = new Map<string, Position>();
  /** Numbers of functions and of the objects that they are methods of. */
  private readonly ids = new Map<object, number>();

  constructor() {
    const nowhere: Frame = { caller: undefined, target: { self: this, body: noCode, args: [] } };
    this.finished = this.make(nowhere, [], undefined, undefined);
  }

  /** The position behind `position` if its step gives `result`. */
  follow(position: Position, result: number): Position {
    return position.next.get(result) ?? this.walk({ at: position, result });
  }

  /** The first position of a process that begins with `target`. */
  enter(target: Call): Position {
    return this.entries.get(this.frameKey(target)) ?? this.walk({ caller: undefined, target });
  }

  // Goes through calls and returns up to the next step. Every move made on the way leads there, and is noted.
  private walk(first: Move): Position {
    const notes: (() => void)[] = [];
    let reached: Position | undefined;
    for (let move = first; !reached;) {
      if (notes.length > CALLS_MAX) throw tooManyCalls();
      if ("target" in move) {
        const { caller, target } = move;
        const frames = caller ? caller.callees : this.entries;
        const key = this.frameKey(target);
        reached = frames.get(key);
        if (reached) break;
        notes.push(() => frames.set(key, reached!));
        const code = start(target);
        const next = this.settle({ caller, target }, [], code, code.next());
        if ("id" in next) reached = next;
        else move = next;
      } else {
        const { at, result } = move;
        reached = at.next.get(result);
        if (reached) break;
        notes.push(() => at.next.set(result, reached!));
        const next = this.resume(at, result);
        if ("id" in next) reached = next;
        else move = next;
      }
    }
    for (const note of notes) note();
    return reached;
  }

  // Code that has yielded a step is never resumed: the step stays in use, and may read locals that change later.
  private resume(at: Position, result: number): Position | Move {
    const results = [...at.results, result];
    let { code } = at;
    at.code = undefined;
    if (code) return this.settle(at.frame, results, code, code.next(result));
    code = start(at.frame.target);
    let reached = code.next();
    for (const r of results) reached = code.next(r);
    return this.settle(at.frame, results, code, reached);
  }

  // What is next once code has yielded or returned: a place to wait, a call or a return.
  private settle(
    frame: Frame,
    results: readonly number[],
    code: KernelCode,
    reached: Reached,
  ): Position | Move {
    if (!reached.done) {
      if (isStep(reached.value)) return this.make(frame, results, reached.value, undefined);
      return { caller: this.make(frame, results, undefined, code), target: reached.value };
    }
    if (reached.value instanceof TailCall) return { caller: frame.caller, target: reached.value.target };
    return frame.caller ? { at: frame.caller, result: reached.value } : this.finished;
  }

  private make(
    frame: Frame,
    results: readonly number[],
    step: Step | undefined,
    code: KernelCode | undefined,
  ): Position {
    const made: Position = {
      id: this.all.length,
      all: this.all,
      step: step && sameShape(step),
      frame,
      results,
      next: new Map(),
      callees: new Map(),
      code,
      lastResult: Number.NaN,
      lastNext: undefined,
    };
    this.all.push(made);
    return made;
  }

  private frameKey({ self, body, args }: Call): string {
    return `${this.idOf(self)}.${this.idOf(body)}:${args.join()}`;
  }

  private idOf(thing: object): number {
    let id = this.ids.get(thing);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(thing, id);
    }
    return id;
  }
}

// Steps are written as literals with different fields. The scheduler reads millions of them: one shape for all.
function sameShape({ site, run, gate, ready, choices, waitsFor, idle, local }: Step): Step {
  return { site, run, gate, ready, choices, waitsFor, idle: idle ?? false, local: local ?? false };
}

/** Keeps one interned position per process. Right for many runs of one small instance, and for searches. */
export class InternedExecutor implements Executor {
  readonly pending: (Step | undefined)[] = [];
  private readonly positions: Position[] = [];
  private table = new PositionTable();
  /** Where each process begins. */
  private first: readonly Position[] | undefined;
  private readonly system: System;
  private readonly positionsMax: number;
  private readonly log: DerivationLog | undefined;
  // Derivations of the log that are in the table.
  private derived = 0;

  /**
   * When more than `positionsMax` positions are known, the table is begun anew at the next reset; never with a log.
   * With one, executors of the same system have the same numbers for the same positions.
   */
  constructor(system: System, positionsMax = 200_000, log?: DerivationLog) {
    this.system = system;
    this.positionsMax = log ? Number.POSITIVE_INFINITY : positionsMax;
    this.log = log;
  }

  /** Number of positions met so far. */
  get size(): number {
    return this.table.all.length;
  }

  reset(): void {
    if (this.table.all.length > this.positionsMax) {
      this.table = new PositionTable();
      this.first = undefined;
    }
    this.first ??= this.enterAll();
    for (let p = 0; p < this.first.length; p++) this.place(p, this.first[p]!);
  }

  advance(process: number, result: number): void {
    const at = this.positions[process]!;
    if (at.lastResult === result) {
      this.place(process, at.lastNext!);
      return;
    }
    let next = at.next.get(result);
    next ??= this.derive(at, result);
    at.lastResult = result;
    at.lastNext = next;
    this.place(process, next);
  }

  /** Takes over what other executors have added to the log. */
  catchUp(): void {
    const { log } = this;
    if (!log || log.length === this.derived) return;
    this.system.betweenSteps(true);
    log.exclusively(() => this.replay(log));
    this.system.betweenSteps(false);
  }

  private derive(at: Position, result: number): Position {
    const { log, system, table } = this;
    system.betweenSteps(true);
    const next = log
      ? log.exclusively(() => {
          this.replay(log);
          const known = at.next.get(result);
          if (known) return known;
          const made = table.follow(at, result);
          log.append(at.id, result);
          this.derived++;
          return made;
        })
      : table.follow(at, result);
    system.betweenSteps(false);
    return next;
  }

  private replay(log: DerivationLog): void {
    for (; this.derived < log.length; this.derived++) {
      const at = this.table.all[log.positionAt(this.derived)];
      if (!at) throw new Error("positions: the log names a position that its derivations do not lead to");
      this.table.follow(at, log.resultAt(this.derived));
    }
  }

  private enterAll(): readonly Position[] {
    this.system.betweenSteps(true);
    const first = this.system.processes.map((spec) => this.table.enter(spec.entry));
    this.system.betweenSteps(false);
    return first;
  }

  /** The position of each process, as integers. */
  save(): number[] {
    return this.positions.map((p) => p.id);
  }

  /** As `save`, into a row of words at `offset`. */
  saveInto(row: Int32Array, offset: number): void {
    for (let p = 0; p < this.positions.length; p++) row[offset + p] = this.positions[p]!.id;
  }

  /** Puts each process where `saveInto` found it. */
  loadFrom(row: Int32Array, offset: number): void {
    for (let p = 0; p < this.positions.length; p++) this.place(p, this.table.all[row[offset + p]!]!);
  }

  /** The position of a process. */
  at(process: number): Position {
    return this.positions[process]!;
  }

  /** Puts each process where `save` found it. */
  load(ids: readonly number[]): void {
    ids.forEach((id, p) => this.place(p, this.table.all[id]!));
  }

  /** Puts a process at a position. */
  place(process: number, position: Position): void {
    this.positions[process] = position;
    this.pending[process] = position.step;
  }
}

// oxlint-disable-next-line require-yield
function* noCode(): KernelCode {
  return 0;
}
