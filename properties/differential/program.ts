// SPDX-License-Identifier: GPL-2.0-only
//
// A program of a comparison together with its schedule: operations in the order in which they run, each in its task,
// and the points at which pending work runs. In text, it is what `vmapcheck run --order` takes.

import type { FaultPoint } from "../../spec/faults.ts";
import type { Machine } from "../../spec/small-machine.ts";
import { type Pattern, textOf } from "./moves.ts";

/** When pending work items run, besides where an operation waits for them. */
export type WorkSetting = "prompt" | "late";

/** What the settings mean. */
export const WORK_SETTINGS: Readonly<Record<WorkSetting, string>> = {
  prompt: "all pending work runs after each operation, until there is none",
  late: "pending work runs at quiet points only",
};

/** One operation. */
export interface Act {
  readonly task: number;
  readonly pattern: Pattern;
  /** Numbers of the areas that it names, in the order of the pattern's letters. */
  readonly areas: readonly number[];
  /** The first allocation of the kernel's that may fail in it does. */
  readonly fault: boolean;
}

/** A quiet point: pending work runs until there is none. */
export const QUIET = "quiet";

/** What a program consists of. */
export type Element = Act | typeof QUIET;

/** A program on a machine. */
export interface Case {
  readonly machine: Machine;
  readonly setting: WorkSetting;
  /** What may fail in it. */
  readonly fault: FaultPoint | undefined;
  readonly elements: readonly Element[];
}

/** A case as text. */
export interface CaseText {
  /** By task. */
  readonly programs: readonly string[];
  /** For each operation its task, with "!" if an allocation fails in it; "quiet" for a quiet point. */
  readonly order: string;
}

/** The text of a case. Areas are named in the order in which they are allocated. */
export function caseText({ elements, setting }: Pick<Case, "elements" | "setting">): CaseText {
  const names: { readonly name: string; readonly pages: number }[] = [];
  const programs: string[][] = [];
  const order: string[] = [];
  for (const element of elements) {
    if (element === QUIET) {
      order.push(QUIET);
      continue;
    }
    const { task, pattern, areas, fault } = element;
    const own = new Map<string, string>();
    for (const letter of pattern.allocates) {
      own.set(letter, areaName(names.length));
      names.push({ name: areaName(names.length), pages: pattern.pages });
    }
    pattern.names.forEach((letter, i) => own.set(letter, names[areas[i]!]!.name));
    const pages = areas.length === 0 ? pattern.pages : names[areas[0]!]!.pages;
    while (programs.length <= task) programs.push([]);
    programs[task]!.push(textOf(pattern, (letter) => own.get(letter) ?? letter, pages));
    order.push(`${task}${fault ? "!" : ""}`);
    if (setting === "prompt") order.push(QUIET);
  }
  return { programs: programs.map((ops) => ops.join("; ") || "-"), order: order.join(" ") };
}

/** a, b, ..., z, a1, b1, ... */
export function areaName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  const round = Math.floor(index / 26);
  return round === 0 ? letter : `${letter}${round}`;
}

/** What a program costs in the order of programs: first what the length does not tell. Sums, so that the order of two programs is that of their common continuations. */
export function costOf(elements: readonly Element[]): readonly number[] {
  const sum = [0, 0, 0, 0, 0];
  for (const element of elements) {
    if (element === QUIET) continue;
    sum[0]! += element.fault ? 1 : 0;
    sum[1]! += element.task;
    element.pattern.cost.forEach((each, i) => (sum[i + 2]! += each));
  }
  return sum;
}

/** Orders programs: fewer operations and quiet points first, then by faults, tasks, pages, alignments, windows; then as text. */
export function compareElements(a: readonly Element[], b: readonly Element[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const costs = costOf(b);
  const by = costOf(a).findIndex((each, i) => each !== costs[i]);
  if (by >= 0) return costOf(a)[by]! - costs[by]!;
  return compareTexts(keyOf(a), keyOf(b));
}

function keyOf(elements: readonly Element[]): string {
  const key = (each: Element): string =>
    each === QUIET ? "q" : `${String(each.pattern.index).padStart(3, "0")}.${each.areas.join()}.${each.task}`;
  return elements.map(key).join(" ");
}

/** Orders machines: less space, fewer CPUs, nodes and windows, workers for the asking first. */
export function compareMachines(a: Machine, b: Machine): number {
  const key = ({
    space,
    cpus = 2,
    nodes = 2,
    modules,
    workers,
    block = 8,
    lazyMax = 3,
  }: Machine): readonly number[] => [space, cpus, nodes, modules ? 1 : 0, workers ? 1 : 0, block, lazyMax];
  const other = key(b);
  const by = key(a).findIndex((each, i) => each !== other[i]);
  return by >= 0 ? key(a)[by]! - other[by]! : compareTexts(JSON.stringify(a), JSON.stringify(b));
}

/** Orders cases: the smallest program first, then the smallest machine, then work that runs at once. */
export function compareCases(a: Case, b: Case): number {
  return (
    compareElements(a.elements, b.elements) ||
    compareMachines(a.machine, b.machine) ||
    compareTexts(b.setting, a.setting) ||
    compareTexts(a.fault ?? "", b.fault ?? "")
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
