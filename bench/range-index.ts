// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (g): the range index alone, beside the trees that do the same for the other designs: a search for free space, a
// look-up, a store and an erase, and all of them together, at N live areas. Both must come to the same pages.

import { type Column, table } from "../review/render/text-layout.ts";
import { PAGES_PER_AREA, Workload } from "./first-fit-workload.ts";
import { RangeIndexSpace, type Space, TreeSpace } from "./range-index-spaces.ts";
import { median, type Sample } from "./statistics.ts";

export interface RangeIndexOptions {
  /** Live areas. */
  readonly sizes: readonly number[];
  readonly runs: number;
  /** Rounds before the first run: at least this, and twice the live areas. */
  readonly agingMin: number;
  /** Operations per run. */
  readonly operations: number;
  readonly seed: number;
}

const DEFAULTS: RangeIndexOptions = {
  sizes: [1_000, 10_000, 100_000, 1_000_000],
  runs: 5,
  agingMin: 500_000,
  operations: 500_000,
  seed: 12_345,
};

/** What is measured, in the order of the table. */
export const MEASURED = ["search", "find", "store and erase", "allocate and free"] as const;

/** One line of the table. */
export interface RangeIndexRow {
  readonly operation: (typeof MEASURED)[number];
  readonly who: "range index" | "trees";
  readonly live: number;
  readonly nsPerOp: Sample;
  /** Time per operation against the same program's at the smallest size. */
  readonly growth: number;
  /** The range index's time against that of the trees, run by run. */
  readonly toTrees: number | null;
  readonly bytesPerArea: number;
}

export interface RangeIndexReport {
  readonly options: RangeIndexOptions;
  readonly rows: readonly RangeIndexRow[];
}

/** A program at its steady state, with what it has come to so far. */
class Contestant {
  readonly who: RangeIndexRow["who"];
  readonly space: Space;
  private readonly workload: Workload;
  private readonly live: number;
  private sum = 0;

  constructor(who: RangeIndexRow["who"], space: Space, live: number, o: RangeIndexOptions) {
    this.who = who;
    this.space = space;
    this.live = live;
    this.workload = new Workload(live, o.seed);
    this.workload.populate(space);
    this.workload.rounds(space, Math.max(o.agingMin, 2 * live));
  }

  /** CPU time per operation, nanoseconds. */
  timed(operation: RangeIndexRow["operation"], count: number): number {
    const from = process.cpuUsage();
    this.run(operation, count);
    const spent = process.cpuUsage(from);
    return ((spent.user + spent.system) * 1000) / count;
  }

  /** Depends on every page that was found or handed out. */
  get checksum(): string {
    return `${this.workload.checksum} ${this.sum}`;
  }

  private run(operation: RangeIndexRow["operation"], count: number): void {
    const { space, workload } = this;
    switch (operation) {
      case "search":
        for (let i = 0; i < count; i++) {
          // From anywhere below the highest live area on, now and then larger than most gaps.
          this.add(space.search(workload.startOf(workload.pick()), 1 + (i % 16 === 0 ? 8 : i & 3)));
        }
        break;
      case "find":
        for (let i = 0; i < count; i++) {
          // Half of the pages are the first ones of live areas, the others may be free.
          const page = workload.startOf(workload.pick()) + (i & 1) * (i & 7);
          this.add(space.find(page));
        }
        break;
      case "store and erase":
        for (let i = 0; i < count; i += 2) {
          const slot = workload.pick();
          space.replace(workload.startOf(slot), workload.sizeOf(slot));
        }
        break;
      case "allocate and free":
        workload.rounds(space, count >> 1);
        break;
    }
  }

  private add(page: number): void {
    const mixed = Math.imul(this.sum ^ page, 0x01000193);
    this.sum = mixed ^ (mixed >>> 15);
  }

  get bytesPerArea(): number {
    return this.space.bytes / this.live;
  }
}

/** Runs everything. Throws if the two programs come to different pages. */
export function benchRangeIndex(
  overrides: Partial<RangeIndexOptions> = {},
  progress: (line: string) => void = () => undefined,
): RangeIndexReport {
  const o = { ...DEFAULTS, ...overrides };
  const rows: RangeIndexRow[] = [];
  for (const live of o.sizes) {
    progress(`(g) range index, ${live} areas`);
    const pages = live * PAGES_PER_AREA;
    const ours = new Contestant("range index", new RangeIndexSpace(live, pages), live, o);
    const peer = new Contestant("trees", new TreeSpace(live, pages), live, o);
    for (const operation of MEASURED) {
      const pairs = Array.from({ length: o.runs }, () => {
        const pair = [ours.timed(operation, o.operations), peer.timed(operation, o.operations)] as const;
        if (ours.checksum !== peer.checksum) {
          throw new Error(`${operation}, ${live} areas: checksum ${ours.checksum}, trees ${peer.checksum}`);
        }
        return pair;
      });
      const ratio = median(pairs.map(([a, b]) => a / b)).median;
      for (const [i, { who, bytesPerArea }] of [ours, peer].entries()) {
        const nsPerOp = median(pairs.map((pair) => pair[i]!));
        const smallest = rows.find((row) => row.operation === operation && row.who === who);
        const growth = nsPerOp.median / (smallest?.nsPerOp.median ?? nsPerOp.median);
        rows.push({ operation, who, live, nsPerOp, growth, toTrees: i === 0 ? ratio : null, bytesPerArea });
      }
    }
  }
  return { options: o, rows };
}

/** The report as a plain text table. */
export function formatRangeIndex({ options: o, rows }: RangeIndexReport): string {
  const header = ["operation", "program", "live areas", "ns/op", "min-max", "growth", "to trees", "B/area"];
  const ordered = MEASURED.flatMap((operation) => rows.filter((row) => row.operation === operation));
  const body = ordered.map((r) => [
    r.operation,
    r.who,
    String(r.live),
    r.nsPerOp.median.toFixed(0),
    `${r.nsPerOp.min.toFixed(0)}-${r.nsPerOp.max.toFixed(0)}`,
    `${r.growth.toFixed(1)}x`,
    r.toTrees === null ? "-" : `${r.toTrees.toFixed(2)}x`,
    r.bytesPerArea.toFixed(0),
  ]);
  const columns = header.map((title, c): Column => ({ title, align: c < 2 ? "left" : "right" }));
  return [
    `(g) range index; seed ${o.seed}, median of ${o.runs} runs of ${o.operations} operations`,
    `after ${o.agingMin} rounds or twice the live areas; CPU time`,
    "",
    ...table(columns, body),
  ].join("\n");
}
