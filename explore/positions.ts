// SPDX-License-Identifier: GPL-2.0-only
//
// Interned positions: a position of a process is (frame, results so far in the frame); a frame is (position of
// its caller, function, arguments). (position, result) -> position is looked up; the generator runs again,
// re-fed with the recorded results, only the first time that a pair is met. So a process is one integer.

import type { Executor } from "./executor.ts";
import { type Call, isStep, type KernelCode, type KernelFunction, type Step, TailCall } from "./sync.ts";
import type { System } from "./system.ts";

interface Frame {
  /** Where the caller waits for the return value; undefined in the entry frame. */
  readonly caller: Position | undefined;
  readonly target: Call;
}

/** A place where a process waits: for its step to be scheduled, or for a call to return. */
export interface Position {
  readonly id: number;
  /** The pending step; undefined while a call is out. */
  readonly step: Step | undefined;
  readonly frame: Frame;
  readonly results: readonly number[];
  /** By result of the step, or return value of the call. */
  readonly next: Map<number, Position>;
  /** Frames called from here, by function and arguments. */
  readonly callees: Map<string, Position>;
  /** The suspended generator, until someone has used it to go on. */
  code: KernelCode | undefined;
  lastResult: number;
  lastNext: Position | undefined;
}

/** All positions that were met. Grows with what was seen, never with how often. */
export class PositionTable {
  /** By id. Position 0 stands for "finished". */
  readonly all: Position[] = [];
  readonly finished: Position;
  private readonly entries = new Map<string, Position>();
  private readonly functionIds = new Map<KernelFunction, number>();

  constructor() {
    const nowhere: Frame = { caller: undefined, target: { self: this, body: noCode, args: [] } };
    this.finished = this.make(nowhere, [], undefined, undefined);
  }

  /** The position behind `position` if its step gives `result`. */
  follow(position: Position, result: number): Position {
    const known = position.next.get(result);
    if (known) return known;
    const { frame } = position;
    const results = [...position.results, result];
    let code = position.code;
    position.code = undefined;
    let reached: IteratorResult<Step | Call, number | TailCall>;
    if (code) reached = code.next(result);
    else {
      code = start(frame.target);
      reached = code.next();
      for (const r of results) reached = code.next(r);
    }
    const next = this.settle(frame, results, code, reached);
    position.next.set(result, next);
    return next;
  }

  /** The first position of a call made at `caller`. */
  enter(caller: Position | undefined, target: Call): Position {
    const frames = caller ? caller.callees : this.entries;
    const key = `${this.functionId(target.body)}:${target.args.join()}`;
    const known = frames.get(key);
    if (known) return known;
    const frame: Frame = { caller, target };
    const code = start(target);
    const first = this.settle(frame, [], code, code.next());
    frames.set(key, first);
    return first;
  }

  // Where the process waits next, once its code has yielded or returned.
  private settle(
    frame: Frame,
    results: readonly number[],
    code: KernelCode,
    reached: IteratorResult<Step | Call, number | TailCall>,
  ): Position {
    if (!reached.done) {
      if (isStep(reached.value)) return this.make(frame, results, reached.value, code);
      return this.enter(this.make(frame, results, undefined, code), reached.value);
    }
    if (reached.value instanceof TailCall) return this.enter(frame.caller, reached.value.target);
    return frame.caller ? this.follow(frame.caller, reached.value) : this.finished;
  }

  private make(
    frame: Frame,
    results: readonly number[],
    step: Step | undefined,
    code: KernelCode | undefined,
  ): Position {
    const made: Position = {
      id: this.all.length,
      step,
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

  private functionId(body: KernelFunction): number {
    let id = this.functionIds.get(body);
    if (id === undefined) {
      id = this.functionIds.size;
      this.functionIds.set(body, id);
    }
    return id;
  }
}

/** Keeps one interned position per process. Right for many runs of one small instance, and for searches. */
export class InternedExecutor implements Executor {
  readonly pending: (Step | undefined)[] = [];
  private readonly positions: Position[] = [];
  private table = new PositionTable();
  private readonly system: System;
  private readonly positionsMax: number;

  /** When more than `positionsMax` positions are known, the table is begun anew at the next reset. */
  constructor(system: System, positionsMax = 200_000) {
    this.system = system;
    this.positionsMax = positionsMax;
  }

  /** Number of positions met so far. */
  get size(): number {
    return this.table.all.length;
  }

  reset(): void {
    if (this.table.all.length > this.positionsMax) this.table = new PositionTable();
    const { processes } = this.system;
    this.system.betweenSteps(true);
    for (let p = 0; p < processes.length; p++) {
      this.place(p, this.table.enter(undefined, processes[p]!.entry));
    }
    this.system.betweenSteps(false);
  }

  advance(process: number, result: number): void {
    const at = this.positions[process]!;
    if (at.lastResult === result) {
      this.place(process, at.lastNext!);
      return;
    }
    let next = at.next.get(result);
    if (!next) {
      this.system.betweenSteps(true);
      next = this.table.follow(at, result);
      this.system.betweenSteps(false);
    }
    at.lastResult = result;
    at.lastNext = next;
    this.place(process, next);
  }

  /** The position of each process, as integers. */
  save(): number[] {
    return this.positions.map((p) => p.id);
  }

  /** Puts each process where `save` found it. */
  load(ids: readonly number[]): void {
    ids.forEach((id, p) => this.place(p, this.table.all[id]!));
  }

  private place(process: number, position: Position): void {
    this.positions[process] = position;
    this.pending[process] = position.step;
  }
}

function start(target: Call): KernelCode {
  return target.body.apply(target.self, [...target.args]);
}

// eslint-disable-next-line require-yield
function* noCode(): KernelCode {
  return 0;
}
