// SPDX-License-Identifier: GPL-2.0-only
//
// Faults to put into a clean trace: what a broken kernel would print, each drawn by a seeded generator.

import type { TraceRuleId } from "../../../spec/trace-rules.ts";
import { KIND, PAGE_BYTES, type TraceEvent } from "../../../trace/trace-event.ts";
import { copyOf, type RecordedTrace } from "./recorded-trace.ts";

/** A number from 0 to n - 1. */
export type Draw = (n: number) => number;

/** A trace with a fault. */
export interface Injected {
  readonly events: readonly TraceEvent[];
  /** Line of what was changed, or of what stood there. */
  readonly line: number;
}

/** One kind of fault. */
export interface Injection {
  readonly kind: string;
  /** The rule that its line breaks, whatever comes before or behind; undefined if that depends. */
  readonly rule: TraceRuleId | undefined;
  /** Undefined if there is no place for it in the trace, or none was drawn. */
  inject(trace: RecordedTrace, draw: Draw): Injected | undefined;
}

interface Area {
  readonly page: number;
  readonly pages: number;
  /** Index of the free, and -1 for what was lazy before the trace. */
  readonly freed: number;
}

interface Situation {
  readonly live: readonly Area[];
  /** Freed, and not covered by a purge line since. */
  readonly lazy: readonly Area[];
}

function situationAt({ events, initial }: RecordedTrace, at: number): Situation {
  const live = new Map<number, Area>();
  let lazy: Area[] = [];
  for (const { isLazy, page, pages } of initial) {
    if (isLazy) lazy.push({ page, pages, freed: -1 });
    else live.set(page, { page, pages, freed: -1 });
  }
  for (const [i, event] of events.slice(0, at).entries()) {
    if (event.kind === KIND.ALLOC && !event.failed) {
      live.set(event.page, { page: event.page, pages: event.size / PAGE_BYTES, freed: -1 });
      lazy = lazy.filter(
        ({ page, pages }) => page >= event.page + event.size / PAGE_BYTES || page + pages <= event.page,
      );
    } else if (event.kind === KIND.FREE) {
      const area = live.get(event.page);
      if (area) lazy.push({ ...area, freed: i });
      live.delete(event.page);
    } else if (event.kind === KIND.PURGE && event.numPurged > 0) {
      lazy = lazy.filter(({ page, pages }) => page < event.fromPage || page + pages > event.toPage);
    }
  }
  return { live: [...live.values()], lazy };
}

function indexOf(
  events: readonly TraceEvent[],
  draw: Draw,
  wanted: (event: TraceEvent, i: number) => boolean,
): number {
  const found = events.flatMap((event, i) => (wanted(event, i) ? [i] : []));
  return found.length === 0 ? -1 : found[draw(found.length)]!;
}

const isAllocation = (event: TraceEvent): boolean => event.kind === KIND.ALLOC && !event.failed;
const isFree = (event: TraceEvent): boolean => event.kind === KIND.FREE;

// Replaces an event by others, with the lines numbered anew.
function spliced(
  events: readonly TraceEvent[],
  at: number,
  count: number,
  ...added: readonly TraceEvent[]
): Injected {
  const all = [...events.slice(0, at), ...added, ...events.slice(at + count)];
  return { events: all.map((event, i) => copyOf(event, { line: i + 1 })), line: at + 1 };
}

// An allocation with changes; where its address has changed, its free has as well.
function allocationWith(events: readonly TraceEvent[], at: number, changes: Partial<TraceEvent>): Injected {
  const event = events[at]!;
  const moved = copyOf(event, changes);
  const free = events.findIndex((each, i) => i > at && isFree(each) && each.page === event.page);
  const next = events.findIndex((each, i) => i > at && isAllocation(each) && each.page === event.page);
  const all = [...events];
  all[at] = moved;
  if (free >= 0 && (next < 0 || free < next)) {
    all[free] = copyOf(events[free]!, { page: moved.page, offset: moved.offset });
  }
  return spliced(all, at, 0);
}

