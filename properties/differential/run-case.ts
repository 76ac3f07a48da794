// SPDX-License-Identifier: GPL-2.0-only
//
// One case in both designs, from its beginning: to see it again, to show it, to try whether a simpler one shows the same.

import type { DifferenceKind } from "../../spec/differences.ts";
import { patternOf } from "./moves.ts";
import { type DesignPair, type Lockstep, Pair, type PairState } from "./pair.ts";
import { type Case, type Element, QUIET } from "./program.ts";

/** An element that was executed. */
export interface Executed {
  readonly element: Element;
  readonly before: Omit<PairState, "rows">;
  readonly step: Lockstep;
}

/** A case that was executed, as far as it could be. */
export interface CaseRun {
  readonly pair: Pair;
  readonly executed: readonly Executed[];
}

/** The pair of a case, with no more patterns than the case has. */
export function pairFor(designs: DesignPair, { machine, setting, fault, elements }: Case): Pair {
  const texts = new Map(
    elements.flatMap((each) => (each === QUIET ? [] : [[each.pattern.index, each.pattern] as const])),
  );
  const pair = new Pair(designs, machine, fault, [...texts.values()]);
  pair.setting = setting;
  return pair;
}

/** Runs a case up to what ends it. `pair` is one of its designs and machine, in the initial state. */
export function runCase(designs: DesignPair, of: Case, pair: Pair = pairFor(designs, of)): CaseRun {
  const executed: Executed[] = [];
  let state: Omit<PairState, "rows"> | undefined = pair.begin();
  for (const element of of.elements) {
    if (!state || !isLegal(pair, state, element)) break;
    const step: Lockstep = pair.step(state, element);
    if (step.void) break;
    executed.push({ element, before: state, step });
    state = step.next;
  }
  return { pair, executed };
}

/** The case up to the first element that shows the kind; undefined if none does. */
export function upTo(kind: DifferenceKind, of: Case, { executed }: CaseRun): Case | undefined {
  const at = executed.findIndex(({ step }) => step.kinds.includes(kind));
  if (at < 0) return undefined;
  const elements = of.elements.slice(0, at + 1);
  const fails = elements.some((each) => each !== QUIET && each.fault);
  return { ...of, elements, fault: fails ? of.fault : undefined };
}

/** A case with its patterns numbered by their texts, so that like ones are one. */
export function renumbered(of: Case): Case {
  const texts = [
    ...new Set(of.elements.flatMap((each) => (each === QUIET ? [] : [each.pattern.text]))),
  ].sort();
  return {
    ...of,
    elements: of.elements.map((each) => {
      if (each === QUIET) return each;
      const { text, of: verb, once } = each.pattern;
      return { ...each, pattern: patternOf({ text, of: verb, once }, texts.indexOf(text)) };
    }),
  };
}

// What the machine has, of areas that are live, in tasks that begin in their order.
function isLegal(pair: Pair, state: Omit<PairState, "rows">, element: Element): boolean {
  if (element === QUIET) return true;
  const { pattern, task, areas } = element;
  if (!pair.patterns.some(({ index }) => index === pattern.index)) return false;
  if (task > state.tasks || task >= pair.tasks || state.once.includes(pattern.index)) return false;
  return areas.every((id) => {
    const area = state.live.find((each) => each.id === id);
    if (!area || area.slot.pattern.verb !== pattern.of) return false;
    return area.task === task || (pattern.verb !== "find" && !area.looked);
  });
}
