// SPDX-License-Identifier: GPL-2.0-only
//
// The claims of the node-blocks patch itself: its message and the comments it adds. Lines are those of the
// archived thread. Quotations are literal; everything else is this project's own.

import type { Claim, NamedEvidence } from "../dossier.ts";
import type {
  NodeBlocksCampaign,
  NodeBlocksMeasure,
  NodeBlocksProperty,
  NodeBlocksStaticCheck,
} from "./node-blocks-evidence.ts";

/** Evidence that refers to names of this dossier only. */
export type NodeBlocksEvidence = NamedEvidence<
  NodeBlocksCampaign,
  NodeBlocksProperty,
  NodeBlocksStaticCheck,
  NodeBlocksMeasure
>;

/** A claim that refers to names of this dossier only. */
export type NodeBlocksClaim = Omit<Claim, "id" | "evidence"> & {
  readonly id: `C2-${number}`;
  readonly evidence: NodeBlocksEvidence;
};

/** Claims of the patch, C2-1 to C2-15. */
export const NODE_BLOCKS_PATCH_CLAIMS = [
  {
    id: "C2-1",
    quote: "This technique reduces a pressure on the global vmap lock.",
    line: 23,
    saidBy: "author",
    kind: "cost",
    how: "Count how often the global lock is taken for the same work before and after the patch.",
    evidence: { kind: "measured", measure: "global-lock-acquisitions" },
    pinned: "holds",
    condition: "requests of at most a quarter block, in the full window, while the space is not exhausted",
    defects: [],
    note:
      "One acquisition fetches a block that serves many requests. Larger requests, other windows, percpu areas and " +
      "an exhausted space go to the global heap as before.",
  },
  {
    id: "C2-2",
    quote: "Each node behaves as independent entity.",
    line: 17,
    saidBy: "author",
    kind: "structure",
    how: "Search for a request that fails although a node holds a fit: independence of nodes turned against the caller.",
    evidence: {
      kind: "reachable",
      property: "STRANDED-FIT",
      campaign: "node-blocks-stranded",
      reached: "partly",
      unreached: "holds",
    },
    pinned: "partly",
    defects: ["DEF-N2", "DEF-N13"],
    note:
      "Independent for the allocation itself. Busy areas are filed by address, the purge is global, and what one " +
      "node holds is out of reach for all others.",
  },
  {
    id: "C2-3",
    quote: "fetch a new block [...] if no space or low capacity is left",
    line: 19,
    saidBy: "author",
    kind: "documentation",
    how:
      "Search for an allocation that leaves its node nearly empty and fetches nothing, and make sure that no run " +
      "fetches while the node's own search succeeds.",
    evidence: {
      kind: "reachable",
      property: "LOW-CAPACITY-NO-FETCH",
      campaign: "node-blocks-small",
      reached: "refuted",
      unreached: "holds",
      never: "LOW-CAPACITY-FETCH",
    },
    pinned: "refuted",
    defects: [],
    note:
      'The code fetches only after a failed search (node_alloc: "Only if fails a previous attempt"). Nothing looks ' +
      "at the capacity that is left, so the next request pays for the fetch.",
  },
  {
    id: "C2-4",
    quote: "This guarantees that only one user is eligible to perform a pre-fetch.",
    line: 735,
    saidBy: "author",
    kind: "safety",
    how: "Check in all interleavings that at most one task fetches for a node and that the flag is set just then.",
    evidence: {
      kind: "invariants",
      ids: ["INV-FILL-EXCL"],
      campaign: "node-blocks-fill-race",
      witnesses: ["FILL-LOSER-GLOBAL"],
    },
    pinned: "holds",
    defects: [],
    note:
      "The failing search and the exchange share one critical section, and the flag falls only after the block is " +
      "in the tree. Who loses the race goes to the global heap without a trace of it.",
  },
  {
    id: "C2-5",
    quote: "A reset operation can be concurrent.",
    line: 736,
    saidBy: "author",
    kind: "safety",
    how: "Search for a reset while another task that needs the same node is on its way, with exclusion intact.",
    evidence: {
      kind: "reachable",
      property: "FILL-RESET-CONCURRENT",
      campaign: "node-blocks-fill-race",
      reached: "holds",
      unreached: "refuted",
    },
    pinned: "holds",
    defects: [],
    note: "Harmless: whoever sees the old value goes to the global heap.",
  },
  {
    id: "C2-6",
    quote: "Can store U8_MAX [0:254] nodes.",
    line: 96,
    saidBy: "author",
    kind: "structure",
    how: "Compute: every id of up to 255 nodes, with every value of the low flag bits, through encode and decode.",
    evidence: { kind: "static", check: "vn-id-capacity" },
    pinned: "holds",
    condition: "at most 255 nodes and no flag bits from 8 on, neither of which this patch enforces",
    defects: ["DEF-N8", "DEF-N9"],
    note: "The number of nodes is clamped by patch 9/9 of the series.",
  },
  {
    id: "C2-7",
    quote: "it can span several zones what means addr_to_node() can point to two different nodes",
    line: 639,
    saidBy: "author",
    kind: "structure",
    how: "Search for an owned block with pages of two zones.",
    evidence: {
      kind: "reachable",
      property: "BLOCK-SPANS-ZONES",
      campaign: "node-blocks-zones",
      reached: "holds",
      unreached: "refuted",
    },
    pinned: "holds",
    defects: [],
    note: "Zone and block have the same size, so a block lies in one zone or in two.",
  },
  {
    id: "C2-8",
    quote: "an alignment would just increase fragmentation",
    line: 645,
    saidBy: "author",
    kind: "cost",
    how: "Not checked.",
    evidence: {
      kind: "none",
      reason:
        "fragmentation depends on the requests over a long time, and the patch names neither requests nor a measure",
    },
    pinned: "not-checkable",
    defects: [],
    note: "Plausible: an aligned block leaves up to a block of unusable space on either side.",
  },
  {
    id: "C2-9",
    quote: "No VAs merging is possible between each other unless they are part of same block.",
    line: 676,
    saidBy: "author",
    kind: "safety",
    how: "Check in all interleavings, the merging lazy lists included, that no record reaches beyond one block.",
    evidence: {
      kind: "invariants",
      ids: ["INV-BLOCK-NOMERGE", "INV-BLOCK-EDGE"],
      campaign: "node-blocks-edges",
      witnesses: ["NEIGHBOUR-BLOCKS"],
    },
    pinned: "holds",
    defects: ["DEF-N5"],
    note: "Two dead pages lie between neighbouring blocks and at least one to anything else; they leave with the block.",
  },
  {
    id: "C2-10",
    quote: "Never merges. See explanation above.",
    line: 695,
    saidBy: "author",
    kind: "safety",
    how: "Check that a block inserted without merging touches no record of the tree it is put into.",
    evidence: {
      kind: "invariants",
      ids: ["INV-COALESCED", "INV-BLOCK-NOMERGE"],
      campaign: "node-blocks-edges",
      witnesses: ["NEIGHBOUR-BLOCKS"],
    },
    pinned: "holds",
    defects: [],
  },
  {
    id: "C2-11",
    quote: "can detect a correct node where a VA has to be returned",
    line: 680,
    saidBy: "author",
    kind: "safety",
    how: "Check that an area with a node id lies in a block of that node and is purged by that node.",
    evidence: {
      kind: "invariants",
      ids: ["INV-PURGE-NODE", "INV-VNID-OWNER"],
      campaign: "node-blocks-edges",
      witnesses: ["FOREIGN-PURGE-ADDRESS"],
    },
    pinned: "holds",
    defects: ["DEF-N7", "DEF-N10"],
  },
  {
    id: "C2-12",
    quote: "as a block is freed entirely [...] is released to a global heap",
    line: 681,
    saidBy: "author",
    kind: "progress",
    how: "Check after every purge that no node keeps a block in which nothing is busy or lazy.",
    evidence: { kind: "invariants", ids: ["INV-BLOCK-RETURN"], campaign: "node-blocks-kasan" },
    pinned: "refuted",
    defects: ["DEF-N2", "DEF-N6"],
    note:
      "Only purge_vmap_node asks whether a block is whole. A block whose last area goes through free_vmap_area, or " +
      "whose first split fails, stays with its node until some later lazy free there.",
  },
  {
    id: "C2-13",
    quote: "VAs go back to the node not bothering a global vmap space",
    line: 684,
    saidBy: "author",
    kind: "structure",
    how: "Search for a part of a block that is released to the global heap.",
    evidence: {
      kind: "reachable",
      property: "PART-RELEASE-GLOBAL",
      campaign: "node-blocks-small",
      reached: "refuted",
      unreached: "holds",
      witnesses: ["PART-RELEASE"],
    },
    pinned: "holds",
    defects: ["DEF-N13"],
    note: "It holds also when the space is exhausted, and then it is the problem: see DEF-N13.",
  },
  {
    id: "C2-14",
    quote: "A maximum allocation limit is 1/4 of capacity.",
    line: 721,
    saidBy: "author",
    kind: "structure",
    how: "Check that no node serves a request above a quarter block.",
    evidence: {
      kind: "invariants",
      ids: ["INV-BLOCK-LIMIT"],
      campaign: "node-blocks-small",
      witnesses: ["LIMIT-EXCEEDED-GLOBAL"],
    },
    pinned: "holds",
    defects: [],
    note: "A quarter of the nominal size, edges included; the alignment is charged in full rather than less one page.",
  },
  {
    id: "C2-15",
    quote: "Fallback to a global heap if not vmalloc.",
    line: 715,
    saidBy: "author",
    kind: "structure",
    how: "Search for a request with another window that a node serves.",
    evidence: {
      kind: "reachable",
      property: "WINDOW-NODE-SERVED",
      campaign: "node-blocks-windows",
      reached: "refuted",
      unreached: "holds",
      witnesses: ["WINDOW-GLOBAL-SERVED"],
    },
    pinned: "holds",
    defects: [],
  },
] as const satisfies readonly NodeBlocksClaim[];
