// SPDX-License-Identifier: GPL-2.0-only
//
// Reviews as replies and as pieces of pages: width, characters, quotations, runs in CPU columns, and what a shell or a
// browser makes of them.

import { expect, test } from "vitest";
import { developments } from "../../review/against.ts";
import { recordOf } from "../../review/kept-run.ts";
import { againstLines } from "../../review/render/against-text.ts";
import { cpuColumns } from "../../review/render/cpu-columns.ts";
import { htmlFragment } from "../../review/render/html-fragment.ts";
import { mailText } from "../../review/render/mail-text.ts";
import { recordRun, type RecordedRun } from "../../review/render/record-run.ts";
import type { ClaimResult } from "../../review/report.ts";
import { DOSSIERS, findDossier } from "../../spec/dossiers.ts";
import type { Verdict } from "../../spec/dossier.ts";
import { instanceOf } from "../../spec/small-machine.ts";
import { decodeToken } from "../../spec/token.ts";
import { GOOD_REPORT } from "./sample-report.ts";

const found = GOOD_REPORT.claims.find(({ counterexample }) => counterexample)!.counterexample!;

/** Every claim of a dossier as pinned, with a counterexample where it is refuted. */
function claimsOf(id: string, later: Verdict = "holds"): readonly ClaimResult[] {
  const dossier = findDossier(id)!;
  return dossier.claims.map((claim) => ({
    claim,
    verdict: claim.pinned,
    asPinned: true,
    text: `INV-DISJOINT: ${"a long text of what was found, ".repeat(6)}`,
    runs: 12_345,
    ...(claim.pinned === "refuted" && { counterexample: found }),
    revisions: dossier.revisions.map((each) => ({
      id: each.id,
      verdict: later,
      asPinned: true,
      text: "held",
      runs: 8,
    })),
  }));
}

test.each(DOSSIERS.map(({ id }) => id))("a mail about %s has at most 72 columns of ASCII", (id) => {
  const text = mailText(findDossier(id)!, claimsOf(id), { recordOf, command: "npx vmapcheck review x" });
  expect(text.split("\n").filter((line) => line.length > 72)).toEqual([]);
  expect(text).toMatch(/^[\n -~]+$/);
  expect(text).not.toMatch(/[ \t]$/m);
});

test("each claim is quoted, then judged, revisions of equal verdict together", () => {
  const dossier = findDossier("unbound-drain")!;
  const text = mailText(dossier, claimsOf("unbound-drain"), { recordOf, command: "npx vmapcheck review x" });
  for (const { quote } of dossier.claims) {
    const quoted = text
      .split("\n")
      .filter((line) => line.startsWith("> "))
      .map((line) => line.slice(2))
      .join(" ");
    expect(quoted).toContain(quote);
  }
  expect(text).toMatch(/^C0-3, v2: refuted: INV-DISJOINT/m);
  expect(text).toMatch(/^C0-3, v3: holds: held \(8 interleavings\)\.$/m);
  expect(text).toMatch(/^DEF-U1: confirmed, introduced by this patch\.$/m);
  const same = claimsOf("unbound-drain").map((each) => ({
    ...each,
    revisions: [{ ...each, id: "v3", counterexample: undefined }],
  }));
  expect(mailText(dossier, same, { recordOf, command: "x" })).toMatch(/^C0-1, v2 and v3: not checkable/m);
});

test("a shell joins the lines of the replay command again", () => {
  const text = mailText(findDossier("unbound-drain")!, claimsOf("unbound-drain"), { recordOf, command: "x" });
  const joined = text.replaceAll("\\\n", "");
  const token = /^npx vmapcheck replay (\S+)$/m.exec(joined)![1]!;
  expect(decodeToken(token, "mail")).toEqual({ ok: true, value: found });
});

const TWO_TASKS = recordRun({
  instance: instanceOf("global-tree", { space: 4, cpus: 2, lazyMax: 0 }, "a=alloc(1); free(a)", "b=alloc(2)"),
  schedule: { switches: [{ at: 5, to: 1 }], choices: [] },
});

test("a column for each CPU, and where a task stood when another went on", () => {
  const lines = cpuColumns(TWO_TASKS, 72);
  expect(lines[0]).toMatch(/^step CPU 0 +CPU 1$/);
  const second = lines[0]!.indexOf("CPU 1");
  const left = lines.filter((line) => line[5] !== undefined && line[5] !== " ");
  expect(left.length).toBeGreaterThan(5);
  expect(lines.filter((line) => line.slice(second).startsWith("[task 1]"))).toHaveLength(1);
  // Step 4 had no effect that anybody sees, but is where task 0 was stopped.
  const stopped = TWO_TASKS.rows[4]!;
  expect(lines.join("\n")).toContain(`${stopped.fn}()`);
  // A column is not written over.
  expect(
    lines
      .slice(1)
      .filter(
        (line) =>
          line.length > second && line.slice(5, second - 2).trim() !== "" && line.slice(second).trim() !== "",
      ),
  ).toEqual([]);
});

test("of many CPUs all go into one column", () => {
  const rows = TWO_TASKS.rows.map((row, i) => ({ ...row, cpu: i % 8 }));
  const many: RecordedRun = { ...TWO_TASKS, rows };
  const lines = cpuColumns(many, 72);
  expect(lines[0]).toBe("step all CPUs");
  expect(lines.join("\n")).toContain("[task 0, CPU ");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
});

test("what became of the claims in a later revision", () => {
  const dossier = findDossier("unbound-drain")!;
  const list = developments(dossier, claimsOf("unbound-drain", "refuted"), "v3");
  const of = (what: string): readonly string[] =>
    list.filter(({ development }) => development === what).map(({ claim }) => claim);
  expect(of("still")).toEqual(["C0-3", "C0-4", "C0-8"]);
  expect(of("new")).toEqual(["C0-1", "C0-2", "C0-5", "C0-6", "C0-7"]);
  expect(
    developments(dossier, claimsOf("unbound-drain"), "v3").map(({ development }) => development),
  ).toEqual(["same", "same", "fixed", "fixed", "same", "same", "same", "fixed"]);
  expect(() => developments(dossier, [], "v9")).toThrow("no revision v9");
  expect(againstLines(list.slice(0, 3), "v2", "v3", 72)).toEqual([
    "v3 against v2:",
    "  fixed: none",
    "  still there: C0-3 (refuted, then refuted)",
    "  new: C0-1 (not checkable, then refuted), C0-2 (not checkable, then",
    "       refuted)",
    "  Nothing speaks against 0 claims on either.",
  ]);
});

test("a piece of a page has only closed tags, and escapes what it shows", () => {
  const dossier = findDossier("node-blocks")!;
  const evil = claimsOf("node-blocks").map((each) => ({
    ...each,
    text: `<script>alert("x") & more</script>`,
  }));
  const html = htmlFragment(dossier, evil, (claim) => (claim === "C2-12" ? "a < b && c > d\n" : undefined));
  expect(html).not.toContain("<script");
  expect(html).toContain("&lt;script&gt;alert(&quot;x&quot;) &amp; more&lt;/script&gt;");
  expect(html).toContain("<pre>a &lt; b &amp;&amp; c &gt; d</pre>");
  const open: string[] = [];
  const crossed: string[] = [];
  for (const [, slash, tag] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*>/g)) {
    if (slash === "") open.push(tag!);
    else if (open.pop() !== tag) crossed.push(tag!);
  }
  expect({ open, crossed }).toEqual({ open: [], crossed: [] });
  const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
  expect(targets).toHaveLength(dossier.claims.length);
  for (const target of targets) expect(html).toContain(`id="${target}"`);
});
