// SPDX-License-Identifier: GPL-2.0-only
//
// Options of the command line: declared as data, read with parseArgs, checked with errors that say what was
// expected and what was found. The same declarations make the help texts.

import { parseArgs } from "node:util";
import { quoted } from "../spec/found-text.ts";
import type { UserError } from "../spec/user-error.ts";
import { type Bytes, fromBytes } from "../spec/units.ts";
import { nearest } from "./nearest.ts";

/** A range of integers, both ends included. */
export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/** An option. */
export interface OptionSpec {
  readonly name: string;
  /** Placeholder of its value in help texts; an option without one is a flag. */
  readonly value?: string;
  /** What it does, for help texts. */
  readonly text: string;
  /** Range of an integer. */
  readonly integer?: IntegerRange | undefined;
  /** The integer counts pages and may be written in bytes, as 64K. */
  readonly pages?: boolean;
  /** The words that it takes. */
  readonly choices?: readonly string[];
  /** May be given more than once. */
  readonly repeatable?: boolean;
}

/** A command line after reading. */
export class Parsed {
  readonly positionals: readonly string[];
  private readonly values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>, positionals: readonly string[]) {
    this.values = values;
    this.positionals = positionals;
  }

  /** Whether an option was given. */
  has(name: string): boolean {
    return this.values.has(name);
  }

  /** Value of an option, or undefined. */
  text(name: string): string | undefined {
    return this.values.get(name)?.[0];
  }

  /** All values of a repeatable option. */
  texts(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** Value of an integer option that was checked on reading, or the default. */
  integer<D extends number | undefined>(name: string, otherwise: D): number | D {
    const text = this.text(name);
    return text === undefined ? otherwise : Number(text);
  }

  /** Value of an option that counts pages, or the default. */
  pages<D extends number>(name: string, otherwise: D, pageSize: number): number {
    const text = this.text(name);
    return text === undefined ? otherwise : (pagesOf(text, pageSize) ?? otherwise);
  }
}

/** A command line, or what is wrong with it. */
export type ParseResult = { readonly parsed: Parsed } | { readonly error: UserError };

/** Reads the arguments of a command. */
export function parseOptions(args: readonly string[], specs: readonly OptionSpec[]): ParseResult {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      specs.map((spec) => [spec.name, { type: spec.value === undefined ? "boolean" : "string" } as const]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      positionals.push(token.value);
      continue;
    }
    const spec = specs.find(({ name }) => name === token.name && token.rawName.startsWith("--"));
    if (!spec) return { error: unknownOption(token.rawName, specs) };
    const value = token.value;
    const problem =
      spec.value === undefined
        ? flagProblem(spec, value)
        : valueProblem(spec, value, token.inlineValue === true);
    if (problem) return { error: problem };
    const list = values.get(spec.name) ?? [];
    if (list.length > 0 && spec.repeatable !== true) {
      return { error: usage(`--${spec.name}`, "the option once", "it again") };
    }
    values.set(spec.name, [...list, value ?? ""]);
  }
  return { parsed: new Parsed(values, positionals) };
}

/** An error about an option's value. */
export function optionError(place: string, expected: string, found: string, hint?: string): UserError {
  return { code: "VMC-E002", message: `${place}: expected ${expected}, found ${found}`, hint };
}

/** An error about how the command was called. */
export function usage(place: string, expected: string, found: string, hint?: string): UserError {
  return { code: "VMC-E001", message: `${place}: expected ${expected}, found ${found}`, hint };
}

function unknownOption(rawName: string, specs: readonly OptionSpec[]): UserError {
  const close = nearest(
    rawName.replace(/^-+/, ""),
    specs.map(({ name }) => name),
  );
  const hint = close === undefined ? undefined : `did you mean --${close}?`;
  return usage("command line", "an option of this command", quoted(rawName), hint);
}

function flagProblem(spec: OptionSpec, value: string | undefined): UserError | undefined {
  return value === undefined
    ? undefined
    : optionError(`--${spec.name}`, "no value (it is a flag)", quoted(value));
}

function valueProblem(spec: OptionSpec, value: string | undefined, inline: boolean): UserError | undefined {
  const place = `--${spec.name}`;
  const expected = expectedValue(spec);
  if (value === undefined) return optionError(place, expected, "nothing");
  // A word that looks like the next option was not meant as a value; a negative number was.
  if (!inline && /^-[^\d]/.test(value)) {
    return optionError(place, expected, `the option ${quoted(value)}`, `${place}=VALUE takes any text`);
  }
  if (value === "") return optionError(place, expected, "an empty text");
  // Bytes can be judged only once the page size is known.
  const inBytes = spec.pages === true && BYTES.test(value);
  if (spec.integer && !inBytes && !isIntegerWithin(value, spec.integer))
    return optionError(place, expected, quoted(value));
  if (spec.choices && !spec.choices.includes(value)) {
    const close = nearest(value, spec.choices);
    return optionError(
      place,
      expected,
      quoted(value),
      close === undefined ? undefined : `did you mean ${close}?`,
    );
  }
  return undefined;
}

function expectedValue(spec: OptionSpec): string {
  if (spec.integer) {
    const { min, max } = spec.integer;
    return `an integer from ${min} to ${max}${spec.pages ? ", or bytes such as 64K" : ""}`;
  }
  if (spec.choices) return `one of ${spec.choices.join(", ")}`;
  return `a value (${spec.value ?? ""})`;
}

/** The problem of an option that counts pages and is written in bytes. */
export function pagesProblem(spec: OptionSpec, parsed: Parsed, pageSize: number): UserError | undefined {
  const text = parsed.text(spec.name);
  if (spec.pages !== true || spec.integer === undefined || text === undefined) return undefined;
  const { min, max } = spec.integer;
  const count = pagesOf(text, pageSize);
  if (count !== undefined && count >= min && count <= max) return undefined;
  const expected = `${min} to ${max} pages, which in bytes are multiples of ${pageSize}`;
  return optionError(`--${spec.name}`, expected, quoted(text));
}

const BYTES = /^\d{1,15}[BKMG]$/;

// Pages of a value that is a number of pages, or of bytes with a unit.
function pagesOf(text: string, pageSize: number): number | undefined {
  if (!BYTES.test(text)) return Number(text);
  const factor = 1024n ** BigInt("BKMG".indexOf(text.slice(-1)));
  return fromBytes((BigInt(text.slice(0, -1)) * factor) as Bytes, pageSize);
}

function isIntegerWithin(text: string, { min, max }: IntegerRange): boolean {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) return false;
  const n = Number(text);
  return n >= min && n <= max;
}
