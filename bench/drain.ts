// SPDX-License-Identifier: GPL-2.0-only
//
// Bench (f): what a drain and a purge cost as the number of lazy areas grows, with and without helpers, in steps and in
// simulated time. No clock is read: the figures follow from the ports and from the cost model.

import { logLogPlot } from "../review/render/svg-plot.ts";
import { type Column, grouped, table } from "../review/render/text-layout.ts";
import type { AllocatorId } from "../spec/instance.ts";
import { COST, type CostItem, WATCHDOG_NS } from "./drain-cost.ts";
import { type DrainCost, measure, type Operation, settle } from "./drain-run.ts";
import { NODES, POOL_PAGES, type Prepared, prepare, type Sizes } from "./drain-setup.ts";

/** One operation on one kind of state. */
export interface Scenario {
  readonly title: string;
  readonly operation: Operation;
  readonly sizes: Sizes;
  readonly before: boolean;
  /** Designs with their backlogs, as multiples of lazy_max_pages(), and for some the CPU that asks for the drain. */
  readonly runs: readonly {
    readonly design: AllocatorId;
    readonly backlogs: readonly number[];
    readonly cpu?: number;
  }[];
}

const ALL = [1, 2, 4, 8];
const POOLED = (["size-pools", "unbound-drain", "unbound-drain-v3"] as const).map((design) => ({
  design,
  backlogs: ALL,
}));
// A single tree has no helpers, but holds its lock longer above twice the limit. node-index does not look at the limit.
const OTHERS = [
  { design: "global-tree", backlogs: [1, 8] },
  { design: "node-index", backlogs: [1] },
  { design: "node-blocks", backlogs: ALL },
] as const;

/** What is measured. */
export const SCENARIOS: readonly Scenario[] = [
  {
    title: "drain, single pages, pools empty",
    operation: "drain",
    sizes: "single",
    before: false,
    runs: [...POOLED, { design: "size-pools", backlogs: [8], cpu: 0 }, ...OTHERS],
  },
  {
    title: "drain, single pages, as many areas in the pools",
    operation: "drain",
    sizes: "single",
    before: true,
    runs: POOLED,
  },
  {
    title: "drain, mixed sizes, as many areas in the pools",
    operation: "drain",
    sizes: "mixed",
    before: true,
    runs: [{ design: "unbound-drain", backlogs: ALL }],
  },
  {
    title: "full purge, single pages, as many areas in the pools",
    operation: "purge",
    sizes: "single",
    before: true,
    runs: [...POOLED, ...OTHERS],
  },
];

/** A measured point. */
export interface DrainRow {
  readonly scenario: string;
  readonly design: AllocatorId;
  readonly backlog: number;
  readonly cpu: number | null;
  readonly areas: number;
  readonly cost: DrainCost;
}

/** What the bench found. */
export interface DrainReport {
  readonly model: Readonly<Record<string, CostItem>>;
  readonly nodes: number;
  readonly areas: readonly number[];
  readonly rows: readonly DrainRow[];
}

/** Measures every scenario at every size. */
export function benchDrain(
  areas: readonly number[],
  note: (text: string) => void = () => undefined,
  scenarios: readonly Scenario[] = SCENARIOS,
): DrainReport {
  const rows: DrainRow[] = [];
  for (const n of areas) {
    // States are shared between scenarios, and held one at a time.
    const states = new Map<string, { prepared: () => Prepared; measures: ((p: Prepared) => void)[] }>();
    for (const { title, operation, sizes, before, runs } of scenarios) {
      for (const { design, backlogs, cpu } of runs) {
        const key = `${design}, ${n} areas, ${sizes}${before ? ", purged before" : ""}`;
        const prepared = (): Prepared => prepare({ design, areas: n, sizes, before }, settle);
        const state = states.get(key) ?? { prepared, measures: [] };
        states.set(key, state);
        for (const backlog of backlogs) {
          const at = rows.length;
          const row = { scenario: title, design, backlog, cpu: cpu ?? null, areas: n };
          rows.push({ ...row, cost: NOTHING });
          state.measures.push((p) => {
            const options = cpu === undefined ? { backlog } : { backlog, cpu };
            rows[at] = { ...row, cost: measure(p, operation, options) };
          });
        }
      }
    }
    for (const [key, { prepared, measures }] of states) {
      note(`(f) drain, ${key}`);
      const state = prepared();
      for (const take of measures) take(state);
    }
  }
  return { model: COST, nodes: NODES, areas, rows };
}

const NOTHING: DrainCost = {
  steps: 0,
  chain: 0,
  ns: 0,
  runNs: 0,
  helpers: 0,
  released: 0,
  releasedPages: 0,
  decayed: 0,
  locks: [],
};

/** Rows of one line of the plot: all sizes of one design in one scenario. */
function seriesOf(report: DrainReport, scenario: string): readonly (readonly DrainRow[])[] {
  const series = new Map<string, DrainRow[]>();
  for (const row of report.rows) {
    if (row.scenario !== scenario) continue;
    const key = `${row.design} ${row.backlog} ${row.cpu}`;
    series.set(key, [...(series.get(key) ?? []), row]);
  }
  return [...series.values()].map((rows) => rows.toSorted((a, b) => a.areas - b.areas));
}

