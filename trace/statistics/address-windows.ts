// SPDX-License-Identifier: GPL-2.0-only
//
// The address ranges that allocations ask for: the vmalloc range, the modules range and whatever else a kernel has. Told
// apart by the vstart and vend of the events, since nothing in a trace names them.

import { endPageOf, type TraceEvent } from "../trace-event.ts";

/** A range in which allocations look for a place, and what they did there. */
export interface AddressWindow {
  /** First page, and the one behind the last: the hull of all that was asked for. */
  start: number;
  end: number;
  /** Failed ones included. */
  allocations: number;
  failed: number;
  /** Pages of all allocations. */
  pages: number;
  /** Frees of areas that were known. */
  frees: number;
}

/** What a window is, as far as sizes and places tell. */
export type WindowName = "vmalloc" | "modules" | "other";

/** One more is counted as part of the first one. */
export const WINDOWS_MAX = 8;

/** Modules must be within reach of a jump: 2 GiB. */
const MODULES_PAGES_MAX = 2 ** 19;
/** A kernel of 32 bits has no address from here on. */
const PAGES_OF_32_BITS = 2 ** 20;

/** The windows of a trace; no two of them have a page in common. */
export class AddressWindows {
  /** In the order of first sight. */
  readonly all: AddressWindow[] = [];

  /** The window of an allocation, failed or not: a known one that it overlaps, which may grow, or a new one. */
  of(event: TraceEvent): AddressWindow {
    const { fromPage } = event;
    const end = Math.max(fromPage + 1, endPageOf(event));
    for (const window of this.all) if (fromPage >= window.start && end <= window.end) return window;
    return this.widened(fromPage, end);
  }

  /** The window that has a page, if one is known. */
  at(page: number): AddressWindow | undefined {
    for (const window of this.all) if (page >= window.start && page < window.end) return window;
    return undefined;
  }

  /** The widest one, the first of several; undefined if there is none. */
  widest(): AddressWindow | undefined {
    return this.all.reduce<AddressWindow | undefined>(
      (widest, window) => (widest && sizeOf(widest) >= sizeOf(window) ? widest : window),
      undefined,
    );
  }

  /**
   * The widest window is the vmalloc range, any other one that a jump reaches across is a modules range. So is the widest
   * one of 64 bits, if a jump reaches across it: then nothing else was asked for.
   */
  nameOf(window: AddressWindow): WindowName {
    const isNarrow = sizeOf(window) <= MODULES_PAGES_MAX;
    if (window === this.widest()) return isNarrow && window.end > PAGES_OF_32_BITS ? "modules" : "vmalloc";
    return isNarrow ? "modules" : "other";
  }

  private widened(start: number, end: number): AddressWindow {
    let found = this.all.find((window) => start < window.end && end > window.start);
    if (!found && this.all.length === WINDOWS_MAX) return this.all[0]!;
    if (!found) {
      found = { start, end, allocations: 0, failed: 0, pages: 0, frees: 0 };
      this.all.push(found);
      return found;
    }
    found.start = Math.min(found.start, start);
    found.end = Math.max(found.end, end);
    for (let i = this.all.length - 1; i >= 0; i--) {
      const other = this.all[i]!;
      if (other === found || found.start >= other.end || found.end <= other.start) continue;
      absorb(found, other);
      this.all.splice(i, 1);
    }
    return found;
  }
}

function sizeOf({ start, end }: AddressWindow): number {
  return end - start;
}

function absorb(into: AddressWindow, from: AddressWindow): void {
  into.start = Math.min(into.start, from.start);
  into.end = Math.max(into.end, from.end);
  into.allocations += from.allocations;
  into.failed += from.failed;
  into.pages += from.pages;
  into.frees += from.frees;
}
