// SPDX-License-Identifier: GPL-2.0-only
//
// Exhaustive search of an instance: every interleaving and every choice, to a verdict or a shortest counterexample.

import { search, type SearchOptions, type SearchResult } from "../../explore/search/search.ts";
import type { Instance } from "../../spec/instance.ts";
import { INVARIANTS, type InvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import type { WaitScene } from "../deadlock.ts";
import { Searched, type SearchedOptions } from "./search-monitor.ts";
import { tellTrap } from "./trap.ts";

/** What a search of an instance came to. */
export interface InstanceSearch extends SearchResult {
  readonly finding: Finding | undefined;
  /** Who waits for whom, if that is what makes a trap. */
  readonly waits: WaitScene | undefined;
  /** How often each step of the design was taken, in the order of `sitesIn`. */
  readonly sites: Float64Array;
  /** By kind: how often each event happened in a transition. */
  readonly events: Float64Array;
  /** Situations that some transition came to, of those that were looked for; in a search that was exhausted. */
  readonly reached: readonly string[];
}

/** Threads for a search. */
export interface InstanceWorkers {
  /** Of them all, the calling thread included. */
  readonly count: number;
  /** The id of the mutant whose class is the `design` of the search: a class cannot be sent to a thread. */
  readonly mutant?: string | undefined;
  /** Of a worker; by default the one beside this module, as it is when built. */
  readonly entry?: URL | undefined;
}

/** How an instance is searched, and when the search gives up. */
export interface InstanceSearchOptions
  extends Omit<SearchOptions, "workers">, Omit<SearchedOptions, "fingerprints"> {
  readonly workers?: InstanceWorkers | undefined;
}

/** What a worker needs to search along; plain data. */
export interface SearchedData {
  readonly instance: Instance;
  readonly watched: readonly InvariantId[];
  readonly options: Pick<SearchedOptions, "past" | "symmetry" | "merge">;
  readonly mutant: string | undefined;
}

/** By computation, by runs in strict mode, and by fair runs: that a state can be left does not say that it will be. */
const ELSEWHERE: readonly InvariantId[] = ["INV-VNID-CAP", "INV-STRICT", "INV-LIVELOCK"];

/** Invariants that a search can check. */
export const SEARCHED: ReadonlySet<InvariantId> = new Set(
  INVARIANTS.map(({ id }) => id).filter((id) => !ELSEWHERE.includes(id)),
);

const WORKER = new URL("./search-entry.js", import.meta.url);

/** Searches an instance for violations of `watched`, and for traps. */
export function searchInstance(
  instance: Instance,
  watched: ReadonlySet<InvariantId>,
  options: InstanceSearchOptions = {},
): InstanceSearch {
  const { design, merge, past, symmetry, situations, workers, ...rest } = options;
  if (situations && workers) throw new Error("searchInstance: only one worker looks for situations");
  const searched = new Searched(instance, watched, { design, merge, past, symmetry, situations });
  const data: SearchedData = {
    instance,
    watched: [...watched],
    options: { merge, past, symmetry },
    mutant: workers?.mutant,
  };
  const threads = workers &&
    workers.count > 1 && { count: workers.count, entry: workers.entry ?? WORKER, data };
  const result = search(searched.system, searched, { ...rest, merge, ...(threads && { workers: threads }) });
  if (threads && result.end === "exhausted" && searched.ordersConflict) {
    // Each of two workers has seen one order of the locks: one worker sees both.
    const { bytesMax, heed, statesMax } = rest;
    return searchInstance(instance, watched, { design, past, symmetry, bytesMax, heed, statesMax });
  }
  const trap = result.end === "trap" ? tellTrap(instance, result.trace ?? [], design) : undefined;
  const { finding, waits } = trap ?? { finding: searched.finding, waits: undefined };
  const { events, sites } = searched;
  const reached = result.end === "exhausted" ? searched.reached : [];
  return { ...result, finding, waits, sites, events, reached };
}
