// SPDX-License-Identifier: GPL-2.0-only
//
// Programs as text, one line per task: `a=alloc(2); b=alloc(1,align=4,window=8..12); find(b+0); free(a); purge;
// offline(1); p=pcpu(0:2,6:2,align=2); pfree(p)`, where an area of pcpu is `offset:size`. Sizes are pages, or bytes with a unit: `alloc(8K)`. `-` is the program without operations. Parsing checks the form
// only; instance-rules.ts checks the rest.

import type { PageRange } from "./instance.ts";
import type { AllocOperation, Operation, PcpuOperation } from "./operations.ts";
import { AREA_NAME } from "./program-rules.ts";
import { TextCursor } from "./text-cursor.ts";
import { PAGE_NUMBER_MAX, PAGE_SIZE_DEFAULT } from "./units.ts";
import { failure, success, type InputError, type Result } from "./user-error.ts";

/** Prints one operation: `a=alloc(2)`, `e=cache(1)`, `find(b+0)`. Defaults are left out. */
export function printOperation(op: Operation): string {
  switch (op.op) {
    case "alloc":
      return printAlloc(op);
    case "pcpu":
      return printPcpu(op);
    case "free":
    case "pfree":
      return `${op.op}(${op.name})`;
    case "find":
      return `find(${op.name}+${op.offset})`;
    case "purge":
    case "aliases":
    case "shrink":
    case "flip":
      return op.op;
    case "offline":
    case "online":
      return `${op.op}(${op.cpu})`;
  }
}

/** Prints one program on one line. */
export function printProgram(program: readonly Operation[]): string {
  return program.length === 0 ? "-" : program.map(printOperation).join("; ");
}

/** Prints programs, one line each, without a final newline. */
export function printPrograms(programs: readonly (readonly Operation[])[]): string {
  return programs.map(printProgram).join("\n");
}

/** Parses one program. `source` names the text in errors, `line` is counted from 1. */
export function parseProgram(
  text: string,
  source = "program",
  line = 1,
  pageSize = PAGE_SIZE_DEFAULT,
): Result<readonly Operation[]> {
  const cursor = new TextCursor(text, source, line, pageSize);
  const program: Operation[] = [];
  cursor.skipSpace();
  if (cursor.take("-")) {
    cursor.skipSpace();
    return cursor.atEnd() ? success(program) : failure(cursor.error("the end of the line"));
  }
  do {
    const op = parseOperation(cursor);
    if (!op.ok) return op;
    program.push(op.value);
    cursor.skipSpace();
    if (cursor.atEnd()) return success(program);
    if (!cursor.take(";")) return failure(cursor.error('";" or the end of the line'));
    cursor.skipSpace();
  } while (!cursor.atEnd());
  return success(program);
}

/** Parses programs, one per line; blank lines are skipped. At least one program is needed. */
export function parsePrograms(
  text: string,
  source = "programs",
  pageSize = PAGE_SIZE_DEFAULT,
): Result<readonly (readonly Operation[])[]> {
  const programs: (readonly Operation[])[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const program = parseProgram(line, source, i + 1, pageSize);
    if (!program.ok) return program;
    programs.push(program.value);
  }
  if (programs.length > 0) return success(programs);
  return failure(new TextCursor("", source, 1).error("at least one program"));
}

function printAlloc(op: AllocOperation): string {
  const verb = op.cached === true ? "cache" : "alloc";
  const align = op.align === 1 ? "" : `,align=${op.align}`;
  return `${op.name}=${verb}(${op.size}${align}${printWindow(op.window)})`;
}

function printPcpu({ name, offsets, sizes, align }: PcpuOperation): string {
  const areas = offsets.map((offset, i) => `${offset}:${sizes[i]!}`);
  return `${name}=pcpu(${[...areas, ...(align === 1 ? [] : [`align=${align}`])].join(",")})`;
}

function printWindow(window: AllocOperation["window"]): string {
  if (window === "vmalloc") return "";
  return window === "modules" ? ",window=modules" : `,window=${window.start}..${window.end}`;
}

const OPERATION_EXPECTED =
  "an operation (name=alloc(...), name=cache(...), name=pcpu(...), free, pfree, find, purge, aliases, shrink, " +
  "flip, offline or online)";

function parseOperation(cursor: TextCursor): Result<Operation> {
  const start = cursor.position;
  const word = cursor.word();
  cursor.skipSpace();
  if (word !== "" && cursor.take("=")) {
    if (AREA_NAME.test(word)) return parseAlloc(cursor, word);
    cursor.position = start;
    return failure(cursor.error("a name of at most 32 characters that does not begin with a digit"));
  }
  switch (word) {
    case "purge":
    case "aliases":
    case "shrink":
    case "flip":
      return success({ op: word });
    case "offline":
    case "online":
      return parseHotplug(cursor, word);
    case "free":
    case "pfree":
    case "find":
      return parseNamed(cursor, word);
    case "":
      cursor.position = start;
      return failure(cursor.error(OPERATION_EXPECTED));
    default:
      return failure(unknownWord(cursor, start, word));
  }
}

/** A word that is no operation: a verb without a name before it, or no word of ours at all. */
function unknownWord(cursor: TextCursor, start: number, word: string): InputError {
  cursor.position = start;
  const verb = word === "alloc" || word === "cache" || word === "pcpu";
  return cursor.error(verb ? `a name and "=" before ${word}` : OPERATION_EXPECTED);
}

