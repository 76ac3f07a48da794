// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (h): touches of range trees, the nodes under them and the time of an allocation and of a free, before and after the
// occupied tree alone says what is free, at N live areas; beside them mainline with its red-black trees. All of them run
// whole, kernel functions and purges included, and must hand out the same pages.

import { MapleNodes } from "../impl/allocators/maple-nodes.ts";
import { OperationRun } from "../properties/operation-run.ts";
import { type Column, grouped, hanging, table, WIDTH } from "../review/render/text-layout.ts";
import { addTouches, NOTHING, TouchCounter, type Touches } from "../review/touch-count.ts";
import { TOUCH } from "../review/touch-measures.ts";
import { OCCUPIED_INDEX_DOSSIER } from "../spec/dossiers/occupied-index.ts";
import type { AllocatorId, PageRange } from "../spec/instance.ts";
import { instanceOf } from "../spec/small-machine.ts";
import { type FirstFit, PAGES_PER_AREA, Workload } from "./first-fit-workload.ts";
import { median, type Sample } from "./statistics.ts";

export interface TouchesOptions {
  /** Live areas. */
  readonly sizes: readonly number[];
  readonly runs: number;
  /** Rounds before the first run, as a multiple of the live areas. */
  readonly aging: number;
  /** Rounds per run: an allocation and a free each. */
  readonly rounds: number;
  readonly seed: number;
}

const DEFAULTS: TouchesOptions = {
  sizes: [1_000, 10_000, 100_000],
  runs: 5,
  aging: 2,
  rounds: 20_000,
  seed: 12_345,
};

/** What requests ask for, besides 1 to 4 pages. */
export const REQUESTS = {
  "align 1": { every: 0, align: 1 },
  "1/16 align 8": { every: 16, align: 8 },
} as const;

/** The designs, and the one that the others are compared with. */
export const CONTESTANTS = [
  "dual-index",
  "occupied-index",
  "size-pools",
] as const satisfies readonly AllocatorId[];

const PEER = "size-pools";

/** One line of the table: per round, unless it says otherwise. */
export interface TouchesRow {
  readonly requests: keyof typeof REQUESTS;
  readonly design: (typeof CONTESTANTS)[number];
  readonly live: number;
  /** Of the allocation and of the free of a round; null without range trees. */
  readonly alloc: Touches | null;
  readonly free: Touches | null;
  /** CPU time of an operation, half a round. */
  readonly nsPerOp: Sample;
  /** That against the peer's, run by run. */
  readonly toPeer: number | null;
}

export interface TouchesReport {
  readonly options: TouchesOptions;
  /** What the touches are counted for. */
  readonly claims: readonly string[];
  readonly rows: readonly TouchesRow[];
}

/** One design at its steady state. */
class Contestant implements FirstFit {
  private readonly run: OperationRun;
  private readonly window: PageRange;
  private readonly workload: Workload;
  private readonly counter: TouchCounter | undefined;
  private readonly every: number;
  private readonly align: number;
  private requests = 0;
  private counting = false;
  private readonly allocs: Touches = { ...NOTHING };
  private readonly frees: Touches = { ...NOTHING };

  constructor(design: AllocatorId, requests: keyof typeof REQUESTS, live: number, o: TouchesOptions) {
    ({ every: this.every, align: this.align } = REQUESTS[requests]);
    const lazyMax = Math.max(64, Math.min(8192, live >> 2));
    const space = live * PAGES_PER_AREA + 4 * lazyMax;
    this.window = { start: 0, end: space };
    this.run = new OperationRun(
      instanceOf(design, { space, cpus: 1, nodes: 1, lazyMax, poolPages: 1 }, "-"),
      { recordsMax: Math.ceil(2.2 * live) + 4 * lazyMax + 1024 },
    );
    const { allocator } = this.run;
    this.counter = allocator instanceof MapleNodes ? new TouchCounter(allocator) : undefined;
    this.workload = new Workload(live, o.seed);
    this.workload.populate(this);
    this.workload.rounds(this, o.aging * live);
  }

  allocate(size: number): number {
    this.requests++;
    const aligned = this.every > 0 && this.requests % this.every === 0;
    return this.counted(this.allocs, () => {
      const page = this.run.alloc(size, aligned ? this.align : 1, this.window);
      if (page < 0) throw new Error(`${size} pages were refused`);
      return page;
    });
  }

  free(start: number): void {
    this.counted(this.frees, () => {
      this.run.free(start);
      return 0;
    });
  }

  /** CPU time per operation, nanoseconds. */
  timed(rounds: number): number {
    const from = process.cpuUsage();
    this.workload.rounds(this, rounds);
    const spent = process.cpuUsage(from);
    return ((spent.user + spent.system) * 1000) / (2 * rounds);
  }

