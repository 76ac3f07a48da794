// SPDX-License-Identifier: GPL-2.0-only
//
// The rows of a measurement as a table: each count before and after the patch side by side, what else there is to say, and
// what the claim says of it.

import type { MeasureRow, Pair } from "../measure-result.ts";
import { type Column, table, WIDTH } from "./text-layout.ts";

/** The table; `title` is that of the rows' own counts. No lines if there are no rows. */
export function measureTable(
  rows: readonly MeasureRow[],
  title: string,
  width: number = WIDTH,
): readonly string[] {
  if (rows.length === 0) return [];
  const more = [...new Set(rows.flatMap((row) => Object.keys(row.more ?? {})))];
  const notes = [...new Set(rows.flatMap((row) => Object.keys(row.notes ?? {})))];
  const claimed = rows.some((row) => row.claimed !== undefined);
  const columns: Column[] = [
    { title: "before > after", wraps: true },
    ...[title, ...more, ...notes, ...(claimed ? ["claim"] : [])].map((each): Column => {
      return { title: each, align: "right" };
    }),
  ];
  const pairs = [
    rows.map((row): Pair => row),
    ...more.map((each) => rows.map((row) => row.more?.[each])),
  ].map(pairTexts);
  const cells = rows.map((row, i) => [
    row.workload,
    ...pairs.map((texts) => texts[i]!),
    ...notes.map((each) => row.notes?.[each] ?? "-"),
    ...(claimed ? [row.claimed ?? "-"] : []),
  ]);
  return table(columns, cells, width);
}

/** Whole numbers as such, others with one decimal; the numbers after the patch are as wide as the widest. */
function pairTexts(pairs: readonly (Pair | undefined)[]): readonly string[] {
  const all = pairs.flatMap((pair) => (pair ? [pair.before, pair.after] : []));
  const whole = all.every((n) => Number.isInteger(n));
  const text = (n: number): string => (whole ? String(n) : n.toFixed(1));
  const width = Math.max(0, ...pairs.map((pair) => (pair ? text(pair.after).length : 0)));
  return pairs.map((pair) => (pair ? `${text(pair.before)} > ${text(pair.after).padStart(width)}` : "-"));
}
