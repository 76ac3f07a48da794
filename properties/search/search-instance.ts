// SPDX-License-Identifier: GPL-2.0-only
//
// Exhaustive search of an instance: every interleaving and every choice, to a verdict or a shortest counterexample.

import { search, type SearchLimits, type SearchResult } from "../../explore/search/search.ts";
import type { Instance } from "../../spec/instance.ts";
import { INVARIANTS, type InvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import { SearchMeter, type SearchProgress } from "./search-meter.ts";
import { Searched, type SearchedOptions } from "./search-monitor.ts";

/** What a search of an instance came to. */
export interface InstanceSearch extends SearchResult {
  readonly finding: Finding | undefined;
  /** By id of a site: how often a step there was taken. */
  readonly sites: Float64Array;
  /** By kind: how often each event happened in a transition. */
  readonly events: Float64Array;
}

/** How an instance is searched, and when the search gives up. */
export interface InstanceSearchOptions
  extends Omit<SearchLimits, "heed">, Pick<SearchedOptions, "design" | "past" | "symmetry"> {
  /** Called every few thousand transitions; true ends the search. */
  readonly heed?: ((now: SearchProgress) => boolean) | undefined;
}

/** By computation, and by runs in strict mode. */
const ELSEWHERE: readonly InvariantId[] = ["INV-VNID-CAP", "INV-STRICT"];

/** Invariants that a search can check. */
export const SEARCHED: ReadonlySet<InvariantId> = new Set(
  INVARIANTS.map(({ id }) => id).filter((id) => !ELSEWHERE.includes(id)),
);

const TRAP: Finding = {
  id: "TRAP",
  message: "behind this state, no quiet one with no more lazy pages than the limit can be reached",
};

/** Searches an instance for violations of `watched`, and for traps. */
export function searchInstance(
  instance: Instance,
  watched: ReadonlySet<InvariantId>,
  options: InstanceSearchOptions = {},
): InstanceSearch {
  const searched = new Searched(instance, watched, options);
  const meter = new SearchMeter(searched);
  const { heed, ...limits } = options;
  const result = search(searched.system, meter, { ...limits, heed: heed && (() => heed(meter.progress)) });
  const finding = result.end === "trap" ? TRAP : searched.finding;
  return { ...result, finding, sites: searched.sites, events: searched.events };
}
