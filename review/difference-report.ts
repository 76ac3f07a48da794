// SPDX-License-Identifier: GPL-2.0-only
//
// What the comparison of a patch with its predecessor came to, as plain data.

import type { DifferenceKind, ExpectedDifference } from "../spec/differences.ts";
import type { AllocatorId } from "../spec/instance.ts";
import type { Machine } from "../spec/small-machine.ts";

/** One line of an example: an operation or a quiet point. */
export interface ExampleRow {
  /** Absent at a quiet point. */
  readonly task?: number | undefined;
  readonly text: string;
  /** What the caller saw in each design, the predecessor first. */
  readonly saw: readonly [string, string];
}

/** The smallest program that shows a kind of difference, in both designs. */
export interface DifferenceExample {
  readonly machine: Machine;
  /** By task. */
  readonly programs: readonly string[];
  /** The schedule, as `vmapcheck run --order` takes it. */
  readonly order: string;
  readonly rows: readonly ExampleRow[];
  /** The address space of each design at the end. */
  readonly strips: readonly [string, string];
  /** What the characters mean. */
  readonly legend: string;
  /** What each design violates, if it does. */
  readonly found: readonly [string | null, string | null];
  /** What shows each run again. */
  readonly commands: readonly [string, string];
}

/** Tiny programs that run beside each other, and what only one design can come to. */
export interface RaceExample {
  readonly machine: Machine;
  readonly programs: readonly string[];
  /** Outcomes of both designs, of the predecessor alone, of the patch alone. */
  readonly both: readonly string[];
  readonly only: readonly [readonly string[], readonly string[]];
}

/** One kind of difference. */
export interface DifferenceLine {
  readonly kind: DifferenceKind;
  /** What the dossier says of it; absent if it was not expected. */
  readonly expected?: ExpectedDifference | undefined;
  /** Programs that show it. */
  readonly count: number;
  /** Whether no enumerated program shows it: the example was drawn at random and shrunk. */
  readonly drawn?: boolean | undefined;
  readonly example?: DifferenceExample | undefined;
  readonly race?: RaceExample | undefined;
}

/** One revision of a patch, compared with the predecessor. */
export interface DifferenceResult {
  /** Id of the dossier. */
  readonly patch: string;
  /** "v2", say. */
  readonly version: string;
  readonly before: AllocatorId;
  readonly after: AllocatorId;
  /** Longest of the enumerated programs, operations and quiet points. */
  readonly operationsMax: number;
  readonly machines: number;
  /** Enumerated programs, longer ones at random, tiny ones of which all interleavings were searched. */
  readonly programs: number;
  readonly randomPrograms: number;
  readonly races: number;
  /** States of those searches. */
  readonly states: number;
  readonly kinds: readonly DifferenceLine[];
  /** Expected and not seen; only where everything was compared. */
  readonly missing: readonly ExpectedDifference[];
  /** What could not be decided, one line each. */
  readonly undecided: readonly string[];
}
