// SPDX-License-Identifier: GPL-2.0-only
//
// What may differ between the designs of a patch, and what a dossier says about it: which programs are compared, on
// which machines, and which kinds of difference are expected. Data only; properties/differential/ does the comparing.

import type { DefectId } from "./defects.ts";
import type { FaultPoint } from "./faults.ts";
import type { InvariantId } from "./invariants.ts";
import type { Machine } from "./small-machine.ts";

/** One of the two designs of a patch. */
export type PatchSide = "patch" | "predecessor";

/** How much room the design that fails has, by what is live in it: none is left out for what is lazy, pooled or set aside. */
export type Room = "with nothing live" | "with room" | "without room";

/**
 * A kind of difference, in the words of reports. The first ones are of one program under one order of operations, the
 * last two of all interleavings of a program.
 */
export type DifferenceKind =
  | "another address"
  | "another find"
  | `another failure: ${string} instead of ${string}`
  | `only the ${PatchSide} fails: ${string}`
  | `only the ${PatchSide} fails: ${string}, ${Room}`
  | `only the ${PatchSide} violates ${InvariantId}`
  | `only the ${PatchSide} does not end`
  | `only the ${PatchSide} can come to successes and failures`
  | `only the ${PatchSide} can come to addresses`;

/** A kind that must be seen, and what it comes from. */
export interface ExpectedDifference {
  readonly kind: DifferenceKind;
  /** Where it comes from, in a sentence. */
  readonly why: string;
  /** What is wrong, if that is what it comes from. */
  readonly defects: readonly DefectId[];
  /** Claims of the dossier that it bears on. */
  readonly claims: readonly `C${number}-${number}`[];
}

/**
 * A pattern of operations as program text. Capital letters stand for areas: those before "=" are allocated, others are
 * any that are live. `find(A+last)` looks up the last page.
 */
export interface Move {
  readonly text: string;
  /** The verb that allocated the areas that it names; "alloc" if absent. */
  readonly of?: string;
  /** At most once in a program: what switches a mode, say. */
  readonly once?: boolean;
}

/** What is compared, and what is expected to differ. */
export interface DifferencePlan {
  readonly moves: readonly (string | Move)[];
  readonly machines: readonly Machine[];
  /** All programs of so many operations and quiet points. */
  readonly operationsMax: number;
  /** The same in the gate, which has less time. */
  readonly operationsInGate: number;
  /** Where an allocation of the kernel's may fail, once in a program. */
  readonly faults: readonly FaultPoint[];
  /** Longer programs, drawn at random on larger machines. */
  readonly random: { readonly cases: number; readonly operationsMax: number };
  /** Tiny programs of two tasks, of which all interleavings are compared. */
  readonly races: RacePlan;
  readonly expected: readonly ExpectedDifference[];
}

/** Programs of two tasks that run beside each other. */
export interface RacePlan {
  readonly moves: readonly (string | Move)[];
  readonly machines: readonly Machine[];
  /** Operations of both tasks together. */
  readonly operationsMax: number;
}
