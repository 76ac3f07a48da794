// SPDX-License-Identifier: GPL-2.0-only
//
// What an operation lets its callers see in each of two designs, and in which way that differs. Pure functions of what
// was seen; addresses are compared as numbers, what a look-up finds by the area that it belongs to.

import { errnoName } from "../../impl/allocators/errno.ts";
import type { DifferenceKind, PatchSide, Room } from "../../spec/differences.ts";
import type { Configuration, PageRange } from "../../spec/instance.ts";
import type { AllocOperation, Operation } from "../../spec/operations.ts";
import { windowRange } from "../../spec/program-rules.ts";
import type { Finding } from "../finding.ts";
import type { Ended, SlotLeft } from "./side.ts";

/** What was seen of one operation, or of a quiet point, in one design. */
export interface Seen {
  readonly ended: Ended;
  /** What the operation returned: a page, 0, or a negative errno. */
  readonly result: number;
  readonly slots: readonly SlotLeft[];
  readonly finding: Finding | undefined;
}

/** An area that is live in both designs. */
export interface LivePair {
  /** Number of the area in its program, from 0. */
  readonly id: number;
  readonly pages: number;
  /** First page in each design, the predecessor first. */
  readonly at: readonly [number, number];
}

/** The predecessor and the patch, in this order everywhere. */
export const SIDES: readonly [PatchSide, PatchSide] = ["predecessor", "patch"];

/** Kinds that the further course of a program may build on: what comes behind any other is its consequence. */
const HARMLESS: ReadonlySet<DifferenceKind> = new Set(["another address"]);

/** How what was seen in two designs differs, worst first. `live` is what was live before the operation. */
export function differences(
  operation: Operation | undefined,
  seen: readonly [Seen, Seen],
  live: readonly LivePair[],
  configuration: Configuration,
): readonly DifferenceKind[] {
  const kinds = new Set<DifferenceKind>();
  for (const side of [1, 0] as const) {
    const own = seen[side];
    const other = seen[1 - side]!;
    if (own.finding && own.finding.id !== other.finding?.id) {
      kinds.add(`only the ${SIDES[side]} violates ${own.finding.id}` as DifferenceKind);
    }
    if (own.ended !== "ended" && other.ended === "ended") kinds.add(`only the ${SIDES[side]} does not end`);
  }
  const [before, after] = seen;
  if (!operation || before.ended !== "ended" || after.ended !== "ended") return [...kinds];
  if (operation.op === "find") {
    if (foundIn(0, before.result, live) !== foundIn(1, after.result, live)) kinds.add("another find");
    return [...kinds];
  }
  for (const kind of answers(operation, before, after, live, configuration)) kinds.add(kind);
  return [...kinds];
}

/** Whether a program may be followed behind what was seen. */
export function goesOn(kinds: readonly DifferenceKind[], seen: readonly [Seen, Seen]): boolean {
  return (
    kinds.every((kind) => HARMLESS.has(kind)) &&
    seen.every(({ ended, finding }) => ended === "ended" && finding === undefined)
  );
}

// Of the call as a whole, then of each area that it was to allocate.
function answers(
  operation: Operation,
  before: Seen,
  after: Seen,
  live: readonly LivePair[],
  configuration: Configuration,
): readonly DifferenceKind[] {
  const slotOf = (seen: Seen, name: string): SlotLeft | undefined =>
    seen.slots.find((each) => each.name === name);
  const names = [...new Set([...before.slots, ...after.slots].map(({ name }) => name))];
  const failed = [before, after].map(
    (seen) => seen.result < 0 || names.some((name) => slotOf(seen, name)?.page === undefined),
  );
  if (failed[0] && failed[1]) {
    if (before.result === after.result) return [];
    return [`another failure: ${errnoName(after.result)} instead of ${errnoName(before.result)}`];
  }
  if (!failed[0] && !failed[1]) {
    const moved = names.some((name) => slotOf(before, name)!.page !== slotOf(after, name)!.page);
    return moved ? ["another address"] : [];
  }
  const side = failed[1] ? 1 : 0;
  const { result } = [before, after][side]!;
  const what = `only the ${SIDES[side]} fails: ${result < 0 ? errnoName(result) : "no area"}` as const;
  return operation.op === "alloc" ? [`${what}, ${roomFor(operation, side, live, configuration)}`] : [what];
}

// How much room a design has for a request, if only what is live counts.
function roomFor(
  { size, align, window }: AllocOperation,
  side: 0 | 1,
  live: readonly LivePair[],
  configuration: Configuration,
): Room {
  if (live.length === 0) return "with nothing live";
  const { start, end } = windowRange(configuration, window)!;
  const taken = live.map(({ at, pages }): PageRange => ({ start: at[side], end: at[side] + pages }));
  for (let at = Math.ceil(start / align) * align; at + size <= end; at += align) {
    if (!taken.some((range) => at < range.end && at + size > range.start)) return "with room";
  }
  return "without room";
}

/** What a look-up found: the number of the area, "nothing", or a page at which no area begins. */
export function foundIn(side: 0 | 1, result: number, live: readonly LivePair[]): string {
  const area = live.find(({ at }) => at[side] === result);
  if (area) return `area ${area.id}`;
  return result < 0 ? "nothing" : `page ${result}`;
}
