// SPDX-License-Identifier: GPL-2.0-only
//
// The command `review` around the gate: what it asks for, what is printed, exit codes, errors.

import { expect, test } from "vitest";
import type { JobEnd, Jobs, RunJob } from "../../cli/jobs/job.ts";
import { decodeToken } from "../../spec/token.ts";
import { findDossier } from "../../spec/dossiers.ts";
import type { CheckReport, ClaimResult } from "../../review/report.ts";
import { DIFFERENCES } from "../review/sample-differences.ts";
import { GOOD_REPORT } from "../review/sample-report.ts";
import { type Ended, vmapcheck } from "./world.ts";

const found = GOOD_REPORT.claims.find(({ counterexample }) => counterexample)!.counterexample!;

const claims: readonly ClaimResult[] = findDossier("unbound-drain")!.claims.map((claim) => ({
  claim,
  verdict: claim.pinned,
  asPinned: true,
  text: `why ${claim.id}`,
  runs: 7,
  ...(claim.pinned === "refuted" && { counterexample: found, shortest: true }),
  ...(claim.id === "C0-6" && { conditional: true }),
  revisions: [{ id: "v3", verdict: "holds", asPinned: true, text: `why ${claim.id} now`, runs: 8 }],
}));

const REPORT: CheckReport = { ...GOOD_REPORT, patches: ["unbound-drain"], claims };

/** Runs the command with a gate that comes to `report` and keeps what it was asked for. */
async function review(
  report: CheckReport | undefined,
  args: readonly string[],
  stopped?: JobEnd<CheckReport>["stopped"],
): Promise<Ended & { readonly asked: unknown }> {
  let asked: unknown;
  const runJob: RunJob = (name, request) => {
    asked = request;
    const end: JobEnd<CheckReport> = { report, stopped, progress: undefined };
    return Promise.resolve(end as JobEnd<Jobs[typeof name]["report"]>);
  };
  return { ...(await vmapcheck(["review", ...args], { runJob })), asked };
}

test("asks for the claims of one patch only", async () => {
  const { asked } = await review(REPORT, ["unbound-drain", "--budget", "7", "--seed", "x"]);
  expect(asked).toEqual({ budgetSeconds: 7, seed: "x", patches: ["unbound-drain"], claimsOnly: true });
});

test("the exit code says whether every verdict is the one on record", async () => {
  expect((await review(REPORT, ["unbound-drain"])).code).toBe(0);
  expect((await review({ ...REPORT, verdict: "violated" }, ["unbound-drain"])).code).toBe(1);
  expect((await review({ ...REPORT, verdict: "not-decided" }, ["unbound-drain"])).code).toBe(4);
  expect((await review(REPORT, ["unbound-drain"], "deadline")).code).toBe(4);
  expect((await review(undefined, ["unbound-drain"], "interrupted")).code).toBe(130);
});

test("prints a column for each revision, the quotation, the run, its token and the defects", async () => {
  const { out } = await review(REPORT, ["unbound-drain"]);
  expect(out).toMatch(/^claim +line +kind +v2 +v3$/m);
  expect(out).toMatch(/^C0-3 +18 +progress +refuted +holds$/m);
  expect(out).toMatch(/^C0-6 +148 +safety +holds, if +holds$/m);
  expect(out).toContain("> Use WQ_MEM_RECLAIM to ensure forward progress under memory pressure.\n");
  expect(out).toContain("v2 refuted: why C0-3 (7 interleavings)");
  expect(out).toContain("v3 holds: why C0-3 now (8 interleavings)");
  expect(out).toContain("which are the fewest");
  expect(out).toMatch(/^(?:Counterexample to|A run) /m);
  const token = /vmapcheck replay (vmc1\S+)/.exec(out)![1]!;
  expect(decodeToken(token, "test")).toEqual({ ok: true, value: found });
  expect(out).toContain("  DEF-U1: confirmed, introduced by this patch\n");
  expect(out).toContain("  DEF-P6: plausible, present before\n");
  expect(out).toContain("All verdicts on 8 claims are those on record; kinds of difference as expected: 1.");
});

