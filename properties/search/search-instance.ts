// SPDX-License-Identifier: GPL-2.0-only
//
// Exhaustive search of an instance: every interleaving and every choice, to a verdict or a shortest counterexample.

import type { InternedExecutor } from "../../explore/positions.ts";
import { LockAnalysis } from "../../explore/lock-analysis.ts";
import {
  type Fingerprint,
  search,
  type SearchOptions,
  type SearchResult,
} from "../../explore/search/search.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { Simulation } from "../../impl/simulation.ts";
import type { Instance } from "../../spec/instance.ts";
import type { InvariantId } from "../../spec/invariants.ts";
import type { Finding } from "../finding.ts";
import { Canonical } from "./canonical.ts";
import { SearchMeter, type SearchProgress } from "./search-meter.ts";
import { SimulationSearchMonitor } from "./search-monitor.ts";

/** What a search of an instance came to. */
export interface InstanceSearch extends SearchResult {
  readonly finding: Finding | undefined;
  /** How often each kind of event happened in a transition. */
  readonly events: Float64Array;
  /** By id of a site: 1 if some transition executed it. */
  readonly sites: Uint8Array;
}

/** When a search of an instance gives up. */
export interface InstanceLimits extends Omit<SearchOptions, "heed"> {
  /** Called every few thousand transitions; true ends the search. */
  readonly heed?: ((now: SearchProgress) => boolean) | undefined;
}

/** Invariants that a search can check: what follows from a state, or from one step. */
export const SEARCHED: ReadonlySet<InvariantId> = new Set<InvariantId>([
  "INV-DISJOINT",
  "INV-OWN1",
  "INV-CONSERVE",
  "INV-BOUNDS",
  "INV-SORTED",
  "INV-COALESCED",
  "INV-AUGMENT",
  "INV-TLB",
  "INV-FLUSH-COVER",
  "INV-LAZYNR-GE",
  "INV-LAZYNR-EQ",
  "INV-LAZYNR-POS",
  "INV-DRAIN",
  "INV-HELPERS-DONE",
  "INV-INITWORK",
  "INV-BUSY-NODE",
  "INV-VNID-OWNER",
  "INV-PURGE-NODE",
  "INV-REC",
  "INV-LOCKORDER",
  "INV-REFINE",
  "INV-NOWARN",
  "INV-DEADLOCK",
  "INV-SLEEP",
]);

const TRAP: Finding = {
  id: "TRAP",
  message: "behind this state, no quiet one with no more lazy pages than the limit can be reached",
};

/** Searches an instance. `watched` beyond SEARCHED has no effect. */
export function searchInstance(
  instance: Instance,
  watched: ReadonlySet<InvariantId>,
  limits: InstanceLimits = {},
  design?: AllocatorClass,
): InstanceSearch {
  const tasks = instance.programs.length;
  const locks = new LockAnalysis(tasks + 1 + instance.nodes, (c) => sim.kernel.locks.classNames[c]!);
  const sim: Simulation = new Simulation(instance, { observer: locks }, design);
  const canonical = new Canonical(sim);
  const monitor = new SimulationSearchMonitor(sim, watched, locks);
  const meter = new SearchMeter(monitor);
  const system = Object.assign(Object.create(sim) as Simulation, {
    fingerprint: (executor: InternedExecutor, into: Fingerprint) => canonical.fingerprint(executor, into),
    begin: (process: number) => {
      meter.begin(process);
      sim.begin(process);
    },
  });
  const { heed } = limits;
  const result = search(system, meter, {
    ...limits,
    heed: heed && (() => (heed(meter.progress) ? "stop" : undefined)),
  });
  const finding = result.end === "trap" ? TRAP : monitor.finding;
  return { ...result, finding, events: monitor.events, sites: meter.sites };
}
