// SPDX-License-Identifier: GPL-2.0-only
//
// How often range trees are touched for an allocation and for its free, before and after the occupied tree alone says
// what is free. The rules of both verdicts are texts beside the code that follows them.

import type { AllocatorId } from "../spec/instance.ts";
import type { Designs } from "./campaigns.ts";
import type { MeasureResult, MeasureRow, Pair } from "./measure-result.ts";
import { TouchRun, type Touches } from "./touch-count.ts";
import { TOUCH_WORKLOADS, touchInstance, touchRng, type TouchWorkload } from "./touch-workloads.ts";

/** What counts as one touch. */
export const TOUCH =
  "a touch is one mas_* call on one range tree: mas_preallocate with its mas_store_prealloc is one, a walk over k " +
  "entries is k, and one more if it goes on to find no further one";

const BEFORE: AllocatorId = "dual-index";
const AFTER: AllocatorId = "occupied-index";

const RECORDS_MAX = 1024;

/** One workload on both designs, as counted. */
export interface TouchRow {
  readonly workload: TouchWorkload;
  readonly before: TouchRun;
  readonly after: TouchRun;
}

/**
 * Runs a workload on one design twice and counts the second time, when pools and free space are as they stay. The purge
 * of what it leaves behind is counted as well.
 */
export function runWorkload(
  allocator: AllocatorId,
  workload: TouchWorkload,
  designs?: Designs,
  checked = false,
): TouchRun {
  const on = new TouchRun(touchInstance(allocator, workload.servedBy), {
    design: designs?.[allocator],
    recordsMax: RECORDS_MAX,
    checked,
  });
  workload.setUp(on);
  workload.work(on, touchRng(workload));
  on.purge();
  on.begin();
  workload.work(on, touchRng(workload));
  on.purge();
  return on;
}

// The faithful ports are counted once.
let ofThePorts: readonly TouchRow[] | undefined;

function rowsOf(designs: Designs | undefined): readonly TouchRow[] {
  if (designs === undefined && ofThePorts) return ofThePorts;
  const rows = TOUCH_WORKLOADS.map((workload) => ({
    workload,
    before: runWorkload(BEFORE, workload, designs),
    after: runWorkload(AFTER, workload, designs),
  }));
  if (designs === undefined) ofThePorts = rows;
  return rows;
}

/** A figure of two decimals, which is all that a table shows. */
function rounded(n: number): number {
  return Math.round(n * 100) / 100;
}

function pairOf(row: TouchRow, figure: (run: TouchRun) => number): Pair {
  return { before: rounded(figure(row.before)), after: rounded(figure(row.after)) };
}

type Kind = keyof Touches;

const perAlloc =
  (kind: Kind) =>
  ({ served, allocs }: TouchRun): number =>
    allocs === 0 ? 0 : served[kind] / allocs;

const perFree =
  (kind: Kind) =>
  ({ freed, frees }: TouchRun): number =>
    frees === 0 ? 0 : freed[kind] / frees;

const perCycle =
  (kind: Kind) =>
  (run: TouchRun): number =>
    perAlloc(kind)(run) + perFree(kind)(run);

/** Whether the trees of free space serve the workload: the rules look at these. */
const isJudged = ({ workload }: TouchRow): boolean => workload.servedBy !== "pools";

const HALF = { from: 0.4, to: 0.6 } as const;

const CYCLE_RULE =
  `"~half" is ${HALF.from * 100} to ${HALF.to * 100} % of the touches of all trees per allocation and free; holds if ` +
  "every workload that no pool serves is within, refuted if none is, else partly";

const ALLOCATION_RULE =
  "on the trees of free and of occupied ranges: after the patch 2 for each allocation, before it 4 to 6 on average; holds " +
  "if that is so in every workload that no pool serves, refuted if in none, else partly";

const CYCLE_UNIT = "touches of all range trees per allocation and free";
const ALLOCATION_UNIT = "touches of the free and the occupied tree per allocation";

