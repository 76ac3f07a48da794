// SPDX-License-Identifier: GPL-2.0-only
//
// What callers see of occupied-index that they did not see of dual-index, and the other way round.

import type { DifferencePlan } from "../differences.ts";
import { USUAL_COMPARISON, WITH_MODULES } from "./usual-comparison.ts";

/** What is compared, and what is expected to differ. */
export const OCCUPIED_INDEX_DIFFERENCES = {
  ...USUAL_COMPARISON,
  moves: [
    "A=alloc(1)",
    "A=alloc(3)",
    "A=alloc(2,align=4)",
    "A=alloc(2,align=2,window=2..4)",
    "A=alloc(1,window=modules)",
    "free(A)",
    "purge",
    "A=pcpu(0:2,4:2)",
    { text: "pfree(A)", of: "pcpu" },
    { text: "flip", once: true },
  ],
  machines: [
    { space: 8, lazyMax: 1 },
    { space: 8, cpus: 1, nodes: 1, block: 4, lazyMax: 3 },
    { ...WITH_MODULES, lazyMax: 1 },
  ],
  expected: [
    {
      kind: "only the patch violates INV-CONSERVE",
      why: "While the perf mode is off, what is given back is in no index any more, per-CPU areas that fail among it.",
      defects: ["DEF-O16"],
      claims: ["C1-9", "C1-3"],
    },
    {
      kind: "only the patch violates INV-OCC-EQ",
      why: "A module from before the perf mode is a gap of the occupied tree, which is free to be handed out again.",
      defects: ["DEF-O1"],
      claims: ["C1-2"],
    },
    {
      kind: "only the patch violates INV-OCC-FREEMT",
      why: "Per-CPU areas are taken out of the free tree, over what has been allocated since the perf mode is on.",
      defects: ["DEF-O2"],
      claims: ["C1-5", "C1-14"],
    },
    {
      kind: "only the patch violates INV-COMPLETE-EXACT",
      why: "The search for a gap is padded for a window of exactly the size as well.",
      defects: ["DEF-O5"],
      claims: ["C1-17"],
    },
    {
      kind: "only the patch fails: -EBUSY, with nothing live",
      why: "Such a window is refused although all of it is free.",
      defects: ["DEF-O5"],
      claims: ["C1-17"],
    },
    {
      kind: "only the patch fails: -EBUSY, with room",
      why: "The same with something live elsewhere; and per-CPU areas whose addresses have been used up.",
      defects: ["DEF-O5", "DEF-O27"],
      claims: ["C1-17"],
    },
    {
      kind: "another address",
      why: "What per-CPU areas were undone once, the free tree does not offer again: the next ones lie lower.",
      defects: ["DEF-O27"],
      claims: ["C1-3"],
    },
  ],
} as const satisfies DifferencePlan;
