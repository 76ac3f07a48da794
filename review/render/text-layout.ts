// SPDX-License-Identifier: GPL-2.0-only
//
// Plain text within a width: wrapped paragraphs and padded tables. ASCII in, ASCII out; no colour here, since
// escape sequences would count as width.

/** Widest line by default. */
export const WIDTH = 100;

/** Breaks a text into lines of at most `width` characters, at spaces where there are any. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && line.length + 1 + rest.length <= room) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    for (; rest.length > room; rest = rest.slice(room)) lines.push(rest.slice(0, room));
    line = rest;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}

/** A text behind a label; further lines hang below the text's first character. */
export function hanging(label: string, text: string, width: number): readonly string[] {
  const lines = wrap(text, width - label.length);
  return lines.map((line, i) => (i === 0 ? label : " ".repeat(label.length)) + line);
}

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers read best to the right. */
  readonly align?: "left" | "right";
  /** This column takes what the others leave and wraps; at most one. */
  readonly wraps?: boolean;
}

/** A table as lines: titles, then rows, columns two spaces apart. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = WIDTH,
): readonly string[] {
  const widths = columns.map((column, c) =>
    Math.max(column.title.length, ...rows.map((row) => (row[c] ?? "").length)),
  );
  const wrapping = columns.findIndex((column) => column.wraps === true);
  if (wrapping >= 0) {
    const others = widths.reduce((sum, w, c) => (c === wrapping ? sum : sum + w + 2), 0);
    widths[wrapping] = Math.min(widths[wrapping]!, Math.max(16, width - others));
  }
  const cells = (row: readonly string[]): readonly string[] => {
    const parts = columns.map((_, c) => (c === wrapping ? wrap(row[c] ?? "", widths[c]!) : [row[c] ?? ""]));
    const height = Math.max(...parts.map((lines) => lines.length));
    return Array.from({ length: height }, (_, i) =>
      columns
        .map((column, c) => pad(parts[c]![i] ?? "", widths[c]!, column.align ?? "left"))
        .join("  ")
        .trimEnd(),
    );
  };
  return [columns.map((column) => column.title), ...rows].flatMap(cells);
}

/** "1 step", "2 steps", "12,345 steps". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

/** Thousands with commas, on every machine alike. */
export function grouped(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

function pad(text: string, width: number, align: "left" | "right"): string {
  return align === "left" ? text.padEnd(width) : text.padStart(width);
}
