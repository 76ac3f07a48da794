// SPDX-License-Identifier: GPL-2.0-only
//
// What callers see of node-blocks that they did not see of its predecessor, node-index, and the other way round.

import type { DifferencePlan } from "../differences.ts";
import { USUAL_COMPARISON } from "./usual-comparison.ts";

const MOVES = [...USUAL_COMPARISON.moves, "A=alloc(6)", "A=alloc(2,window=modules)"] as const;

/** What is compared, and what is expected to differ. */
export const NODE_BLOCKS_DIFFERENCES = {
  ...USUAL_COMPARISON,
  moves: MOVES,
  expected: [
    {
      kind: "another address",
      why: "A block is taken from the global heap for a small request, and its first page is set aside.",
      defects: ["DEF-N5"],
      claims: ["C2-9", "C2-16"],
    },
    {
      kind: "only the patch fails: -EBUSY, with room",
      why:
        "What a node keeps serves nobody else: requests on other nodes, above a quarter of a block, or for a window of " +
        "their own find less than there is. After a purge the node itself is not asked again.",
      defects: ["DEF-N13", "DEF-N5"],
      claims: ["C2-2", "C2-14"],
    },
    {
      kind: "only the patch violates INV-COMPLETE-ALL",
      why:
        "Pages that are free in a node serve no request above a quarter of a block, and none that comes back from the " +
        "purge of the overflow path.",
      defects: ["DEF-N13"],
      claims: ["C2-2", "C2-13", "C2-14"],
    },
    {
      kind: "only the patch violates INV-BLOCK-RETURN",
      why: "A block whose last area leaves through free_vmap_area() stays with its node through every purge.",
      defects: ["DEF-N2"],
      claims: ["C2-12"],
    },
    {
      kind: "only the patch fails: -EBUSY, with nothing live",
      why: "The block that stays with its node after a failed KASAN allocation is missing where another one is served.",
      defects: ["DEF-N2"],
      claims: ["C2-12", "C2-2"],
    },
    {
      kind: "only the patch fails: -EBUSY, without room",
      why: "Live areas lie otherwise, by a page at the edge of a block, and leave no run of pages long enough.",
      defects: ["DEF-N5"],
      claims: ["C2-8"],
    },
    {
      kind: "only the predecessor fails: -EBUSY, with room",
      why: "Its search for an alignment is padded and misses a fit that the other layout of the patch does not need.",
      defects: ["DEF-B1"],
      claims: [],
    },
    {
      kind: "only the predecessor fails: -EBUSY, without room",
      why: "Live areas lie otherwise: what a node serves is gathered in its block and leaves the rest in one piece.",
      defects: [],
      claims: ["C2-8"],
    },
    {
      kind: "only the predecessor can come to successes and failures",
      why: "Where the patch never serves all tasks of a program, the outcome in which all are served is missing.",
      defects: ["DEF-N5"],
      claims: ["C2-2"],
    },
    {
      kind: "only the patch can come to successes and failures",
      why: "The task whose node comes second finds the block gone, whatever the order: one of the two fails.",
      defects: ["DEF-N5", "DEF-N13"],
      claims: ["C2-2"],
    },
    {
      kind: "only the predecessor can come to addresses",
      why: "Page 0 is the edge of a block as soon as a node has taken the first one.",
      defects: ["DEF-N5"],
      claims: ["C2-9"],
    },
    {
      kind: "only the patch can come to addresses",
      why: "Areas begin behind the edge of a block.",
      defects: ["DEF-N5"],
      claims: ["C2-9"],
    },
  ],
} as const satisfies DifferencePlan;
