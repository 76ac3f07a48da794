// SPDX-License-Identifier: GPL-2.0-only
//
// The alphabet of a comparison on one machine: patterns of operations, with slots in place of areas. Whatever the text
// form of programs knows can be a pattern, so nothing here depends on what an operation does.

import type { Move } from "../../spec/differences.ts";
import type { AllocatorId, Configuration, Instance } from "../../spec/instance.ts";
import { validateInstance } from "../../spec/instance-rules.ts";
import type { Operation } from "../../spec/operations.ts";
import { parseProgram } from "../../spec/program-text.ts";
import { instanceOf, type Machine } from "../../spec/small-machine.ts";

/** Cost of an operation in the order of programs: tasks, pages, alignments, windows. Each is a sum over a program. */
export type Cost = readonly number[];

/** A pattern, read. */
export interface Pattern {
  /** Place in the list of patterns. */
  readonly index: number;
  readonly text: string;
  /** The verb: "alloc", "free", "flip". */
  readonly verb: string;
  /** Letters of areas that it allocates, and of live ones that it names. */
  readonly allocates: readonly string[];
  readonly names: readonly string[];
  /** What allocated the areas that it names. */
  readonly of: string;
  readonly once: boolean;
  readonly cost: Cost;
  /** Pages of each area that it allocates, as far as the text says. */
  readonly pages: number;
}

const LETTER = /\b[A-Z]\b/g;

/** The pattern of a text. */
export function patternOf(move: string | Move, index: number): Pattern {
  const { text, of = "alloc", once = false } = typeof move === "string" ? { text: move } : move;
  const [left, right] = text.includes("=") && /^[A-Z,\s]+=/.test(text) ? splitAt(text) : ["", text];
  const allocates = lettersOf(left);
  const names = [...new Set(lettersOf(right))].filter((each) => !allocates.includes(each));
  const verb = /^\s*(\w+)/.exec(right)?.[1] ?? "";
  const pages = allocates.length === 0 ? 0 : Number(/\((\d+)/.exec(right)?.[1] ?? 1);
  const align = Number(/align=(\d+)/.exec(right)?.[1] ?? 1);
  const cost = [pages, Math.log2(align), right.includes("window=") ? 1 : 0];
  return { index, text, verb, allocates, names, of, once, cost, pages };
}

function lettersOf(text: string): readonly string[] {
  return text.match(LETTER) ?? [];
}

function splitAt(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The text of an operation: the pattern with these names for its letters. */
export function textOf(pattern: Pattern, nameOf: (letter: string) => string, pages: number): string {
  return pattern.text
    .replaceAll(/\blast\b/g, String(Math.max(0, pages - 1)))
    .replaceAll(LETTER, (letter) => nameOf(letter));
}

/** The operations of one machine, each with slots for its areas. */
export class Alphabet {
  /** Those of which the machine can have any. */
  readonly patterns: readonly Pattern[];
  /** All of them: program 0 of every instance below. */
  readonly operations: readonly Operation[];
  readonly configuration: Configuration;
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<string, number>();

  constructor(allocator: AllocatorId, machine: Machine, patterns: readonly Pattern[]) {
    const { programs: _, ...configuration } = instanceOf(allocator, machine, "-");
    this.configuration = configuration;
    const makers = patterns.filter(
      (each) => each.allocates.length > 0 && this.isPossible([slotText(each, "")]),
    );
    const operations: Operation[] = [];
    const add = (text: string): void => {
      if (this.numbers.has(text)) return;
      const parsed = parseProgram(text);
      if (!parsed.ok) throw new Error(parsed.error.message);
      this.numbers.set(text, operations.length);
      operations.push(...parsed.value);
    };
    const possible = patterns.filter((each) => {
      if (each.allocates.length > 0) return makers.includes(each);
      if (each.names.length === 0) return this.isPossible([each.text]);
      return makers.some(({ verb }) => verb === each.of);
    });
    for (const each of possible) {
      if (each.names.length === 0) add(slotText(each, ""));
      else for (const slots of choices(each, makers)) add(slotText(each, slots));
    }
    this.patterns = possible;
    this.operations = operations;
  }

  /** The number of the operation in which the letters that a pattern names stand for areas of these patterns. */
  operation(pattern: Pattern, areas: readonly Slot[]): number {
    const key = areas.reduce((sum, slot) => `${sum} ${slot.pattern.index}${slot.letter}`, `${pattern.index}`);
    let found = this.known.get(key);
    if (found === undefined) {
      const text = slotText(pattern, areas);
      found = this.numbers.get(text);
      if (found === undefined) throw new Error(`no operation ${text} in the alphabet`);
      this.known.set(key, found);
    }
    return found;
  }

  /** An instance in which each task can execute any of the operations. */
  get instance(): Instance {
    const others = Array.from({ length: this.configuration.cpus - 1 }, (): readonly Operation[] => []);
    return { ...this.configuration, programs: [this.operations, ...others] };
  }

  private isPossible(texts: readonly string[]): boolean {
    const parsed = parseProgram(texts.join("; "));
    if (!parsed.ok) throw new Error(parsed.error.message);
    return validateInstance({ ...this.configuration, programs: [parsed.value] }) === undefined;
  }
}

/** Where the area of a letter of a pattern is kept while an operation runs. */
export interface Slot {
  readonly pattern: Pattern;
  readonly letter: string;
}

/** Its name in the instance. */
export function slotName({ pattern, letter }: Slot): string {
  return `${letter.toLowerCase()}${pattern.index}`;
}

function slotText(pattern: Pattern, areas: readonly Slot[] | ""): string {
  const slots = areas === "" ? [] : areas;
  const nameOf = (letter: string): string =>
    slotName(slots[pattern.names.indexOf(letter)] ?? { pattern, letter });
  return textOf(pattern, nameOf, slots[0]?.pattern.pages ?? 1);
}

// Every way to give slots to the letters that a pattern names.
function choices(pattern: Pattern, makers: readonly Pattern[]): readonly (readonly Slot[])[] {
  const slots = makers
    .filter(({ verb }) => verb === pattern.of)
    .flatMap((maker) => maker.allocates.map((letter) => ({ pattern: maker, letter })));
  let lists: readonly (readonly Slot[])[] = [[]];
  for (const _ of pattern.names) lists = lists.flatMap((list) => slots.map((slot) => [...list, slot]));
  return lists;
}
