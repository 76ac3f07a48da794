// SPDX-License-Identifier: GPL-2.0-only
// The plot: well-formed, points where they belong, no label on another, and no number that is none.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeXml } from "../../review/render/svg-parts.ts";
import { logLogPlot, type Plot } from "../../review/render/svg-plot.ts";
import { attribute, parse } from "./parsed-svg.ts";

const PLOT: Plot = {
  title: "time & <size>",
  xLabel: "areas",
  yLabel: "ms",
  series: [
    {
      label: "a",
      points: [
        { x: 10, y: 1 },
        { x: 100, y: 10 },
        { x: 1000, y: 100 },
      ],
    },
    { label: `b "quoted"`, points: [{ x: 1000, y: 100 }] },
  ],
  limits: [{ y: 10, label: "limit" }],
};

describe("a plot with logarithmic axes", () => {
  it("is well-formed, and escapes what it is given", () => {
    const { tags, texts } = parse(logLogPlot(PLOT));
    expect(tags[0]).toContain(`xmlns="http://www.w3.org/2000/svg"`);
    expect(texts).toContain("time &amp; &lt;size&gt;");
    expect(texts).toContain("b &quot;quoted&quot;");
    expect(escapeXml("a\u0000\ud800b'")).toBe("ab&apos;");
  });

  it("puts decades at equal distances and points onto them", () => {
    const { tags, texts } = parse(logLogPlot({ ...PLOT, width: 620, height: 490 }));
    // 300 pixels across from 70 on, 400 up from 440 on, two decades each.
    const line = tags.find((tag) => tag.startsWith("<polyline"))!;
    expect(attribute(line, "points")).toBe("70,440 220,240 370,40");
    const limit = tags.find((tag) => tag.includes(`class="limit"`))!;
    expect([attribute(limit, "y1"), attribute(limit, "y2")]).toEqual(["240", "240"]);
    expect(texts.filter((text) => /^[\d.]+$/.test(text))).toEqual(["10", "100", "1000", "1", "10", "100"]);
  });

  it("keeps names apart, also where lines end at one point", () => {
    const series = Array.from({ length: 8 }, (_, i) => ({ label: `s${i}`, points: [{ x: 10, y: 1 }] }));
    const { tags } = parse(logLogPlot({ ...PLOT, series }));
    const rows = tags
      .filter((tag) => tag.includes(`class="label"`))
      .map((tag) => Number(attribute(tag, "y")))
      .sort((a, b) => a - b);
    expect(rows).toHaveLength(8);
    for (let i = 1; i < rows.length; i++) expect(rows[i]! - rows[i - 1]!).toBeGreaterThanOrEqual(15);
    expect(rows.at(-1)).toBeLessThanOrEqual(520);
  });

  it("gives the same bytes for the same data", () => {
    expect(logLogPlot(structuredClone(PLOT))).toBe(logLogPlot(PLOT));
  });

  it("has no number that is none, and all points inside the frame, whatever the data", () => {
    const value = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
    const points = fc.array(fc.record({ x: value, y: value }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(points, fc.string(), (data, label) => {
        const svg = logLogPlot({ ...PLOT, series: [{ label, points: data }] });
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        const { tags } = parse(svg);
        const line = tags.find((tag) => tag.startsWith("<polyline"))!;
        for (const point of attribute(line, "points").split(" ")) {
          const [x, y] = point.split(",").map(Number);
          expect(x).toBeGreaterThanOrEqual(70);
          expect(x).toBeLessThanOrEqual(650);
          expect(y).toBeGreaterThanOrEqual(40);
          expect(y).toBeLessThanOrEqual(470);
        }
      }),
    );
  });

  it("refuses what has no logarithm, and a plot of nothing", () => {
    for (const bad of [0, -1, Number.NaN, Infinity]) {
      const series = [{ label: "a", points: [{ x: 1, y: bad }] }];
      expect(() => logLogPlot({ ...PLOT, series })).toThrow(RangeError);
    }
    expect(() => logLogPlot({ ...PLOT, series: [] })).toThrow("there is no point");
  });
});
