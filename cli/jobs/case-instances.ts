// SPDX-License-Identifier: GPL-2.0-only
//
// The instances that `run` goes through: the given programs, or random ones that follow from the seed text.

import fc from "fast-check";
import { createRng } from "../../explore/rng.ts";
import { programsArbitrary } from "../../properties/arbitraries/programs.ts";
import type { Configuration, Instance } from "../../spec/instance.ts";

/** What decides the instances. */
export interface CasePlan {
  readonly configuration: Configuration;
  readonly programs?: Instance["programs"] | undefined;
  readonly cases: number;
  readonly tasks: number;
  readonly operations: number;
  readonly seed: string;
}

/** Random programs are made in batches, each from a seed of its own. */
const BATCH = 128;

/** The instances of a plan, in order. */
export function* caseInstances(plan: CasePlan): Generator<Instance> {
  const { configuration, programs, cases, tasks, operations, seed } = plan;
  if (programs) {
    yield { ...configuration, programs };
    return;
  }
  const arbitrary = programsArbitrary(configuration, { tasks, opsPerTask: operations });
  for (let done = 0; done < cases; done += BATCH) {
    const batchSeed = createRng(`cases/${seed}/${done / BATCH}`).below(2 ** 31);
    const batch = fc.sample(arbitrary, { seed: batchSeed, numRuns: Math.min(BATCH, cases - done) });
    for (const each of batch) yield { ...configuration, programs: each };
  }
}