function parseNamed(cursor: TextCursor, op: "free" | "pfree" | "find"): Result<Operation> {
  if (!cursor.take("(")) return failure(cursor.error('"("'));
  cursor.skipSpace();
  const start = cursor.position;
  const name = cursor.word();
  if (!AREA_NAME.test(name)) {
    cursor.position = start;
    return failure(cursor.error("the name of an area"));
  }
  cursor.skipSpace();
  let offset = 0;
  const withOffset = op === "find" && cursor.take("+");
  if (withOffset) {
    cursor.skipSpace();
    const number = cursor.pages(PAGE_NUMBER_MAX);
    if (!number.ok) return number;
    offset = number.value;
    cursor.skipSpace();
  }
  if (!cursor.take(")")) return failure(cursor.error(op === "find" && !withOffset ? '"+" or ")"' : '")"'));
  return success(op === "find" ? { op, name, offset } : { op, name });
}

function parseHotplug(cursor: TextCursor, op: "offline" | "online"): Result<Operation> {
  if (!cursor.take("(")) return failure(cursor.error('"("'));
  cursor.skipSpace();
  const cpu = cursor.number(PAGE_NUMBER_MAX);
  if (!cpu.ok) return cpu;
  cursor.skipSpace();
  if (!cursor.take(")")) return failure(cursor.error('")"'));
  return success({ op, cpu: cpu.value });
}

function parseAlloc(cursor: TextCursor, name: string): Result<Operation> {
  cursor.skipSpace();
  const start = cursor.position;
  const verb = cursor.word();
  if (verb === "pcpu") return parsePcpu(cursor, name);
  if (verb !== "alloc" && verb !== "cache") {
    cursor.position = start;
    return failure(cursor.error("alloc, cache or pcpu"));
  }
  cursor.skipSpace();
  if (!cursor.take("(")) return failure(cursor.error('"("'));
  cursor.skipSpace();
  const size = cursor.pages(PAGE_NUMBER_MAX);
  if (!size.ok) return size;
  const options = parseOptions(cursor);
  if (!options.ok) return options;
  const { align = 1, window = "vmalloc" } = options.value;
  const op: AllocOperation = { op: "alloc", name, size: size.value, align, window };
  return success(verb === "cache" ? { ...op, cached: true } : op);
}

/** Parses `(0:2,6:2,align=2)`: areas as offset and size, the alignment behind them. */
function parsePcpu(cursor: TextCursor, name: string): Result<Operation> {
  const offsets: number[] = [];
  const sizes: number[] = [];
  let align: number | undefined;
  cursor.skipSpace();
  if (!cursor.take("(")) return failure(cursor.error('"("'));
  do {
    cursor.skipSpace();
    if (offsets.length > 0 && cursor.take("align")) {
      const value = parseAlign(cursor);
      if (!value.ok) return value;
      align = value.value;
      break;
    }
    const offset = cursor.pages(PAGE_NUMBER_MAX);
    if (!offset.ok) return offset;
    if (!cursor.take(":")) return failure(cursor.error('":" and a size'));
    const size = cursor.pages(PAGE_NUMBER_MAX);
    if (!size.ok) return size;
    offsets.push(offset.value);
    sizes.push(size.value);
    cursor.skipSpace();
  } while (cursor.take(","));
  cursor.skipSpace();
  if (!cursor.take(")")) return failure(cursor.error(align === undefined ? '"," or ")"' : '")"'));
  return success({ op: "pcpu", name, offsets, sizes, align: align ?? 1 });
}

function parseAlign(cursor: TextCursor): Result<number> {
  cursor.skipSpace();
  if (!cursor.take("=")) return failure(cursor.error('"="'));
  cursor.skipSpace();
  return cursor.pages(PAGE_NUMBER_MAX);
}

interface Options {
  align?: number;
  window?: AllocOperation["window"];
}

/** Parses `,align=4,window=modules)`, each option at most once, in any order. */
function parseOptions(cursor: TextCursor): Result<Options> {
  const options: Options = {};
  for (;;) {
    cursor.skipSpace();
    if (cursor.take(")")) return success(options);
    if (!cursor.take(",")) return failure(cursor.error('"," or ")"'));
    cursor.skipSpace();
    const start = cursor.position;
    const word = cursor.word();
    if ((word !== "align" && word !== "window") || options[word] !== undefined) {
      cursor.position = start;
      const free = (["align", "window"] as const).filter((each) => options[each] === undefined);
      return failure(cursor.error(free.length === 0 ? "no further option" : free.join(" or ")));
    }
    cursor.skipSpace();
    if (!cursor.take("=")) return failure(cursor.error('"="'));
    cursor.skipSpace();
    if (word === "align") {
      const align = cursor.pages(PAGE_NUMBER_MAX);
      if (!align.ok) return align;
      options.align = align.value;
    } else {
      const window = parseWindow(cursor);
      if (!window.ok) return window;
      options.window = window.value;
    }
  }
}

function parseWindow(cursor: TextCursor): Result<"vmalloc" | "modules" | PageRange> {
  const position = cursor.position;
  const word = cursor.word();
  if (word === "vmalloc" || word === "modules") return success(word);
  cursor.position = position;
  if (!/^[0-9]/.test(word)) return failure(cursor.error("vmalloc, modules or a range such as 8..12"));
  const start = cursor.pages(PAGE_NUMBER_MAX);
  if (!start.ok) return start;
  if (!cursor.take("..")) return failure(cursor.error('".."'));
  const end = cursor.pages(PAGE_NUMBER_MAX);
  return end.ok ? success({ start: start.value, end: end.value }) : end;
}
