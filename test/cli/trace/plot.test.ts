// SPDX-License-Identifier: GPL-2.0-only
// The plot of a trace: well-formed, the same each time, labelled, and with its lines where they belong.
import { describe, expect, it } from "vitest";
import { tracePlot } from "../../../cli/trace/plot.ts";
import { panelPlot } from "../../../review/render/panel-plot.ts";
import { TraceChecker } from "../../../trace/check/trace-checker.ts";
import { TraceStatistics } from "../../../trace/statistics/trace-statistics.ts";
import type { TraceStatisticsResult } from "../../../trace/statistics/statistics-result.ts";
import { attribute, parse } from "../../review/parsed-svg.ts";
import { allocation, free, purge } from "../../trace/handwritten-events.ts";

function resultOf(timeUnit: "us" | "ticks"): TraceStatisticsResult {
  const observer = new TraceStatistics();
  const checker = new TraceChecker({ initial: [], observer });
  let line = 0;
  for (let i = 0; i < 50; i++) {
    const at = (): { line: number; time: number } => ({ line: ++line, time: 5_000_000 + 2000 * line });
    checker.event(allocation({ ...at(), page: 100 + 4 * i, size: 8192 }));
    if (i % 2 === 0) checker.event(free({ ...at(), page: 100 + 4 * i, nrLazy: 2, nrLazyMax: 64 }));
    if (i % 10 === 0)
      checker.event(purge({ ...at(), fromPage: 0, toPage: 2 ** 30, numPurged: i === 0 ? 1 : 5 }));
  }
  return observer.result(timeUnit);
}

describe("the plot of a trace", () => {
  it("is well-formed, deterministic and labelled with units", () => {
    const svg = tracePlot(resultOf("us"), `a "trace" & <more>`);
    expect(tracePlot(resultOf("us"), `a "trace" & <more>`)).toBe(svg);
    const { tags, texts } = parse(svg);
    expect(tags[0]).toContain(`xmlns="http://www.w3.org/2000/svg"`);
    expect(tags.filter((tag) => tag.includes(`class="series"`))).toHaveLength(7);
    for (const label of [
      "a &quot;trace&quot; &amp; &lt;more&gt;",
      "pages",
      "lazy pages, by the kernel&apos;s count",
      "live pages in their hull, %",
      "live runs",
      "events, and time since the first one",
      "0 us",
      "38 ms",
      "live",
      "lazy",
      "free",
      "nr_lazy_max",
    ]) {
      expect(texts).toContain(label);
    }
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("counts ticks where the clock does not tell time", () => {
    const { texts } = parse(tracePlot(resultOf("ticks"), "t"));
    expect(texts).toContain("events, and ticks since the first one");
    expect(texts).toContain("38,000 ticks");
  });

  it("is one of empty panels for no trace", () => {
    const { tags } = parse(tracePlot(new TraceStatistics().result(), "nothing"));
    expect(tags.filter((tag) => tag.includes(`class="series"`))).toEqual([]);
  });
});

describe("panels", () => {
  const panel = (points: readonly { x: number; y: number }[]) => ({
    yLabel: "y",
    yText: String,
    series: [{ label: "a", points }],
  });
  const plotOf = (...lists: Parameters<typeof panel>[0][]): string =>
    panelPlot({ title: "t", xLabel: "x", xText: (x) => [String(x)], panels: lists.map(panel) });

  it("put points onto linear axes from 0 on, over one common x", () => {
    const first = [
      { x: 0, y: 0 },
      { x: 50, y: 6 },
    ];
    const second = [{ x: 100, y: 3 }];
    const { tags, texts } = parse(plotOf(first, second));
    const lines = tags.filter((tag) => tag.includes(`class="series"`));
    // 660 pixels across from 90 on; 220 up, from 265 and from 515 on.
    expect(lines.map((tag) => attribute(tag, "points"))).toEqual(["90,265 420,45", "750,295"]);
    expect(texts.filter((text) => /^\d+$/.test(text)).map(Number)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 0, 20, 40, 60, 80, 100, 0, 0.5, 1, 1.5, 2, 2.5, 3].filter(Number.isInteger),
    );
  });

  it("refuse what is no number from 0 on", () => {
    for (const y of [-1, Number.NaN, Infinity]) expect(() => plotOf([{ x: 1, y }])).toThrow(RangeError);
  });
});
