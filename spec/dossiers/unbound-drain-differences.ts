// SPDX-License-Identifier: GPL-2.0-only
//
// What callers see of unbound-drain, v2 and v3, that they did not see of size-pools, and the other way round. Both have
// the same allocator; only who runs its work items changes.

import type { DifferencePlan, ExpectedDifference } from "../differences.ts";
import { USUAL_COMPARISON } from "./usual-comparison.ts";

const NO_WORKER = { space: 8, lazyMax: 1, workers: { idle: 0 } } as const;

/** Of both revisions. */
const OF_BOTH = [
  {
    kind: "only the predecessor violates INV-WQ-NODEADLOCK",
    why: "The system's workqueue has no rescuer: once no worker can be had, a drain that was asked for never begins.",
    defects: ["DEF-N15"],
    claims: ["C0-3"],
  },
  {
    kind: "only the predecessor does not end",
    why: "The same drain never ends; the rescuer of the patch runs it.",
    defects: ["DEF-N15"],
    claims: ["C0-3"],
  },
  {
    kind: "only the predecessor can come to successes and failures",
    why: "The runs that wait for a worker for ever.",
    defects: ["DEF-N15"],
    claims: ["C0-3"],
  },
  {
    kind: "only the patch can come to successes and failures",
    why: "The same runs come to their end with a rescuer.",
    defects: [],
    claims: ["C0-3"],
  },
] as const satisfies readonly ExpectedDifference[];

/** What is compared, and what is expected to differ in v2. */
export const UNBOUND_DRAIN_DIFFERENCES = {
  ...USUAL_COMPARISON,
  moves: [...USUAL_COMPARISON.moves, "shrink"],
  machines: [{ space: 8, lazyMax: 1 }, { space: 12, cpus: 1, nodes: 3, lazyMax: 0 }, NO_WORKER],
  races: { ...USUAL_COMPARISON.races, machines: [{ space: 8, lazyMax: 1 }, NO_WORKER] },
  expected: [
    ...OF_BOTH,
    {
      kind: "only the patch violates INV-WQ-FLUSH",
      why: "The drain waits for a helper on its own queue, which has a rescuer.",
      defects: ["DEF-U6", "DEF-U1"],
      claims: ["C0-8"],
    },
  ],
} as const satisfies DifferencePlan;

/** What is expected to differ in v3. */
export const UNBOUND_DRAIN_V3_DIFFERENCES = OF_BOTH satisfies readonly ExpectedDifference[];
