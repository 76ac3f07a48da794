// SPDX-License-Identifier: GPL-2.0-only
//
// The command that runs a program on a small machine in one design, operation by operation.

import type { AllocatorId } from "../../spec/instance.ts";
import { expectedOf, type InvariantId } from "../../spec/invariants.ts";
import type { Machine } from "../../spec/small-machine.ts";

/** A command line for a shell. The machine's vmalloc window must be all that is below its modules window. */
export function commandOf(
  allocator: AllocatorId,
  machine: Machine,
  programs: readonly string[],
  order: string,
  invariant?: InvariantId,
): string {
  const applies = invariant !== undefined && expectedOf(invariant, allocator) !== "not-applicable";
  const { space, cpus = 2, nodes = 2, block = 8, lazyMax = 3 } = machine;
  const { modules, faults, poolPages, workers } = machine;
  return [
    `vmapcheck run ${allocator}`,
    `--space ${space}`,
    ...(modules ? [`--modules ${modules.end - modules.start}`] : []),
    `--cpus ${cpus}`,
    `--nodes ${nodes}`,
    `--block ${block}`,
    `--lazy-max ${lazyMax}`,
    ...(poolPages === undefined ? [] : [`--pool-pages ${poolPages}`]),
    ...(workers ? [`--kworkers ${workers.idle}`] : []),
    ...(faults && faults !== "all" && faults.length > 0 ? [`--faults ${faults.join(",")}`] : []),
    ...(applies ? [`--invariants ${invariant}`] : []),
    ...programs.map((each) => `--program "${each}"`),
    `--order "${order}"`,
  ].join(" ");
}