/** C1-4: what is left of the touches of a whole cycle. */
export function touchesPerCycle(designs?: Designs): MeasureResult {
  return counted(designs, CYCLE_UNIT, "cycle", CYCLE_RULE, (all) => {
    const rows = all.map((row): MeasureRow => {
      const cycle = pairOf(row, perCycle("all"));
      return {
        workload: row.workload.name,
        ...cycle,
        ...(isJudged(row) && { claimed: "~half" }),
        more: {
          alloc: pairOf(row, perAlloc("all")),
          free: pairOf(row, perFree("all")),
          "hot cycle": pairOf(row, perCycle("hot")),
          nodes: pairOf(row, perCycle("allNodes")),
        },
        notes: { less: percent(removed(row)) },
      };
    });
    const judged = all.filter(isJudged);
    const within = judged.filter((row) => removed(row) >= HALF.from && removed(row) <= HALF.to);
    const shares = judged.map(removed);
    const pooled = all.filter((row) => !isJudged(row)).map(removed);
    return {
      rows,
      met: within.length,
      of: judged.length,
      text:
        `${within.length} of ${judged.length} workloads that no pool serves lose 40 to 60 %: ` +
        `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))} of the touches go; with pools ` +
        `${percent(Math.min(...pooled))} to ${percent(Math.max(...pooled))}`,
    };
  });
}

/** C1-11: touches of the two trees that know free space, for an allocation. */
export function touchesPerAllocation(designs?: Designs): MeasureResult {
  return counted(designs, ALLOCATION_UNIT, "hot alloc", ALLOCATION_RULE, (all) => {
    const rows = all.map((row): MeasureRow => ({
      workload: row.workload.name,
      ...pairOf(row, perAlloc("hot")),
      ...(isJudged(row) && { claimed: "4-6 > 2" }),
      more: {
        "hot free": pairOf(row, perFree("hot")),
        "hot nodes": pairOf(row, perAlloc("hotNodes")),
        failed: pairOf(row, ({ failures }) => failures),
      },
      notes: { each: `${range(row.before)} > ${range(row.after)}` },
    }));
    const judged = all.filter(isJudged);
    const two = judged.filter(({ after }) => after.least === 2 && after.most === 2);
    const legacy = judged.filter(({ before }) => within(perAlloc("hot")(before), 4, 6));
    const both = two.filter((row) => legacy.includes(row));
    return {
      rows,
      met: both.length,
      of: judged.length,
      text:
        `of ${judged.length} workloads that no pool serves, 2 after the patch in ${two.length} and 4 to 6 before it in ` +
        `${legacy.length}; before it ${range(...judged.map(({ before }) => before))} for one allocation`,
    };
  });
}

interface Counted {
  readonly rows: readonly MeasureRow[];
  readonly text: string;
  /** Workloads that the claim is right about, of those that are looked at. */
  readonly met: number;
  readonly of: number;
}

function counted(
  designs: Designs | undefined,
  unit: string,
  title: string,
  rule: string,
  judge: (rows: readonly TouchRow[]) => Counted,
): MeasureResult {
  const terms = { unit, title, rule: `${TOUCH}; ${rule}` };
  let all: readonly TouchRow[];
  try {
    all = rowsOf(designs);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { verdict: "not-decided", ...terms, text, rows: [] };
  }
  const { rows, text, met, of } = judge(all);
  const verdict = met === of ? "holds" : met === 0 ? "refuted" : "partly";
  return { verdict, ...terms, text, rows };
}

function removed({ before, after }: TouchRow): number {
  return 1 - perCycle("all")(after) / perCycle("all")(before);
}

function within(n: number, from: number, to: number): boolean {
  return n >= from && n <= to;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function range(...runs: readonly TouchRun[]): string {
  const least = Math.min(...runs.map((run) => run.least));
  const most = Math.max(...runs.map((run) => run.most));
  return least === most ? `${least}` : `${least}-${most}`;
}
