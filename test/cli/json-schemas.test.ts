// SPDX-License-Identifier: GPL-2.0-only
//
// The schemas of docs/schemas/ against documents that the commands print.

import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readCorpus } from "../../cli/corpus-folder.ts";
import type { JobEnd, Jobs, RunJob } from "../../cli/jobs/job.ts";
import { runCheck } from "../../review/check.ts";
import type { CheckReport } from "../../review/report.ts";
import { BROKEN_REPORT } from "../review/sample-report.ts";
import { type JsonSchema, problemsIn } from "./json-schema-check.ts";
import { vmapcheck } from "./world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = `${ROOT}docs/schemas/`;
const FILES = new Map(
  readdirSync(FOLDER).map((name) => [name, JSON.parse(readFileSync(FOLDER + name, "utf8")) as JsonSchema]),
);
const TRACE = `${ROOT}test/trace/fixtures/k6.12-2cpu-failed-alloc.trace.txt`;

/** The document that a command prints. */
async function documentOf(args: readonly string[], report?: CheckReport): Promise<Record<string, unknown>> {
  const runJob: RunJob = (name) => {
    const end: JobEnd<CheckReport> = { report, stopped: undefined, progress: undefined };
    return Promise.resolve(end as JobEnd<Jobs[typeof name]["report"]>);
  };
  const { out } = await vmapcheck([...args, "--json"], report ? { runJob } : {});
  return JSON.parse(out) as Record<string, unknown>;
}

test("the gate and the review of one patch, with a corpus, are as their schemas say", async () => {
  const corpus = readCorpus(`${ROOT}corpus`);
  if ("error" in corpus) throw new Error(corpus.error.message);
  const report = runCheck(
    { budgetSeconds: 1, seed: "gate", patches: ["unbound-drain"], claimsOnly: true, corpus },
    { tick: () => false },
  );
  expect(report).toMatchObject({ verdict: "held", corpus: { length: corpus.length } });
  const gate = await documentOf(["check"], report);
  expect(problemsIn(gate, "check.json", FILES)).toEqual([]);
  const review = await documentOf(["review", "unbound-drain"], report);
  expect(problemsIn(review, "review.json", FILES)).toEqual([]);
  expect(review).toMatchObject({ review: { patch: { id: "unbound-drain" } } });
}, 120_000);

test("a gate in which nothing is well is as well", async () => {
  expect(problemsIn(await documentOf(["check"], BROKEN_REPORT), "check.json", FILES)).toEqual([]);
});

test("a trace is as its schema says, with what breaks a rule and without", async () => {
  const plain = await documentOf(["trace", TRACE, "--statistics"]);
  expect(problemsIn(plain, "trace.json", FILES)).toEqual([]);
  expect(plain).toHaveProperty("statistics");
  // The same allocation a second time: two live areas share their pages.
  const text = readFileSync(TRACE, "utf8").replace(/^.*alloc_vmap_area:.*failed=0\n/m, "$&$&");
  const { out } = await vmapcheck(["trace", "-", "--json"], {
    stdin: () => Readable.from([Buffer.from(text)]),
  });
  const broken: unknown = JSON.parse(out);
  expect(problemsIn(broken, "trace.json", FILES)).toEqual([]);
  expect(broken).toMatchObject({ exitCode: 1, report: { outcome: "violated" } });
});

test("a schema refuses what it does not name", async () => {
  const document = await documentOf(["check"], BROKEN_REPORT);
  const report = document["report"] as Record<string, unknown>;
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ ...document, command: "review" }, ".command: not check"],
    [{ ...document, more: 1 }, ".more: unknown"],
    [{ ...document, report: { ...report, runs: -1 } }, ".report.runs: too small"],
    [{ ...document, report: { ...report, verdict: "fine" } }, ".report.verdict: not listed"],
    [
      { ...document, report: { ...report, corpus: undefined, problems: [1] } },
      ".report.problems[0]: not of type string",
    ],
  ];
  for (const [value, problem] of wrong) {
    const plain: unknown = JSON.parse(JSON.stringify(value));
    expect(problemsIn(plain, "check.json", FILES)).toContain(problem);
  }
});
