// SPDX-License-Identifier: GPL-2.0-only
//
// How an error names what it found, and where: always short, always one line, whatever the input holds.
// Nothing that comes from an input reaches a terminal in any other way.

/** Longest piece of an input's text that an error repeats, in UTF-16 code units. */
export const FOUND_TEXT_MAX = 40;

/** Characters that JSON leaves alone although they break lines, reorder text or show nothing. */
const UNSAFE = /[\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

const PLAIN_FIELD = /^[A-Za-z_$][A-Za-z0-9_$]{0,39}$/;

/** Names a value, for the "found" part of an error. */
export function foundText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
      return String(value);
    case "boolean":
      return String(value);
    case "bigint":
      return `${String(value).slice(0, FOUND_TEXT_MAX)}n`;
    case "undefined":
      return "nothing";
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? `a list of ${value.length}` : "an object";
  }
}

/** A piece of text in double quotes, cut at FOUND_TEXT_MAX, with control characters escaped. */
export function quoted(text: string): string {
  const cut = text.length > FOUND_TEXT_MAX ? `${text.slice(0, FOUND_TEXT_MAX)}...` : text;
  return JSON.stringify(cut).replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A place within a value as text: `programs[0][2].size`; odd field names are quoted: `["a b"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (typeof key === "symbol") text += "[a symbol]";
    else if (!PLAIN_FIELD.test(key)) text += `[${quoted(key)}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}

/** Joins phrases: "a", "a or b", "a, b or c". */
export function alternatives(phrases: readonly string[]): string {
  if (phrases.length <= 1) return phrases.join("");
  return `${phrases.slice(0, -1).join(", ")} or ${phrases[phrases.length - 1] ?? ""}`;
}
