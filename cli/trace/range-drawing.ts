// SPDX-License-Identifier: GPL-2.0-only
//
// A stretch of addresses as rows of characters, so that one sees what lies over what.

/** A range to draw: `pages` from `page` on, of 4 KiB. */
export interface DrawnRange {
  readonly label: string;
  readonly page: number;
  readonly pages: number;
  /** It does not count for what stretch is drawn: its ends may lie far outside. */
  readonly isBackground?: boolean;
}

const COLUMNS_MAX = 64;

/** The rows, one per range, between the first and the last address; empty if there is nothing to draw. */
export function rangeDrawing(ranges: readonly DrawnRange[]): readonly string[] {
  const inner = ranges.filter(({ isBackground }) => isBackground !== true);
  if (inner.length === 0) return [];
  const first = Math.min(...inner.map(({ page }) => page));
  const behind = Math.max(...inner.map(({ page, pages }) => page + pages));
  const length = behind - first;
  // Whole columns to a page where there is room, whole pages to a column where there is not.
  const perColumn = Math.ceil(length / COLUMNS_MAX);
  const perPage = perColumn > 1 ? 1 : Math.max(1, Math.floor(COLUMNS_MAX / 2 / length));
  const columns = Math.ceil(length / perColumn) * perPage;
  const width = Math.max(...ranges.map(({ label }) => label.length));
  const start = addressText(first);
  const end = addressText(behind);
  const gap = Math.max(1, columns + 2 - start.length - end.length);
  const rows = ranges.map(({ label, page, pages }) => {
    const from = (Math.max(page, first) - first) / perColumn;
    const to = (Math.min(page + pages, behind) - first) / perColumn;
    let row = "";
    for (let c = 0; c < columns; c++) {
      const at = c / perPage;
      row += at + 1 / perPage > from && at < to ? "#" : ".";
    }
    return `${label.padEnd(width)} ${page < first ? "<" : "|"}${row}${page + pages > behind ? ">" : "|"}`;
  });
  const scale = perColumn > 1 ? [`${" ".repeat(width + 2)}each # stands for up to ${perColumn} pages`] : [];
  return [`${" ".repeat(width + 1)}${start}${" ".repeat(gap)}${end}`, ...rows, ...scale];
}

/** The address of a page of 4 KiB, and of a place in it. */
export function addressText(page: number, offset = 0): string {
  return `0x${page.toString(16)}${offset.toString(16).padStart(3, "0")}`;
}
