// SPDX-License-Identifier: GPL-2.0-only
//
// Which steps of a run come in their order by necessity: those of one process, what queues a work item before its run,
// and that before who has waited for it. Source: vector clocks, Mattern, "Virtual Time and Global States" (1989). Locks
// give no edges: they keep two sections apart, and which of them goes first is what a schedule decides.

import type { TracedStep } from "./access-trace.ts";

/** The order of the steps of a trace. */
export class MustOrder {
  private readonly steps: readonly TracedStep[];
  // For each step, its index within its process and the clock of its process behind it.
  private readonly own: Int32Array;
  private readonly clocks: Int32Array[] = [];

  /** O(steps * processes). */
  constructor(steps: readonly TracedStep[], processes: number) {
    this.steps = steps;
    this.own = new Int32Array(steps.length);
    const now = Array.from({ length: processes }, () => new Int32Array(processes));
    const queued = new Map<string, Int32Array>();
    const ended = new Map<string, Int32Array>();
    for (const [i, { process, works }] of steps.entries()) {
      const clock = now[process]!;
      for (const { kind, work } of works) {
        if (kind === "started") join(clock, queued.get(work));
        if (kind === "waited") join(clock, ended.get(work));
      }
      this.own[i] = ++clock[process]!;
      const behind = clock.slice();
      this.clocks.push(behind);
      for (const { kind, work } of works) {
        if (kind === "queued") queued.set(work, joined(queued.get(work), behind));
        if (kind === "ended") ended.set(work, joined(ended.get(work), behind));
      }
    }
  }

  /** Whether step number `first` of the trace comes before step number `second` in every schedule with both. */
  ordered(first: number, second: number): boolean {
    return this.clocks[second]![this.steps[first]!.process]! >= this.own[first]!;
  }
}

function join(clock: Int32Array, other: Int32Array | undefined): void {
  other?.forEach((value, p) => {
    clock[p] = Math.max(clock[p]!, value);
  });
}

function joined(known: Int32Array | undefined, more: Int32Array): Int32Array {
  const both = more.slice();
  join(both, known);
  return both;
}
