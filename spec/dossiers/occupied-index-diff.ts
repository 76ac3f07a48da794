// SPDX-License-Identifier: GPL-2.0-only
//
// Facts of the diff of "mm/vmalloc: consolidate occupied tree as authoritative index on hot path" that claims are held
// against: where it adds comments, what its helper is declared as, where it gives records back. Lines are those of the
// archived mail. In this project's own words but for identifiers and types; nothing here is a verdict.

/** A comment that the diff adds. */
export interface AddedComment {
  /** First line of its text. */
  readonly line: number;
  readonly fn: string;
  /** Above the function, or within it. */
  readonly at: "head" | "body";
  readonly about: string;
  /** Whether it says what the per-CPU walk takes for granted: that areas are handed out from the bottom up. */
  readonly saysAssumption: boolean;
}

/** All of them, in order. */
export const ADDED_COMMENTS: readonly AddedComment[] = [
  {
    line: 51,
    fn: "occupied_mt_find_hole_window_locked",
    at: "body",
    about: "why the gap that is looked for is longer by the alignment",
    saysAssumption: false,
  },
  {
    line: 79,
    fn: "release_drained_vmap_area_locked",
    at: "head",
    about: "that a range is free with its marker gone, and what the helper returns",
    saysAssumption: false,
  },
  {
    line: 121,
    fn: "__alloc_vmap_area",
    at: "head",
    about: "what an allocation costs in perf mode, and what serves it otherwise",
    saysAssumption: false,
  },
  {
    line: 144,
    fn: "__alloc_vmap_area",
    at: "body",
    about: "what is left out in perf mode, and that the free tree is in step at few points only",
    saysAssumption: false,
  },
  {
    line: 182,
    fn: "__alloc_vmap_area",
    at: "body",
    about: "the walk over the free tree before perf mode",
    saysAssumption: false,
  },
  {
    line: 247,
    fn: "reclaim_list_global",
    at: "body",
    about: "that records are given back outside the lock",
    saysAssumption: false,
  },
  {
    line: 278,
    fn: "pcpu_get_vm_areas",
    at: "body",
    about: "which bounds the error path reports to KASAN",
    saysAssumption: false,
  },
  {
    line: 315,
    fn: "vmap_init_free_space",
    at: "head",
    about: "that the free tree is filled for whoever still reads it, per-CPU allocation among them",
    saysAssumption: false,
  },
];

/** A helper, as it is declared and as its comment has it. */
export interface HelperSignature {
  readonly fn: string;
  readonly declaredLine: number;
  readonly declared: string;
  readonly commentLine: number;
  /** What the comment says that it returns. */
  readonly said: string;
  /** Where it gives back the record that the comment takes it to return. */
  readonly freesLine: number;
}

/** The helper that takes the place of reinsert_or_queue_vmap_area_locked(). */
export const RELEASE_HELPER: HelperSignature = {
  fn: "release_drained_vmap_area_locked",
  declaredLine: 91,
  declared: "void",
  commentLine: 85,
  said: "struct vmap_area *",
  freesLine: 114,
};

/** A place that gives a record back, itself or by the helper. */
export interface RecordRelease {
  readonly fn: string;
  readonly line: number;
  /** Where free_vmap_area_lock is released; absent if that is behind the hunk. */
  readonly unlockLine?: number;
}

/** All of them, in order. */
export const RECORD_RELEASES: readonly RecordRelease[] = [
  { fn: "free_vmap_area", line: 207, unlockLine: 208 },
  { fn: "reclaim_list_global", line: 260, unlockLine: 254 },
  { fn: "pcpu_get_vm_areas", line: 282 },
  { fn: "pcpu_get_vm_areas", line: 302 },
];
