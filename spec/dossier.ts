// SPDX-License-Identifier: GPL-2.0-only
//
// A dossier: what a patch and the mails about it claim, and how each claim is put to the test. Data only.
// A pinned verdict is what this project stands for; a review computes it anew and must come to the same.

import type { DefectId } from "./defects.ts";
import type { AllocatorId } from "./instance.ts";
import type { InvariantId } from "./invariants.ts";

/**
 * What a claim comes to. holds: in all that was checked. partly: in part of what it says. refuted: there is a
 * run, a computation or a text against it. not-checkable: no model of addresses, locks and works can say.
 */
export type Verdict = "holds" | "partly" | "refuted" | "not-checkable";

/** What a claim is about. */
export type ClaimKind = "safety" | "progress" | "equivalence" | "cost" | "documentation" | "structure";

/** A situation that a run may reach, by id. */
export type PropertyId = string;

/** A set of instances that are explored together, by id. */
export type CampaignId = string;

/** How the verdict on a claim is found. `witnesses` must have been reached, or the verdict would be empty. */
export type Evidence =
  /** All of these invariants hold in the campaign: holds. One is violated: refuted. */
  | {
      readonly kind: "invariants";
      readonly ids: readonly InvariantId[];
      readonly campaign: CampaignId;
      /** The mutant that stands in for the claim, where the claim is a proposed change. */
      readonly mutant?: string;
      readonly witnesses?: readonly PropertyId[];
    }
  /** The verdict depends on whether the campaign reaches a situation. */
  | {
      readonly kind: "reachable";
      readonly property: PropertyId;
      readonly campaign: CampaignId;
      readonly reached: Verdict;
      readonly unreached: Verdict;
      /** A situation that would speak for the claim: reached as well, it turns `reached` into "partly". */
      readonly never?: PropertyId;
      readonly witnesses?: readonly PropertyId[];
    }
  /** A computation without a run, by id; it gives the verdict itself. */
  | { readonly kind: "static"; readonly check: string }
  /** A count of both designs of the pair on the same work, by id; it gives the verdict itself. */
  | { readonly kind: "measured"; readonly measure: string }
  /** Nothing here can decide it. */
  | { readonly kind: "none"; readonly reason: string };

/** One claim. */
export interface Claim {
  readonly id: `C${number}-${number}`;
  /** A short literal quotation; "[...]" stands for words left out. */
  readonly quote: string;
  /** Where it stands: line of the archived thread, counted from 1; absent if another mail of the series says it. */
  readonly line?: number;
  /** The mail of the series, if it is not the thread itself. */
  readonly elsewhere?: string;
  /** Who says it. */
  readonly saidBy: "author" | "reviewer";
  readonly kind: ClaimKind;
  /** How it is checked, in words. */
  readonly how: string;
  readonly evidence: Evidence;
  readonly pinned: Verdict;
  /** What the pinned verdict rests on beyond the code of the patch. */
  readonly condition?: string;
  readonly defects: readonly DefectId[];
  /** What a reviewer should know besides. */
  readonly note?: string;
}

/** A patch and its claims. */
export interface Dossier {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  readonly reviewer: string;
  readonly messageId: string;
  /** Date of the patch, year-month-day. */
  readonly date: string;
  /** Length of the archived thread, lines: what `Claim.line` counts in. */
  readonly threadLines: number;
  readonly before: AllocatorId;
  readonly after: AllocatorId;
  readonly claims: readonly Claim[];
}
