// SPDX-License-Identifier: GPL-2.0-only
//
// Reports of the gate made by hand, small but with something in every part.

import type { CheckReport, ClaimResult } from "../../review/report.ts";
import type { Counterexample } from "../../spec/counterexample.ts";
import { DOSSIERS } from "../../spec/dossiers.ts";
import { COUNTEREXAMPLE } from "../spec/sample.ts";
import { DIFFERENCES } from "./sample-differences.ts";

const CLAIMS = DOSSIERS.flatMap(({ claims }) => claims);

/** A claim's result; by default as pinned. */
function result(id: string, text: string, changes: Partial<ClaimResult> = {}): ClaimResult {
  const claim = CLAIMS.find((each) => each.id === id);
  if (!claim) throw new Error(`no claim ${id}`);
  return { claim, verdict: claim.pinned, asPinned: true, text, runs: 0, ...changes };
}

const found: Counterexample = { ...COUNTEREXAMPLE, mutant: undefined };

/** All is as it should be. */
export const GOOD_REPORT: CheckReport = {
  verdict: "held",
  seed: "gate",
  patches: ["node-blocks"],
  corpus: [],
  campaigns: [
    {
      id: "global-tree-small",
      allocator: "global-tree",
      statement: "the old design",
      instances: 3,
      runs: 12_000,
      steps: 612_345,
      cutOff: 0,
      reached: { "DRAIN-RAN": 7 },
      missing: [],
    },
  ],
  instances: [],
  invariants: [
    { id: "INV-TLB", allocator: "global-tree", runs: 12_000, result: "held" },
    { id: "INV-TLB", allocator: "node-blocks", runs: 9000, result: "held" },
    { id: "INV-BLOCK-RETURN", allocator: "node-blocks", runs: 9000, result: "known" },
  ],
  claims: [
    result("C2-4", "INV-FILL-EXCL held", { runs: 9000 }),
    result("C2-12", "INV-BLOCK-RETURN: the block at 0 is wholly free, and node 0 keeps it", {
      runs: 4,
      counterexample: found,
    }),
    result("C2-21", "an opinion"),
  ],
  differences: DIFFERENCES.slice(1),
  scenarios: [
    { id: "SC-12", allocator: "node-blocks", title: "two blocks", asExpected: true, text: "held", runs: 400 },
  ],
  mutants: [{ id: "MU-1", title: "no flush", killed: true, text: "INV-TLB: page 0 is stale", runs: 1 }],
  problems: [],
  undecided: [],
  runs: 21_000,
  steps: 1_234_567,
};

/** Every part has something wrong in it. */
export const BROKEN_REPORT: CheckReport = {
  ...GOOD_REPORT,
  verdict: "violated",
  differences: DIFFERENCES,
  campaigns: GOOD_REPORT.campaigns.map((each) => ({
    ...each,
    cutOff: 3,
    missing: ["DRAIN-RAN", "PURGED"],
    violation: found,
  })),
  invariants: GOOD_REPORT.invariants.map((each, i) => (i === 0 ? { ...each, result: "violated" } : each)),
  claims: [
    result("C2-4", "INV-FILL-EXCL: two tasks fill node 0", {
      verdict: "refuted",
      asPinned: false,
      counterexample: found,
    }),
    result("C2-7", "the witness BLOCK-SPANS-ZONES was never reached", {
      verdict: "not-decided",
      asPinned: false,
    }),
  ],
  scenarios: GOOD_REPORT.scenarios.map((each) => ({ ...each, asExpected: false, text: '"c" failed' })),
  mutants: GOOD_REPORT.mutants.map((each) => ({ ...each, killed: false, text: "expected INV-TLB" })),
  problems: ["global-tree-small: INV-TLB is violated", "MU-1: expected INV-TLB"],
  undecided: ["global-tree-small: PURGED was never reached"],
};
