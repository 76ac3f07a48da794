// SPDX-License-Identifier: GPL-2.0-only
//
// One JSON text for one value: fields sorted by name, so that equal values give equal texts on any machine.
// It never writes anything that reading would change: NaN, infinities and functions are refused.

/**
 * The canonical text of a value of JSON's kinds; fields that are undefined are left out. With `indent` the text
 * is spread over lines for people. Throws TypeError for what JSON cannot hold.
 */
export function canonicalJson(value: unknown, indent = 0): string {
  return write(value, indent, indent === 0 ? "" : "\n");
}

/** `newline` is the line break with the current depth's spaces, or empty. */
function write(value: unknown, indent: number, newline: string): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no number ${value}`);
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? writeList(value, indent, newline) : writeObject(value, indent, newline);
    case "bigint":
    case "function":
    case "symbol":
    case "undefined":
      throw new TypeError(`JSON has no value of type ${typeof value}`);
  }
}

function writeList(list: readonly unknown[], indent: number, newline: string): string {
  if (list.length === 0) return "[]";
  const inner = deeper(indent, newline);
  return `[${inner}${list.map((item) => write(item, indent, inner)).join(`,${inner}`)}${newline}]`;
}

function writeObject(object: object, indent: number, newline: string): string {
  const fields = Object.entries(object)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (fields.length === 0) return "{}";
  const inner = deeper(indent, newline);
  const colon = indent === 0 ? ":" : ": ";
  const lines = fields.map(
    ([name, field]) => `${JSON.stringify(name)}${colon}${write(field, indent, inner)}`,
  );
  return `{${inner}${lines.join(`,${inner}`)}${newline}}`;
}

function deeper(indent: number, newline: string): string {
  return newline + " ".repeat(indent);
}
