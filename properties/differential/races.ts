// SPDX-License-Identifier: GPL-2.0-only
//
// Tiny programs of two tasks that run beside each other: of each, everything that callers can come to see in one design
// and not in the other, over all interleavings. Smallest first, so that the first difference of a kind is the smallest.

import type { DifferenceKind, PatchSide, RacePlan } from "../../spec/differences.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { SIDES } from "./compare.ts";
import { Alphabet, patternOf, type Pattern } from "./moves.ts";
import { type Outcomes, outcomesOf } from "./outcomes.ts";
import type { DesignPair } from "./pair.ts";
import { type Act, caseText, compareElements, compareMachines } from "./program.ts";

/** Programs that run beside each other. */
export interface Race {
  readonly machine: Machine;
  /** By task. */
  readonly programs: readonly string[];
}

/** What only one of the designs can come to. */
export interface RaceDifference {
  readonly kind: DifferenceKind;
  readonly race: Race;
  /** What both can come to, and what each can alone; the predecessor first. */
  readonly both: readonly string[];
  readonly only: readonly [readonly string[], readonly string[]];
  /** Programs that show it. */
  readonly count: number;
}

/** What the races came to. */
export interface Races {
  readonly differences: readonly RaceDifference[];
  readonly programs: number;
  readonly states: number;
  /** Programs in which a search did not come to its end; nothing is said of them. */
  readonly undecided: number;
  readonly done: boolean;
}

/** States of one search: those of tiny programs are some thousand. */
const STATES_MAX = 100_000;

/** Searches all programs of a plan. */
export function compareRaces(designs: DesignPair, plan: RacePlan, heed: () => boolean = () => false): Races {
  const found = new Map<DifferenceKind, RaceDifference>();
  let programs = 0;
  let states = 0;
  let undecided = 0;
  let done = true;
  const races = plan.machines
    .flatMap((machine) => programsOf(designs, machine, plan).map((elements) => ({ machine, elements })))
    .sort((a, b) => compareElements(a.elements, b.elements) || compareMachines(a.machine, b.machine));
  for (const { machine, elements } of races) {
    if (heed()) {
      done = false;
      break;
    }
    const race = { machine, programs: caseText({ elements, setting: "late" }).programs };
    const [before, after] = designs.map(({ allocator, design }) =>
      outcomesOf(instanceOf(allocator, machine, ...race.programs), design, STATES_MAX),
    ) as [Outcomes, Outcomes];
    programs++;
    states += before.states + after.states;
    if (!before.complete || !after.complete) {
      undecided++;
      continue;
    }
    for (const difference of differencesOf(race, before, after)) {
      const known = found.get(difference.kind);
      found.set(difference.kind, known ? { ...known, count: known.count + 1 } : difference);
    }
  }
  return { differences: [...found.values()], programs, states, undecided, done };
}

// Addresses are compared only where the answers are the same: else they say nothing more.
function differencesOf(race: Race, before: Outcomes, after: Outcomes): readonly RaceDifference[] {
  const answers = told("successes and failures", race, before.answers, after.answers);
  return answers.length > 0 ? answers : told("addresses", race, before.addresses, after.addresses);
}

function told(
  what: "successes and failures" | "addresses",
  race: Race,
  before: readonly string[],
  after: readonly string[],
): readonly RaceDifference[] {
  const both = before.filter((each) => after.includes(each));
  const only = [
    before.filter((each) => !after.includes(each)),
    after.filter((each) => !before.includes(each)),
  ] as const;
  return SIDES.flatMap((side: PatchSide, i) => {
    if (only[i]!.length === 0) return [];
    return [{ kind: `only the ${side} can come to ${what}` as const, race, both, only, count: 1 }];
  });
}

// All pairs of programs that the tasks can have: each at least one operation, areas freed and looked up by their own task
// only, the second program not simpler than the first.
function programsOf(
  designs: DesignPair,
  machine: Machine,
  { moves, operationsMax }: RacePlan,
): readonly (readonly Act[])[] {
  const patterns = moves.map(patternOf);
  const possible = designs
    .map(({ allocator }) => new Alphabet(allocator, machine, patterns).patterns)
    .reduce((a, b) => a.filter((each) => b.includes(each)));
  const words = wordsOf(possible, operationsMax - 1).toSorted(compareElements);
  return words.flatMap((first, i) =>
    words.slice(i).flatMap((second): readonly (readonly Act[])[] => {
      if (first.length + second.length > operationsMax) return [];
      const areas = areasOf(first);
      return [
        [...first, ...second.map((act) => ({ ...act, task: 1, areas: act.areas.map((id) => id + areas) }))],
      ];
    }),
  );
}

function areasOf(word: readonly Act[]): number {
  return word.reduce((sum, { pattern }) => sum + pattern.allocates.length, 0);
}

// All programs of one task.
function wordsOf(patterns: readonly Pattern[], lengthMax: number): readonly (readonly Act[])[] {
  const words: (readonly Act[])[] = [];
  const extend = (word: readonly Act[], live: readonly { id: number; verb: string }[]): void => {
    if (word.length > 0) words.push(word);
    if (word.length === lengthMax) return;
    for (const pattern of patterns) {
      if (pattern.once && word.some((act) => act.pattern === pattern)) continue;
      const fits = live.filter(({ verb }) => verb === pattern.of);
      const areas = pattern.names.map((_, i) => fits[i]?.id);
      if (areas.includes(undefined)) continue;
      // Of several areas that it could name, each in turn: patterns here name one at most.
      const choices = pattern.names.length === 1 ? fits.map(({ id }) => [id]) : [areas as number[]];
      const born = pattern.allocates.map((_, i) => ({ id: areasOf(word) + i, verb: pattern.verb }));
      for (const chosen of choices) {
        const gone = pattern.verb === "find" ? [] : chosen;
        const act: Act = { task: 0, pattern, areas: chosen, fault: false };
        extend([...word, act], [...live.filter(({ id }) => !gone.includes(id)), ...born]);
      }
    }
  };
  extend([], []);
  return words;
}
