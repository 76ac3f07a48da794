// SPDX-License-Identifier: GPL-2.0-only
//
// What a search of a named instance watches, and whether it came to what the catalogue says.

import type { InvariantId } from "../../spec/invariants.ts";
import type { SearchInstance } from "../../spec/search-instances/entry.ts";
import { expectedToHold } from "../scenarios/scenario.ts";
import type { InstanceSearch } from "./search-instance.ts";

/** What the faithful port is expected to keep in a named instance, and the one that it is known to break there. */
export function watchedIn({ allocator, instance, violates }: SearchInstance): ReadonlySet<InvariantId> {
  const kept = expectedToHold(allocator, [instance]);
  return violates ? new Set([...kept, violates.invariant as InvariantId]) : kept;
}

/** Whether a search found exactly what the catalogue says that the faithful port does wrong. */
export function isAsPinned({ violates }: SearchInstance, { finding, trace }: InstanceSearch): boolean {
  return violates !== undefined && finding?.id === violates.invariant && trace?.length === violates.steps;
}
