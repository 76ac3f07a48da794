// SPDX-License-Identifier: GPL-2.0-only
//
// Whether a violation came with a patch: the very case that shows it, on the code before the patch.

import { huntInstance, newStats } from "../properties/hunt.ts";
import { SEARCHED, searchInstance } from "../properties/search/search-instance.ts";
import type { Counterexample } from "../spec/counterexample.ts";
import type { AllocatorId, Instance } from "../spec/instance.ts";
import { validateInstance } from "../spec/instance-rules.ts";
import { expectedOf, type InvariantId, isInvariantId } from "../spec/invariants.ts";
import type { Designs } from "./campaigns.ts";
import { count } from "./render/text-layout.ts";
import type { OriginResult } from "./report.ts";

/** How far is looked. */
export interface OriginBounds {
  /** Most states of the search; behind that, so many random interleavings are run. */
  readonly statesMax: number;
  readonly runs: number;
  readonly seed: string;
  readonly designs?: Designs | undefined;
  readonly heed: () => boolean;
}

/** Runs the case of a counterexample on the code before; the schedule is free, as the steps are others there. */
export function originOf(
  { instance, mutant, violation }: Counterexample,
  before: AllocatorId,
  bounds: OriginBounds,
): OriginResult | undefined {
  const id = violation.invariant;
  if (mutant !== undefined || !isInvariantId(id) || instance.allocator === before) return undefined;
  if (expectedOf(id, before) === "not-applicable") {
    return { origin: "introduced", text: `${before} has nothing that ${id} is about` };
  }
  const earlier: Instance = { ...instance, allocator: before };
  const wrong = validateInstance(earlier, "case");
  if (wrong) return { origin: "not-comparable", text: `the case is none of ${before}: ${wrong.message}` };
  return searched(earlier, id, bounds) ?? hunted(earlier, id, bounds);
}

function searched(
  instance: Instance,
  id: InvariantId,
  { designs, heed, statesMax }: OriginBounds,
): OriginResult | undefined {
  if (statesMax === 0 || !SEARCHED.has(id)) return undefined;
  const { allocator } = instance;
  const { end, finding, states } = searchInstance(instance, new Set([id]), {
    design: designs?.[allocator],
    statesMax,
    heed: () => (heed() ? "stop" : undefined),
  });
  const far = count(states, "state");
  if (finding) {
    const text = `${allocator} comes to it as well, within ${far}: ${finding.message}`;
    return { origin: "present-before", text };
  }
  if (end !== "exhausted") return undefined;
  return { origin: "introduced", text: `${allocator} never comes to it in the same case; exhausted: ${far}` };
}

function hunted(
  instance: Instance,
  id: InvariantId,
  { designs, heed, runs, seed }: OriginBounds,
): OriginResult {
  const { allocator } = instance;
  const stats = newStats();
  const plan = { runs, strictRuns: 0, strategy: "mixed", seed: `${seed}/origin` } as const;
  const options = { design: designs?.[allocator], watched: new Set([id]) };
  const caught = huntInstance(instance, plan, options, stats, heed);
  const far = count(stats.runs, "interleaving");
  return caught
    ? {
        origin: "present-before",
        text: `${allocator} comes to it as well, in ${far}: ${caught.finding.message}`,
      }
    : { origin: "not-seen-before", text: `${allocator} did not come to it in ${far} of the same case` };
}
