// SPDX-License-Identifier: GPL-2.0-only
//
// The report as JUnit's XML, in the form that both usual schemas take: the strict one of Ant (by Windy Road), which asks
// for a time, a host and both outputs, and that of the Jenkins plugin. Times are 0, since the report has none.

import type { CheckReport } from "../report.ts";
import { checksIn, type OutlineCheck } from "./outline.ts";
import { outlineOf } from "./report-outline.ts";

/** A date that says that there is none: the same report is the same text, whenever it was made. */
const NO_DATE = "1970-01-01T00:00:00";

/** The report, with a final newline. One test suite for each group of checks. */
export function junitText(report: CheckReport): string {
  const suites = new Map<string, OutlineCheck[]>();
  for (const { path, check } of checksIn(outlineOf(report))) {
    const name = path.join(".");
    const known = suites.get(name);
    if (known) known.push(check);
    else suites.set(name, [check]);
  }
  const parts = [...suites].flatMap(([name, checks], id) => suiteLines(id, name, checks, report.seed));
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...parts, "</testsuites>", ""].join("\n");
}

function suiteLines(
  id: number,
  name: string,
  checks: readonly OutlineCheck[],
  seed: string,
): readonly string[] {
  const ended = (ending: OutlineCheck["ending"]): number =>
    checks.filter((check) => check.ending === ending).length;
  const attributes = attributesText({
    package: "vmapcheck",
    id: `${id}`,
    name,
    timestamp: NO_DATE,
    hostname: "localhost",
    tests: `${checks.length}`,
    failures: `${ended("failed")}`,
    errors: "0",
    skipped: `${ended("not-decided")}`,
    time: "0",
  });
  return [
    `  <testsuite ${attributes}>`,
    "    <properties>",
    `      <property ${attributesText({ name: "seed", value: seed })}/>`,
    "    </properties>",
    ...checks.flatMap((check) => caseLines(check, `vmapcheck.${name}`)),
    "    <system-out></system-out>",
    "    <system-err></system-err>",
    "  </testsuite>",
  ];
}

function caseLines(check: OutlineCheck, classname: string): readonly string[] {
  const { ending, name, notes, rule, title } = check;
  const open = `    <testcase ${attributesText({ name, classname, time: "0" })}`;
  const message = notes[0] ?? title;
  switch (ending) {
    case "passed":
      return [`${open}/>`];
    case "failed": {
      const text = escaped([title, ...notes].join("\n"));
      const failure = `<failure ${attributesText({ message, type: rule })}>${text}</failure>`;
      return [`${open}>`, `      ${failure}`, "    </testcase>"];
    }
    case "not-decided":
      return [`${open}>`, `      <skipped ${attributesText({ message })}/>`, "    </testcase>"];
  }
}

function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escaped(value.replace(/\s+/g, " ").trim())}"`)
    .join(" ");
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

// XML 1.0 knows no way to write most control characters, halves of pairs and the last two code points of the plane.
const UNWRITABLE =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text for XML; what XML cannot hold is written as an escape such as \u001b. */
function escaped(text: string): string {
  return text
    .replace(UNWRITABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[&<>"]/g, (character) => ENTITIES.get(character) ?? character);
}
