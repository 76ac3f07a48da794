// SPDX-License-Identifier: GPL-2.0-only
//
// The names that the dossier of the node-blocks patch refers to, each with its meaning: campaigns, situations,
// computations and counts. What implements them must cover these keys exactly.

/** Campaigns: sets of small instances of node-blocks. */
export const NODE_BLOCKS_CAMPAIGNS = {
  "node-blocks-small":
    "two CPUs on two nodes allocate, free lazily and purge in a space of a few blocks; requests within and above the limit",
  "node-blocks-fill-race": "two CPUs on one node ask at once while the node is empty or nearly so",
  "node-blocks-fill-fault": "as node-blocks-fill-race, with records for blocks and splits that may fail",
  "node-blocks-kasan":
    "a space of one block and two nodes; populating the shadow may fail, so areas are freed synchronously",
  "node-blocks-stranded":
    "a space of one block, full; a lazy free, then a request that takes the overflow path",
  "node-blocks-edges": "neighbouring blocks of two nodes; areas freed in every order, purges in between",
  "node-blocks-zones": "blocks off the zone borders, areas across a border, lookups of every page",
  "node-blocks-windows":
    "requests for the modules window and for explicit ranges beside requests for the full window",
  "node-blocks-helpers": "a backlog above twice the limit on two nodes, so that a purge uses helper works",
} as const;

/** Situations that a run may reach. */
export const NODE_BLOCKS_PROPERTIES = {
  "LOW-CAPACITY-NO-FETCH":
    "a node has served a request and keeps less free space than the quarter block that it may be asked for, and the " +
    "allocation ends without a fetch",
  "LOW-CAPACITY-FETCH":
    "a block is taken for a node although the search of the node's own tree, in the same allocation, succeeded",
  "FILL-LOSER-GLOBAL":
    "a task whose search failed finds fill_in_progress set and is served by the global heap",
  "FILL-RESET-CONCURRENT":
    "fill_in_progress is reset while another task that failed its search of the same node is still in alloc_vmap_area",
  "BLOCK-SPANS-ZONES": "an owned block contains pages of two zones that belong to different nodes",
  "NEIGHBOUR-BLOCKS": "two blocks of different nodes touch",
  "PART-RELEASE": "a purge puts part of a block back into the free tree of its node",
  "PART-RELEASE-GLOBAL": "part of an owned block, but not the whole, is released to the global heap",
  "LIMIT-EXCEEDED-GLOBAL":
    "a request for the full window is above the quarter block and is served by the global heap",
  "WINDOW-NODE-SERVED": "a node serves a request whose window is not the full vmalloc window",
  "WINDOW-GLOBAL-SERVED": "the global heap serves a request whose window is not the full vmalloc window",
  "FOREIGN-FREE-ADDRESS": "the free tree of a node holds a page whose zone belongs to another node",
  "FOREIGN-PURGE-ADDRESS": "the purge list of a node holds an area whose first page belongs to another node",
  "ZONE-CROSSING": "a busy index holds an area with a page whose zone belongs to another node",
  "STRANDED-FIT": "a request fails for good while the free tree of some node holds a fit",
  "ID-ZERO-FREED": "an area that node 0 served goes through free_vmap_area",
} as const;

/** Computations without a run. */
export const NODE_BLOCKS_STATIC_CHECKS = {
  "vn-id-capacity":
    "encode and decode every id of 1 to 255 nodes with every value of the two flag bits: all come back, none needs more than a byte",
  "vn-id-sign":
    "list the values that decode_vn_id returns for ids and for flags without one: 0 is among the ids, so not all are positive",
  "users-per-node":
    "count the CPUs that share a node, cpu % clamp(cpus >> 1, 1, 255), for 1 to 1024 CPUs, and compare with two",
} as const;

/** Counts on the same work, before and after the patch. */
export const NODE_BLOCKS_MEASURES = {
  "global-lock-acquisitions":
    "acquisitions of free_vmap_area_lock per allocation and free, for the workloads of lib/test_vmalloc.c, scaled down",
} as const;

/** Id of a campaign of this dossier. */
export type NodeBlocksCampaign = keyof typeof NODE_BLOCKS_CAMPAIGNS;

/** Id of a situation of this dossier. */
export type NodeBlocksProperty = keyof typeof NODE_BLOCKS_PROPERTIES;

/** Id of a computation of this dossier. */
export type NodeBlocksStaticCheck = keyof typeof NODE_BLOCKS_STATIC_CHECKS;

/** Id of a count of this dossier. */
export type NodeBlocksMeasure = keyof typeof NODE_BLOCKS_MEASURES;
