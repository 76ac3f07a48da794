// SPDX-License-Identifier: GPL-2.0-only
//
// The claims of "mm/vmalloc: consolidate occupied tree as authoritative index on hot path" and of two mails before it in
// the series. Lines are those of the archived mail. Quotations are literal; everything else is this project's own.

import type { Claim, NamedEvidence } from "../dossier.ts";
import type {
  OccupiedIndexCampaign,
  OccupiedIndexMeasure,
  OccupiedIndexProperty,
  OccupiedIndexStaticCheck,
} from "./occupied-index-evidence.ts";

/** A claim that refers to names of this dossier only. */
export type OccupiedIndexClaim = Omit<Claim, "id" | "evidence"> & {
  readonly id: `C1-${number}`;
  readonly evidence: NamedEvidence<
    OccupiedIndexCampaign,
    OccupiedIndexProperty,
    OccupiedIndexStaticCheck,
    OccupiedIndexMeasure
  >;
};

/** Claims of the mail and of the comments that the diff adds. */
export const OCCUPIED_INDEX_CLAIMS = [
  {
    id: "C1-1",
    quote:
      "costs roughly twice the maple operations per allocation lifecycle that the rb_tree path it replaced used",
    line: 9,
    saidBy: "author",
    kind: "cost",
    how: "Not checked.",
    evidence: {
      kind: "none",
      reason:
        "the path that was replaced made no maple operations; an operation on a red-black tree costs something else",
    },
    pinned: "not-checkable",
    defects: [],
    note: "What the dual trees cost in operations, and what is left of it, is counted for C1-4 and C1-11.",
  },
  {
    id: "C1-2",
    quote: "The occupied tree is the source of truth for in-use ranges on the alloc/free hot path.",
    line: 16,
    saidBy: "author",
    kind: "safety",
    how: "Check after each step that no gap of the occupied tree holds a page that is somebody's, in any window.",
    evidence: {
      kind: "invariants",
      ids: ["INV-OCC-EQ"],
      campaign: "occupied-index-windows",
      witnesses: ["PERF-MODE"],
    },
    pinned: "refuted",
    defects: ["DEF-O1", "DEF-O15"],
    note:
      "The tree is seeded for the vmalloc window only. What lies in the modules window when the mode is switched on is " +
      "a gap to it, and is handed out again.",
  },
  {
    id: "C1-3",
    quote: "free_vmap_area_mt is still maintained on the slow paths",
    line: 18,
    saidBy: "author",
    kind: "structure",
    how: "Run the paths that are named in perf mode, and see what each stores into the free tree.",
    evidence: { kind: "static", check: "free-tree-writers" },
    pinned: "partly",
    defects: ["DEF-O16"],
    note:
      "The initialisation fills it. The per-CPU walk only takes from it, and gives nothing back where it fails. The decay " +
      "of a pool does not touch it any more: reclaim_list_global() is its way there, and no longer inserts.",
  },
  {
    id: "C1-4",
    quote: "This removes ~half of the maple operations a typical vmalloc/vfree cycle performs.",
    line: 22,
    saidBy: "author",
    kind: "cost",
    how: "Count the operations on all range trees for one allocation and its free, before and after, by workload.",
    evidence: { kind: "measured", measure: "touches-per-cycle" },
    pinned: "partly",
    defects: [],
    note:
      "Two thirds and more of what the two trees of free space cost goes. The busy and the lazy tree cost what they did, so " +
      "that it is a third of all; more where the walk over the free tree went past many areas, and next to nothing where a " +
      "pool serves.",
  },
  {
    id: "C1-5",
    quote: "stale free-tree entries at low addresses never collide with pcpu's chosen base",
    line: 26,
    saidBy: "author",
    kind: "safety",
    how: "Check that what per-CPU areas are given is nobody's, and that storing it meets nothing in the occupied tree.",
    evidence: {
      kind: "invariants",
      ids: ["INV-OCC-STORE", "INV-DISJOINT"],
      campaign: "occupied-index-pcpu",
      witnesses: ["PCPU-GRANTED"],
    },
    pinned: "refuted",
    defects: ["DEF-O2"],
    note: "It takes a space in which what was allocated from below reaches what the walk from above comes to.",
  },
  {
    id: "C1-6",
    quote: "This is documented at the relevant call site.",
    line: 27,
    saidBy: "author",
    kind: "documentation",
    how: "List the places of the diff at which it adds a comment.",
    evidence: { kind: "static", check: "diff-comments" },
    pinned: "refuted",
    defects: [],
    note:
      "The comment that it adds in pcpu_get_vm_areas() is about what the error path tells KASAN; that of " +
      "vmap_init_free_space() says that per-CPU allocation reads the free tree.",
  },
  {
    id: "C1-7",
    quote:
      "any alignment slack inside the returned gap can be absorbed without an extra outer-loop iteration",
    line: 52,
    saidBy: "author",
    kind: "cost",
    how: "Check that each aligned request is served from the first gap that the search finds for it.",
    evidence: {
      kind: "invariants",
      ids: ["INV-OCC-PAD"],
      campaign: "occupied-index-aligned",
      witnesses: ["ALIGNED-SERVED"],
    },
    pinned: "holds",
    condition: "nothing waits on the retry list",
    defects: ["DEF-O10"],
    note: "ALIGN(i) + size - 1 <= i + size + align - 2, which is where the gap that was found ends.",
  },
  {
    id: "C1-8",
    quote: "the loop has to scan past every page-aligned gap that is large enough for @size but too small",
    line: 54,
    saidBy: "author",
    kind: "cost",
    how: "Count the gaps that a search looks at among K of those, with and without padding, and look at its answers.",
    evidence: { kind: "measured", measure: "gaps-per-search" },
    pinned: "partly",
    defects: ["DEF-O6"],
    note:
      "So it does. But the loop without padding was wrong as well: mas.last is not the end of the gap, so that it steps " +
      "over fits in the gap that it has found.",
  },
  {
    id: "C1-9",
    quote: "the range becomes implicitly free as soon as the occupied marker is gone",
    line: 81,
    saidBy: "author",
    kind: "safety",
    how:
      "Check that every page is in some place after each step, in perf mode; then let the mode be switched on while tasks " +
      "run.",
    evidence: {
      kind: "invariants",
      ids: ["INV-CONSERVE", "INV-OCC-BOOT"],
      campaign: "occupied-index-steady",
      unless: "occupied-index-flip",
      witnesses: ["PERF-REFUSED"],
    },
    pinned: "holds",
    condition: "the perf mode is on",
    defects: ["DEF-O16"],
    note:
      "Before that there are no markers, and the free tree is not filled any more either: what is freed then is lost, and " +
      "for good if the mode cannot be switched on.",
  },
  {
    id: "C1-10",
    quote: "The signature returns @va on success (matching the pre-rewrite contract",
    line: 85,
    saidBy: "author",
    kind: "documentation",
    how: "Look at the helper that the comment stands above.",
    evidence: { kind: "static", check: "release-signature" },
    pinned: "refuted",
    defects: [],
  },
  {
    id: "C1-11",
    quote: "two maple touches per allocation versus four to six in the legacy path",
    line: 124,
    saidBy: "author",
    kind: "cost",
    how: "Count the operations on the free and the occupied tree for one allocation, before and after, by workload.",
    evidence: { kind: "measured", measure: "touches-per-allocation" },
    pinned: "partly",
    defects: [],
    note:
      "Two it is, a search for a gap and a store, wherever no pool serves. Before, it was four or five for an alignment of a " +
      "page: the same search, the look-up of the free area, one or two stores to clip it, the store. Above a page it was " +
      "three, and one for each free area more that the walk went past, without a bound.",
  },
  {
    id: "C1-12",
    quote:
      "-ENOENT/-ERANGE retries fall back to the legacy free_mt walk + va_clip path, which remains correct",
    line: 127,
    saidBy: "author",
    kind: "structure",
    how: "Look in perf mode for an allocation that the free tree serves after the occupied tree had nothing for it.",
    evidence: {
      kind: "reachable",
      property: "FALLBACK-WALK",
      campaign: "occupied-index-steady",
      reached: "holds",
      unreached: "refuted",
      witnesses: ["PERF-REFUSED"],
    },
    pinned: "refuted",
    defects: [],
    note: "In perf mode the error is returned at once. A fall-back would not be correct either: the free tree is stale.",
  },
  {
    id: "C1-13",
    quote: "any alignment lands inside the returned gap",
    line: 147,
    saidBy: "author",
    kind: "safety",
    how: "Check position, alignment and window of what is granted, and that it was all a gap.",
    evidence: {
      kind: "invariants",
      ids: ["INV-BOUNDS", "INV-OCC-STORE", "INV-DISJOINT"],
      campaign: "occupied-index-aligned",
      witnesses: ["ALIGNED-SERVED"],
    },
    pinned: "holds",
    defects: [],
  },
  {
    id: "C1-14",
    quote: "which is harmless because the alloc and free hot paths no longer query it",
    line: 151,
    saidBy: "author",
    kind: "safety",
    how: "Check whoever reads the free tree in perf mode and takes its answer for free: is it?",
    evidence: {
      kind: "invariants",
      ids: ["INV-OCC-FREEMT"],
      campaign: "occupied-index-pcpu",
      witnesses: ["PCPU-GRANTED"],
    },
    pinned: "refuted",
    defects: ["DEF-O2", "DEF-O8"],
    note: "Per-CPU allocation reads it, and the roll-back of a failed insertion inserts into it.",
  },
  {
    id: "C1-15",
    quote: "Just release the struct outside the lock.",
    line: 249,
    saidBy: "author",
    kind: "documentation",
    how: "Look at where reclaim_list_global() frees its records.",
    evidence: { kind: "static", check: "release-outside" },
    pinned: "holds",
    defects: [],
    note: "free_vmap_area() and per-CPU allocation free theirs with the lock in their hands.",
  },
  {
    id: "C1-16",
    quote: "preserved as the boot-time path that populates the legacy free_vmap_area_mt",
    line: 316,
    saidBy: "author",
    kind: "structure",
    how: "Look for an allocation that is served out of the free tree before the perf mode is on.",
    evidence: {
      kind: "reachable",
      property: "FREE-TREE-SERVES",
      campaign: "occupied-index-flip",
      reached: "holds",
      unreached: "refuted",
      witnesses: ["PERF-MODE"],
    },
    pinned: "holds",
    defects: ["DEF-O16"],
    note: "It is served, and what it serves never comes back.",
  },
  {
    id: "C1-17",
    quote: "This matches the effective behaviour of the augmented rb_tree's gap traversal.",
    elsewhere: "06/12 of the series, which the patch extends to the occupied tree",
    saidBy: "author",
    kind: "equivalence",
    how: "Ask both for the same in all small sets of free ranges, and compare the answers with what fits.",
    evidence: { kind: "static", check: "padded-answers" },
    pinned: "refuted",
    defects: ["DEF-O5", "DEF-B1"],
    note:
      "The tree walk accepts an exact fit that it comes across, and pads nothing for a window of exactly the size. The " +
      "search for a gap knows neither, so that such a window is refused although it is empty.",
  },
  {
    id: "C1-18",
    quote: "This queue is scanned by the allocator as an exclusion set",
    elsewhere: "05/12 of the series, the comment above vmap_retry_list",
    saidBy: "author",
    kind: "safety",
    how: "Check in all interleavings with a failing store that nothing is granted that waits on the retry list.",
    evidence: {
      kind: "invariants",
      ids: ["INV-OCC-RETRY"],
      campaign: "occupied-index-stores",
      witnesses: ["RETRIED", "RETRY-DRAINED"],
    },
    pinned: "holds",
    defects: ["DEF-O10"],
    note:
      "While a purge has the list in its hands there is nothing to scan. In perf mode such ranges stay occupied, which is " +
      "what keeps them from being granted.",
  },
] as const satisfies readonly OccupiedIndexClaim[];
