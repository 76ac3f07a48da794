// SPDX-License-Identifier: GPL-2.0-only
//
// Plots with linear axes from 0 on, one below the other over one common x, as plain SVG: the same bytes for the same
// data. Lines carry their names at their ends.

import { endLabels, escapeXml, look, px, text, type LabelledLine, type PlotFrame } from "./svg-parts.ts";

/** One of the plots. */
export interface Panel {
  readonly yLabel: string;
  /** Points by ascending x; no number is below 0. */
  readonly series: readonly LabelledLine[];
  /** How a number at the y axis is written. */
  readonly yText: (value: number) => string;
  /** The least upper end of the y axis; the highest value if that is higher. */
  readonly yMax?: number;
}

/** All of them. */
export interface PanelPlot {
  readonly title: string;
  readonly xLabel: string;
  /** How a number at the x axis is written, in one or more lines. */
  readonly xText: (value: number) => readonly string[];
  readonly panels: readonly Panel[];
}

const WIDTH = 900;
const PANEL_HEIGHT = 220;
const MARGIN = { left: 90, right: 150, top: 45, between: 30, bottom: 65 } as const;
/** Most distances between the marks of an axis. */
const MARKS = 6;

/** The plots as an SVG document. Throws RangeError if a number is negative or not finite. */
export function panelPlot({ title, xLabel, xText, panels }: PanelPlot): string {
  const height =
    MARGIN.top + MARGIN.bottom + panels.length * PANEL_HEIGHT + (panels.length - 1) * MARGIN.between;
  const right = WIDTH - MARGIN.right;
  const xMax = highest(
    panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ x }) => x))),
  );
  const x = (value: number): number => MARGIN.left + ((right - MARGIN.left) * value) / xMax;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN.left, 24, title, ` font-size="14"`),
    ...panels.flatMap((panel, i) => {
      const top = MARGIN.top + i * (PANEL_HEIGHT + MARGIN.between);
      const isLast = i === panels.length - 1;
      return panelLines(panel, { x, right, xMax, top, xText: isLast ? xText : undefined });
    }),
    text(px((MARGIN.left + right) / 2), height - 10, xLabel, ` text-anchor="middle"`),
    `</svg>`,
    "",
  ].join("\n");
}

interface Place {
  readonly x: (value: number) => number;
  readonly right: number;
  readonly xMax: number;
  readonly top: number;
  /** Only the lowest panel has numbers at its x axis. */
  readonly xText: PanelPlot["xText"] | undefined;
}

function panelLines(panel: Panel, { x, right, xMax, top, xText }: Place): readonly string[] {
  const { left } = MARGIN;
  const bottom = top + PANEL_HEIGHT;
  const values = panel.series.flatMap(({ points }) => points.map((point) => point.y));
  const yMarks = marks(highest([...values, panel.yMax ?? 0]));
  const yMax = yMarks.at(-1) ?? 1;
  const y = (value: number): number => bottom - (PANEL_HEIGHT * value) / yMax;
  const frame: PlotFrame = { x, y, right, bottom };
  const half = px((top + bottom) / 2);
  return [
    ...marks(xMax)
      .filter((value) => value <= xMax)
      .flatMap((value) => {
        const at = px(x(value));
        const line = `<line x1="${at}" y1="${top}" x2="${at}" y2="${bottom}" stroke="#dddddd"/>`;
        const lines = xText?.(value) ?? [];
        return [
          line,
          ...lines.map((each, i) => text(at, bottom + 17 + 14 * i, each, ` text-anchor="middle"`)),
        ];
      }),
    ...yMarks.flatMap((value) => {
      const at = y(value);
      return [
        `<line x1="${left}" y1="${px(at)}" x2="${right}" y2="${px(at)}" stroke="#dddddd"/>`,
        text(left - 6, px(at + 4), panel.yText(value), ` text-anchor="end"`),
      ];
    }),
    `<rect x="${left}" y="${top}" width="${right - left}" height="${PANEL_HEIGHT}" fill="none" stroke="#000000"/>`,
    text(16, half, panel.yLabel, ` text-anchor="middle" transform="rotate(-90 16 ${half})"`),
    ...panel.series.flatMap(({ points }, i) => {
      if (points.length === 0) return [];
      const at = points.map((point) => `${px(x(point.x))},${px(y(point.y))}`).join(" ");
      return [`<polyline class="series" points="${at}" fill="none" stroke-width="1.5" ${look(i)}/>`];
    }),
    ...endLabels(panel.series, frame),
  ];
}

// The highest of the values, 1 if there is none above 0.
function highest(values: readonly number[]): number {
  let most = 0;
  for (const value of values) {
    if (!Number.isFinite(value) || value < 0) throw new RangeError(`plot: ${value} is no number from 0 on`);
    most = Math.max(most, value);
  }
  return most === 0 ? 1 : most;
}

// Round numbers from 0 to the first one that is at least `most`.
function marks(most: number): readonly number[] {
  const least = most / MARKS;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= least) ?? 10 * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}
