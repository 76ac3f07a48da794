// SPDX-License-Identifier: GPL-2.0-only
//
// Shrinks a case that was drawn at random, with respect to one kind of difference: no operation, task, page, alignment,
// window or part of the machine can be dropped from what is left without losing the kind.

import { minimize, withoutSome } from "../../explore/minimize.ts";
import type { DifferenceKind } from "../../spec/differences.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { patternOf } from "./moves.ts";
import type { DesignPair } from "./pair.ts";
import { type Case, type Element, QUIET } from "./program.ts";
import { renumbered, runCase, upTo } from "./run-case.ts";

/** A case from which nothing can be dropped. */
export interface ShrunkCase {
  readonly case: Case;
  /** False if the work was bounded before. */
  readonly minimal: boolean;
}

const ATTEMPTS_MAX = 1500;

/** The smallest case that this leads to. `of` shows the kind. */
export function shrinkCase(designs: DesignPair, kind: DifferenceKind, of: Case): ShrunkCase {
  const attempt = (candidate: Case): Case | undefined => {
    if (!isMachine(designs, candidate.machine)) return undefined;
    const whole = renumbered(candidate);
    return upTo(kind, whole, runCase(designs, whole));
  };
  const start = attempt(of);
  if (!start) throw new Error(`shrinking: the case does not show "${kind}"`);
  const least = minimize<Case, Case>(
    { case: start, proof: start },
    function* (each) {
      yield* simplerCases(each);
    },
    (candidate) => attempt(candidate),
    ATTEMPTS_MAX,
  );
  return { case: least.proof, minimal: least.done };
}

function isMachine(designs: DesignPair, machine: Machine): boolean {
  return designs.every(({ allocator }) => {
    try {
      return validateInstance(instanceOf(allocator, machine, "-")) === undefined;
    } catch {
      return false;
    }
  });
}

/** Simpler cases, boldest first. */
export function* simplerCases(of: Case): Iterable<Case> {
  const { elements, machine } = of;
  for (const fewer of withoutSome(elements.map((_, i) => i))) {
    yield { ...of, elements: kept(elements, new Set(fewer)) };
  }
  for (const simpler of simplerMachines(machine)) yield { ...of, machine: simpler };
  if (of.setting === "late") yield { ...of, setting: "prompt" };
  for (const [i, element] of elements.entries()) {
    for (const simpler of simplerElements(element)) {
      yield { ...of, elements: elements.map((each, j) => (i === j ? simpler : each)) };
    }
  }
}

// Without an element go those that name its areas; the areas behind it get lower numbers.
function kept(elements: readonly Element[], indexes: ReadonlySet<number>): readonly Element[] {
  const numbers = new Map<number, number>();
  const left: Element[] = [];
  let areas = 0;
  let now = 0;
  for (const [i, element] of elements.entries()) {
    if (element === QUIET) {
      if (indexes.has(i)) left.push(element);
      continue;
    }
    const own = element.pattern.allocates.length;
    const known = element.areas.every((id) => numbers.has(id));
    if (indexes.has(i) && known) {
      left.push({ ...element, areas: element.areas.map((id) => numbers.get(id)!) });
      for (let k = 0; k < own; k++) numbers.set(areas + k, now + k);
      now += own;
    }
    areas += own;
  }
  return left;
}

function* simplerElements(element: Element): Iterable<Element> {
  if (element === QUIET) return;
  const { pattern, task } = element;
  if (task > 0) yield { ...element, task: 0 };
  if (task > 1) yield { ...element, task: task - 1 };
  if (element.fault) yield { ...element, fault: false };
  for (const text of simplerTexts(pattern.text)) {
    yield { ...element, pattern: patternOf({ text, of: pattern.of, once: pattern.once }, pattern.index) };
  }
}

// Without an option, and with smaller numbers; a text that is no operation any more is no case.
function* simplerTexts(text: string): Iterable<string> {
  for (const option of [/,align=\d+/, /,window=[\w.]+/]) {
    if (option.test(text)) yield text.replace(option, "");
  }
  for (const match of text.matchAll(/\d+/g)) {
    const n = Number(match[0]);
    const [from, to] = [match.index, match.index + match[0].length];
    const isAlign = text.slice(0, from).endsWith("align=");
    for (const smaller of isAlign ? [n / 2] : [1, n >> 1, n - 1]) {
      if (smaller >= 1 && smaller < n) yield text.slice(0, from) + String(smaller) + text.slice(to);
    }
  }
}

function* simplerMachines(machine: Machine): Iterable<Machine> {
  const { space, cpus = 2, nodes = 2, block = 8, lazyMax = 3, modules, vmalloc, ...rest } = machine;
  const made = (change: Partial<Machine>): Machine => ({
    ...rest,
    space,
    cpus,
    nodes,
    block,
    lazyMax,
    ...(modules && { modules }),
    ...(vmalloc && { vmalloc }),
    ...change,
  });
  if (modules && vmalloc) yield { ...rest, space: vmalloc.end, cpus, nodes, block, lazyMax };
  for (const less of smaller(cpus, 1)) yield made({ cpus: less });
  for (const less of smaller(nodes, 1)) yield made({ nodes: less });
  if (!modules) for (const less of smaller(space, 1)) yield made({ space: less });
  for (const less of smaller(block, 1)) yield made({ block: less });
  for (const less of smaller(lazyMax, 0)) yield made({ lazyMax: less });
}

function smaller(n: number, least: number): readonly number[] {
  return [...new Set([least, (n + least) >> 1, n - 1])].filter((each) => each >= least && each < n);
}
