// SPDX-License-Identifier: GPL-2.0-only
//
// Invariants of node blocks: ids in the flags, shrunken edges, fetching and returning.
// Source: "mm: vmalloc: Offload free_vmap_area_lock lock", v2 6/9, 29 August 2023.

import { BLOCKS_HOLD, IDS_HOLD, type InvariantEntry } from "./entry.ts";

/** Invariants of node blocks. */
export const BLOCK_INVARIANTS = [
  {
    id: "INV-VNID-RT",
    kind: "structure",
    when: "static",
    statement: "Every node id survives encoding and decoding, and flags without an id decode to none.",
    designs: IDS_HOLD,
    source: "encode_vn_id, decode_vn_id; in mainline also is_vn_id_valid",
  },
  {
    id: "INV-VNID-CAP",
    kind: "structure",
    when: "static",
    statement: "Every id of up to 255 nodes fits the byte above the flags, and no other flag uses that byte.",
    designs: IDS_HOLD,
    source: "encode_vn_id: the comment on U8_MAX; the clamp is in v2 9/9",
  },
  {
    id: "INV-VNID-OWNER",
    kind: "safety",
    when: "step",
    statement:
      "An area with a node id lies inside a block of that node; an area without one lies in no block.",
    designs: BLOCKS_HOLD,
    source: "node_alloc_fill: the comment on telling areas apart",
  },
  {
    id: "INV-BLOCK-EDGE",
    kind: "safety",
    when: "step",
    statement: "The first and the last page of an owned block are in no index and never granted.",
    designs: BLOCKS_HOLD,
    source: "node_alloc_fill: the block is shrunk by a page at both ends",
  },
  {
    id: "INV-BLOCK-NOMERGE",
    kind: "safety",
    when: "lock",
    statement: "No record, free or lazy, reaches across two blocks or from a block into the global heap.",
    designs: BLOCKS_HOLD,
    source: "node_alloc_fill: the comment on merging",
  },
  {
    id: "INV-BLOCK-RETURN",
    kind: "progress",
    when: "purge",
    statement:
      "When a purge ends, no node keeps a block in which nothing is busy, lazy or in the hands of an operation.",
    designs: { "node-blocks": { verdict: "violated", by: ["DEF-N2", "DEF-N6", "C2-12"] } },
    source: "node_alloc_fill: the comment on blocks that are freed entirely; purge_vmap_node",
  },
  {
    id: "INV-BLOCK-LIMIT",
    kind: "safety",
    when: "step",
    statement:
      "A node serves a request only if its size, plus its alignment when above one page, is at most a quarter block.",
    designs: BLOCKS_HOLD,
    source: "node_alloc: size + extra > (node_size >> 2)",
  },
  {
    id: "INV-FILL-EXCL",
    kind: "discipline",
    when: "step",
    statement:
      "At most one task at a time fetches for a node, and fill_in_progress is set exactly while one does.",
    designs: BLOCKS_HOLD,
    source: "node_alloc: atomic_xchg(&vn->fill_in_progress, 1)",
  },
] as const satisfies readonly InvariantEntry[];
