// SPDX-License-Identifier: GPL-2.0-only
//
// What the gate reports, as plain data: what was checked, how far, and what came of it. No times.

import type { Counterexample } from "../spec/counterexample.ts";
import type { Claim, Verdict } from "../spec/dossier.ts";
import type { AllocatorId } from "../spec/instance.ts";
import type { Feature } from "../spec/invariants/features.ts";
import type { PinnedViolation } from "../spec/search-instances/entry.ts";
import type { DifferenceResult } from "./difference-report.ts";
import type { MeasureRow } from "./measure-result.ts";

/** Where a run of the gate is, for a progress display. */
export interface Progress {
  readonly phase: string;
  readonly item: string;
  readonly runs: number;
  readonly steps: number;
  /** Part of the plan that is done, 0 to 1. */
  readonly fraction: number;
  /** Of a search, whose end nobody knows. */
  readonly search?: SearchFigures | undefined;
}

/** How far a search is. */
export interface SearchFigures {
  readonly states: number;
  /** Distance from the initial state, steps. */
  readonly depth: number;
  /** States that were met and not left yet. */
  readonly frontier: number;
  /** Memory of the states. */
  readonly bytes: number;
}

/** Asked now and then by long work. */
export interface Heed {
  /** Takes note of the progress; returns true if the work must stop. */
  tick(done: Progress): boolean;
}

/** Instances of which every state was seen. */
export interface Exhausted {
  readonly instances: number;
  readonly states: number;
  /** Situations that were reached, of those that a search looks for. */
  readonly reached: readonly string[];
  /** A violation in another one, in one line, and as a run if a single one shows it. */
  readonly finding?: string | undefined;
  readonly violation?: Counterexample | undefined;
}

/** One campaign. */
export interface CampaignResult {
  readonly id: string;
  readonly allocator: AllocatorId;
  readonly statement: string;
  readonly instances: number;
  /** Interleavings run, and the steps in them. */
  readonly runs: number;
  readonly steps: number;
  /** Interleavings cut off at the step limit: they say nothing. */
  readonly cutOff: number;
  /** Situations reached, with the number of interleavings. */
  readonly reached: Readonly<Record<string, number>>;
  /** Witnesses that were not reached. */
  readonly missing: readonly string[];
  /** What was searched to the end besides; absent if nothing was to be. */
  readonly exhausted?: Exhausted | undefined;
  /** A violation of an invariant that is expected to hold. */
  readonly violation?: Counterexample | undefined;
}

/** One named instance, searched to its end. */
export interface InstanceResult {
  /** The design's id and the instance's name, with a slash between them. */
  readonly id: string;
  readonly allocator: AllocatorId;
  readonly statement: string;
  readonly states: number;
  readonly transitions: number;
  /** `vacuous` if a step that the instance must come to was never executed. */
  readonly verdict: "held" | "as-pinned" | "vacuous" | "violated" | "not-decided";
  /** What the faithful port is known to do wrong here; found again if the verdict is `as-pinned`. */
  readonly violates?: PinnedViolation | undefined;
  /** What makes it vacuous, one line each. */
  readonly vacuous: readonly string[];
  /** What was found, in one line, and as a run if a single one shows it. */
  readonly finding?: string | undefined;
  readonly violation?: Counterexample | undefined;
}

/** Verdict of a computation. */
export interface StaticResult {
  /** "not-decided" if there was nothing to compare. */
  readonly verdict: Verdict | "not-decided";
  /** What was computed, in one line. */
  readonly text: string;
  /** What was found on the way, a line each. */
  readonly lines?: readonly string[] | undefined;
}

/**
 * Whether what a counterexample shows came with the patch. introduced: the same case cannot end so before it.
 * present-before: it can. not-seen-before: it was not seen to. not-comparable: the case cannot be run there.
 */
export interface OriginResult {
  readonly origin: "introduced" | "present-before" | "not-seen-before" | "not-comparable";
  /** What that rests on, in one line. */
  readonly text: string;
}

