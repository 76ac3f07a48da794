// SPDX-License-Identifier: GPL-2.0-only
//
// The rules once more, by plain lists and without regard to time: what a complete trace breaks, as sentences. It
// says that something is wrong, and nothing of how sure that is. Only what the rules state as undecidable is passed over:
//   - a reuse that no purge line covers before, and the first one behind it does, by a task that was silent in between
//   - a reuse behind which there is no purge line
//   - the free of an unknown address that is a multiple of 2 MiB: a per-CPU chunk
//   - nr_lazy, and num_purged line by line, on several CPUs

import type { ListedArea } from "../../../trace/check/final-state.ts";
import { KIND, PAGE_BYTES, type TraceEvent } from "../../../trace/trace-event.ts";

const CHUNK = 512;

interface PlainArea {
  readonly page: number;
  readonly pages: number;
  /** Index of the free; undefined while it is live, -1 for what was lazy before the trace. */
  freed: number | undefined;
}

interface Purge {
  readonly at: number;
  readonly event: TraceEvent;
}

/** What is wrong, one sentence for each broken rule and event. O(events * areas + reuses * purges). */
export function plainProblems(
  events: readonly TraceEvent[],
  cpus: number,
  initial: readonly ListedArea[],
  final: readonly ListedArea[] | undefined,
): readonly string[] {
  const problems: string[] = [];
  const wrong = (at: number, what: string): void => void problems.push(`${what} at event ${at}`);
  // Every area, live or freed, with those pages of it that were not used again.
  const pieces: { readonly area: PlainArea; readonly page: number; readonly end: number }[] = [];
  const purges: Purge[] = events.flatMap((event, at) => (event.kind === KIND.PURGE ? [{ at, event }] : []));
  const put = (page: number, pages: number, freed: number | undefined): void => {
    const end = page + pages;
    for (let i = pieces.length - 1; i >= 0; i--) {
      const each = pieces[i]!;
      if (each.page >= end || each.end <= page) continue;
      const isFreed = each.area.freed !== undefined;
      const before = isFreed && each.page < page ? [{ ...each, end: page }] : [];
      pieces.splice(i, 1, ...before, ...(isFreed && each.end > end ? [{ ...each, page: end }] : []));
    }
    pieces.push({ area: { page, pages, freed }, page, end });
  };
  for (const { isLazy, page, pages } of initial) put(page, pages, isLazy ? -1 : undefined);
  for (const [at, event] of events.entries()) {
    if (event.kind === KIND.ALLOC && !event.failed) {
      for (const what of plainPlacement(event)) wrong(at, what);
      const pages = Math.max(1, Math.ceil((event.offset + event.size) / PAGE_BYTES));
      for (const { area, end, page } of pieces) {
        if (page >= event.page + pages || end <= event.page) continue;
        if (area.freed === undefined) wrong(at, "overlap");
        else if (!isReleased(area, area.freed, at, purges, events)) wrong(at, "early reuse");
      }
      put(event.page, pages, undefined);
    }
    if (event.kind === KIND.FREE) {
      const piece = pieces.find(({ end, page }) => page <= event.page && event.page < end);
      const area = piece?.area;
      if (event.offset !== 0) wrong(at, "free within a page");
      else if (area && area.freed === undefined) {
        if (area.page === event.page) area.freed = at;
        else wrong(at, "free within an area");
      } else if (event.page % CHUNK !== 0) wrong(at, "free of what is not live");
      else if (!area) put(event.page, 1, at);
      else if (area.page === event.page && !purges.some((each) => isOf(each, area, at)))
        wrong(at, "double free");
    }
  }
  const lazyBefore = initial.filter(({ isLazy }) => isLazy).length;
  problems.push(...countProblems(events, cpus, lazyBefore, initial));
  if (final)
    problems.push(
      ...finalProblems(
        pieces.map(({ area }) => area),
        final,
      ),
    );
  return problems;
}

