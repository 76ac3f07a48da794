// SPDX-License-Identifier: GPL-2.0-only
//
// What a check is: a part of the monitor that watches for a few invariants. A check reads the simulation and
// never changes it; it must be able to fail, which a mutant in properties/mutants proves.

import type { InvariantId } from "../../spec/invariants.ts";
import type { ReferenceModel } from "../../model/reference-model.ts";
import type { Va } from "../../impl/heap/areas.ts";
import type { ContainerInfo, ContainerKind } from "../../impl/heap/containers.ts";
import type { Simulation } from "../../impl/simulation.ts";
import type { BlockMap } from "./block-map.ts";
import type { CheckMemory, History } from "./check-memory.ts";

/** Where a check reports. The message is made only if the invariant is watched and nothing was found before. */
export type Report = (invariant: InvariantId, message: () => string) => void;

/** What every check can look at. */
export interface CheckContext {
  readonly sim: Simulation;
  readonly model: ReferenceModel;
  readonly report: Report;
  /** Rows of the current step's events; `at` indexes the kind of one. */
  rows: Int32Array;
  /** Number of the current step, from 1 within a run. */
  step: number;
  /** Process that took it. */
  process: number;
  /** 1 for each process that took a step since its last operation ended. */
  readonly inFlight: Uint8Array;
  /** When each process took its last step. */
  readonly lastStep: Int32Array;
  /** The blocks that nodes own now. */
  readonly blocks: BlockMap;
  /** For what a check knows and what follows from the state: it must keep it here. */
  readonly memory: CheckMemory;
}

/** Called for one event; `at` is the index of its row in `context.rows`. */
export type EventHandler = (at: number) => void;

/** A part of the monitor. */
export interface Check {
  /** A run begins. */
  reset(): void;
  /** Handlers by event kind. */
  readonly on?: Readonly<Partial<Record<number, EventHandler>>>;
  /** Called for each record that the step changed and left in a container. */
  record?(va: Va, container: ContainerInfo): void;
  /** Kinds of containers that `record` is about; by default all. */
  readonly recordKinds?: readonly ContainerKind[];
  /** Called after a step that said or changed anything. */
  afterStep?(): void;
  /**
   * Called when nothing is left to do; in a closed instance, whenever all tasks are between two operations and no worker
   * has anything to do.
   */
  atQuiescence?(): void;
  /** What it remembers of the way to the current state. Without it, nothing that is not in the context's memory. */
  readonly history?: readonly History[];
}

/** Makes a check for a simulation; undefined where the design has nothing for it to watch. */
export type CheckFactory = (context: CheckContext) => Check | undefined;
