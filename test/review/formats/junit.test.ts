// SPDX-License-Identifier: GPL-2.0-only
//
// The report as JUnit's XML, held against the rules of the strict schema.

import { expect, test } from "vitest";
import { junitText } from "../../../review/formats/junit.ts";
import { BROKEN_REPORT, GOOD_REPORT } from "../sample-report.ts";
import { parseXml, type XmlElement } from "./xml-parser.ts";

/** What breaks the schema in a suite, one line each. */
function problemsOf(suite: XmlElement, index: number): readonly string[] {
  const { attributes: a, children, name } = suite;
  const cases = children.filter((child) => child.name === "testcase");
  const among = (kind: string): number =>
    cases.filter((each) => each.children.some((child) => child.name === kind)).length;
  const order = children.map((child) => child.name).join(" ");
  const rules: readonly (readonly [string, boolean])[] = [
    ["a suite", name === "testsuite"],
    ["properties, cases, both outputs", /^properties( testcase)* system-out system-err$/.test(order)],
    ["id", a["id"] === `${index}`],
    ["package, name and host", [a["package"], a["name"], a["hostname"]].every((text) => (text ?? "") !== "")],
    ["timestamp", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(a["timestamp"] ?? "")],
    ["time", a["time"] === "0"],
    ["tests", a["tests"] === `${cases.length}`],
    ["failures", a["failures"] === `${among("failure")}`],
    ["errors", a["errors"] === `${among("error")}`],
    ["skipped", a["skipped"] === `${among("skipped")}`],
    ["no other attribute", Object.keys(a).length === 10],
    ["cases", cases.every((each) => isCase(each))],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

function isCase({ attributes, children }: XmlElement): boolean {
  const token = (text: string | undefined): boolean =>
    text !== undefined && text !== "" && text === text.trim() && !/\s\s/.test(text);
  const names = Object.keys(attributes).sort().join(" ");
  const [first, ...more] = children;
  if (names !== "classname name time" || more.length > 0) return false;
  if (!token(attributes["name"]) || !token(attributes["classname"])) return false;
  return (
    first === undefined ||
    first.name === "skipped" ||
    (first.name === "failure" && first.attributes["type"] !== undefined)
  );
}

test("both reports keep the rules of the schema", () => {
  for (const report of [GOOD_REPORT, BROKEN_REPORT]) {
    const root = parseXml(junitText(report));
    expect([root.name, root.attributes]).toEqual(["testsuites", {}]);
    expect(root.children.length).toBeGreaterThan(3);
    expect(root.children.flatMap(problemsOf)).toEqual([]);
  }
});

test("a case is a failure, skipped or neither", () => {
  const cases = parseXml(junitText(BROKEN_REPORT)).children.flatMap((suite) => suite.children);
  const kind = (name: string): string | undefined =>
    cases.find((each) => each.attributes["name"] === name)?.children[0]?.name;
  expect([kind("C2-4"), kind("C2-7"), kind("all of it was done")]).toEqual(["failure", "skipped", undefined]);
});

test("no text breaks the document", () => {
  const nasty = `</failure>&amp;<x a="1">\u0000\u001b[31m\ud800 ]]>`;
  const scenarios = GOOD_REPORT.scenarios.map((each) => ({ ...each, asExpected: false, text: nasty }));
  const root = parseXml(junitText({ ...GOOD_REPORT, scenarios, seed: nasty }));
  const suite = root.children.find(({ attributes }) => attributes["name"] === "scenarios");
  const [failure] = suite!.children.find(({ name }) => name === "testcase")!.children;
  expect(failure!.attributes["message"]).toBe(String.raw`</failure>&amp;<x a="1">\u0000\u001b[31m\ud800 ]]>`);
});