  /** Touches per allocation and per free, not timed; every design must do these rounds. */
  touches(rounds: number): { readonly alloc: Touches | null; readonly free: Touches | null } {
    this.counting = this.counter !== undefined;
    this.workload.rounds(this, rounds);
    const counted = this.counting;
    this.counting = false;
    const per = (touches: Touches): Touches | null =>
      counted
        ? {
            hot: touches.hot / rounds,
            all: touches.all / rounds,
            hotNodes: touches.hotNodes / rounds,
            allNodes: touches.allNodes / rounds,
          }
        : null;
    return { alloc: per(this.allocs), free: per(this.frees) };
  }

  get checksum(): string {
    return this.workload.checksum;
  }

  // What workers do behind an operation belongs to it: only frees give them anything to do.
  private counted(to: Touches, body: () => number): number {
    const { counter } = this;
    if (!this.counting || !counter) return body();
    addTouches(to, counter.total(), -1);
    const result = body();
    addTouches(to, counter.total());
    return result;
  }
}

/** Runs everything. Throws if designs that must come to the same pages do not. */
export function benchTouches(
  overrides: Partial<TouchesOptions> = {},
  progress: (line: string) => void = () => undefined,
): TouchesReport {
  const o = { ...DEFAULTS, ...overrides };
  const rows: TouchesRow[] = [];
  for (const requests of Object.keys(REQUESTS) as (keyof typeof REQUESTS)[]) {
    for (const live of o.sizes) {
      progress(`(h) touches, ${requests}, ${live} areas`);
      const all = CONTESTANTS.map((design) => new Contestant(design, requests, live, o));
      // What mainline finds for an alignment above a page may be another page than what is found with padding.
      const same = REQUESTS[requests].every === 0 ? all : all.slice(0, 2);
      const agree = (): void => {
        const sums = new Set(same.map(({ checksum }) => checksum));
        if (sums.size > 1) throw new Error(`${requests}, ${live} areas: checksums ${[...sums].join(", ")}`);
      };
      const times = Array.from({ length: o.runs }, () => {
        const run = all.map((each) => each.timed(o.rounds));
        agree();
        return run;
      });
      const touches = all.map((each) => each.touches(o.rounds));
      agree();
      const peer = CONTESTANTS.indexOf(PEER);
      for (const [i, design] of CONTESTANTS.entries()) {
        const nsPerOp = median(times.map((run) => run[i]!));
        const toPeer = i === peer ? null : median(times.map((run) => run[i]! / run[peer]!)).median;
        rows.push({ requests, design, live, ...touches[i]!, nsPerOp, toPeer });
      }
    }
  }
  return { options: o, claims: claimTexts(), rows };
}

const MEASURED = ["touches-per-cycle", "touches-per-allocation"];

function claimTexts(): readonly string[] {
  return OCCUPIED_INDEX_DOSSIER.claims.flatMap(({ id, quote, evidence }) =>
    evidence.kind === "measured" && MEASURED.includes(evidence.measure) ? [`${id}: "${quote}"`] : [],
  );
}

/** The report as a plain text table. */
export function formatTouches({ options: o, claims, rows }: TouchesReport): string {
  const left = ["requests", "design"];
  const titles = [
    ...left,
    "live",
    "alloc",
    "hot",
    "free",
    "hot",
    "round",
    "nodes",
    "ns/op",
    "min-max",
    "to peer",
  ];
  const n = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(1));
  const body = rows.map(({ requests, design, live, alloc, free, nsPerOp, toPeer }) => [
    requests,
    design,
    grouped(live),
    n(alloc?.all),
    n(alloc?.hot),
    n(free?.all),
    n(free?.hot),
    n(alloc && free ? alloc.all + free.all : undefined),
    n(alloc && free ? alloc.allNodes + free.allNodes : undefined),
    nsPerOp.median.toFixed(0),
    `${nsPerOp.min.toFixed(0)}-${nsPerOp.max.toFixed(0)}`,
    toPeer === null ? "-" : `${toPeer.toFixed(2)}x`,
  ]);
  const columns = titles.map((title): Column => ({ title, align: left.includes(title) ? "left" : "right" }));
  return [
    `(h) touches; seed ${o.seed}, median of ${o.runs} runs of ${o.rounds} rounds after ${o.aging} for each live area; CPU time`,
    ...hanging("", TOUCH, WIDTH),
    ...claims.flatMap((claim) => hanging("", claim, WIDTH)),
    "",
    ...table(columns, body),
  ].join("\n");
}
