// SPDX-License-Identifier: GPL-2.0-only
//
// A correct kernel in small, whose tasks are delayed anywhere between what they do and the line that tells of it. What it
// prints is legal by construction, however odd it looks: purges in flight, late lines of frees, per-CPU chunks without an
// event, and areas that come and go between the list from before the trace and its first line.

import type { ListedArea } from "../../../trace/check/final-state.ts";
import { KIND, PAGE_BYTES, type TraceEvent } from "../../../trace/trace-event.ts";
import type { Draw } from "./injections.ts";

/** First page of all: the modules of x86-64, where per-CPU chunks lie at multiples of 2 MiB, or a place that tells nothing. */
const BASE = { x86: 0xffffffffa0000, other: 0xffffc90000000 } as const;

const CHUNK_PAGES = 512;
/** All areas lie around a place where chunks do, so that they meet often. */
const FROM = CHUNK_PAGES - 12;
const TO = CHUNK_PAGES + 12;
const AREA_PAGES_MAX = 5;
const TASKS = 5;

/** How a trace is made. */
export interface LegalOptions {
  readonly machine: keyof typeof BASE;
  /** Steps of the kernel before the list is read, from there to where lines are recorded, and while they are. */
  readonly steps: readonly [before: number, gap: number, recorded: number];
}

/** What was recorded, and the list that was read. */
export interface LegalTrace {
  readonly events: readonly TraceEvent[];
  readonly list: readonly ListedArea[];
}

interface Area {
  readonly page: number;
  readonly pages: number;
  readonly isChunk: boolean;
}

/** Runs the kernel. What a generator yields is a place where its task may be delayed. */
export function legalTrace(draw: Draw, { machine, steps }: LegalOptions): LegalTrace {
  const base = BASE[machine];
  const events: TraceEvent[] = [];
  // Those of which the owner knows, and may free; what is being allocated or freed is in neither.
  const owned: Area[] = [];
  const taken = new Set<Area>();
  const lazy: Area[] = [];
  let purgeOwner = -1;
  let isRecording = false;

  const print = (task: number, what: Partial<TraceEvent>): void => {
    if (isRecording)
      events.push(eventOf(base, { line: events.length + 1, pid: task + 1, cpu: task, ...what }));
  };
  const isFree = (page: number, pages: number): boolean =>
    [...taken].every((each) => each.page >= page + pages || each.page + each.pages <= page);

  function* allocate(task: number): Generator<void> {
    const pages = 1 + draw(AREA_PAGES_MAX);
    const page = FROM + draw(TO - FROM - pages);
    if (!isFree(page, pages)) return;
    const area = { page, pages, isChunk: false };
    taken.add(area);
    yield;
    print(task, { kind: KIND.ALLOC, page, size: pages * PAGE_BYTES });
    owned.push(area);
  }

  function* allocateChunk(): Generator<void> {
    const pages = machine === "x86" ? CHUNK_PAGES : AREA_PAGES_MAX;
    const page = machine === "x86" ? CHUNK_PAGES : FROM + draw(TO - FROM - pages);
    if (!isFree(page, pages)) return;
    const chunk = { page, pages, isChunk: true };
    taken.add(chunk);
    yield;
    owned.push(chunk);
  }

  function* free(task: number): Generator<void> {
    if (owned.length === 0) return;
    const [area] = owned.splice(draw(owned.length), 1);
    if (!area) return;
    yield;
    lazy.push(area);
    yield;
    print(task, { kind: KIND.FREE, page: area.page });
  }

  function* purge(task: number): Generator<void> {
    while (purgeOwner >= 0) yield;
    purgeOwner = task;
    yield;
    const areas = lazy.splice(0);
    yield;
    for (const area of areas) {
      taken.delete(area);
      yield;
    }
    const fromPage = Math.min(...areas.map(({ page }) => page)) - draw(3);
    const toPage = Math.max(...areas.map(({ page, pages }) => page + pages)) + draw(3);
    const range = areas.length > 0 ? { fromPage, toPage } : { fromPage: 0, toPage: 0 };
    print(task, { kind: KIND.PURGE, numPurged: areas.length, ...range });
    purgeOwner = -1;
  }

  const next = (task: number): Generator<void> => {
    const what = draw(12);
    if (what < 5) return allocate(task);
    if (what < 10) return free(task);
    return what === 10 ? purge(task) : allocateChunk();
  };
  const tasks: (Generator<void> | undefined)[] = Array.from({ length: TASKS }, () => undefined);
  // A task that sleeps is delayed for long, wherever it is.
  const asleep = new Array<number>(TASKS).fill(0);
  const step = (): void => {
    const task = draw(TASKS);
    const sleep = asleep[task] ?? 0;
    asleep[task] = sleep > 0 ? sleep - 1 : draw(10) === 0 ? draw(20) : 0;
    if (sleep > 0) return;
    const running = (tasks[task] ??= next(task));
    if (running.next().done === true) tasks[task] = undefined;
  };

  const [before, gap, recorded] = steps;
  for (let i = 0; i < before; i++) step();
  const list = [...taken]
    .map((area) => ({
      page: base + area.page,
      pages: area.pages,
      isLazy: lazy.includes(area),
      isChunk: area.isChunk,
    }))
    .sort((a, b) => a.page - b.page);
  for (let i = 0; i < gap; i++) step();
  isRecording = true;
  for (let i = 0; i < recorded; i++) step();
  return { events, list };
}

function eventOf(
  base: number,
  what: Partial<TraceEvent> & { line: number; pid: number; cpu: number },
): TraceEvent {
  const { fromPage = 0, kind = KIND.ALLOC, page = 0, toPage = 2 * CHUNK_PAGES } = what;
  return {
    inInterrupt: false,
    time: what.line,
    offset: 0,
    size: 0,
    align: 1,
    failed: false,
    fromOffset: 0,
    toOffset: 0,
    nrLazy: 0,
    nrLazyMax: 8192,
    numPurged: 0,
    comm: () => `task-${what.pid}`,
    ...what,
    kind,
    page: base + page,
    fromPage: base + fromPage,
    toPage: base + toPage,
  };
}
