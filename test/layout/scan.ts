// SPDX-License-Identifier: GPL-2.0-only
// Reads the import statements of a TypeScript source without a compiler: blanks comments, strings and
// regular expressions, then matches the few shapes that an import can have. It must never take text inside
// a comment or a string for code. Known gaps, all on the strict side: `import("x")` in a type position counts
// as a dynamic import (write `import type` instead), and `if (x) /re/` is read as a division.

export type ImportKind = "import" | "side-effect" | "export-from" | "dynamic" | "require" | "url";

export interface ImportStatement {
  readonly kind: ImportKind;
  /** The module named, or null where the name is computed at run time. */
  readonly specifier: string | null;
  /** True where the compiler erases the statement, so that nothing is loaded. */
  readonly typeOnly: boolean;
  /** Line of the keyword, counted from 1. */
  readonly line: number;
}

const WORDS_BEFORE_REGEX = new Set(
  "await case delete do else in instanceof new of return throw typeof void yield".split(" "),
);

const isWordCharacter = (character: string): boolean => /[\w$\u0080-\uffff]/.test(character);

/** Whether a slash at `at` starts a regular expression, judged by the code before it. */
function startsRegex(code: string, at: number): boolean {
  let end = at;
  while (end > 0 && /\s/.test(code.charAt(end - 1))) end--;
  if (end === 0) return true;
  const before = code.charAt(end - 1);
  if (isWordCharacter(before)) {
    let start = end;
    while (start > 0 && isWordCharacter(code.charAt(start - 1))) start--;
    return code.charAt(start - 1) !== "." && WORDS_BEFORE_REGEX.has(code.slice(start, end));
  }
  if (/[)\]}"'`]/.test(before)) return false;
  if (/^(?:\+\+|--)$/.test(code.slice(end - 2, end))) return false;
  // `cells[i]! / 2`: a non-null mark touches its operand, a negation does not.
  if (before === "!") return !/[\w$)\]]/.test(code.charAt(end - 2));
  return true;
}

/** End (exclusive) of the regular expression whose slash is at `at`, or -1 if the line ends first. */
function regexEnd(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\n") return -1;
    if (character === "\\") i++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return i + 1;
  }
  return -1;
}

/** End (exclusive) of the quoted string that starts at `at`; an unfinished one ends with its line. */
function stringEnd(text: string, at: number): number {
  const quote = text.charAt(at);
  for (let i = at + 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\\") i++;
    else if (character === quote) return i + 1;
    else if (character === "\n") return i;
  }
  return text.length;
}

/** End (exclusive) of the literal part of a template: after its backtick, or after the `${` that interrupts it. */
function templateEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\\") i++;
    else if (character === "`") return i + 1;
    else if (character === "$" && text.charAt(i + 1) === "{") return i + 2;
  }
  return text.length;
}

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** Blanks what lies between the first character and the last `keepEnd` characters. */
const blankInside = (text: string, keepEnd: number): string =>
  text.length < 1 + keepEnd
    ? text
    : text.charAt(0) + blank(text.slice(1, text.length - keepEnd)) + text.slice(text.length - keepEnd);

/**
 * The code of a source at the same offsets and on the same lines: comments become blanks, and so do the
 * insides of strings, templates and regular expressions, whose delimiters stay.
 */
