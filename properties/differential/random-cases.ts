// SPDX-License-Identifier: GPL-2.0-only
//
// Programs beyond the bound of the enumeration, drawn at random from a seed: longer, with other sizes and windows, on
// larger machines. Only kinds of difference that are not known yet are kept, each shrunk.

import { createRng, type Rng } from "../../explore/rng.ts";
import type { DifferenceKind, DifferencePlan, Move } from "../../spec/differences.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { continuations, type Difference } from "./enumerate.ts";
import { patternOf } from "./moves.ts";
import { type DesignPair, Pair, type PairState } from "./pair.ts";
import { type Element, QUIET, type WorkSetting } from "./program.ts";
import { shrinkCase } from "./shrink-case.ts";

/** What was drawn. */
export interface RandomCases {
  readonly differences: readonly Difference[];
  readonly programs: number;
  readonly done: boolean;
}

/** Programs on one machine, before another one is drawn. */
const PER_MACHINE = 12;

/** Draws programs. `known` are kinds that need not be found again. */
export function randomCases(
  designs: DesignPair,
  plan: Pick<DifferencePlan, "moves" | "faults" | "machines" | "random">,
  seed: string,
  known: ReadonlySet<DifferenceKind>,
  heed: () => boolean = () => false,
): RandomCases {
  const found = new Map<DifferenceKind, Difference>();
  const { cases, operationsMax } = plan.random;
  let programs = 0;
  while (programs < cases) {
    if (heed()) return { differences: [...found.values()], programs, done: false };
    const rng = createRng(`${seed}/difference/${programs}`);
    const machine = randomMachine(rng, plan.machines);
    const setting: WorkSetting = rng.below(2) === 0 ? "prompt" : "late";
    const fault = rng.below(2) === 0 ? undefined : plan.faults[rng.below(Math.max(1, plan.faults.length))];
    const moves = [...plan.moves, ...Array.from({ length: 4 }, () => randomAlloc(rng, machine))];
    const pair = new Pair(designs, machine, fault, moves.map(patternOf));
    pair.setting = setting;
    const initial = pair.begin();
    for (let i = 0; i < PER_MACHINE && programs < cases; i++, programs++) {
      const elements: Element[] = [];
      let state: PairState | undefined = initial;
      for (let tries = 0; state && elements.length < operationsMax && tries < 4 * operationsMax; tries++) {
        const element = drawn(rng, pair, state, fault !== undefined);
        pair.load(state);
        const step = pair.step(state, element);
        if (step.void) continue;
        elements.push(element);
        for (const kind of step.kinds) {
          if (known.has(kind) || found.has(kind)) continue;
          const whole = { machine, setting, fault, elements: [...elements] };
          found.set(kind, { kind, case: shrinkCase(designs, kind, whole).case, count: 1, drawn: true });
        }
        state = step.next && { ...step.next, rows: pair.save() };
      }
    }
  }
  return { differences: [...found.values()], programs, done: true };
}

// Allocations and frees about as often as each other, all else now and then.
function drawn(rng: Rng, pair: Pair, state: PairState, faulty: boolean): Element {
  const all = [...continuations(pair, state, undefined)];
  const verbs = all.map((each) =>
    each === QUIET ? QUIET : each.pattern.allocates.length > 0 ? "" : each.pattern.verb,
  );
  const weights: Readonly<Record<string, number>> = { "": 6, free: 4 };
  const kinds = [...new Set(verbs)];
  const tickets = kinds.flatMap((verb) => Array.from({ length: weights[verb] ?? 1 }, () => verb));
  const verb = tickets[rng.below(tickets.length)]!;
  const fitting = all.filter((_, i) => verbs[i] === verb);
  const element = fitting[rng.below(fitting.length)]!;
  if (element === QUIET || !faulty || state.faulted || rng.below(4) !== 0) return element;
  return { ...element, fault: true };
}

function randomMachine(rng: Rng, machines: readonly Machine[]): Machine {
  const like = machines[rng.below(machines.length)]!;
  const grown = like.space + rng.below(17);
  const { modules } = like;
  return {
    ...like,
    // A machine with windows of its own keeps them.
    ...(modules || like.vmalloc ? {} : { space: grown }),
    cpus: 1 + rng.below(3),
    nodes: 1 + rng.below(3),
    block: [4, 8, 8, 12][rng.below(4)]!,
    lazyMax: rng.below(6),
  };
}

function randomAlloc(rng: Rng, { space }: Machine): Move {
  const size = 1 + rng.below(rng.below(2) === 0 ? 3 : Math.max(1, space >> 1));
  const align = [1, 1, 2, 4][rng.below(4)]!;
  const start = rng.below(space);
  const end = start + 1 + rng.below(space - start);
  const window = rng.below(3) === 0 ? `,window=${start}..${end}` : "";
  return { text: `A=alloc(${size}${align === 1 ? "" : `,align=${align}`}${window})` };
}
