// SPDX-License-Identifier: GPL-2.0-only
//
// The plot of a trace: its pages, how badly they are cut up, and the kernel's lazy pages beside their limit.

import { panelPlot } from "../../review/render/panel-plot.ts";
import { grouped } from "../../review/render/text-layout.ts";
import type { SeriesPoint, TraceStatisticsResult } from "../../trace/statistics/statistics-result.ts";
import { timeText } from "./statistics-text.ts";

/** The plot as an SVG document: the same bytes for the same statistics. */
export function tracePlot(result: TraceStatisticsResult, title: string): string {
  const { series, time, timeUnit } = result;
  const line = (label: string, y: (point: SeriesPoint) => number) => ({
    label,
    points: series.map((point) => ({ x: point.event, y: y(point) })),
  });
  const first = time?.first ?? 0;
  const xText = (event: number): readonly string[] => {
    const since = timeAt(series, event, first);
    return [grouped(event), since === undefined ? "" : timeText(since - first, timeUnit)];
  };
  return panelPlot({
    title,
    xLabel:
      timeUnit === "us" ? "events, and time since the first one" : "events, and ticks since the first one",
    xText,
    panels: [
      {
        yLabel: "pages",
        yText: grouped,
        series: [
          line("live", ({ live }) => live),
          line("lazy", ({ lazy }) => lazy),
          line("free", ({ free }) => free),
        ],
      },
      {
        yLabel: "lazy pages, by the kernel's count",
        yText: grouped,
        series: [
          line("nr_lazy, highest", ({ nrLazy }) => nrLazy),
          line("nr_lazy_max", ({ nrLazyMax }) => nrLazyMax),
        ],
      },
      {
        yLabel: "live pages in their hull, %",
        yText: String,
        yMax: 100,
        series: [
          line("live share", ({ liveInWidest, hull, hole }) =>
            hull > hole ? (100 * liveInWidest) / (hull - hole) : 0,
          ),
        ],
      },
      {
        yLabel: "number",
        yText: grouped,
        series: [line("live runs", ({ liveRuns }) => liveRuns)],
      },
    ],
  });
}

// The time of the last point up to an event; points lie closer than the marks of an axis.
function timeAt(series: readonly SeriesPoint[], event: number, first: number): number | undefined {
  if (event === 0) return first;
  return series.findLast((point) => point.event <= event)?.time;
}
