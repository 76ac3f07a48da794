// SPDX-License-Identifier: GPL-2.0-only
//
// A dossier: what a patch and the mails about it claim, and how each claim is put to the test. Data only.
// A pinned verdict is what this project stands for; a review computes it anew and must come to the same.

import type { DefectId } from "./defects.ts";
import type { DifferencePlan, ExpectedDifference } from "./differences.ts";
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
      /** A situation that speaks for the claim: reached as well, it turns "refuted" into "partly". */
      readonly despite?: PropertyId;
      /** A campaign in which the condition of the claim fails: what is violated there, holds under that condition. */
      readonly unless?: CampaignId;
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
  /** A computation, by id; it gives the verdict itself. */
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

/** What a later revision of a patch comes to in a claim on the first one. */
export interface Pinned {
  readonly verdict: Verdict;
  readonly condition?: string;
}

/** A later revision of a patch. The claims on the first one are judged on its design as well, by the same evidence. */
export interface Revision {
  /** "v3", say. */
  readonly id: string;
  readonly subject: string;
  readonly messageId: string;
  readonly date: string;
  readonly design: AllocatorId;
  /** By the id of the claim. */
  readonly pinned: Readonly<Record<string, Pinned>>;
  /** What callers are expected to see otherwise than of the predecessor; compared as the dossier says. */
  readonly differences: readonly ExpectedDifference[];
}

/** A patch and its claims. */
export interface Dossier {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  /** Absent if nobody answered in the thread. */
  readonly reviewer?: string;
  /** Of the mail; absent if the archived copy does not say. */
  readonly messageId?: string;
  /** "v2", say. */
  readonly version: string;
  /** Date of the patch, year-month-day. */
  readonly date: string;
  /** Length of the archived thread, lines: what `Claim.line` counts in. */
  readonly threadLines: number;
  readonly before: AllocatorId;
  readonly after: AllocatorId;
  readonly claims: readonly Claim[];
  /** How `before` and `after` are compared, and what is expected to differ. */
  readonly differences: DifferencePlan;
  /** Later revisions, oldest first. */
  readonly revisions: readonly Revision[];
}

/** Evidence that refers to names of one dossier only. */
export type NamedEvidence<Campaign, Property, Check, Measure> = Named<
  Evidence,
  Campaign,
  Property,
  Check,
  Measure
>;

type Named<E, Campaign, Property, Check, Measure> = E extends { readonly kind: "invariants" }
  ? Omit<E, "campaign" | "despite" | "unless" | "witnesses"> & {
      readonly campaign: Campaign;
      readonly despite?: Property;
      readonly unless?: Campaign;
      readonly witnesses?: readonly Property[];
    }
  : E extends { readonly kind: "reachable" }
    ? Omit<E, "campaign" | "property" | "never" | "witnesses"> & {
        readonly campaign: Campaign;
        readonly property: Property;
        readonly never?: Property;
        readonly witnesses?: readonly Property[];
      }
    : E extends { readonly kind: "static" }
      ? Omit<E, "check"> & { readonly check: Check }
      : E extends { readonly kind: "measured" }
        ? Omit<E, "measure"> & { readonly measure: Measure }
        : E;
