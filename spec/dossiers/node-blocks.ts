// SPDX-License-Identifier: GPL-2.0-only
//
// Dossier of "mm: vmalloc: Offload free_vmap_area_lock lock", v2 6/9: the patch, the thread and two figures of
// the series' last patch. Lines are those of the archived thread. Quotations are literal.

import type { Dossier } from "../dossier.ts";
import { NODE_BLOCKS_PATCH_CLAIMS, type NodeBlocksClaim } from "./node-blocks-claims.ts";
import { NODE_BLOCKS_DIFFERENCES } from "./node-blocks-differences.ts";

/** Claims of the mails, C2-16 to C2-23. */
const MAIL_CLAIMS = [
  {
    id: "C2-16",
    quote: "node's free tree could contains any address range",
    line: 574,
    saidBy: "reviewer",
    kind: "structure",
    how: "Search for a page in a node's free tree whose zone belongs to another node.",
    evidence: {
      kind: "reachable",
      property: "FOREIGN-FREE-ADDRESS",
      campaign: "node-blocks-zones",
      reached: "holds",
      unreached: "refuted",
    },
    pinned: "holds",
    defects: [],
    note: "The author confirms it (line 1072): a block goes to the node that asks, wherever it lies.",
  },
  {
    id: "C2-17",
    quote: "nodes' busy tree only contains address range belonging to this node",
    line: 575,
    saidBy: "reviewer",
    kind: "structure",
    how: "Search for a busy area that reaches beyond its zone into that of another node.",
    evidence: {
      kind: "reachable",
      property: "ZONE-CROSSING",
      campaign: "node-blocks-zones",
      reached: "refuted",
      unreached: "holds",
    },
    pinned: "refuted",
    defects: [],
    note:
      "True of the first page only (INV-BUSY-NODE). The next line calls crossing a corner case; every area larger " +
      "than a zone crosses, and so can small ones, as blocks are not aligned to zones. The author calls the " +
      "statement correct (line 1072). Lookups must cope with it, and do (INV-BUSY-FIND).",
  },
  {
    id: "C2-18",
    quote: "nodes' purge tree could contain any address range",
    line: 577,
    saidBy: "reviewer",
    kind: "structure",
    how: "Search for an area on a node's purge list whose first page belongs to another node.",
    evidence: {
      kind: "reachable",
      property: "FOREIGN-PURGE-ADDRESS",
      campaign: "node-blocks-zones",
      reached: "holds",
      unreached: "refuted",
    },
    pinned: "holds",
    defects: [],
  },
  {
    id: "C2-19",
    quote: "Here should we change to check 'if (vn_id > 0)'",
    line: 131,
    saidBy: "reviewer",
    kind: "safety",
    how: "Implement the suggestion as a mutant of the patch, in free_vmap_area, and check who owns what.",
    evidence: {
      kind: "invariants",
      ids: ["INV-VNID-OWNER", "INV-BLOCK-NOMERGE"],
      campaign: "node-blocks-kasan",
      mutant: "MU-11",
      witnesses: ["ID-ZERO-FREED"],
    },
    pinned: "refuted",
    defects: [],
    note:
      "Id 0 is stored as 0x100 and decodes to 0; only flags without an id decode to -1. With the suggestion, what " +
      "node 0 served would go to the global heap page by page, and its block would belong to both.",
  },
  {
    id: "C2-20",
    quote: "vn_id always >= 0, so it is positive since it is an index",
    line: 405,
    saidBy: "author",
    kind: "documentation",
    how: "Compute the values that decode_vn_id returns.",
    evidence: { kind: "static", check: "vn-id-sign" },
    pinned: "refuted",
    defects: [],
    note: "The wording only: 0 is an id and not positive. The code tests for >= 0 and is right.",
  },
  {
    id: "C2-21",
    quote: "This patch looks good to me.",
    line: 569,
    saidBy: "reviewer",
    kind: "documentation",
    how: "Not checked.",
    evidence: { kind: "none", reason: "an opinion" },
    pinned: "not-checkable",
    defects: ["DEF-N1", "DEF-N2", "DEF-N13"],
    note: "None of the confirmed defects listed here comes up in the thread.",
  },
  {
    id: "C2-22",
    quote: "two users per one node",
    elsewhere: "v2 9/9, 20230829081142.3619-10-urezki@gmail.com",
    saidBy: "author",
    kind: "structure",
    how: "Compute how many CPUs share a node, for every number of CPUs.",
    evidence: { kind: "static", check: "users-per-node" },
    pinned: "partly",
    defects: [],
    note:
      "Two for even counts up to 510. Odd counts give node 0 a third user, a single CPU is alone, and more CPUs " +
      "share 255 nodes. On 32 bits node_size stays 1, so no node ever serves a request.",
  },
  {
    id: "C2-23",
    quote: "The throughput is ~15x higher",
    elsewhere: "v2 9/9, 20230829081142.3619-10-urezki@gmail.com",
    saidBy: "author",
    kind: "cost",
    how: "Not checked.",
    evidence: { kind: "none", reason: "a measurement on one machine; a model has no time" },
    pinned: "not-checkable",
    defects: [],
  },
] as const satisfies readonly NodeBlocksClaim[];

/** Id of a claim of this dossier. */
export type NodeBlocksClaimId =
  (typeof NODE_BLOCKS_PATCH_CLAIMS)[number]["id"] | (typeof MAIL_CLAIMS)[number]["id"];

/** The dossier. */
export const NODE_BLOCKS_DOSSIER = {
  id: "node-blocks",
  subject: "[v2,6/9] mm: vmalloc: Offload free_vmap_area_lock lock",
  author: "Uladzislau Rezki (Sony)",
  reviewer: "Baoquan He",
  messageId: "20230829081142.3619-7-urezki@gmail.com",
  version: "v2",
  date: "2023-08-29",
  threadLines: 1629,
  before: "node-index",
  after: "node-blocks",
  claims: [...NODE_BLOCKS_PATCH_CLAIMS, ...MAIL_CLAIMS],
  differences: NODE_BLOCKS_DIFFERENCES,
  revisions: [],
} as const satisfies Dossier;
