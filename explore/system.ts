// SPDX-License-Identifier: GPL-2.0-only
//
// What the engine needs to know of a system under test: its processes, and how to save and compare its state.

import type { Call } from "./sync.ts";

/** A process of the system. */
export interface ProcessSpec {
  readonly name: string;
  /** Its code, from its initial position. */
  readonly entry: Call;
  /** A daemon may wait in an idle step for ever; the run is complete without it. */
  readonly daemon: boolean;
}

/** A system under test, in its current state. */
export interface System {
  readonly processes: readonly ProcessSpec[];
  /** Back to the initial state. */
  reset(): void;
  /** Called before a step of `process`. */
  begin(process: number): void;
  /** Whether code between two steps runs now; a strict heap refuses all access then. */
  betweenSteps(now: boolean): void;
  /** Brackets steps that are only rehearsed and then taken back: side channels must not hear of them. */
  rehearse?(now: boolean): void;
  /** A copy of the whole state. */
  snapshot(): Int32Array;
  /** Makes a snapshot the current state. */
  restore(snapshot: Int32Array): void;
  /** As `snapshot`, into a row of words at `offset`: what a search does for each state, without garbage. */
  saveInto?(row: Int32Array, offset: number): void;
  /** As `restore`, from where `saveInto` put it. */
  loadFrom?(row: Int32Array, offset: number): void;
  /** Whether the current state equals a snapshot. */
  equals(snapshot: Int32Array): boolean;
  /** Digest of the current state, hexadecimal. */
  digest(): string;
}

/** Watches a run. It must not change the state. */
export interface Monitor {
  /** A run begins, in the initial state. */
  reset(): void;
  /** A step of `process` was taken; returns whether something is wrong. */
  afterStep(process: number): boolean;
  /** The run ended with nothing enabled and nothing left to do; returns whether something is wrong. */
  atQuiescence(): boolean;
}