function plainPlacement({
  align,
  fromOffset,
  fromPage,
  offset,
  page,
  size,
  toOffset,
  toPage,
}: TraceEvent): readonly string[] {
  const address = (whole: number, rest: number): bigint => BigInt(whole) * 4096n + BigInt(rest);
  const start = address(page, offset);
  const last = address(toPage, toOffset);
  const end = start + BigInt(size);
  const limit = last % 4096n === 4095n ? last + 1n : last;
  return [
    ...(start % 4096n !== 0n || size % PAGE_BYTES !== 0 || size === 0 ? ["no whole pages"] : []),
    ...(align > 1 && start % BigInt(align) !== 0n ? ["misaligned"] : []),
    ...(start < address(fromPage, fromOffset) || end > limit ? ["outside"] : []),
  ];
}

// Whether a purge behind the free of an area, and before an event, is one that took it.
function isOf({ at, event }: Purge, area: PlainArea, before: number): boolean {
  const end = event.toPage + (event.toOffset > 0 ? 1 : 0);
  const covers = event.numPurged > 0 && event.fromPage <= area.page && area.page + area.pages <= end;
  return covers && at > (area.freed ?? 0) && at < before;
}

function isReleased(
  area: PlainArea,
  freed: number,
  at: number,
  purges: readonly Purge[],
  events: readonly TraceEvent[],
): boolean {
  if (purges.some((each) => each.at > freed && isOf(each, area, at))) return true;
  const next = purges.find((each) => each.at > at);
  if (!next) return true;
  if (!isOf(next, area, Number.POSITIVE_INFINITY)) return false;
  const task = ({ cpu, pid }: TraceEvent): string => (pid === 0 ? `idle ${cpu}` : `${pid}`);
  const between = events.slice(at + 1, next.at);
  return task(next.event) !== task(events[at]!) && between.every((each) => task(each) !== task(next.event));
}

function countProblems(
  events: readonly TraceEvent[],
  cpus: number,
  lazyBefore: number,
  initial: readonly ListedArea[],
): readonly string[] {
  const problems: string[] = [];
  let frees = 0;
  let least: number | undefined;
  let taken = -lazyBefore;
  let lazy = lazyBefore;
  let lazyPages: number | undefined = initial.reduce((sum, each) => sum + (each.isLazy ? each.pages : 0), 0);
  const pagesAt = new Map(initial.filter(({ isLazy }) => !isLazy).map(({ page, pages }) => [page, pages]));
  for (const [at, event] of events.entries()) {
    if (event.kind === KIND.ALLOC && !event.failed) {
      pagesAt.set(event.page, Math.ceil((event.offset + event.size) / PAGE_BYTES));
    }
    if (event.kind === KIND.FREE) {
      frees++;
      lazy++;
      const pages = pagesAt.get(event.page);
      lazyPages = pages === undefined || lazyPages === undefined ? undefined : lazyPages + pages;
      pagesAt.delete(event.page);
      if (cpus === 1 && lazyPages !== undefined && event.nrLazy !== lazyPages)
        problems.push(`nr_lazy at event ${at}`);
    }
    if (event.kind !== KIND.PURGE) continue;
    taken += event.numPurged;
    if (least !== undefined && taken < least) problems.push(`too few at event ${at}`);
    if (taken > frees) problems.push(`too many at event ${at}`);
    if (cpus === 1 && event.numPurged !== lazy) problems.push(`another number at event ${at}`);
    least = frees;
    if (event.numPurged === 0) continue;
    lazy = 0;
    lazyPages = 0;
  }
  return problems;
}

function finalProblems(areas: readonly PlainArea[], final: readonly ListedArea[]): readonly string[] {
  const live = new Map<number, number>();
  for (const area of areas) if (area.freed === undefined) live.set(area.page, area.pages);
  const listed = new Map(final.filter((each) => !each.isLazy).map((each) => [each.page, each]));
  return [
    ...[...live]
      .filter(([page, pages]) => listed.get(page)?.pages !== pages)
      .map(([page]) => `end state at page ${page}`),
    ...[...listed.values()]
      .filter((each) => !each.isChunk && !live.has(each.page))
      .map(({ page }) => `end state at page ${page}`),
  ];
}
