// SPDX-License-Identifier: GPL-2.0-only
//
// The rules that a vmalloc trace of a running kernel is checked by, and what a trace can say of each. Data only.

/** One rule. */
export interface TraceRule {
  /** The rule in one sentence. */
  readonly statement: string;
  /** The invariant of the simulated designs that it is the trace's share of, if there is one. */
  readonly invariant?: `INV-${string}`;
  /** When a broken rule is not proved, or not to be told, in one sentence. */
  readonly limits: string;
  /** One line breaks it by itself, whatever is missing from the others. */
  readonly ofOneLine?: true;
}

/** All rules, by id. */
export const TRACE_RULES = {
  "TR-OVERLAP": {
    statement: "No two live areas share a page.",
    invariant: "INV-DISJOINT",
    limits:
      "A vmap block that could not be entered into its tree is given back without an event: suspicious if the older area " +
      "may be one; suspicious too if it is older than the trace, as it may have been freed between the list and the first " +
      "line. A kernel with KASAN that finds no shadow memory gives any area back without an event: not told apart.",
  },
  "TR-ALIGN": {
    statement: "An area begins at a multiple of its alignment.",
    invariant: "INV-BOUNDS",
    limits: "Always decidable.",
    ofOneLine: true,
  },
  "TR-WINDOW": {
    statement: "An area lies in the window that was asked for.",
    invariant: "INV-BOUNDS",
    limits: "Always decidable.",
    ofOneLine: true,
  },
  "TR-PAGES": {
    statement: "An area is a whole number of pages, and not empty.",
    limits: "Always decidable, for pages of 4 KiB; larger ones are multiples of that.",
    ofOneLine: true,
  },
  "TR-REUSE": {
    statement: "A freed area is not used again before a purge has taken it and flushed its range.",
    invariant: "INV-TLB",
    limits:
      "A purge prints its line when it ends: an area may be used before that line. So a reuse is proved too early only if no " +
      "line up to the first one behind it covers the area, or if the task of that line had not begun its purge. Suspicious if " +
      "the line of the free may have come late, behind a whole purge, or before the trace.",
  },
  "TR-FREE": {
    statement: "What is freed is the beginning of a live area.",
    limits:
      "Proved only if something known was at the address since the freeing task printed its line before. Unknown without " +
      "the list from before; with it suspicious, as areas may come between the list and the first line. Per-CPU chunks have " +
      "no event when they are allocated: on x86-64 (and not with percpu_alloc=page) an unknown address that is a multiple of " +
      "2 MiB is taken for one, and not told; elsewhere they begin at any page, and nothing is proved.",
  },
  "TR-DOUBLE-FREE": {
    statement: "An area is freed once.",
    limits:
      "Proved if both tasks had printed a line since the area was allocated, as either line may be a late one of an older " +
      "area otherwise. Suspicious if a per-CPU chunk may have been there in between.",
  },
  "TR-PURGED-FEW": {
    statement: "A purge takes at least all that was freed before the line of the purge before it.",
    invariant: "INV-PURGE-COUNT",
    limits:
      "Summed up, so that a line that says too little may show only behind smaller ones. Proved by frees that were surely " +
      "not earlier than the trace; suspicious if what was lazy before it is needed as well, which may have been purged before " +
      "the first line. On one CPU each line is compared, and suspicious, as a task may be preempted before its line.",
  },
  "TR-PURGED-MANY": {
    statement: "Purges take no more areas than were freed.",
    invariant: "INV-PURGE-COUNT",
    limits:
      "Needs to be told what was lazy before the trace; suspicious only, as the line of a free may come late. On one CPU " +
      "each line is compared.",
  },
  "TR-NR-LAZY": {
    statement: "nr_lazy is the number of lazy pages.",
    invariant: "INV-LAZYNR-EQ",
    limits: "On one CPU only, and suspicious only: a purge that is preempted has counted a part.",
  },
  "TR-FINAL": {
    statement: "What is live when the trace ends is what the list from after it has.",
    limits:
      "Suspicious only, as areas may come and go between the last line and the list. Per-CPU chunks are in the list and " +
      "have no event.",
  },
} as const satisfies Readonly<Record<`TR-${string}`, TraceRule>>;

/** Id of a rule. */
export type TraceRuleId = keyof typeof TRACE_RULES;

/** Whether one line breaks the rule by itself. */
export function isOfOneLine(rule: TraceRuleId): boolean {
  return "ofOneLine" in TRACE_RULES[rule];
}
