// SPDX-License-Identifier: GPL-2.0-only
//
// What touches are counted on: the cases of the kernel's own stress test, scaled, and some of our own. Pages; an area has
// its guard page with it. Each case runs with no pools (a single node keeps none) and with pools (two nodes).
// Source: lib/test_vmalloc.c (v6.9 and later): sizes, alignments, and the order of allocations and frees.

import { createRng, type Rng } from "../explore/rng.ts";
import type { AllocatorId, Instance, PageRange } from "../spec/instance.ts";
import { instanceOf } from "../spec/small-machine.ts";

/** Who serves a workload's requests. */
export type ServedBy = "trees" | "pools" | "window";

/** What a workload asks for. */
export interface Requests {
  /** The first page, or a negative errno. */
  allocate(size: number, align: number, window: PageRange): number;
  free(page: number): void;
}

/** One workload. */
export interface TouchWorkload {
  readonly name: string;
  readonly servedBy: ServedBy;
  /** What is there before counting begins. */
  readonly setUp: (on: Requests) => void;
  readonly work: (on: Requests, rng: Rng) => void;
}

/** Cycles of an allocation and its free. */
const CYCLES = 128;

const VMALLOC: PageRange = { start: 64, end: 64 + 4096 };
const MODULES: PageRange = { start: VMALLOC.end, end: VMALLOC.end + 512 };
/** A part of the vmalloc window, which no pool serves either. */
const PART: PageRange = { start: 1024, end: 2048 };

/** Lazily freed pages at which a drain is asked for: 8192 with one CPU, here and below a 128th. */
const LAZY_MAX = 64;
/** Most pages of an area that a pool takes; no workload asks for more. */
const POOL_PAGES = 16;

const PAGE_SHIFT = 12;

/** The machine that a workload runs on. */
export function touchInstance(allocator: AllocatorId, servedBy: ServedBy): Instance {
  const machine = {
    space: MODULES.end,
    vmalloc: VMALLOC,
    modules: MODULES,
    cpus: 1,
    nodes: servedBy === "trees" ? 1 : 2,
    block: 16,
    lazyMax: LAZY_MAX,
    poolPages: POOL_PAGES,
  };
  return instanceOf(allocator, machine, "-");
}

/** An allocation that must be served. */
function served(on: Requests, size: number, align = 1, window = VMALLOC): number {
  const page = on.allocate(size, align, window);
  if (page < 0) throw new Error(`${size} pages, align ${align}, were refused`);
  return page;
}

function cycle(on: Requests, size: number, align = 1, window = VMALLOC): void {
  on.free(served(on, size, align, window));
}

function times(n: number, body: (i: number) => void): void {
  for (let i = 0; i < n; i++) body(i);
}

/** Areas of `size` pages beside each other, of which every second one is freed again. */
function holes(on: Requests, count: number, size: number, window = VMALLOC): void {
  const junk: number[] = [];
  times(2 * count, (i) => {
    const page = served(on, size, 1, window);
    if (i % 2 === 1) junk.push(page);
  });
  for (const page of junk) on.free(page);
}

interface Case {
  readonly name: string;
  readonly setUp?: (on: Requests) => void;
  readonly work: (on: Requests, rng: Rng) => void;
}

const CASES: readonly Case[] = [
  // One page, by default.
  { name: "fix_size", work: (on) => times(CYCLES, () => cycle(on, 2)) },
  {
    name: "full_fit",
    // As many holes as pages are needed for a drain.
    setUp: (on) => holes(on, LAZY_MAX, 2),
    work: (on) => times(CYCLES, () => cycle(on, 2)),
  },
  {
    name: "long_busy_list",
    // 15,000 pages.
    setUp: (on) => times(117, () => served(on, 2)),
    work: (on) =>
      times(CYCLES / 2, () => {
        const large = served(on, 11);
        const small = served(on, 2);
        on.free(large);
        on.free(small);
      }),
  },
  // 1 to 100 pages, here to 10.
  { name: "random_size", work: (on, rng) => times(CYCLES, () => cycle(on, 2 + rng.below(10))) },
  // THREAD_ALIGN << 1.
  { name: "fix_align", work: (on) => times(CYCLES, () => cycle(on, 6, 8)) },
  {
    name: "random_size_align",
    work: (on, rng) =>
      times(CYCLES, () => {
        // One random byte decides both.
        const byte = rng.below(256);
        cycle(on, 2 + (byte % 10), 2 ** Math.max(0, (byte % 23) - PAGE_SHIFT));
      }),
  },
  {
    // Up to the first alignment that cannot be had.
    name: "align_shift",
    work: (on) =>
      times(CYCLES / 16, () => {
        for (let shift = 0; shift < 31; shift++) {
          const page = on.allocate(2, 2 ** Math.max(0, shift - PAGE_SHIFT), VMALLOC);
          if (page < 0) return;
          on.free(page);
        }
      }),
  },
];

const WINDOWS: readonly Case[] = [
  { name: "modules window", work: (on, rng) => times(CYCLES, () => cycle(on, 2 + rng.below(4), 1, MODULES)) },
  {
    name: "part of the window",
    work: (on, rng) => times(CYCLES, () => cycle(on, 2 + rng.below(4), 1, PART)),
  },
];

// Ours: what a padded request for an alignment passes over.
const AMONG_HOLES: Case = {
  name: "fix_align, 64 holes",
  setUp: (on) => holes(on, 64, 6),
  work: (on) => times(CYCLES, () => cycle(on, 6, 8)),
};

function workload({ name, setUp, work }: Case, servedBy: ServedBy): TouchWorkload {
  return {
    name: servedBy === "pools" ? `${name}, pools` : name,
    servedBy,
    setUp: setUp ?? (() => undefined),
    work,
  };
}

/** All workloads: what trees serve, what a window other than the whole keeps from the pools, what pools serve. */
export const TOUCH_WORKLOADS: readonly TouchWorkload[] = [
  ...[...CASES, AMONG_HOLES].map((each) => workload(each, "trees")),
  ...WINDOWS.map((each) => workload(each, "window")),
  ...CASES.map((each) => workload(each, "pools")),
];

/** The random numbers of a workload: the same for every design. */
export function touchRng({ name }: TouchWorkload): Rng {
  return createRng(`touches ${name}`);
}
