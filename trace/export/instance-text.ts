// SPDX-License-Identifier: GPL-2.0-only
//
// The file of an exported program: an instance as JSON, one operation on a line, so that it can be read and cut by hand.

import type { Instance } from "../../spec/instance.ts";

/** The text of an instance's file. Equal instances give equal texts. */
export function instanceText({ programs, ...configuration }: Instance): string {
  const fields = entriesOf(configuration).map(([name, value]) => `  "${name}": ${oneLine(value)},\n`);
  const tasks = programs.map((program) =>
    program.length === 0
      ? "    []"
      : `    [\n${program.map((op) => `      ${oneLine(op)}`).join(",\n")}\n    ]`,
  );
  return `{\n${fields.join("")}  "programs": [\n${tasks.join(",\n")}\n  ]\n}\n`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${entriesOf(value)
    .map(([name, field]) => `"${name}": ${oneLine(field)}`)
    .join(", ")} }`;
}

/** Fields that are there, in the order in which they were made. */
function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, field]) => field !== undefined);
}
