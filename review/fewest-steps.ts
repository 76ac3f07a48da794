// SPDX-License-Identifier: GPL-2.0-only
//
// Counterexamples with the fewest steps: a breadth-first search of the instance that a hunt has shrunk, or of a small
// one in which no hunt has found anything.

import { toCounterexample } from "../properties/counterexample.ts";
import { searchInstance } from "../properties/search/search-instance.ts";
import { toSchedule } from "../properties/search/trace.ts";
import { Session, type SessionOptions } from "../properties/session.ts";
import { capture, shrink } from "../properties/shrink/shrink.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import type { Instance } from "../spec/instance.ts";
import { type InvariantId, isInvariantId } from "../spec/invariants.ts";

/** How far is searched. */
export interface SearchBounds {
  /** Most states of one search; 0 for none. */
  readonly statesMax: number;
  readonly heed: () => boolean;
  /** Id of the mutant that the options put in place of the port. */
  readonly mutant?: string | undefined;
}

/**
 * The same finding in the same instance with the fewest steps: the counterexample itself if it has no more. Undefined if
 * the search did not come to one.
 */
export function fewestSteps(
  counterexample: Counterexample,
  options: SessionOptions,
  bounds: SearchBounds,
): Counterexample | undefined {
  const { instance, violation } = counterexample;
  if (!isInvariantId(violation.invariant)) return undefined;
  const found = searched(instance, [violation.invariant], options, bounds);
  if (!found) return undefined;
  return found.violation.step < violation.step ? found : counterexample;
}

/** What a search finds in the first of some instances that has anything, shrunken. */
export function searchedIn(
  instances: readonly Instance[],
  options: SessionOptions,
  bounds: SearchBounds,
): Counterexample | undefined {
  for (const instance of instances) {
    const ids = [...(options.watched ?? [])];
    const found = searched(instance, ids, options, bounds);
    if (!found) continue;
    const session = new Session(instance, options);
    const { finding } = session.replay(found.schedule);
    if (!finding) return found;
    return toCounterexample(shrink(instance, capture(session, finding), options), options, bounds.mutant);
  }
  return undefined;
}

function searched(
  instance: Instance,
  ids: readonly InvariantId[],
  { design }: SessionOptions,
  { heed, mutant, statesMax }: SearchBounds,
): Counterexample | undefined {
  if (statesMax === 0 || ids.length === 0) return undefined;
  const watched = new Set(ids);
  const { finding, trace } = searchInstance(instance, watched, {
    design,
    statesMax,
    heed: () => (heed() ? "stop" : undefined),
  });
  if (!finding || !trace || !watched.has(finding.id as InvariantId)) return undefined;
  const options = { design, watched };
  const schedule = toSchedule(instance, trace, options);
  return schedule && toCounterexample({ instance, schedule }, options, mutant);
}
