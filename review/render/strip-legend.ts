// SPDX-License-Identifier: GPL-2.0-only
//
// The characters of strips and what they mean. Live areas get letters; no other meaning uses one, except p.

import type { ContainerKind } from "../../impl/heap/containers.ts";
import type { Instance } from "../../spec/instance.ts";
import { areasOf } from "../../spec/operations.ts";

export const FREE_CELL = ".";
export const EDGE_CELL = "|";
export const FLIGHT_CELL = "?";
/** In two places at once. */
export const TWICE_CELL = "!";
/** In no place at all. */
export const LOST_CELL = "_";
/** A live area for which no letter was left. */
export const AREA_CELL = "#";

/** Character of what each kind of container holds; a busy area has one of its own. */
export const KIND_CELLS: Readonly<Record<ContainerKind, string>> = {
  free: FREE_CELL,
  "node-free": "-",
  busy: AREA_CELL,
  lazy: "~",
  purge: "p",
  reclaim: FLIGHT_CELL,
  pool: "=",
  decay: FLIGHT_CELL,
  pcpu: FLIGHT_CELL,
  retry: "%",
  failed: FLIGHT_CELL,
};

const MEANINGS: readonly (readonly [cell: string, meaning: string])[] = [
  [FREE_CELL, "free"],
  [KIND_CELLS["node-free"], "free in a node"],
  [EDGE_CELL, "edge of a node's block"],
  [KIND_CELLS.lazy, "lazily freed"],
  [KIND_CELLS.purge, "on a purge list"],
  [KIND_CELLS.pool, "in a pool"],
  [KIND_CELLS.retry, "waits for another try"],
  [FLIGHT_CELL, "in flight"],
  [AREA_CELL, "a live area"],
  [TWICE_CELL, "in two places at once"],
  [LOST_CELL, "in no place"],
];

const LETTERS = "abcdefghijklmnoqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The character of each area of an instance, by its place among those that the programs allocate. */
export function areaLetters(programs: Instance["programs"]): readonly string[] {
  const names = programs
    .flat()
    .flatMap(areasOf)
    .map(({ name }) => name);
  const letters = names.map((name) => (name.length === 1 && LETTERS.includes(name) ? name : ""));
  const taken = new Set(letters);
  return names.map((name, i) => {
    if (letters[i] !== "") return letters[i]!;
    const first = name[0] ?? "";
    const wanted = [first, first.toUpperCase(), ...LETTERS.split("")];
    const letter = wanted.find((each) => LETTERS.includes(each) && !taken.has(each));
    if (letter !== undefined) taken.add(letter);
    return letter ?? AREA_CELL;
  });
}

/** The legend of the characters that occur, areas first: `a, b live areas; c = c12; . free`. */
export function legend(occurring: ReadonlySet<string>, programs: Instance["programs"]): string {
  const letters = areaLetters(programs);
  const names = programs
    .flat()
    .flatMap(areasOf)
    .map(({ name }) => name);
  const shown = names.map((name, i) => ({ name, letter: letters[i]! }));
  const areas = shown.filter(({ letter }) => letter !== AREA_CELL && occurring.has(letter));
  const own = areas.filter(({ name, letter }) => name === letter).map(({ letter }) => letter);
  const renamed = areas.filter(({ name, letter }) => name !== letter);
  return [
    ...(own.length === 0 ? [] : [`${own.join(", ")} live`]),
    ...renamed.map(({ name, letter }) => `${letter} = ${name} live`),
    ...MEANINGS.filter(([cell]) => occurring.has(cell)).map(([cell, meaning]) => `${cell} ${meaning}`),
  ].join(", ");
}
