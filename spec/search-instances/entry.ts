// SPDX-License-Identifier: GPL-2.0-only
//
// What an entry of the catalogue of named instances says: what to search, and what the search must come to. A verdict
// on an instance that never gets to the code in question is worth nothing, so each entry says exactly which steps of
// its design it cannot come to, and why; a search must execute all others.

import type { DefectId } from "../defects.ts";
import type { EVENT } from "../events.ts";
import type { AllocatorId, Instance } from "../instance.ts";
import { instanceOf, type Machine } from "../small-machine.ts";

/** How long a search takes: tiny about a second, small a quarter of a minute, medium a minute, large minutes. */
export const SIZE_CLASSES = ["tiny", "small", "medium", "large"] as const;

/** Class of an instance by its number of states. */
export type SizeClass = (typeof SIZE_CLASSES)[number];

/** States that an instance of a class may have; the gate searches the tiny ones. */
export const STATES_OF_CLASS: Readonly<Record<SizeClass, number>> = {
  tiny: 200_000,
  small: 2_000_000,
  medium: 8_000_000,
  large: 1_000_000_000,
};

/** Steps that an instance cannot come to. */
export interface Unreachable {
  /** Each as `function: what happens there`, which is how reports name it. */
  readonly steps: readonly string[];
  readonly why: string;
}

/** Something that must happen in a search although no step of its own shows it. */
export interface EventWitness {
  readonly event: keyof typeof EVENT;
  readonly text: string;
}

/** What the faithful port does wrong in an instance, as a search of all invariants finds it. */
export interface PinnedViolation {
  readonly invariant: `INV-${string}`;
  readonly by: DefectId;
  /** Steps of a shortest way there. */
  readonly steps: number;
}

/** A named instance. */
export interface SearchInstance {
  /** Unique, of the allocator and the name. */
  readonly id: string;
  readonly allocator: AllocatorId;
  /** Unique for the allocator. */
  readonly name: string;
  /** What it exercises. */
  readonly statement: string;
  readonly size: SizeClass;
  readonly instance: Instance;
  /** Reachable states, as counted; where something is wrong, those that a search meets before it. */
  readonly states: number;
  /** Present if the faithful port is wrong here. */
  readonly violates?: PinnedViolation | undefined;
  /** All that it cannot come to. Every other step of the design is a witness. */
  readonly unreachable: readonly Unreachable[];
  /** Further witnesses. */
  readonly events: readonly EventWitness[];
}

/** How an entry is written down. */
export interface Written {
  readonly name: string;
  readonly statement: string;
  readonly machine: Machine;
  readonly programs: readonly string[];
  readonly states: number;
  readonly violates?: PinnedViolation | undefined;
  readonly unreachable: readonly Unreachable[];
  readonly events?: readonly EventWitness[];
}

// A name says the shape, the size class, and perhaps more. States alone do not say it where a search ends early.
function sizeIn(name: string): SizeClass {
  const word = name.split("-")[1];
  const size = SIZE_CLASSES.find((each) => each === word);
  if (!size) throw new Error(`${name}: a name says what size class it is of`);
  return size;
}

/** The entries of a design. */
export function entriesOf(allocator: AllocatorId, written: readonly Written[]): readonly SearchInstance[] {
  return written.map(
    ({ name, statement, machine, programs, states, violates, unreachable, events = [] }) => ({
      id: `${allocator}/${name}`,
      allocator,
      name,
      statement,
      size: sizeIn(name),
      instance: instanceOf(allocator, machine, ...programs),
      states,
      violates,
      unreachable,
      events,
    }),
  );
}
