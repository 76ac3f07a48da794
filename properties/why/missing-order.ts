// SPDX-License-Identifier: GPL-2.0-only
//
// The order that was missing. A process reads a word, another one writes it, and the first goes on with what it had
// read; or one takes up what another one has
// written, and nothing says who comes first.

import type { Access, TracedStep } from "./access-trace.ts";
import type { MustOrder } from "./must-order.ts";
import { type Subject, writesTo } from "./subject.ts";

/** Indices into the steps of a trace. */
export interface OrderGap {
  readonly cell: string;
  readonly first: number;
  readonly second: number;
  /** Absent if the first process did nothing more with it. */
  readonly use?: number | undefined;
  readonly common: readonly number[];
  readonly score: number;
}

/** How far back a process is taken to go by what it has read, steps of its own. */
const WINDOW = 60;

/** What makes a gap relevant. */
const SCORE = { subject: 100, writesSubject: 60, isUse: 50, atEnd: 40, unlocked: 20, writes: 10 };

/** Gaps before the steps `uses`, most relevant first, one for each cell and pair of processes. */
export function orderGaps(
  steps: readonly TracedStep[],
  subject: Subject,
  uses: readonly number[],
  order: MustOrder,
): readonly OrderGap[] {
  const gaps = [...new Set([...uses, ...endsOf(steps, uses)])].flatMap((use) =>
    staleReads(steps, subject, use, uses, order),
  );
  const found = gaps.length > 0 ? gaps : rivals(steps, subject, uses, order);
  const seen = new Set<string>();
  return [...found]
    .sort(
      (a, b) => b.score - a.score || b.second - a.second || b.first - a.first || (a.cell < b.cell ? -1 : 1),
    )
    .filter(({ cell, first, second }) => {
      const key = `${cell} ${steps[first]!.process} ${steps[second]!.process}`;
      return !seen.has(key) && seen.add(key);
    });
}

/** Where the operations of these steps end: what was read may be used behind the step that counts. */
function endsOf(steps: readonly TracedStep[], uses: readonly number[]): readonly number[] {
  return uses.flatMap((use) => {
    const end = steps.findIndex(
      ({ process, ends }, i) => i >= use && ends && process === steps[use]!.process,
    );
    return end < 0 ? [] : [end];
  });
}

function staleReads(
  steps: readonly TracedStep[],
  subject: Subject,
  use: number,
  uses: readonly number[],
  order: MustOrder,
): readonly OrderGap[] {
  const gaps: OrderGap[] = [];
  // What the process reads again before the use is not stale.
  const fresh = new Set(steps[use]!.accesses.keys());
  for (const i of operation(steps, use).slice(1)) {
    const step = steps[i]!;
    for (const access of step.accesses.values()) {
      const { name } = access.cell;
      if (!access.reads || fresh.has(name)) continue;
      fresh.add(name);
      const second = nextForeignWrite(steps, name, i, use);
      if (second < 0 || (order.ordered(i, second) && order.ordered(second, use))) continue;
      const common = inCommon(access, steps[second]!.accesses.get(name)!);
      const score =
        (subject.cells.has(name) ? SCORE.subject : 0) +
        (writesTo(steps[second]!, subject) ? SCORE.writesSubject : 0) +
        (uses.includes(second) ? SCORE.isUse : 0) +
        (use === steps.length - 1 ? SCORE.atEnd : 0) +
        (common.length === 0 ? SCORE.unlocked : 0) +
        (access.writes ? SCORE.writes : 0);
      gaps.push({ cell: name, first: i, second, use, common, score });
    }
  }
  return gaps;
}

function nextForeignWrite(steps: readonly TracedStep[], cell: string, from: number, to: number): number {
  for (let j = from + 1; j < to; j++) {
    if (steps[j]!.process !== steps[from]!.process && steps[j]!.accesses.get(cell)?.writes) return j;
  }
  return -1;
}

/** What one process wrote and another one took up, in an order that nothing made. */
function rivals(
  steps: readonly TracedStep[],
  subject: Subject,
  uses: readonly number[],
  order: MustOrder,
): readonly OrderGap[] {
  const gaps: OrderGap[] = [];
  const add = (cell: string, first: number, second: number, score: number): void => {
    const a = steps[first]!;
    const b = steps[second]!;
    if (a.process === b.process || order.ordered(first, second)) return;
    const common = inCommon(a.accesses.get(cell)!, b.accesses.get(cell)!);
    const more = (subject.cells.has(cell) ? SCORE.subject : 0) + (common.length === 0 ? SCORE.unlocked : 0);
    gaps.push({ cell, first, second, common, score: score + more });
  };
  for (const use of uses) {
    for (const { cell, writes } of steps[use]!.accesses.values()) {
      const { name } = cell;
      // Who read or wrote it last before this step, and was not told to be first.
      if (writes) {
        const before = lastTouch(steps, name, use, (a) => (a.reads && cell.isNumber) || a.writes);
        if (before >= 0 && (subject.cells.has(name) || uses.includes(before))) add(name, before, use, 0);
      }
    }
    // What the operation read of another one that had not come to its end.
    for (const at of operation(steps, use)) {
      for (const { cell, reads } of steps[at]!.accesses.values()) {
        // Every flush meets the translations of others: that is what it is for.
        const counts = reads && !cell.name.startsWith("TLB ");
        const wrote = counts ? lastTouch(steps, cell.name, at, (a) => a.writes) : -1;
        if (wrote < 0 || hasEnded(steps, wrote, at)) continue;
        add(cell.name, wrote, at, uses.includes(wrote) ? SCORE.isUse : 0);
      }
    }
  }
  return gaps;
}

/** The last step before `at` that touched the cell so. */
function lastTouch(
  steps: readonly TracedStep[],
  cell: string,
  at: number,
  how: (access: Access) => boolean,
): number {
  for (let i = at - 1; i >= 0; i--) {
    const access = steps[i]!.accesses.get(cell);
    if (access && how(access)) return i;
  }
  return -1;
}

/** The steps of the operation that step `at` is of, up to it, the last one first. */
function operation(steps: readonly TracedStep[], at: number): readonly number[] {
  const { process } = steps[at]!;
  const own = [at];
  for (let i = at - 1; i >= 0 && own.length < WINDOW; i--) {
    if (steps[i]!.process !== process) continue;
    if (steps[i]!.ends) break;
    own.push(i);
  }
  return own;
}

/** Whether the operation that step `from` is of has ended before step `to`. */
function hasEnded(steps: readonly TracedStep[], from: number, to: number): boolean {
  for (let i = from; i < to; i++)
    if (steps[i]!.process === steps[from]!.process && steps[i]!.ends) return true;
  return false;
}

function inCommon(a: Access, b: Access): readonly number[] {
  return a.locks.filter((lock) => b.locks.includes(lock));
}
