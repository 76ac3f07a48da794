// SPDX-License-Identifier: GPL-2.0-only
//
// A run in the order of whole operations as rows of data: what each operation let its caller see, and the address space
// behind it.

import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { SLOT } from "../../impl/kernel/tasks.ts";
import { OrderedRun, type OrderedStep, parseOrder } from "../../properties/differential/ordered-run.ts";
import { EVENT, EVENT_WORDS } from "../../spec/events.ts";
import type { Instance, PageRange } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import { cells, stripOf } from "./strip.ts";
import { AREA_CELL, areaLetters } from "./strip-legend.ts";

/** One element of the order. */
export interface OrderedRow {
  readonly step: OrderedStep;
  /** The space behind it, a character for each page. */
  readonly strip: string;
}

/** A run in order. */
export interface OrderedRecord {
  readonly instance: Instance;
  /** The space before the first operation, and behind the last one that was run. */
  readonly initial: string;
  readonly strip: string;
  readonly rows: readonly OrderedRow[];
}

/** Runs and records, up to what never ends. `order` must be one of the instance's operations. */
export function recordInOrder(
  instance: Instance,
  order: string,
  design?: AllocatorClass,
  watched?: readonly InvariantId[],
): OrderedRecord {
  const parsed = parseOrder(order);
  if ("wrong" in parsed) throw new Error(`an order with ${parsed.wrong} in it`);
  const run = new OrderedRun(instance, design, watched);
  const { side } = run;
  const blocks = new Blocks();
  side.onStep = () => blocks.follow(side.sim.kernel.events);
  const letters = areaLetters(instance.programs);
  const now = (): string => {
    const { page, state } = side.sim.tasks;
    const areaCell = (start: number): string => {
      const slot = state.findIndex((each, i) => each === SLOT.LIVE && page[i] === start);
      return slot < 0 ? AREA_CELL : letters[slot]!;
    };
    return cells(stripOf(side.sim, { areaCell, blocks: blocks.all }), { start: 0, end: instance.spacePages });
  };
  const initial = now();
  const rows: OrderedRow[] = [];
  for (const turn of parsed.turns) {
    const step = run.take(turn);
    rows.push({ step, strip: now() });
    if (step.ended !== "ended") break;
  }
  return { instance, initial, strip: rows.at(-1)?.strip ?? initial, rows };
}

/** The blocks that nodes own, as events say. */
class Blocks {
  readonly all: PageRange[] = [];

  follow({ rows, count }: { readonly rows: Int32Array; readonly count: number }): void {
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_WORDS;
      const start = rows[at + 2]!;
      const end = rows[at + 3]!;
      if (rows[at] === EVENT.BLOCK_PLACED) this.all.push({ start, end });
      if (rows[at] !== EVENT.BLOCK_RETURNED) continue;
      const gone = this.all.findIndex((block) => block.start === start && block.end === end);
      if (gone >= 0) this.all.splice(gone, 1);
    }
  }
}
