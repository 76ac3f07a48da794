// SPDX-License-Identifier: GPL-2.0-only
//
// What kind of trap a search has found: all go on fairly from it, and what then becomes of them is told.

import { FairRuns, type FairEnd } from "../../explore/fair-run.ts";
import type { Decision } from "../../explore/search/search.ts";
import { chainFrom, type Waiting, waitText } from "../../explore/wait-cycle.ts";
import type { AllocatorClass } from "../../impl/allocators/registry.ts";
import { Simulation } from "../../impl/simulation.ts";
import type { Instance } from "../../spec/instance.ts";
import { type WaitScene, waitScene } from "../deadlock.ts";
import type { Finding } from "../finding.ts";
import { livelockText } from "../livelock.ts";
import { isQuiet } from "../quiet.ts";

/** Most steps of the fair run: a round of a small instance is far shorter. */
const STEPS_MAX = 200_000;

/** Id of the finding of a search that met states from which all never comes to rest. */
export const TRAP_ID = "TRAP";

const TRAP = "behind this state, no quiet one with no more lazy pages than the limit can be reached";

/** A trap, told. */
export interface Trap {
  readonly finding: Finding;
  /** Who waits for whom, if that is what keeps all from coming to rest. */
  readonly waits: WaitScene | undefined;
}

/** Tells what lies behind the state that a trace leads to. */
export function tellTrap(
  instance: Instance,
  trace: readonly Decision[],
  design: AllocatorClass | undefined,
): Trap {
  const sim = new Simulation(instance, {}, design);
  const prefix = {
    picks: trace.map(({ process }) => process),
    choices: trace.map(({ choice }) => choice),
    steps: trace.length,
  };
  let isQuietThen = false;
  const end = new FairRuns(sim).goOn(prefix, STEPS_MAX, (pending) => {
    isQuietThen ||= isQuiet(pending, sim.kernel.tasks);
  });
  const stuck = stuckIn(end);
  const what =
    stuck.length > 0 ? `deadlock: ${waitText(stuck, sim.processes)}` : wayOf(end, isQuietThen, sim);
  return {
    finding: { id: TRAP_ID, message: what === undefined ? TRAP : `${TRAP}; ${what}` },
    waits: waitScene(stuck, sim),
  };
}

// Those that can never go on, but not who waits for one that goes round: then it is the round that never ends.
function stuckIn(end: FairEnd): readonly Waiting[] {
  if (end.kind === "limit") return [];
  if (end.kind === "end") return end.waiting;
  const { turns, waiting } = end.round;
  const turning = new Set(turns.map(({ process }) => process));
  return waiting.filter((each) => {
    const { waits, end: kind } = chainFrom(each, waiting);
    return kind !== "other" || !turning.has(waits.at(-1)!.reason!.holder);
  });
}

function wayOf(
  end: FairEnd,
  isQuietThen: boolean,
  { allocator, kernel, processes }: Simulation,
): string | undefined {
  if (end.kind === "limit") return undefined;
  if (end.kind === "round" && !isQuietThen) return `livelock: ${livelockText(end.round, processes)}`;
  const { lazyMaxPages } = kernel.instance;
  return `lost work: vmap_lazy_nr stays above ${lazyMaxPages} (${allocator.lazyNr[0]!} now), and no purge is queued`;
}
