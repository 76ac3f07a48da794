// SPDX-License-Identifier: GPL-2.0-only
//
// The names that the dossier of the occupied-index patch refers to, each with its meaning: campaigns, situations,
// computations and counts. What implements them must cover these keys exactly.

/** Campaigns: sets of small instances of occupied-index. */
export const OCCUPIED_INDEX_CAMPAIGNS = {
  "occupied-index-steady":
    "the perf mode is on: areas that are freed, purged, pooled and handed out again, a full space",
  "occupied-index-aligned": "the perf mode is on: requests for alignments above one page beside others",
  "occupied-index-exact": "windows of exactly the size that is asked for, with an alignment above one page",
  "occupied-index-flip": "the perf mode is switched on while tasks allocate and free",
  "occupied-index-windows":
    "areas in the modules window, from before and from after the perf mode is switched on",
  "occupied-index-pcpu": "the perf mode is on: per-CPU areas beside others, which fail and succeed",
  "occupied-index-pcpu-boot": "per-CPU areas and others before and after the perf mode is switched on",
  "occupied-index-stores": "any one store into a range tree may find no memory",
  "occupied-index-pcpu-stores": "per-CPU areas, and any one store, record or shadow may fail",
} as const;

/** Situations that a run may reach. */
export const OCCUPIED_INDEX_PROPERTIES = {
  "PERF-MODE": "the perf mode is switched on while tasks run",
  "PERF-REFUSED": "in perf mode, a search for a request finds nothing",
  "FALLBACK-WALK": "in perf mode, an allocation is served out of the free tree",
  "FREE-TREE-SERVES": "without perf mode, an allocation is served out of the free tree",
  "ALIGNED-SERVED": "in perf mode, a request for an alignment above one page is served",
  RETRIED: "an area is put onto the retry list",
  "RETRY-DRAINED": "an area leaves the retry list for a lazy tree",
  "PCPU-GRANTED": "per-CPU areas are granted in perf mode",
  "MODULES-GRANTED": "an area of another window than the vmalloc window is granted in perf mode",
} as const;

/** Computations. */
export const OCCUPIED_INDEX_STATIC_CHECKS = {
  "free-tree-writers":
    "run the initialisation, per-CPU allocation and the decay of a pool in perf mode, and see what each stores into the free tree",
  "padded-answers":
    "ask the padded hole finder and the padded walk of the red-black tree for the same, for all small sets of free " +
    "ranges, and compare the answers with what fits",
  "diff-comments": "the places of the diff at which a comment is added, and what about",
  "release-signature": "what the release helper returns, in the diff",
  "release-outside": "where reclaim_list_global() frees records, in the diff",
} as const;

/** Counts on the same work, before and after the patch. */
export const OCCUPIED_INDEX_MEASURES = {
  "touches-per-cycle":
    "operations on all range trees for one allocation and its free, purge included, by workload",
  "touches-per-allocation": "operations on the free and the occupied tree for one allocation, by workload",
  "gaps-per-search":
    "gaps that an aligned search looks at among K gaps that are too small for it, with and without padding",
} as const;

/** Id of a campaign of this dossier. */
export type OccupiedIndexCampaign = keyof typeof OCCUPIED_INDEX_CAMPAIGNS;

/** Id of a situation of this dossier. */
export type OccupiedIndexProperty = keyof typeof OCCUPIED_INDEX_PROPERTIES;

/** Id of a computation of this dossier. */
export type OccupiedIndexStaticCheck = keyof typeof OCCUPIED_INDEX_STATIC_CHECKS;

/** Id of a count of this dossier. */
export type OccupiedIndexMeasure = keyof typeof OCCUPIED_INDEX_MEASURES;
