// SPDX-License-Identifier: GPL-2.0-only
//
// A report as an outline: groups of single checks, each passed, failed or not decided. What all report formats for
// machines are written from.

import type { Counterexample } from "../../spec/counterexample.ts";
import type { AllocatorId } from "../../spec/instance.ts";

/** How a check ended. */
export type Ending = "passed" | "failed" | "not-decided";

/** One check. */
export interface OutlineCheck {
  /** Unique in its group, and the same in every run: "C2-12 on v3", say. */
  readonly name: string;
  /** What it is about: id of an invariant, a claim or a scenario, or a word for a kind of check. */
  readonly rule: string;
  /** The design; absent where it is about none. */
  readonly allocator?: AllocatorId | undefined;
  /** What is checked, one line. */
  readonly title: string;
  readonly ending: Ending;
  /** What came of it, a line each; the first one says most. */
  readonly notes: readonly string[];
  readonly counterexample?: Counterexample | undefined;
  /** Whether it is a claim that is refuted, on record or not. */
  readonly refuted?: boolean | undefined;
}

/** Checks that belong together. A group without parts is left out. */
export interface OutlineGroup {
  readonly name: string;
  readonly parts: readonly (OutlineGroup | OutlineCheck)[];
}

/** A check with the names of the groups around it. */
export interface PlacedCheck {
  readonly path: readonly string[];
  readonly check: OutlineCheck;
}

/** Whether a part is a group. */
export function isGroup(part: OutlineGroup | OutlineCheck): part is OutlineGroup {
  return "parts" in part;
}

/** All checks below these groups, in order. */
export function checksIn(groups: readonly OutlineGroup[]): readonly PlacedCheck[] {
  const below = ({ name, parts }: OutlineGroup, above: readonly string[]): PlacedCheck[] => {
    const path = [...above, name];
    return parts.flatMap((part) => (isGroup(part) ? below(part, path) : [{ path, check: part }]));
  };
  return groups.flatMap((group) => below(group, []));
}