/** What the evidence for a claim comes to on one design. */
export interface Judged {
  /** Computed; "not-decided" if the evidence is missing or empty. */
  readonly verdict: Verdict | "not-decided";
  /** Whether it was found to rest on the condition of the claim; absent where nobody looked. */
  readonly conditional?: boolean | undefined;
  /** What the verdict rests on, in one line. */
  readonly text: string;
  /** Interleavings that it rests on; 0 for a computation. */
  readonly runs: number;
  /** Of a measurement; shown as a table if their own counts have a title. */
  readonly rows?: readonly MeasureRow[] | undefined;
  readonly title?: string | undefined;
  /** How the verdict follows from the rows. */
  readonly rule?: string | undefined;
  /** Of a computation: what was found on the way, a line each. */
  readonly lines?: readonly string[] | undefined;
  readonly counterexample?: Counterexample | undefined;
  /** Whether no run of the counterexample's instance ends so in fewer steps. */
  readonly shortest?: boolean | undefined;
  /** Of the counterexample; absent where nobody looked. */
  readonly origin?: OriginResult | undefined;
}

/** A claim on the first revision of a patch, judged on a later one. */
export interface RevisionResult extends Judged {
  /** "v3", say. */
  readonly id: string;
  readonly asPinned: boolean;
}

/** One claim of the dossier. */
export interface ClaimResult extends Judged {
  readonly claim: Claim;
  readonly asPinned: boolean;
  /** Of later revisions, if there are any. */
  readonly revisions?: readonly RevisionResult[] | undefined;
}

/** One scenario on one design. */
export interface ScenarioLine {
  readonly id: string;
  readonly allocator: AllocatorId;
  readonly title: string;
  readonly asExpected: boolean;
  readonly text: string;
  readonly runs: number;
}

/** One mutant. */
export interface MutantLine {
  readonly id: string;
  readonly title: string;
  readonly killed: boolean;
  /** What killed it, or how it survived. */
  readonly text: string;
  readonly runs: number;
  /** Steps of a shortest counterexample, if a search finds one. */
  readonly steps?: number | undefined;
}

/** One invariant of one design. */
export interface InvariantLine {
  readonly id: string;
  readonly allocator: AllocatorId;
  /** Watched in this many interleavings; 0 where a computation decides it. */
  readonly runs: number;
  /** `known`: violated by the faithful port, as pinned. */
  readonly result: "held" | "violated" | "known";
  /** What an instance must have for the faithful port to violate it, as pinned; in all others it is watched. */
  readonly except?: readonly Feature[] | undefined;
}

/** A counterexample that was kept from before, replayed. */
export interface CorpusLine {
  /** Name of its file. */
  readonly name: string;
  readonly allocator: AllocatorId;
  /** What it violates or reaches. */
  readonly finding: string;
  /** Version of vmapcheck that found it. */
  readonly tool: string;
  readonly reproduced: boolean;
  /** In how many steps it shows, or what came otherwise than recorded. */
  readonly text: string;
}

/** All that the gate found. */
export interface CheckReport {
  readonly verdict: "held" | "violated" | "not-decided";
  readonly seed: string;
  readonly patches: readonly string[];
  /** Kept counterexamples, in the order of their names; none if none were handed in. */
  readonly corpus: readonly CorpusLine[];
  readonly campaigns: readonly CampaignResult[];
  readonly instances: readonly InstanceResult[];
  readonly invariants: readonly InvariantLine[];
  readonly claims: readonly ClaimResult[];
  /** Each revision of a patch against its predecessor; none if the budget is too small. */
  readonly differences: readonly DifferenceResult[];
  readonly scenarios: readonly ScenarioLine[];
  readonly mutants: readonly MutantLine[];
  /** What speaks against "held", one line each. */
  readonly problems: readonly string[];
  /** What could not be decided, one line each. */
  readonly undecided: readonly string[];
  readonly runs: number;
  readonly steps: number;
}
