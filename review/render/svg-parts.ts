// SPDX-License-Identifier: GPL-2.0-only
//
// What plots as SVG have in common: texts, numbers, the looks of lines, and their names beside their ends.

/** A line with a name. */
export interface LabelledLine {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** From values to pixels, and where the frame ends. */
export interface PlotFrame {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly right: number;
  readonly bottom: number;
}

const LABEL_PITCH = 15;
const COLORS = ["#000000", "#9c1c1c", "#1c4f9c", "#1c7a3a", "#7a3a9c", "#8a5a00"] as const;
const DASHES = ["", "7 3", "2 3", "9 3 2 3"] as const;

/** A text inside XML, as content or in an attribute. Characters that XML does not know are left out. */
export function escapeXml(raw: string): string {
  return raw
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}

/** A text element at a place. */
export function text(x: number | string, y: number | string, content: string, more = ""): string {
  return `<text x="${x}" y="${y}"${more}>${escapeXml(content)}</text>`;
}

/** A length in pixels: a tenth is enough, and the same on every machine. */
export function px(value: number): string {
  const rounded = value.toFixed(1);
  return rounded.endsWith(".0") ? rounded.slice(0, -2) : rounded;
}

/** Colour and dashes of the `i`th line, as attributes. */
export function look(i: number): string {
  const dash = DASHES[i % DASHES.length]!;
  return `stroke="${colorOf(i)}"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}`;
}

/** Colour of the `i`th line. */
export function colorOf(i: number): string {
  return COLORS[i % COLORS.length]!;
}

/** Names of lines beside their last points, moved apart where they would cover each other. */
export function endLabels(series: readonly LabelledLine[], f: PlotFrame): readonly string[] {
  const ends = series
    .map((s, i) => ({ label: s.label, i, last: s.points.at(-1) }))
    .flatMap(({ label, i, last }) => (last ? [{ label, i, x: f.x(last.x), y: f.y(last.y) }] : []))
    .toSorted((a, b) => a.y - b.y || a.i - b.i);
  const rows = ends.map(({ y }) => y);
  for (let k = 1; k < rows.length; k++) rows[k] = Math.max(rows[k]!, rows[k - 1]! + LABEL_PITCH);
  // What ran over the bottom goes back up.
  for (let k = rows.length - 1, max = f.bottom; k >= 0; k--, max -= LABEL_PITCH) {
    rows[k] = Math.min(rows[k]!, max);
  }
  return ends.flatMap(({ label, i, x, y }, k) => [
    `<line x1="${px(x + 4)}" y1="${px(y)}" x2="${f.right + 24}" y2="${px(rows[k]!)}" stroke-width="0.7" ${look(i)}/>`,
    text(f.right + 28, px(rows[k]! + 4), label, ` class="label"`),
  ]);
}
