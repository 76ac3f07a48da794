// SPDX-License-Identifier: GPL-2.0-only
//
// Reading JSON with errors that name line and column. A field given twice is an error here, because one of the
// two would be lost silently. Source: RFC 8259.

import { quoted } from "./found-text.ts";
import { failure, inputError, success, type InputError, type Result } from "./user-error.ts";

/** Deepest nesting that is read; nothing of ours is deeper than a few levels. */
const DEPTH_MAX = 200;

/** Parses a JSON text; `source` names it in errors. A byte order mark at the start is ignored. */
export function parseJson(text: string, source: string): Result<unknown> {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const scanner = new JsonScanner(body, source);
  const error = scanner.scan();
  if (error !== undefined) return failure(error);
  const value: unknown = JSON.parse(body);
  return success(value);
}

/** Thrown inside the scanner and caught in `scan`. */
class Stop extends Error {
  readonly problem: InputError;
  constructor(problem: InputError) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Checks a text against the grammar of JSON, without building values. */
class JsonScanner {
  private readonly text: string;
  private readonly source: string;
  private position = 0;

  constructor(text: string, source: string) {
    this.text = text;
    this.source = source;
  }

  /** The first place where the text is not JSON, or undefined. */
  scan(): InputError | undefined {
    try {
      this.value(0);
      this.space();
      if (this.position < this.text.length) this.stop("the end of the text");
      return undefined;
    } catch (stop) {
      if (stop instanceof Stop) return stop.problem;
      throw stop;
    }
  }

  private value(depth: number): void {
    if (depth > DEPTH_MAX) this.stop(`at most ${DEPTH_MAX} levels of nesting`);
    this.space();
    if (this.take("{")) this.object(depth);
    else if (this.take("[")) this.list(depth);
    else if (this.peek('"')) this.string();
    else if (!this.match(/(?:true|false|null)(?![A-Za-z0-9_])/y) && !this.number()) this.stop("a value");
  }

  private object(depth: number): void {
    const names = new Set<string>();
    this.space();
    if (this.take("}")) return;
    do {
      this.space();
      const start = this.position;
      if (!this.peek('"'))
        this.stop(
          names.size === 0 ? 'a field name in double quotes or "}"' : "a field name in double quotes",
        );
      const name = this.string();
      if (names.has(name)) this.stop("a field that is given once", start, `the field ${quoted(name)} again`);
      names.add(name);
      this.space();
      if (!this.take(":")) this.stop('":"');
      this.value(depth + 1);
      this.space();
    } while (this.take(","));
    if (!this.take("}")) this.stop('"," or "}"');
  }

  private list(depth: number): void {
    this.space();
    if (this.take("]")) return;
    do {
      this.value(depth + 1);
      this.space();
    } while (this.take(","));
    if (!this.take("]")) this.stop('"," or "]"');
  }

  private string(): string {
    const start = this.position;
    this.position++;
    while (!this.take('"')) {
      if (this.peek("\\")) {
        if (!this.match(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y)) this.stop("an escape sequence of JSON");
      } else if (this.position < this.text.length && this.text.charCodeAt(this.position) >= 0x20) {
        this.position++;
      } else {
        this.stop("the closing quote of the string (a line break in it is written \\n)");
      }
    }
    return JSON.parse(this.text.slice(start, this.position)) as string;
  }

  private number(): boolean {
    return this.match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])/y);
  }

  private space(): void {
    this.match(/[ \t\n\r]*/y);
  }

  private peek(token: string): boolean {
    return this.text.startsWith(token, this.position);
  }

  private take(token: string): boolean {
    if (!this.peek(token)) return false;
    this.position += token.length;
    return true;
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    const length = pattern.exec(this.text)?.[0].length;
    this.position += length ?? 0;
    return length !== undefined;
  }

  private stop(expected: string, at = this.position, found = this.foundAt(at)): never {
    const before = this.text.slice(0, at).split("\n");
    const place = `${before.length}:${(before[before.length - 1] ?? "").length + 1}`;
    throw new Stop(inputError("VMC-E010", this.source, place, expected, found));
  }

  private foundAt(at: number): string {
    if (at >= this.text.length) return "the end of the text";
    const word = /[A-Za-z0-9_.+-]+/y;
    word.lastIndex = at;
    return quoted(word.exec(this.text)?.[0] ?? String.fromCodePoint(this.text.codePointAt(at) ?? 0));
  }
}