function overlap(kind: string, place: (live: Area, pages: number, draw: Draw) => number): Injection {
  return {
    kind: `overlap: ${kind}`,
    rule: "TR-OVERLAP",
    inject: (trace, draw) => {
      const at = indexOf(trace.events, draw, isAllocation);
      if (at < 0) return undefined;
      const event = trace.events[at]!;
      const inWindow = situationAt(trace, at).live.filter(
        ({ page, pages }) => page > event.fromPage + 4096 && page + pages < event.toPage - 4096,
      );
      if (inWindow.length === 0) return undefined;
      const page = place(inWindow[draw(inWindow.length)]!, event.size / PAGE_BYTES, draw);
      return allocationWith(trace.events, at, { page });
    },
  };
}

function changed(
  kind: string,
  rule: TraceRuleId | undefined,
  wanted: (event: TraceEvent) => boolean,
  changes: (event: TraceEvent, draw: Draw) => Partial<TraceEvent>,
): Injection {
  return {
    kind,
    rule,
    inject: ({ events }, draw) => {
      const at = indexOf(events, draw, wanted);
      if (at < 0) return undefined;
      const event = events[at]!;
      if (isAllocation(event)) return allocationWith(events, at, changes(event, draw));
      return spliced(events, at, 1, copyOf(event, changes(event, draw)));
    },
  };
}

function dropped(kind: string, wanted: (event: TraceEvent) => boolean): Injection {
  return {
    kind,
    rule: undefined,
    inject: ({ events }, draw) => {
      const at = indexOf(events, draw, wanted);
      return at < 0 ? undefined : spliced(events, at, 1);
    },
  };
}

function earlyReuse(
  kind: string,
  place: (lazy: Area, draw: Draw) => readonly [page: number, pages: number],
): Injection {
  return {
    kind: `early reuse: ${kind}`,
    rule: undefined,
    inject: (trace, draw) => {
      const at = indexOf(trace.events, draw, (event) => isAllocation(event) && event.align <= PAGE_BYTES);
      if (at < 0) return undefined;
      const event = trace.events[at]!;
      const lazy = situationAt(trace, at).lazy.filter(
        ({ page }) => page > event.fromPage && page < event.toPage - 4096,
      );
      if (lazy.length === 0) return undefined;
      const [page, pages] = place(lazy[draw(lazy.length)]!, draw);
      return allocationWith(trace.events, at, { page, size: pages * PAGE_BYTES });
    },
  };
}

function freedAgain(
  kind: string,
  place: (at: number, draw: Draw, events: readonly TraceEvent[]) => number,
): Injection {
  return {
    kind: `double free: ${kind}`,
    rule: undefined,
    inject: ({ events }, draw) => {
      const at = indexOf(events, draw, isFree);
      if (at < 0) return undefined;
      const { page } = events[at]!;
      const to = place(at, draw, events);
      const isUsed = events
        .slice(at, to)
        .some((each) => isAllocation(each) && each.page <= page && page < each.page + each.size / PAGE_BYTES);
      if (to < 0 || isUsed) return undefined;
      return spliced(events, to, 0, copyOf(events[at]!, { line: 0 }));
    },
  };
}

function freedUnknown(
  kind: string,
  place: (trace: RecordedTrace, at: number, draw: Draw) => Partial<TraceEvent> | undefined,
): Injection {
  return {
    kind: `free of unknown: ${kind}`,
    rule: "TR-FREE",
    inject: (trace, draw) => {
      const at = indexOf(trace.events, draw, isFree);
      const changes = at < 0 ? undefined : place(trace, at, draw);
      return changes ? spliced(trace.events, at, 0, copyOf(trace.events[at]!, { ...changes })) : undefined;
    },
  };
}

const PURGES = (event: TraceEvent): boolean => event.kind === KIND.PURGE && event.numPurged > 0;

