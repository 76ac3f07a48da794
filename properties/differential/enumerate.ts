// SPDX-License-Identifier: GPL-2.0-only
//
// All programs of a pair of designs on one machine, fewest operations first. Programs with a common beginning share its
// execution, and of programs that lead to one state only the first goes on: so the first difference of a kind is the
// smallest of all. Two states are taken for one if the 64-bit fingerprints of both designs and what is live are equal.

import type { DifferenceKind } from "../../spec/differences.ts";
import type { Fingerprint } from "../../explore/search/search.ts";
import type { FaultPoint } from "../../spec/faults.ts";
import type { Machine } from "../../spec/small-machine.ts";
import type { Pattern } from "./moves.ts";
import { type DesignPair, type Live, Pair, type PairState } from "./pair.ts";
import {
  type Case,
  compareCases,
  compareElements,
  type Element,
  QUIET,
  type WorkSetting,
} from "./program.ts";

/** What is enumerated. */
export interface Enumeration {
  readonly machine: Machine;
  readonly patterns: readonly Pattern[];
  /** What may fail, once in a program. */
  readonly fault?: FaultPoint | undefined;
  /** Only programs in which it does: the others are enumerated elsewhere. */
  readonly faultedOnly?: boolean | undefined;
  /** Most operations and quiet points; one less in programs in which something fails. */
  readonly operationsMax: number;
}

/** A kind of difference, with the smallest case that shows it. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly case: Case;
  /** Programs that show it in their last operation. */
  readonly count: number;
  /** Whether it was drawn at random and shrunk: smaller cases that show it may exist on other machines. */
  readonly drawn?: boolean | undefined;
}

/** What an enumeration came to. */
export interface Enumerated {
  readonly differences: ReadonlyMap<DifferenceKind, Difference>;
  /** Programs that were executed by both designs and compared. */
  readonly programs: number;
  /** False if `heed` ended it. */
  readonly done: boolean;
}

const SETTINGS: readonly WorkSetting[] = ["prompt", "late"];

interface Node {
  readonly state: PairState;
  readonly elements: readonly Element[];
}

/** Enumerates, under both settings. `heed` is asked now and then and returns true to stop. */
export function enumerate(
  designs: DesignPair,
  plan: Enumeration,
  heed: () => boolean = () => false,
): Enumerated {
  const pair = new Pair(designs, plan.machine, plan.fault, plan.patterns);
  const found = new Map<DifferenceKind, Difference>();
  const initial = pair.begin();
  let programs = 0;
  let done = true;
  for (const setting of SETTINGS) {
    pair.setting = setting;
    const walk = new Walk(pair, plan, found);
    done &&= walk.run(initial, heed);
    programs += walk.programs;
  }
  return { differences: found, programs, done };
}

/** All programs under one setting. */
class Walk {
  programs = 0;
  private readonly seen = new Set<string>();
  private next = new Map<string, Node>();
  private readonly pair: Pair;
  private readonly plan: Enumeration;
  private readonly found: Map<DifferenceKind, Difference>;

  constructor(pair: Pair, plan: Enumeration, found: Map<DifferenceKind, Difference>) {
    this.pair = pair;
    this.plan = plan;
    this.found = found;
  }

  /** Level by level; false if `heed` ended it. */
  run(initial: PairState, heed: () => boolean): boolean {
    let level: readonly Node[] = [{ state: initial, elements: [] }];
    this.pair.load(initial);
    this.seen.add(keyOf(this.pair, initial));
    for (let length = 1; length <= this.plan.operationsMax && level.length > 0; length++) {
      this.next = new Map();
      for (const node of level) {
        if (heed()) return false;
        this.expand(node);
      }
      for (const key of this.next.keys()) this.seen.add(key);
      level = [...this.next.values()];
    }
    return true;
  }

  private expand({ state, elements }: Node): void {
    const { pair, plan } = this;
    const { fault, operationsMax } = plan;
    const length = elements.length + 1;
    const { setting } = pair;
    const faults = state.faulted || length >= operationsMax ? undefined : fault;
    for (const element of continuations(pair, state, faults)) {
      pair.load(state);
      const step = pair.step(state, element);
      if (step.void) continue;
      const whole = [...elements, element];
      const faulted = state.faulted || (element !== QUIET && element.fault);
      if (faulted || !plan.faultedOnly) {
        this.programs++;
        const at = { machine: plan.machine, setting, fault: faulted ? fault : undefined, elements: whole };
        for (const kind of step.kinds) note(this.found, kind, at);
      }
      if (step.next && length < (faulted ? operationsMax - 1 : operationsMax)) this.keep(step.next, whole);
    }
  }

  // The current state goes on, unless a simpler program leads there.
  private keep(next: Omit<PairState, "rows">, elements: readonly Element[]): void {
    const key = keyOf(this.pair, next);
    if (this.seen.has(key)) return;
    const rival = this.next.get(key);
    if (rival && compareElements(rival.elements, elements) <= 0) return;
    this.next.set(key, { state: { ...next, rows: this.pair.save() }, elements });
  }
}

function note(found: Map<DifferenceKind, Difference>, kind: DifferenceKind, at: Case): void {
  const known = found.get(kind);
  const isSmaller = !known || compareCases(at, known.case) < 0;
  found.set(kind, { kind, case: isSmaller ? at : known.case, count: (known?.count ?? 0) + 1 });
}

/**
 * The elements that may come next: tasks begin in their order, areas are named in the order of their allocation, only
 * live ones are freed or looked up, and a quiet point comes only where work is pending.
 */
export function* continuations(
  pair: Pair,
  state: PairState,
  fault: FaultPoint | undefined,
): Iterable<Element> {
  if (pair.setting === "late" && pair.hasWork(state)) yield QUIET;
  const tasks = Math.min(state.tasks + 1, pair.tasks);
  for (const pattern of pair.patterns) {
    if (state.once.includes(pattern.index)) continue;
    for (let task = 0; task < tasks; task++) {
      for (const areas of named(pattern, state.live, task)) {
        yield { task, pattern, areas, fault: false };
        if (fault !== undefined && !state.faulted) yield { task, pattern, areas, fault: true };
      }
    }
  }
}

// Every choice of live areas for the letters that a pattern names.
function named(pattern: Pattern, live: readonly Live[], task: number): readonly (readonly number[])[] {
  const fits = live.filter(
    (each) =>
      each.slot.pattern.verb === pattern.of &&
      (each.task === task || (pattern.verb !== "find" && !each.looked)),
  );
  let lists: readonly (readonly number[])[] = [[]];
  for (const _ of pattern.names) {
    lists = lists.flatMap((list) =>
      fits.filter(({ id }) => !list.includes(id)).map(({ id }) => [...list, id]),
    );
  }
  return lists;
}

// The current state of the pair, with what `state` says of it beside the rows.
function keyOf(pair: Pair, state: Omit<PairState, "rows">): string {
  const print: Fingerprint = { low: 0, high: 0 };
  const parts: (string | number)[] = [];
  for (const side of pair.sides) {
    side.fingerprint(print);
    parts.push(print.low, print.high);
  }
  const areas = state.live.map(
    ({ at, slot, task, looked }) =>
      `${at[0]}/${at[1]}/${slot.pattern.index}${slot.letter}/${task}${looked ? "l" : ""}`,
  );
  parts.push(areas.sort().join(), state.tasks, state.once.join(), state.faulted ? 1 : 0);
  return parts.join(" ");
}
