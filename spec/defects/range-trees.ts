// SPDX-License-Identifier: GPL-2.0-only
//
// Defects and suspects of the maple-tree series, before and after "consolidate occupied tree as authoritative index on
// hot path". DEF-O1 to DEF-O13 were found by reading, the others by the runs of this project.

import type { Defect } from "./entry.ts";

/** Those of the designs with range trees. */
export const TREE_DEFECTS = [
  {
    id: "DEF-O1",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "When the perf mode is switched on, the occupied tree is seeded for the vmalloc window only. Whatever lies in the " +
      "modules window by then is a gap to it and is handed out again. Before the patch, the look-up in the free tree " +
      "caught that.",
    scenario: "SC-35",
    breaks: ["INV-OCC-EQ", "INV-DISJOINT", "INV-OWN1"],
  },
  {
    id: "DEF-O2",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "pcpu_get_vm_areas chooses its base in the free tree, which the hot path no longer keeps: in perf mode it is given " +
      "pages of live areas, as soon as those reach what the walk from the top comes to.",
    scenario: "SC-36",
    breaks: [
      "INV-DISJOINT",
      "INV-OCC-STORE",
      "INV-OCC-FREEMT",
      "INV-OCC-EQ",
      "INV-OCC-RETRY",
      "INV-OWN1",
      "INV-TLB",
      "INV-NOWARN",
    ],
  },
  {
    id: "DEF-O5",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "The search for a gap is padded by the alignment without exception, so that a window of exactly the size, with an " +
      "alignment above one page, is refused although all of it is free: the regression that 9f531973dff3 (2021) mended.",
    scenario: "SC-06b",
    breaks: ["INV-COMPLETE-EXACT"],
  },
  {
    id: "DEF-O6",
    label: "confirmed",
    introducedBy: "before",
    description:
      "Without padding the search for a gap went on behind mas.last, which is the end of the range that was found and " +
      "not of the gap, so that for an alignment above one page it stepped over fits.",
    breaks: [],
  },
  {
    id: "DEF-O8",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "Where the store into the busy tree finds no memory, the roll-back inserts the range into the free tree, whose stale " +
      "entry overlaps it: a WARN about an overlap that there is none, and the range goes the long way by the retry list.",
    scenario: "SC-42",
    breaks: ["INV-NOWARN"],
  },
  {
    id: "DEF-O9",
    label: "confirmed",
    introducedBy: "before",
    description:
      "va_clip moves va->va_start or va->va_end before the stores that take the range out of the free tree. If a store " +
      "finds no memory, the free record is smaller than its entry, and what lies between is in no record: it is lost. " +
      "Once the rest of the record is used up, the entry leads to freed memory, and what lies there by then is clipped.",
    scenario: "SC-76",
    breaks: [
      "INV-CLIP-ATOMIC",
      "INV-CONSERVE",
      "INV-NOWARN",
      "INV-OWN1",
      "INV-DISJOINT",
      "INV-TLB",
      "INV-REFINE",
      "INV-STRICT",
      "INV-LAZYNR-EQ",
      "INV-PCPU-HIGHEST",
      "INV-BUSY-NODE",
      "INV-REC",
      "INV-LOWEST",
      "INV-OCC-DUAL",
      "INV-OCC-STORE",
      "INV-OCC-BOOT",
      "INV-INDEX",
    ],
  },
  {
    id: "DEF-O10",
    label: "refuted",
    introducedBy: "before",
    description:
      "Beside an entry of the retry list the search for a gap steps over fits. In perf mode such ranges stay occupied, so " +
      "that the search does not come to them at all.",
    breaks: [],
  },
  {
    id: "DEF-O11",
    label: "refuted",
    introducedBy: "patch",
    description:
      "A record might be read after it was freed in the error paths of per-CPU allocation. They take a copy of its ends first.",
    breaks: [],
  },
  {
    id: "DEF-O12",
    label: "refuted",
    introducedBy: "before",
    description:
      "The counter might go wrong for areas on a failed list. They are lazy again and counted again, or in a pool and not.",
    breaks: [],
  },
  {
    id: "DEF-O14",
    label: "confirmed",
    introducedBy: "before",
    description:
      "free_vmap_area_noflush adds to vmap_lazy_nr after the area is in the lazy tree (since 05/12), where the order was " +
      "the other way round. A purge in between takes the area off the counter first, and it is negative.",
    scenario: "SC-77",
    breaks: ["INV-LAZYNR-GE", "INV-LAZYNR-POS"],
  },
  {
    id: "DEF-O15",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "publish_vmap_area_lazy asks for the perf mode without free_vmap_area_lock, and asks again under it. If the mode is " +
      "switched on in between, the area is lazy, was seeded as occupied, and its range is then erased: a gap that is " +
      "granted before any TLB flush. Before the patch the free tree kept it from being granted.",
    scenario: "SC-71",
    breaks: ["INV-OCC-EQ", "INV-TLB", "INV-CONSERVE", "INV-OCC-DUAL"],
  },
  {
    id: "DEF-O16",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "While the perf mode is off, what is freed goes back to no index: the erasure from the occupied tree does nothing, " +
      "and the free tree is not filled any more. Every range that is purged before late_initcall is lost, and if the " +
      "seeding fails, so is every range that is purged ever after.",
    scenario: "SC-70",
    breaks: ["INV-CONSERVE", "INV-OCC-BOOT", "INV-REFINE", "INV-COMPLETE-ALL"],
  },
  {
    id: "DEF-O17",
    label: "confirmed",
    introducedBy: "before",
    description:
      "unlink_vmap_area_busy_locked ignores that its store found no memory. The area is freed and its record with it, and " +
      "the busy tree still leads to it: the next look-up, or the next area there, follows a pointer to freed memory.",
    scenario: "SC-78",
    breaks: ["INV-INDEX", "INV-NOWARN"],
  },
  {
    id: "DEF-O18",
    label: "confirmed",
    introducedBy: "before",
    description:
      "unlink_vmap_area_free_locked says nothing about a store that found no memory, and va_clip frees the record of a " +
      "full fit all the same: the free tree leads to freed memory, and still offers the range.",
    scenario: "SC-79",
    breaks: ["INV-INDEX"],
  },
  {
    id: "DEF-O19",
    label: "confirmed",
    introducedBy: "before",
    description:
      "The roll-back of a failed insertion, and that of a failed store into the occupied tree, put the range back into the " +
      "free tree without merging it. Neighbours that are free stay apart until one of them is used and freed again.",
    scenario: "SC-80",
    breaks: ["INV-COALESCED"],
  },
  {
    id: "DEF-O20",
    label: "confirmed",
    introducedBy: "before",
    description:
      "If no area of a lazy tree can be erased, purge_list stays empty, and __purge_vmap_area_lazy takes its first and last " +
      "entry all the same: the range that is flushed is what lies in memory beside the list head.",
    scenario: "SC-81",
    breaks: ["INV-NOWARN", "INV-HELPER-COUNT"],
  },
  {
    id: "DEF-O21",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "decay_va_pool_node asks for the perf mode before it takes free_vmap_area_lock. If the mode is switched on in " +
      "between, the areas that decay are occupied by then, are not erased, and their records are freed: lost. Before the " +
      "patch they are free and occupied, which only makes the search for a gap miss them.",
    scenario: "SC-72",
    breaks: ["INV-CONSERVE", "INV-OCC-STORE", "INV-LOWEST"],
  },
  {
    id: "DEF-O22",
    label: "confirmed",
    introducedBy: "before",
    description:
      "An area whose erasure from the lazy tree finds no memory stays there and is not flushed. vm_unmap_aliases returns " +
      "all the same, although its translations linger, and a drain leaves it behind without being asked again.",
    scenario: "SC-82",
    breaks: ["INV-ALIASES", "INV-DRAIN"],
  },
  {
    id: "DEF-O23",
    label: "confirmed",
    introducedBy: "before",
    description:
      "drain_vmap_retry_queue puts areas onto the lazy tree of the node that their address belongs to, whatever node they " +
      "carry the id of. The purge then puts them into a pool of the wrong node.",
    scenario: "SC-83",
    breaks: ["INV-PURGE-NODE", "INV-POOL-CLASS"],
  },
  {
    id: "DEF-O24",
    label: "confirmed",
    introducedBy: "before",
    description:
      "What a decay cannot give back goes back into its pool, also in a purge that is to empty the pools for an allocation " +
      "which has found nothing.",
    scenario: "SC-84",
    breaks: ["INV-SKIP"],
  },
  {
    id: "DEF-O25",
    label: "confirmed",
    introducedBy: "before",
    description:
      "Where the store of a merged free area finds no memory, the record stands for the neighbours as well, whose own are " +
      "freed. A decayed area that has grown so may be larger than any pool keeps: node_pool_add_va refuses it, and it is lost; " +
      "or it goes into a pool of larger areas, with pages of another window.",
    scenario: "SC-85",
    breaks: ["INV-CONSERVE", "INV-REC", "INV-POOL-WINDOW"],
  },
  {
    id: "DEF-O26",
    label: "confirmed",
    introducedBy: "before",
    description:
      "If the store into the occupied tree finds no memory, the range goes back into the free tree, for which there must " +
      "be a record and a store. If one of these cannot be had either, the range is in no tree: it is lost.",
    scenario: "SC-86",
    breaks: ["INV-CONSERVE", "INV-OCC-BOOT"],
  },
  {
    id: "DEF-O27",
    label: "confirmed",
    introducedBy: "patch",
    description:
      "In perf mode nothing goes back into the free tree, and pcpu_get_vm_areas takes from it alone: every call uses up " +
      "addresses for good, whether it succeeds or is undone. After as many chunks as fit into the space once, per-CPU " +
      "allocation fails for ever, although the space is empty.",
    scenario: "SC-43r",
    breaks: ["INV-PCPU-COMPLETE"],
  },
  {
    id: "DEF-O28",
    label: "confirmed",
    introducedBy: "before",
    description:
      "A failed store in va_clip leaves an entry below its record, which begins higher by then. The walk of " +
      "pcpu_get_vm_areas asks for what lies before the record, comes to the same record again, and never ends, with " +
      "free_vmap_area_lock held.",
    scenario: "SC-43q",
    breaks: ["INV-NOWARN"],
  },
] as const satisfies readonly Defect[];