/** All kinds. */
export const INJECTIONS: readonly Injection[] = [
  overlap("the same address", ({ page }) => page),
  overlap("begins inside", ({ page, pages }, _, draw) => page + draw(pages)),
  overlap("ends inside", ({ page }, pages, draw) => page - draw(pages)),
  overlap("its last page only", ({ page, pages }) => page + pages - 1),
  overlap("its first page only", ({ page }, pages) => page - pages + 1),
  changed(
    "misaligned: by a page",
    "TR-ALIGN",
    (e) => isAllocation(e) && e.align > PAGE_BYTES,
    ({ page }) => ({ page: page + 1 }),
  ),
  changed(
    "misaligned: by half",
    "TR-ALIGN",
    (e) => isAllocation(e) && e.align > PAGE_BYTES,
    ({ align, page }) => ({
      page: page + align / PAGE_BYTES / 2,
    }),
  ),
  changed("misaligned: within a page", "TR-PAGES", isAllocation, (_, draw) => ({
    offset: 8 * (1 + draw(511)),
  })),
  changed("outside: below", "TR-WINDOW", isAllocation, ({ fromPage }, draw) => ({
    page: fromPage - 1 - draw(100),
  })),
  changed("outside: the end", "TR-WINDOW", isAllocation, ({ size, toOffset, toPage }) => ({
    page: toPage + (toOffset > 0 ? 1 : 0) - size / PAGE_BYTES + 1,
  })),
  changed("size: nothing", "TR-PAGES", isAllocation, () => ({ size: 0 })),
  changed("size: no whole pages", "TR-PAGES", isAllocation, ({ size }, draw) => ({
    size: size - 1 - draw(4095),
  })),
  freedAgain("at once", (at) => at + 1),
  freedAgain("before a purge", (at, draw, events) => {
    const purge = events.findIndex((each, i) => i > at && PURGES(each));
    return purge < 0 ? -1 : at + 1 + draw(purge - at);
  }),
  freedAgain(
    "behind a purge",
    (at, _, events) => events.findIndex((each, i) => i > at && PURGES(each)) + 1 || -1,
  ),
  freedUnknown("an address of nobody", ({ events }, at, draw) => {
    const window = events.find(isAllocation)!;
    return { page: window.toPage - 3000 - 2 * draw(1000) - (events[at]!.page % 2) - 1 };
  }),
  freedUnknown("inside an area", (trace, at, draw) => {
    const wide = situationAt(trace, at).live.filter(({ pages }) => pages > 1);
    const area = wide[draw(wide.length)];
    return area && { page: area.page + 1 + draw(area.pages - 1) };
  }),
  freedUnknown("within a page", (_, __, draw) => ({ offset: 16 * (1 + draw(255)) })),
  earlyReuse("the whole area", ({ page, pages }) => [page, pages]),
  earlyReuse("its last page", ({ page, pages }) => [page + pages - 1, 1]),
  earlyReuse("a page within", ({ page, pages }, draw) => [page + draw(pages), 1]),
  dropped("no line: a purge", PURGES),
  dropped("no line: an allocation", isAllocation),
  dropped("no line: a free", isFree),
  changed("num_purged: more", undefined, PURGES, ({ numPurged }, draw) => ({
    numPurged: numPurged + 1 + draw(100),
  })),
  changed("num_purged: fewer", undefined, PURGES, ({ numPurged }, draw) => ({
    numPurged: numPurged - 1 - draw(numPurged),
  })),
  changed("num_purged: none", undefined, PURGES, () => ({ numPurged: 0 })),
  changed("nr_lazy", undefined, isFree, ({ nrLazy }, draw) => ({ nrLazy: nrLazy + 1 + draw(50) })),
  {
    kind: "order: a free behind its purge",
    rule: undefined,
    inject: ({ events }, draw) => {
      const at = indexOf(
        events,
        draw,
        (event, i) => isFree(event) && events.slice(i + 1, i + 40).some(PURGES),
      );
      if (at < 0) return undefined;
      const purge = events.findIndex((each, i) => i > at && PURGES(each));
      const all = [...events];
      all.splice(purge, 0, ...all.splice(at, 1));
      return spliced(all, at, 0);
    },
  },
];
