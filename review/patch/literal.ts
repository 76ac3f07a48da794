// SPDX-License-Identifier: GPL-2.0-only
//
// Plain data as the source text of a literal: short things on one line, keys in their order.

const WIDTH = 100;

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** The source text of a value that JSON can hold. Fields that are undefined are left out. O(length of the text). */
export function literalOf(value: object): string {
  return printed(JSON.parse(JSON.stringify(value)) as Plain, "");
}

function printed(value: Plain, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Array.isArray(value)
    ? (value as readonly Plain[]).map((each) => ({ key: "", of: each }))
    : Object.entries(value).map(([key, of]) => ({ key: `${keyText(key)}: `, of }));
  const [open, close, pad] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  if (parts.length === 0) return `${open}${close}`;
  const inner = `${indent}  `;
  const texts = parts.map(({ key, of }) => `${key}${printed(of, inner)}`);
  const line = `${open}${pad}${texts.join(", ")}${pad}${close}`;
  if (!line.includes("\n") && indent.length + line.length <= WIDTH) return line;
  return [open, ...texts.map((text) => `${inner}${text},`), `${indent}${close}`].join("\n");
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