test("ends with what callers see otherwise", async () => {
  const { out } = await review({ ...REPORT, differences: DIFFERENCES }, ["unbound-drain"]);
  expect(out).toContain("Differences of v2 (unbound-drain) from size-pools\n");
  expect(out).toMatch(/^another address +12 +a=alloc\(1\)/m);
  expect(out).toContain("  task  operation                        size-pools  unbound-drain\n");
  expect(out).toContain("        then                             bbc.....    bb.c....\n");
  expect(out.split("\n").filter((line) => line.length > 100 && !line.includes("vmc1"))).toEqual([]);
  const { out: json } = await review({ ...REPORT, differences: DIFFERENCES }, ["unbound-drain", "--json"]);
  const document = JSON.parse(json) as { review: object };
  expect(document.review).toMatchObject({ differences: [{ version: "v2" }, { version: "v3" }] });
});

test("says which verdict is not the one on record", async () => {
  const wrong = claims.map((each) => (each.claim.id === "C0-7" ? { ...each, asPinned: false } : each));
  const report: CheckReport = { ...REPORT, verdict: "violated", claims: wrong, problems: ["C0-7: broken"] };
  const { out } = await review(report, ["unbound-drain"]);
  expect(out).toContain("PINNED AS holds");
  expect(out).toContain("Not all verdicts are those on record:\n- C0-7: broken");
});

test("--json holds claims, tokens and defects", async () => {
  const { out, err } = await review(REPORT, ["unbound-drain", "--json"]);
  expect(err).toBe("seed gate\n");
  const document = JSON.parse(out) as { review: { tokens: object; defects: readonly { id: string }[] } };
  expect(document).toMatchObject({
    command: "review",
    exitCode: 0,
    review: {
      patch: { id: "unbound-drain", revisions: [{ id: "v3" }] },
      verdict: "held",
      claims: { length: 8 },
    },
  });
  expect(Object.keys(document.review.tokens)).toEqual(["C0-3 v2", "C0-8 v2"]);
  expect(document.review.defects.map(({ id }) => id)).toContain("DEF-U1");
});

test("a patch that is not in the catalogue, or none, is one clear error", async () => {
  const { code, err } = await review(REPORT, ["unbound-drian"]);
  expect(code).toBe(2);
  expect(err).toBe(
    'vmapcheck: VMC-E005: PATCH: expected one of node-blocks, unbound-drain, occupied-index, found "unbound-drian"; did you mean unbound-drain?\n',
  );
  expect((await review(REPORT, [])).err).toContain(
    "PATCH: expected one of node-blocks, unbound-drain, occupied-index, found nothing",
  );
  expect((await review(REPORT, ["node-blocks", "unbound-drain"])).code).toBe(2);
});

test("--format and --against choose what is printed", async () => {
  const mail = await review(REPORT, ["unbound-drain", "--format", "mail", "--against", "v3"]);
  expect(mail.err).toBe("seed gate\n");
  expect(mail.out).toContain("\nv3 against v2:\n  fixed: ");
  expect(mail.out).toContain("To see it again: npx vmapcheck review unbound-drain --seed gate");
  const html = await review(REPORT, ["unbound-drain", "--format", "html-fragment"]);
  expect(html.out).toMatch(/^<section [^]*<\/section>\n$/);
  const json = await review(REPORT, ["unbound-drain", "--format", "json", "--against", "v3"]);
  expect(JSON.parse(json.out)).toMatchObject({
    review: { against: { revision: "v3", claims: { length: 8 } } },
  });
  const text = await review(REPORT, ["unbound-drain", "--against", "v3"]);
  expect(text.out).toContain("\nv3 against v2:\n");
});

test("a revision that there is not, and two formats, are errors", async () => {
  const { code, err } = await review(REPORT, ["unbound-drain", "--against", "v9"]);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'vmapcheck: VMC-E005: --against: expected one of v3, found "v9"; vmapcheck list shows all names\n',
  });
  expect((await review(REPORT, ["node-blocks", "--against", "v3"])).err).toContain(
    "expected a patch with later revisions, which node-blocks is not",
  );
  expect((await review(REPORT, ["node-blocks", "--json", "--format", "mail"])).code).toBe(2);
});
