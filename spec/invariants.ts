// SPDX-License-Identifier: GPL-2.0-only
//
// The catalogue of invariants: what must be true of every design, in one sentence each, and what the faithful
// port is expected to do. Data only, without the schema library; the checkers are in properties/.

import type { AllocatorId, Instance } from "./instance.ts";
import { BLOCK_INVARIANTS } from "./invariants/blocks.ts";
import type { InvariantEntry } from "./invariants/entry.ts";
import { hasFeature } from "./invariants/features.ts";
import { MACHINE_INVARIANTS } from "./invariants/machine.ts";
import { POOL_INVARIANTS } from "./invariants/pools.ts";
import { PURGE_INVARIANTS } from "./invariants/purge.ts";
import { TREE_INVARIANTS } from "./invariants/range-trees.ts";
import { SPACE_INVARIANTS } from "./invariants/space.ts";

export type { Expectation, InvariantEntry, InvariantKind, InvariantWhen } from "./invariants/entry.ts";

/** All invariants. The order is that of reports. */
export const INVARIANTS = [
  ...SPACE_INVARIANTS,
  ...PURGE_INVARIANTS,
  ...BLOCK_INVARIANTS,
  ...POOL_INVARIANTS,
  ...TREE_INVARIANTS,
  ...MACHINE_INVARIANTS,
] as const satisfies readonly InvariantEntry[];

/** Id of an invariant. */
export type InvariantId = (typeof INVARIANTS)[number]["id"];

/** An entry whose id is known to be in the catalogue. */
export interface Invariant extends InvariantEntry {
  readonly id: InvariantId;
}

/** The invariant of an id. */
export function invariantOf(id: InvariantId): Invariant {
  const found: Invariant | undefined = INVARIANTS.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no invariant ${id} in the catalogue`);
  return found;
}

/** True if the text is the id of an invariant. */
export function isInvariantId(text: string): text is InvariantId {
  return INVARIANTS.some((each) => each.id === text);
}

/** The invariants that apply to a design, in the catalogue's order. */
export function invariantsFor(allocator: AllocatorId): readonly Invariant[] {
  const all: readonly Invariant[] = INVARIANTS;
  return all.filter((each) => each.designs[allocator] !== undefined);
}

/** What the faithful port of a design is expected to do; "not-applicable" if the invariant is not about it. */
export function expectedOf(id: InvariantId, allocator: AllocatorId): "holds" | "violated" | "not-applicable" {
  return invariantOf(id).designs[allocator]?.verdict ?? "not-applicable";
}

/** Whether the faithful port of a design is expected to keep an invariant in these instances; without any, in plain ones. */
export function isExpectedToHold(
  id: InvariantId,
  allocator: AllocatorId,
  instances: readonly Instance[] = [],
): boolean {
  const expected = invariantOf(id).designs[allocator];
  if (!expected || expected.verdict === "holds") return expected !== undefined;
  const { where } = expected;
  return (
    where !== undefined && !instances.some((instance) => where.some((each) => hasFeature(instance, each)))
  );
}
