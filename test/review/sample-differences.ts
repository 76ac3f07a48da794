// SPDX-License-Identifier: GPL-2.0-only
//
// Two comparisons as data: what each part of the text about differences is made of.

import type { DifferenceResult } from "../../review/difference-report.ts";

const V2: DifferenceResult = {
  patch: "unbound-drain",
  version: "v2",
  before: "size-pools",
  after: "unbound-drain",
  operationsMax: 3,
  machines: 2,
  programs: 1234,
  randomPrograms: 150,
  races: 6,
  states: 1120,
  kinds: [
    {
      kind: "another address",
      expected: {
        kind: "another address",
        why: "Areas come out of pools.",
        defects: ["DEF-U1"],
        claims: ["C0-5"],
      },
      count: 12,
      drawn: true,
      example: {
        machine: { space: 8, lazyMax: 1, faults: ["kasan"] },
        programs: ["a=alloc(1); free(a); c=alloc(1)", "b=alloc(2)"],
        order: "0! quiet 1 0 0",
        rows: [
          { task: 0, text: "a=alloc(1)", saw: ["-ENOMEM", "-ENOMEM"] },
          { text: "quiet", saw: ["", ""] },
          { task: 1, text: "b=alloc(2)", saw: ["page 0", "page 0"] },
          { task: 0, text: "free(a)", saw: ["done", "done"] },
          { task: 0, text: "c=alloc(1)", saw: ["page 2", "page 3"] },
        ],
        strips: ["bbc.....", "bb.c...."],
        legend: "b, c live, . free",
        found: [null, "INV-LOWEST: [3,4) was chosen, the lowest fit is [2,3)"],
        commands: [
          'vmapcheck run size-pools --space 8 --order "0! quiet 1 0 0"',
          'vmapcheck run unbound-drain --space 8 --order "0! quiet 1 0 0"',
        ],
      },
    },
    {
      kind: "only the patch can come to successes and failures",
      count: 1,
      race: {
        machine: { space: 8, lazyMax: 1 },
        programs: ["a=alloc(1)", "b=alloc(8)"],
        both: ["a: fails, b: succeeds"],
        only: [[], ["a: succeeds, b: succeeds"]],
      },
    },
  ],
  missing: [{ kind: "another find", why: "A pooled area is found.", defects: [], claims: [] }],
  undecided: ["the comparison was cut short"],
};

/** Of a patch with two revisions. */
export const DIFFERENCES: readonly DifferenceResult[] = [
  V2,
  {
    ...V2,
    version: "v3",
    after: "unbound-drain-v3",
    kinds: V2.kinds.slice(0, 1),
    missing: [],
    undecided: [],
    randomPrograms: 0,
    races: 0,
    states: 0,
  },
];
