// SPDX-License-Identifier: GPL-2.0-only
//
// Livelocks: a run that was cut off is gone on with fairly; if it then goes round, some operation never ends.

import { type FairEnd, FairRuns, type Prefix, type Round } from "../explore/fair-run.ts";
import type { Runner } from "../explore/runner.ts";
import type { Simulation } from "../impl/simulation.ts";

/** A run up to the end of the first round of a livelock, and what to say of it. */
export interface Livelock extends Prefix {
  readonly message: string;
}

/** Most steps of a fair run. */
const STEPS_MAX = 200_000;

/** A fair run may have so many times the steps of the run that was cut off. */
const STEPS_FACTOR = 4;

/** Most functions of a round that are named. */
const NAMED_MAX = 8;

/** Looks for livelocks in the runs of one simulation. */
export class Livelocks {
  private readonly sim: Simulation;
  private readonly runs: FairRuns;

  constructor(sim: Simulation) {
    this.sim = sim;
    this.runs = new FairRuns(sim);
  }

  /**
   * What the last run of a runner goes round in if it is gone on with fairly from where it was cut off. Of the runs that
   * come to a livelock from a beginning of this one, the one with the fewest deviations. The simulation stays where it is.
   */
  behind(runner: Runner): Livelock | undefined {
    const { picks, choices } = runner.decisions();
    const steps = picks.length;
    const stepsMax = Math.min(STEPS_MAX, STEPS_FACTOR * steps);
    return this.aside(() => {
      let least = this.roundAfter({ picks, choices, steps }, stepsMax);
      if (!least) return undefined;
      let from = steps;
      for (let first = 0; first < steps; first = Math.max(1, 2 * first)) {
        const round = this.roundAfter({ picks, choices, steps: first }, stepsMax);
        if (!round) continue;
        const isSimpler =
          round.deviations - least.deviations || lengthOf(first, round) - lengthOf(from, least);
        if (isSimpler >= 0) continue;
        least = round;
        from = first;
      }
      const taken = Int32Array.from([...picks.subarray(0, from), ...least.picks]);
      const chosen = new Int32Array(taken.length);
      chosen.set(choices.subarray(0, from));
      return {
        picks: taken,
        choices: chosen,
        steps: taken.length,
        message: this.textOf(least, taken.length),
      };
    });
  }

  /** What the last run goes round in, if its last state is one of the round: the end of a run that `behind` gave. */
  at(runner: Runner): Livelock | undefined {
    const { picks, choices } = runner.decisions();
    const steps = picks.length;
    const stepsMax = Math.min(STEPS_MAX, STEPS_FACTOR * steps);
    return this.aside(() => {
      const round = this.roundAfter({ picks, choices, steps }, stepsMax);
      return round?.begin === 0 ? { picks, choices, steps, message: this.textOf(round, steps) } : undefined;
    });
  }

  private aside<T>(look: () => T): T {
    const here = this.sim.snapshot();
    try {
      return look();
    } finally {
      this.sim.restore(here);
      this.sim.kernel.clearStep();
    }
  }

  private roundAfter(prefix: Prefix, stepsMax: number): Round | undefined {
    const came: FairEnd = this.runs.goOn(prefix, stepsMax);
    return came.kind === "round" ? came.round : undefined;
  }

  // A whole round ends with step `steps - 1`.
  private textOf(round: Round, steps: number): string {
    return `${livelockText(round, this.sim.processes)}; from step ${steps - round.turns.length} on`;
  }
}

/**
 * Who goes round in which functions, and who waits for ever meanwhile. Who comes to an end in each round and begins anew
 * is named only if all do.
 */
export function livelockText({ turns, waiting }: Round, processes: Simulation["processes"]): string {
  const anew = new Set(turns.filter(({ wasIdle }) => wasIdle).map(({ process }) => process));
  const all = [...new Set(turns.map(({ process }) => process))];
  const endless = all.filter((process) => !anew.has(process));
  const turning = endless.length > 0 ? endless : all;
  return [
    ...turning.map((process) => {
      const own = turns.filter((turn) => turn.process === process);
      const fns = [...new Set(own.map(({ site }) => site.fn))];
      const more = fns.length > NAMED_MAX ? ", ..." : "";
      return `${processes[process]!.name} goes round in ${fns.slice(0, NAMED_MAX).join(", ")}${more}`;
    }),
    ...waiting.map(({ name, site }) => `${name} never goes on from ${site.fn}`),
  ].join("; ");
}

function lengthOf(from: number, { picks }: Round): number {
  return from + picks.length;
}
