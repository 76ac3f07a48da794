// SPDX-License-Identifier: GPL-2.0-only
//
// A small validator for the schemas of docs/schemas/: the keywords of draft 2020-12 that they use, and an error for any
// other keyword, so that none is passed over.

/** A schema as JSON. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Schemas by the name of their file. */
export type SchemaFiles = ReadonlyMap<string, JsonSchema>;

type Rule = (wanted: never, value: unknown, at: Place) => readonly string[];

interface Place {
  readonly files: SchemaFiles;
  readonly file: string;
  readonly path: string;
  readonly schema: JsonSchema;
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  null: (value) => value === null,
};

const SILENT = new Set(["$schema", "$defs", "title", "description"]);

const RULES: Readonly<Record<string, Rule>> = {
  type: (wanted: string, value, { path }) =>
    TYPES[wanted]!(value) ? [] : [`${path}: not of type ${wanted}`],
  const: (wanted: unknown, value, { path }) => (value === wanted ? [] : [`${path}: not ${String(wanted)}`]),
  enum: (wanted: readonly unknown[], value, { path }) =>
    wanted.includes(value) ? [] : [`${path}: not listed`],
  minimum: (wanted: number, value, { path }) => (Number(value) >= wanted ? [] : [`${path}: too small`]),
  minItems: (wanted: number, value, { path }) =>
    listOf(value).length >= wanted ? [] : [`${path}: too short`],
  maxItems: (wanted: number, value, { path }) =>
    listOf(value).length <= wanted ? [] : [`${path}: too long`],
  pattern: (wanted: string, value, { path }) =>
    new RegExp(wanted, "u").test(String(value)) ? [] : [`${path}: not of the form`],
  required: (wanted: readonly string[], value, { path }) =>
    wanted.filter((name) => !(name in fieldsOf(value))).map((name) => `${path}.${name}: missing`),
  properties: (wanted: Readonly<Record<string, JsonSchema>>, value, at) =>
    Object.entries(fieldsOf(value)).flatMap(([name, each]) => {
      const schema = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
      return schema ? check(schema, each, at, `.${name}`) : [];
    }),
  additionalProperties: (wanted: false | JsonSchema, value, at) => {
    const known = Object.keys(fieldsOf(at.schema["properties"]));
    const more = Object.entries(fieldsOf(value)).filter(([name]) => !known.includes(name));
    return more.flatMap(([name, each]) =>
      wanted === false ? [`${at.path}.${name}: unknown`] : check(wanted, each, at, `.${name}`),
    );
  },
  items: (wanted: JsonSchema, value, at) =>
    listOf(value).flatMap((each, i) => check(wanted, each, at, `[${i}]`)),
  anyOf: (wanted: readonly JsonSchema[], value, at) => {
    const problems = wanted.map((schema) => check(schema, value, at, ""));
    return problems.some((each) => each.length === 0) ? [] : (problems.at(-1) ?? []);
  },
  $ref: (wanted: string, value, at) => {
    const [file, name] = wanted.split("#/$defs/");
    const target = file === "" ? at.file : file!;
    const found = fieldsOf(at.files.get(target)?.["$defs"])[name!];
    if (!isRecord(found)) throw new Error(`no schema ${wanted}`);
    return check(found, value, { ...at, file: target }, "");
  },
};

/** What in a value breaks the schema of a file, one line each. */
export function problemsIn(value: unknown, file: string, files: SchemaFiles): readonly string[] {
  const schema = files.get(file);
  if (!schema) throw new Error(`no schema ${file}`);
  return check(schema, value, { files, file, path: "", schema }, "");
}

function check(schema: JsonSchema, value: unknown, from: Place, step: string): readonly string[] {
  const at = { ...from, schema, path: from.path + step };
  return Object.entries(schema).flatMap(([keyword, wanted]) => {
    if (SILENT.has(keyword)) return [];
    const rule = RULES[keyword];
    if (!rule) throw new Error(`${at.file}: unknown keyword ${keyword}`);
    return rule(wanted as never, value, at);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
