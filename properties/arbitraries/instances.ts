// SPDX-License-Identifier: GPL-2.0-only
//
// Arbitrary instances: a configuration and drafts of programs, drawn independently and fitted together last, so
// that a smaller configuration keeps its programs and smaller programs keep their configuration.

import fc from "fast-check";
import { TRAITS } from "../../spec/design-traits.ts";
import type { AllocatorId, Configuration, Instance } from "../../spec/instance.ts";
import { CONFIGURATION_BOUNDS, type ConfigurationBounds, configurationArbitrary } from "./configurations.ts";
import { type ProgramBounds, programDraftsArbitrary, programsOf } from "./programs.ts";

/** How large instances get. */
export interface InstanceBounds extends ConfigurationBounds, Partial<ProgramBounds> {}

/** The bounds of programs that hold where none are given. */
export const PROGRAM_BOUNDS: ProgramBounds = { tasks: 3, opsPerTask: 5 };

/** Instances of a design. */
export function instanceArbitrary(
  allocator: AllocatorId,
  bounds: InstanceBounds = {},
): fc.Arbitrary<Instance> {
  const { tasks = PROGRAM_BOUNDS.tasks, opsPerTask = PROGRAM_BOUNDS.opsPerTask, shrink, pcpu } = bounds;
  const { pools } = TRAITS[allocator];
  const pagesMax = bounds.pagesMax ?? CONFIGURATION_BOUNDS.pagesMax;
  return fc
    .tuple(
      configurationArbitrary(allocator, bounds),
      programDraftsArbitrary({ tasks, opsPerTask, shrink, pcpu, pools, pagesMax }),
    )
    .map(([configuration, drafts]) => ({
      ...(pcpu ? withRecordFaults(configuration) : configuration),
      programs: programsOf(configuration, drafts),
    }));
}

// Drawing nothing for it, so that a configuration is the same with and without congruent areas but for this.
function withRecordFaults(configuration: Configuration): Configuration {
  const { budget, points } = configuration.faults;
  return budget === 0
    ? configuration
    : { ...configuration, faults: { budget, points: [...points, "pcpu-record"] } };
}