/** The number of areas from which on a thread runs for longer than the watchdog allows, between two measured sizes. */
export function watchdogAt(points: readonly { readonly areas: number; readonly runNs: number }[]): string {
  const over = points.findIndex(({ runNs }) => runNs > WATCHDOG_NS);
  if (over < 0) return `> ${grouped(points.at(-1)?.areas ?? 0)}`;
  const b = points[over]!;
  const a = points[over - 1];
  if (!a) return `< ${grouped(b.areas)}`;
  // A straight line between logarithms: exact for a power of the number of areas.
  const part = Math.log(WATCHDOG_NS / a.runNs) / Math.log(b.runNs / a.runNs);
  const at = a.areas * (b.areas / a.areas) ** part;
  return grouped(Number(at.toPrecision(2)));
}

const ms = (ns: number): string => (ns / 1e6).toFixed(ns < 1e7 ? 3 : 1);

function lockOf({ locks }: DrainCost, name: string) {
  return locks.find((l) => l.name === name);
}

function nameOf({ design, cpu }: DrainRow): string {
  return cpu === null ? design : `${design}, on CPU ${cpu}`;
}

function scenarioTable(report: DrainReport, title: string): readonly string[] {
  const last = report.areas.at(-1)!;
  const columns: Column[] = [
    { title: "design" },
    ...["backlog", "helpers", ...report.areas.map((n) => `ms at ${n}`)].map(right),
    ...["steps", "chain", "run ms", "lock ms", "of", "spun ms", "10 ms at"].map(right),
  ];
  const rows = seriesOf(report, title).map((series) => {
    const { cost } = series.at(-1)!;
    const free = lockOf(cost, "free_vmap_area_lock");
    return [
      nameOf(series[0]!),
      `${series[0]!.backlog}x`,
      String(cost.helpers),
      ...series.map((row) => ms(row.cost.ns)),
      String(cost.steps),
      String(cost.chain),
      ms(cost.runNs),
      ms(free?.longestNs ?? 0),
      ms(free?.ns ?? 0),
      ms(free?.waitNs ?? 0),
      watchdogAt(series.map((row) => ({ areas: row.areas, runNs: row.cost.runNs }))),
    ];
  });
  return [`${title}; from "steps" to "spun ms" at ${grouped(last)} areas`, ...table(columns, rows), ""];
}

function lockTable(report: DrainReport): readonly string[] {
  const last = report.areas.at(-1)!;
  const columns: Column[] = [
    { title: "unbound-drain" },
    { title: "lock" },
    ...["helpers", "holds", "steps", "longest", "ms", "longest ms", "spun ms"].map(right),
  ];
  const rows = report.rows
    .filter((row) => row.areas === last && row.design === "unbound-drain" && [1, 8].includes(row.backlog))
    .flatMap((row) =>
      ["vmap_purge_lock", "free_vmap_area_lock", "pool_lock", "lazy.lock"].map((name) => {
        const lock = lockOf(row.cost, name);
        return [
          row.scenario,
          name,
          String(row.cost.helpers),
          String(lock?.holds ?? 0),
          String(lock?.steps ?? 0),
          String(lock?.longestSteps ?? 0),
          ms(lock?.ns ?? 0),
          ms(lock?.longestNs ?? 0),
          ms(lock?.waitNs ?? 0),
        ];
      }),
    );
  return [`locks at ${grouped(last)} areas`, ...table(columns, rows)];
}

function right(title: string): Column {
  return { title, align: "right" };
}

/** The cost model and the tables as plain text. */
export function formatDrain(report: DrainReport): string {
  const model = Object.values(report.model).map((item) => [String(item.ns), item.what, item.source]);
  const scenarios = [...new Set(report.rows.map((row) => row.scenario))];
  return [
    `${report.nodes} nodes and CPUs, ${POOL_PAGES} pools per node; simulated time by the cost model, the same on every machine`,
    "",
    ...table([right("ns"), { title: "for" }, { title: "source" }], model),
    "",
    ...scenarios.flatMap((title) => scenarioTable(report, title)),
    ...lockTable(report),
  ].join("\n");
}

/** The lines of the plot: a scenario, a design, a backlog, and a name. */
const LINES = [
  [0, "unbound-drain", 1, "drain, inline"],
  [0, "unbound-drain", 8, "drain, 7 helpers"],
  [1, "unbound-drain", 1, "drain with full pools, inline"],
  [1, "unbound-drain", 8, "drain with full pools, 7 helpers"],
  [3, "unbound-drain", 1, "full purge, inline"],
  [3, "unbound-drain", 8, "full purge, 7 helpers"],
  [0, "node-index", 1, "drain of node-index"],
  [0, "node-blocks", 8, "drain of node-blocks, 7 helpers"],
] as const;

/** Simulated time over the number of areas, as SVG. */
export function plotDrain(report: DrainReport): string {
  const series = LINES.map(([scenario, design, backlog, label]) => ({
    label,
    points: report.rows
      .filter(
        (row) =>
          row.scenario === SCENARIOS[scenario]!.title &&
          row.design === design &&
          row.backlog === backlog &&
          row.cpu === null,
      )
      .map((row) => ({ x: row.areas, y: row.cost.ns / 1e6 })),
  }));
  return logLogPlot({
    title: "unbound-drain (and size-pools, within 0.01 %): simulated time of a drain and of a purge",
    xLabel: "lazy areas",
    yLabel: "simulated ms",
    series: series.filter(({ points }) => points.length > 0),
    limits: [{ y: WATCHDOG_NS / 1e6, label: "10 ms: the watchdog of workqueues" }],
  });
}