export function maskSource(text: string): string {
  let code = "";
  /** Open braces of the code inside each unfinished template substitution, innermost last. */
  const substitutions: number[] = [];
  const take = (end: number, replacement: string): void => {
    code += replacement;
    if (code.length !== end) throw new Error(`masked ${code.length} characters where ${end} were read`);
  };
  const takeTemplate = (at: number): void => {
    const end = templateEnd(text, at + 1);
    const interrupted = text.slice(at + 1, end).endsWith("${");
    if (interrupted) substitutions.push(0);
    take(end, blankInside(text.slice(at, end), interrupted ? 2 : 1));
  };
  while (code.length < text.length) {
    const at = code.length;
    const character = text.charAt(at);
    const pair = text.slice(at, at + 2);
    if (pair === "//" || (at === 0 && pair === "#!")) {
      const newline = text.indexOf("\n", at);
      const end = newline === -1 ? text.length : newline;
      take(end, blank(text.slice(at, end)));
    } else if (pair === "/*") {
      const close = text.indexOf("*/", at + 2);
      const end = close === -1 ? text.length : close + 2;
      take(end, blank(text.slice(at, end)));
    } else if (character === '"' || character === "'") {
      const end = stringEnd(text, at);
      take(end, blankInside(text.slice(at, end), 1));
    } else if (character === "`") {
      takeTemplate(at);
    } else if (character === "/" && startsRegex(code, at) && regexEnd(text, at) !== -1) {
      const end = regexEnd(text, at);
      take(end, blankInside(text.slice(at, end), 1));
    } else if (character === "}" && substitutions.at(-1) === 0) {
      substitutions.pop();
      takeTemplate(at);
    } else {
      const depth = substitutions.length - 1;
      if (depth >= 0 && character === "{") substitutions[depth]! += 1;
      if (depth >= 0 && character === "}") substitutions[depth]! -= 1;
      take(at + 1, character);
    }
  }
  return code;
}

/** Line, counted from 1, of an offset. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

const KEYWORD = String.raw`(?<![\w$.#])`;
// A quote may stand before `from` only inside braces, as a name; elsewhere it ends the clause.
const CLAUSE = String.raw`((?:[^;()="'{}]|\{[^}]*\})*?)`;
const STATIC = new RegExp(String.raw`${KEYWORD}import\b(?!\s*[.(])${CLAUSE}(?<![\w$])from\s*(?=["'])`, "g");
const SIDE_EFFECT = new RegExp(String.raw`${KEYWORD}import\s*(?=["'])`, "g");
const EXPORT_FROM = new RegExp(
  String.raw`${KEYWORD}export\s*(type\b)?\s*(?:\*(?:\s*as\s[^;()={}]*?)?|\{[^}]*\})\s*from\s*(?=["'])`,
  "g",
);
const DYNAMIC = new RegExp(String.raw`(${KEYWORD}typeof\s+)?${KEYWORD}import\s*\(\s*`, "g");
const REQUIRE = new RegExp(String.raw`${KEYWORD}require\s*\(\s*`, "g");
const MODULE_URL = /\bnew\s+URL\s*\(\s*(?=["'`][^"'`]*["'`]\s*,\s*import\s*\.\s*meta\s*\.\s*url\b)/g;

/** `type` followed by a binding: `import type from "x"` imports a value that happens to be named type. */
const TYPE_CLAUSE = /^type(?:\s+[^\s,]|\s*[{*])/;

/** Every statement of a source that names another module, in the order of the text. */
export function scanImports(text: string): ImportStatement[] {
  const code = maskSource(text);
  const found: (ImportStatement & { readonly offset: number })[] = [];

  const literalAt = (offset: number): string | null => {
    const quote = code.charAt(offset);
    if (quote === "" || !"\"'`".includes(quote)) return null;
    const end = code.indexOf(quote, offset + 1);
    return end === -1 || code.slice(offset, end).includes("${") ? null : text.slice(offset + 1, end);
  };
  const collect = (
    pattern: RegExp,
    kind: ImportKind,
    typeOnly: (match: RegExpExecArray) => boolean,
  ): void => {
    for (const match of code.matchAll(pattern)) {
      found.push({
        kind,
        specifier: literalAt(match.index + match[0].length),
        typeOnly: typeOnly(match),
        line: lineAt(text, match.index),
        offset: match.index,
      });
    }
  };

  collect(STATIC, "import", (match) => TYPE_CLAUSE.test((match[1] ?? "").trim()));
  collect(SIDE_EFFECT, "side-effect", () => false);
  collect(EXPORT_FROM, "export-from", (match) => match[1] !== undefined);
  collect(DYNAMIC, "dynamic", (match) => match[1] !== undefined);
  collect(REQUIRE, "require", () => false);
  collect(MODULE_URL, "url", () => false);
  found.sort((left, right) => left.offset - right.offset);
  return found.map(({ offset: _offset, ...statement }) => statement);
}
