// SPDX-License-Identifier: GPL-2.0-only
//
// What a search is given and what it gives back.

import type { InternedExecutor } from "../positions.ts";
import type { System } from "../system.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** A 64-bit fingerprint in two halves. */
export interface Fingerprint {
  low: number;
  high: number;
}

/** A system that can be searched. */
export interface Searchable extends System {
  /**
   * The fingerprint of the current state with the processes at these positions. States that differ only in what
   * cannot be observed may share one. Without it, every word counts. It must be the same in all workers.
   */
  fingerprint?(executor: InternedExecutor, into: Fingerprint): void;
}

/** Watches a search. What it says of a step must follow from the state that is left and from the step alone. */
export interface SearchMonitor {
  /**
   * What the monitor counts while it watches: events, executed places. The search sets it to zero at its beginning,
   * keeps it in checkpoints, and leaves the sums over all workers in it.
   */
  readonly counts?: Float64Array;
  /**
   * A search begins; `executor` knows where the processes are, at any time during it. What was found before is to be
   * forgotten: after a violation, a second search looks for the shortest way there.
   */
  attach?(executor: InternedExecutor): void;
  /** The current state is about to be left, by one step after the other. */
  enter?(): void;
  /** The step was taken, and the state behind it is not met yet; returns whether something is wrong with it. */
  checkStep?(process: number): boolean;
  /** The step was taken; returns whether something is wrong with it, or with the state behind it. */
  afterStep(process: number, isNew: boolean): boolean;
  /**
   * Whether the current state, met for the first time, is a goal: one that must be reachable from every state. With
   * it, a state from which none is reachable ends the search as `trap`; transitions are kept, some 2 bytes each.
   */
  isGoal?(): boolean;
  /** Nothing is enabled in the current state; returns whether something is wrong. */
  atEnd(deadlock: boolean): boolean;
}

/** A monitor to which everything is right. */
export const UNWATCHED: SearchMonitor = { afterStep: () => false, atEnd: () => false };

/** How far a search is, in all workers; of the others, as they last said. */
export interface SearchProgress {
  /** `shortest`: something was found, and a second search looks for the shortest way there. */
  readonly phase: "search" | "shortest";
  readonly states: number;
  readonly transitions: number;
  /** Distance of the states that are left now from the initial one, steps. */
  readonly depth: number;
  /** States that were met and not left yet. */
  readonly frontier: number;
  /** Memory of table, logs and frontier, bytes. */
  readonly bytes: number;
}

/** What a caller may want of a running search. */
export type Wish = "checkpoint" | "stop" | undefined;

/** Workers beside the calling thread. */
export interface SearchWorkers {
  /** Of them all, the calling thread included. */
  readonly count: number;
  /** A module that calls `serveSearch`, as compiled JavaScript. */
  readonly entry: URL;
  /** Plain data from which the entry makes the same system, and a monitor. */
  readonly data: unknown;
}

/** How to search, and when to give up. */
export interface SearchOptions {
  readonly statesMax?: number | undefined;
  /** Bytes of table, logs and frontier. */
  readonly bytesMax?: number | undefined;
  /** Called every few thousand transitions. */
  readonly heed?: ((now: SearchProgress) => Wish) | undefined;
  /** Takes steps that are `local` first, and alone: fewer states, the same verdict. */
  readonly merge?: boolean | undefined;
  readonly workers?: SearchWorkers | undefined;
  /** Bytes of the frontier in memory; the rest goes to a temporary file, in `spillTo`. */
  readonly frontierBytesMax?: number | undefined;
  /** An existing directory; by default that of the system for temporary files. */
  readonly spillTo?: string | undefined;
  /** Where a checkpoint goes, when `heed` asks for one or a limit ends the search, and what it is a checkpoint of. */
  readonly checkpoint?: { readonly path: string; readonly identity: string } | undefined;
  /** Goes on from a checkpoint, which `openCheckpoint` has read. */
  readonly resume?: Checkpoint | undefined;
  /** Rows of a chunk, the unit of work. */
  readonly chunkRows?: number | undefined;
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
  /** Bytes of table, logs and frontier at their largest. */
  readonly bytes: number;
  /** Bound on the probability that two different states shared a fingerprint. */
  readonly collisionOdds: number;
  /** A way to the violation, deadlock or trap. */
  readonly trace?: readonly Decision[] | undefined;
  /** Whether no way is shorter; always, unless a limit ended the search for it. */
  readonly shortest?: boolean | undefined;
}
