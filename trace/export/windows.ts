// SPDX-License-Identifier: GPL-2.0-only
//
// The windows [vstart, vend) that allocations of a trace ask for, sorted into the two that an instance has.

import type { TraceEvent } from "../trace-event.ts";

/** A window of a trace. Pages of 4 KiB. */
export interface WindowBounds {
  readonly start: number;
  /** First page behind it. */
  readonly end: number;
}

/** Which window of an instance stands for a window of the trace; `part` if it is only a part of that. */
export interface WindowPlace {
  readonly window: "vmalloc" | "modules";
  readonly part: boolean;
}

/** The windows of one trace. */
export class TraceWindows {
  private readonly known = new Map<string, WindowBounds>();

  /** The window of an allocation, the same object for the same bounds. vend may be the last byte. */
  of({ fromPage, toOffset, toPage }: TraceEvent): WindowBounds {
    const end = toOffset === 0 ? toPage : toPage + 1;
    const key = `${fromPage} ${end}`;
    const found = this.known.get(key);
    if (found) return found;
    const bounds = { start: fromPage, end };
    this.known.set(key, bounds);
    return bounds;
  }

  /** Sorts them: the largest is the vmalloc window, what lies outside of it is for modules. O(number of windows). */
  places(): ReadonlyMap<WindowBounds, WindowPlace> {
    const all = [...this.known.values()];
    let largest = all[0];
    for (const each of all) {
      if (largest === undefined || each.end - each.start > largest.end - largest.start) largest = each;
    }
    return new Map(
      all.map((each) => {
        const outside = largest === undefined || each.end <= largest.start || each.start >= largest.end;
        return [each, { window: outside ? "modules" : "vmalloc", part: !outside && each !== largest }];
      }),
    );
  }
}
