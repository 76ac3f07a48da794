// SPDX-License-Identifier: GPL-2.0-only
//
// Searches small instances to their last state, beside the runs that are sampled: those of campaigns, and named ones.

import type { AllocatorClass } from "../impl/allocators/registry.ts";
import type { Campaign } from "../properties/campaigns/campaign.ts";
import { SITUATIONS } from "../properties/campaigns/catalogue.ts";
import type { Finding } from "../properties/finding.ts";
import { expectedToHold } from "../properties/scenarios/scenario.ts";
import { vacuousBecause } from "../properties/search/coverage.ts";
import { isAsPinned, watchedIn } from "../properties/search/pinned.ts";
import { type InstanceSearch, searchInstance } from "../properties/search/search-instance.ts";
import { searchedCounterexample } from "../properties/search/trace.ts";
import { TRAP_ID } from "../properties/search/trap.ts";
import type { SituationFactory } from "../properties/situations/situation.ts";
import type { Instance } from "../spec/instance.ts";
import { type InvariantId, isInvariantId } from "../spec/invariants.ts";
import type { SearchInstance } from "../spec/search-instances/entry.ts";
import type { Designs } from "./campaigns.ts";
import type { Exhausted, InstanceResult } from "./report.ts";

/**
 * Searches with all invariants that the design is expected to keep and that a search can check. An instance with more
 * states than `statesMax` counts for nothing, nor does one at which `heed` says to stop, nor one that ends in what the
 * port is known for: it is there for the claims.
 */
export function exhaustCampaign(
  { allocator, exhausted = [] }: Campaign,
  statesMax: number,
  designs: Designs | undefined,
  heed: () => boolean,
): Exhausted {
  let instances = 0;
  let states = 0;
  const reached = new Set<string>();
  for (const instance of statesMax === 0 ? [] : exhausted) {
    if (heed()) break;
    const design = designs?.[allocator];
    const { result, found } = searchOne(instance, design, { statesMax, heed, situations: SITUATIONS });
    if (found && !isKnown(result.finding!, instance)) return { instances, states, reached: [], ...found };
    if (result.end !== "exhausted") continue;
    instances++;
    states += result.states;
    for (const id of result.reached) reached.add(id);
  }
  return { instances, states, reached: [...reached].sort() };
}

/** Searches a named instance with the same invariants, and says whether its verdict is worth anything. */
export function exhaustNamed(
  named: SearchInstance,
  statesMax: number,
  designs: Designs | undefined,
  heed: () => boolean,
): InstanceResult {
  const { id, allocator, statement, instance, violates } = named;
  const watched = watchedIn(named);
  const { result, found } = searchOne(instance, designs?.[allocator], { statesMax, heed, watched });
  const { states, transitions } = result;
  const searched = { id, allocator, statement, states, transitions };
  if (violates) {
    const verdictOf = isAsPinned(named, result) ? "as-pinned" : "violated";
    if (found) return { ...searched, verdict: verdictOf, vacuous: [], violates, ...found };
    const missed = `${violates.invariant} was to be violated (${violates.by}), and was not`;
    const verdict = result.end === "exhausted" ? "violated" : "not-decided";
    return { ...searched, verdict, vacuous: [], violates, finding: missed };
  }
  if (found) return { ...searched, verdict: "violated", vacuous: [], ...found };
  if (result.end !== "exhausted") return { ...searched, verdict: "not-decided", vacuous: [] };
  const vacuous = vacuousBecause(named, result);
  return { ...searched, verdict: vacuous.length === 0 ? "held" : "vacuous", vacuous };
}

// A search always checks some invariants that all others build on, and calls it a trap if nothing drains for ever.
function isKnown({ id }: Finding, instance: Instance): boolean {
  const holds = expectedToHold(instance.allocator, [instance]);
  if (id === TRAP_ID) return !holds.has("INV-DRAIN") || !holds.has("INV-WQ-NODEADLOCK");
  return isInvariantId(id) && !holds.has(id);
}

interface Searched {
  readonly result: InstanceSearch;
  /** What was found, in one line and as a run. */
  readonly found: Pick<InstanceResult, "finding" | "violation"> | undefined;
}

function searchOne(
  instance: Instance,
  design: AllocatorClass | undefined,
  {
    heed,
    watched = expectedToHold(instance.allocator, [instance]),
    ...options
  }: {
    statesMax: number;
    heed: () => boolean;
    situations?: readonly SituationFactory[];
    watched?: ReadonlySet<InvariantId>;
  },
): Searched {
  const result = searchInstance(instance, watched, {
    ...options,
    design,
    heed: () => (heed() ? "stop" : undefined),
  });
  const { finding } = result;
  if (!finding) return { result, found: undefined };
  const violation = searchedCounterexample(result, { instance, watched: [...watched], design });
  return { result, found: { finding: `${finding.id}: ${finding.message}`, violation } };
}
