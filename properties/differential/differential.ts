// SPDX-License-Identifier: GPL-2.0-only
//
// Compares the two designs of a patch: all small programs, longer ones at random, and all interleavings of tiny ones.
// Of each kind of difference the smallest program is kept. Counts bound the work, so that the report is always the same.

import type { DifferenceKind, DifferencePlan } from "../../spec/differences.ts";
import { type Difference, enumerate } from "./enumerate.ts";
import { patternOf } from "./moves.ts";
import type { DesignPair } from "./pair.ts";
import { compareCases, compareMachines } from "./program.ts";
import { compareRaces, type Races } from "./races.ts";
import { randomCases } from "./random-cases.ts";

/** How much is done. */
export interface DifferentialOptions {
  readonly seed: string;
  /** Only what the gate has time for: shorter programs, no random ones, the first of the machines for races. */
  readonly small?: boolean | undefined;
  /** Asked now and then, with the part that is done; true stops. */
  readonly heed?: ((fraction: number) => boolean) | undefined;
}

/** What the comparison of two designs came to. */
export interface Differential {
  /** In the order of their smallest programs. */
  readonly differences: readonly Difference[];
  readonly operationsMax: number;
  readonly machines: number;
  /** Programs that were enumerated and compared. */
  readonly programs: number;
  /** Longer ones, at random. */
  readonly randomPrograms: number;
  readonly races: Races;
  /** False if `heed` ended it. */
  readonly done: boolean;
}

// Parts of the work, about.
const ENUMERATED = 0.7;
const RANDOM = 0.8;

/** Compares. */
export function compareDesigns(
  designs: DesignPair,
  given: DifferencePlan,
  { seed, small = false, heed = () => false }: DifferentialOptions,
): Differential {
  const plan = inOrder(given);
  const { machines } = plan;
  const patterns = plan.moves.map(patternOf);
  const operationsMax = small ? plan.operationsInGate : plan.operationsMax;
  const found = new Map<DifferenceKind, Difference>();
  let programs = 0;
  let done = true;
  // The first fault, and all programs without one; then those with each of the others.
  const faults = plan.faults.length === 0 ? [undefined] : plan.faults;
  const parts = machines.flatMap((machine) =>
    faults.map((fault, i) => ({ machine, fault, faultedOnly: i > 0, operationsMax })),
  );
  for (const [i, part] of parts.entries()) {
    if (!done) break;
    const result = enumerate(designs, { ...part, patterns }, () => heed((ENUMERATED * i) / parts.length));
    programs += result.programs;
    done &&= result.done;
    for (const each of result.differences.values()) merge(found, each);
  }
  const random = small
    ? { differences: [], programs: 0, done: true }
    : randomCases(designs, plan, seed, new Set(found.keys()), () => !done || heed(ENUMERATED));
  for (const each of random.differences) merge(found, each);
  const raced = small
    ? {
        ...plan.races,
        machines: plan.races.machines.slice(0, 1),
        operationsMax: plan.races.operationsMax - 1,
      }
    : plan.races;
  const races = compareRaces(designs, raced, () => !done || heed(RANDOM));
  return {
    differences: [...found.values()].sort((a, b) => compareCases(a.case, b.case)),
    operationsMax,
    machines: machines.length,
    programs,
    randomPrograms: random.programs,
    races,
    done: done && random.done && races.done,
  };
}

// In whatever order a dossier lists its machines, the report is the same.
function inOrder(plan: DifferencePlan): DifferencePlan {
  const { machines, races } = plan;
  const racing = races.machines.toSorted(compareMachines);
  return { ...plan, machines: machines.toSorted(compareMachines), races: { ...races, machines: racing } };
}

function merge(found: Map<DifferenceKind, Difference>, each: Difference): void {
  const known = found.get(each.kind);
  if (!known) found.set(each.kind, each);
  else {
    const least = compareCases(each.case, known.case) < 0 ? each.case : known.case;
    found.set(each.kind, { kind: each.kind, case: least, count: known.count + each.count });
  }
}
