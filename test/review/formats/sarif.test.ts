// SPDX-License-Identifier: GPL-2.0-only
//
// The report as SARIF 2.1.0, held against those rules of its schema that readers depend on.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { replayKept } from "../../../review/corpus.ts";
import { fileOf } from "../../../review/formats/findings.ts";
import { sarifText } from "../../../review/formats/sarif.ts";
import { LOCATIONS_MAX } from "../../../review/formats/sarif-flow.ts";
import type { CheckReport } from "../../../review/report.ts";
import type { Counterexample } from "../../../spec/counterexample.ts";
import { ALLOCATOR_IDS } from "../../../spec/instance.ts";
import { decodeOrExplain, integerFrom, S } from "../../../spec/schema.ts";
import { readCounterexampleFile } from "../../../cli/counterexample-view.ts";
import { BROKEN_REPORT, GOOD_REPORT } from "../sample-report.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const Message = S.Struct({ text: S.NonEmptyString });
const Place = S.Struct({
  artifactLocation: S.Struct({ uri: S.NonEmptyString, uriBaseId: S.NonEmptyString }),
  region: S.Struct({ startLine: integerFrom(1) }),
});
const Level = S.Literal("none", "note", "warning", "error");
const Step = S.Struct({
  location: S.Struct({
    physicalLocation: Place,
    logicalLocations: S.Array(S.Struct({ name: S.NonEmptyString, kind: S.NonEmptyString })),
    message: Message,
  }),
  executionOrder: integerFrom(0),
  importance: S.Literal("important", "essential", "unimportant"),
});
const ThreadFlow = S.Struct({ id: S.NonEmptyString, locations: S.NonEmptyArray(Step) });
const Result = S.Struct({
  ruleId: S.NonEmptyString,
  ruleIndex: integerFrom(0),
  level: Level,
  message: Message,
  locations: S.NonEmptyArray(S.Struct({ physicalLocation: Place })),
  partialFingerprints: S.Record({ key: S.String, value: S.NonEmptyString }),
  codeFlows: S.optional(S.Array(S.Struct({ message: Message, threadFlows: S.NonEmptyArray(ThreadFlow) }))),
  properties: S.Record({ key: S.String, value: S.Unknown }),
});
const Rule = S.Struct({ id: S.NonEmptyString, shortDescription: Message, fullDescription: Message });
const Run = S.Struct({
  tool: S.Struct({
    driver: S.Struct({ name: S.Literal("vmapcheck"), semanticVersion: S.String, rules: S.Array(Rule) }),
  }),
  automationDetails: S.Struct({ id: S.NonEmptyString }),
  columnKind: S.Literal("utf16CodeUnits", "unicodeCodePoints"),
  invocations: S.Array(
    S.Struct({
      executionSuccessful: S.Boolean,
      toolExecutionNotifications: S.Array(S.Struct({ level: Level, message: Message })),
    }),
  ),
  results: S.Array(Result),
  properties: S.Struct({ verdict: S.String, seed: S.String }),
});
const Log = S.Struct({ $schema: S.String, version: S.Literal("2.1.0"), runs: S.Tuple(Run) });

function runOf(report: CheckReport): typeof Run.Type {
  const decoded = decodeOrExplain(Log, JSON.parse(sarifText(report)), "report.sarif");
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value.runs[0];
}

function kept(name: string): Counterexample {
  const read = readCounterexampleFile(`${ROOT}corpus/${name}`);
  if ("error" in read) throw new Error(read.error.message);
  return read.counterexample;
}

test("each result names a rule of the run, and no two have one fingerprint", () => {
  for (const report of [GOOD_REPORT, BROKEN_REPORT]) {
    const { results, tool } = runOf(report);
    const ids = tool.driver.rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
    const prints = results.map(({ partialFingerprints: each }) => each["vmapcheckFinding/v1"]);
    expect(new Set(prints).size).toBe(results.length);
  }
});

test("problems are errors, refuted claims on record are notes, and what is open is neither", () => {
  const good = runOf({ ...GOOD_REPORT, differences: [] });
  expect(good.results.map(({ level, ruleId }) => `${level} ${ruleId}`)).toEqual(["note C2-12"]);
  const broken = runOf(BROKEN_REPORT);
  expect(broken.results.map(({ level, ruleId }) => `${level} ${ruleId}`)).toEqual([
    "error INV-TLB",
    "error C2-4",
    "error scenario",
    "error mutant",
  ]);
  expect(broken.invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
    expect.stringMatching(/^C2-7: not decided/),
  ]);
});

test("the fingerprint of a finding does not change with what was found", () => {
  const other = BROKEN_REPORT.claims.map((each) => ({ ...each, text: "something else", runs: 77 }));
  const prints = (report: CheckReport) => runOf(report).results.map((each) => each.partialFingerprints);
  expect(prints({ ...BROKEN_REPORT, claims: other })).toEqual(prints(BROKEN_REPORT));
});

test("an interleaving has a thread flow for each CPU, and one order over all steps", () => {
  const counterexample = kept("SC-29-unbound-drain.json");
  const claims = GOOD_REPORT.claims.map((each) => ({ ...each, counterexample }));
  const [flow] = runOf({ ...GOOD_REPORT, claims }).results[0]!.codeFlows!;
  const steps = flow!.threadFlows.flatMap(({ locations }) => locations.map((each) => each.executionOrder));
  const all = Array.from({ length: counterexample.violation.step + 1 }, (_, i) => i + 1);
  expect(steps.toSorted((a, b) => a - b)).toEqual(all);
  expect(flow!.threadFlows.map(({ id }) => id)).toEqual(["CPU 0", "CPU 1"]);
  for (const { id, locations } of flow!.threadFlows)
    for (const { location } of locations) expect(location.message.text).toContain(` on ${id}: `);
  expect(steps.length).toBeLessThanOrEqual(LOCATIONS_MAX);
});

test("every place is a file of this repository", () => {
  for (const file of [undefined, ...ALLOCATOR_IDS].map(fileOf)) expect(existsSync(ROOT + file)).toBe(true);
});

test("a kept counterexample that does not replay is an error at the port's file", () => {
  const changed = { ...kept("SC-15b-node-blocks.json"), choicesDigest: "123" };
  const corpus = [replayKept({ id: "x.json", counterexample: changed })];
  const [result] = runOf({ ...GOOD_REPORT, differences: [], corpus }).results;
  expect(result).toMatchObject({
    ruleId: "corpus",
    level: "error",
    locations: [{ physicalLocation: { artifactLocation: { uri: "impl/allocators/node-blocks.ts" } } }],
  });
});
