// SPDX-License-Identifier: GPL-2.0-only
//
// Which invariants a run watches: a list, all, or those that the catalogue expects to hold.

import type { AllocatorId, Instance } from "../spec/instance.ts";
import {
  type Invariant,
  type InvariantId,
  invariantsFor,
  isExpectedToHold,
  isInvariantId,
} from "../spec/invariants.ts";
import type { UserError } from "../spec/user-error.ts";
import { quoted } from "../spec/found-text.ts";
import { nearest } from "./nearest.ts";

/** What is watched, and what is not although it applies. */
export interface Watch {
  readonly watched: readonly InvariantId[];
  /** Known to be violated by the faithful port and therefore not watched. */
  readonly left: readonly Invariant[];
}

/** Of all but computed invariants, a run can show a violation. */
function seenInRuns({ when }: Invariant): boolean {
  return when !== "static";
}

/** Reads the value of --invariants for an instance of a design; `seen` tells what a run, or a search, can see violated at all. */
export function watchFor(
  instance: Instance,
  text: string,
  seen: (invariant: Invariant) => boolean = seenInRuns,
  what: "run" | "such search" = "run",
): Watch | { readonly error: UserError } {
  const { allocator } = instance;
  const applying = invariantsFor(allocator).filter(seen);
  if (text === "all") return { watched: applying.map(({ id }) => id), left: [] };
  if (text === "expected") {
    const holds = ({ id }: Invariant): boolean => isExpectedToHold(id, allocator, [instance]);
    return {
      watched: applying.filter(holds).map(({ id }) => id),
      left: applying.filter((each) => !holds(each)),
    };
  }
  const watched: InvariantId[] = [];
  for (const id of text.split(",")) {
    const problem = problemOf(id, allocator, applying, what);
    if (problem) return { error: problem };
    if (isInvariantId(id) && !watched.includes(id)) watched.push(id);
  }
  return { watched, left: [] };
}

function problemOf(
  id: string,
  allocator: AllocatorId,
  applying: readonly Invariant[],
  what: "run" | "such search",
): UserError | undefined {
  if (applying.some((each) => each.id === id)) return undefined;
  const why = isInvariantId(id)
    ? `${id}, which no ${what} of ${allocator} can ${what === "run" ? "violate" : "see"}`
    : quoted(id);
  const close = nearest(
    id,
    applying.map((each) => each.id),
  );
  return {
    code: "VMC-E005",
    message: `--invariants: expected all, expected or ids of invariants of ${allocator}, found ${why}`,
    hint: close === undefined || isInvariantId(id) ? "vmapcheck list invariants" : `did you mean ${close}?`,
  };
}
