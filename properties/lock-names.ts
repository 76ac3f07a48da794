// SPDX-License-Identifier: GPL-2.0-only
//
// What lock analysis calls the classes of a simulated kernel.

import type { ClassNames } from "../explore/lock-analysis.ts";
import { WORK_FUNCTIONS } from "../impl/allocators/allocator.ts";
import type { Simulation } from "../impl/simulation.ts";

/** The names; lock analysis is made before the simulation that it watches. */
export function lockNames(sim: () => Simulation): ClassNames {
  return {
    lock: (c) => sim().kernel.locks.classNames[c]!,
    queue: (c) => sim().kernel.works.queues[c]!.name,
    work: (c) => WORK_FUNCTIONS[c]!,
  };
}
