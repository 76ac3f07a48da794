// SPDX-License-Identifier: GPL-2.0-only
//
// A plot with two logarithmic axes as plain SVG: from data to text, the same bytes for the same data. Lines differ by
// their dashes as well as by their colours, and carry their names at their ends, so that no legend is needed.

import { colorOf, endLabels, escapeXml, look, px, text, type PlotFrame } from "./svg-parts.ts";

/** A point; both numbers are above 0. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

/** A line. */
export interface PlotSeries {
  readonly label: string;
  readonly points: readonly PlotPoint[];
}

/** What is plotted. */
export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly PlotSeries[];
  /** Horizontal lines at values of y. */
  readonly limits?: readonly { readonly y: number; readonly label: string }[];
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = { left: 70, right: 250, top: 40, bottom: 50 } as const;

/** The plot as an SVG document. Throws RangeError if a number is not positive and finite, or if there is no point. */
export function logLogPlot(plot: Plot): string {
  const { width = 900, height = 520, limits = [] } = plot;
  const points = plot.series.flatMap((s) => s.points);
  const xs = decades(points.map((p) => checked(p.x, "x")));
  const ys = decades([...points.map((p) => p.y), ...limits.map((l) => l.y)].map((y) => checked(y, "y")));
  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const x = scale(xs, MARGIN.left, right);
  const y = scale(ys, bottom, MARGIN.top);
  const frame = { x, y, right, bottom };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeXml(plot.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN.left, 22, plot.title, ` font-size="14"`),
    ...axes(plot, xs, ys, frame),
    ...limits.map((limit) => limitLine(limit, frame)),
    ...plot.series.flatMap((series, i) => seriesLine(series, i, frame)),
    ...endLabels(plot.series, frame),
    `</svg>`,
    "",
  ].join("\n");
}

// The powers of ten from the one below all values to the one above them.
function decades(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError("plot: there is no point");
  const low = Math.floor(log10(values.reduce((a, b) => Math.min(a, b))));
  const high = Math.ceil(log10(values.reduce((a, b) => Math.max(a, b))));
  return Array.from({ length: Math.max(high, low + 1) - low + 1 }, (_, i) => low + i);
}

function scale(exponents: readonly number[], from: number, to: number): (value: number) => number {
  const low = exponents[0]!;
  const span = exponents.at(-1)! - low;
  return (value) => from + ((to - from) * (log10(value) - low)) / span;
}

// Exact at powers of ten, where the library's logarithm need not be.
function log10(value: number): number {
  const near = Math.round(Math.log10(value));
  return Number(`1e${near}`) === value ? near : Math.log10(value);
}

function axes(plot: Plot, xs: readonly number[], ys: readonly number[], f: PlotFrame): readonly string[] {
  const { left, top } = MARGIN;
  const vertical = xs.flatMap((e) => {
    const at = px(f.x(Number(`1e${e}`)));
    return [
      `<line x1="${at}" y1="${top}" x2="${at}" y2="${f.bottom}" stroke="#dddddd"/>`,
      text(at, f.bottom + 18, power(e), ` text-anchor="middle"`),
    ];
  });
  const horizontal = ys.flatMap((e) => {
    const at = f.y(Number(`1e${e}`));
    return [
      `<line x1="${left}" y1="${px(at)}" x2="${f.right}" y2="${px(at)}" stroke="#dddddd"/>`,
      text(left - 8, px(at + 4), power(e), ` text-anchor="end"`),
    ];
  });
  const middle = px((left + f.right) / 2);
  const half = px((top + f.bottom) / 2);
  return [
    ...vertical,
    ...horizontal,
    `<rect x="${left}" y="${top}" width="${f.right - left}" height="${f.bottom - top}" fill="none" stroke="#000000"/>`,
    text(middle, f.bottom + 38, plot.xLabel, ` text-anchor="middle"`),
    text(18, half, plot.yLabel, ` text-anchor="middle" transform="rotate(-90 18 ${half})"`),
  ];
}

function limitLine({ y, label }: { readonly y: number; readonly label: string }, f: PlotFrame): string {
  const at = f.y(y);
  const line = `<line class="limit" x1="${MARGIN.left}" y1="${px(at)}" x2="${f.right}" y2="${px(at)}" stroke="#000000" stroke-width="2"/>`;
  return `${line}\n${text(MARGIN.left + 6, px(at - 5), label)}`;
}

function seriesLine({ points }: PlotSeries, i: number, f: PlotFrame): readonly string[] {
  if (points.length === 0) return [];
  const at = points.map((p) => `${px(f.x(p.x))},${px(f.y(p.y))}`).join(" ");
  const dots = points.map(
    (p) => `<circle cx="${px(f.x(p.x))}" cy="${px(f.y(p.y))}" r="2.5" fill="${colorOf(i)}"/>`,
  );
  return [
    `<polyline class="series" points="${at}" fill="none" stroke-width="1.5" ${look(i)}/>`,
    dots.join(""),
  ];
}

// 0.001 to 1000 as such, what is beyond them as a power.
function power(exponent: number): string {
  if (exponent > 3 || exponent < -3) return `1e${exponent}`;
  return exponent < 0 ? (10 ** exponent).toFixed(-exponent) : String(10 ** exponent);
}

function checked(value: number, axis: string): number {
  if (!Number.isFinite(value) || value <= 0)
    throw new RangeError(`plot: ${axis} is ${value}, expected above 0`);
  return value;
}
