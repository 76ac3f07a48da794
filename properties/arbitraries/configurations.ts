// SPDX-License-Identifier: GPL-2.0-only
//
// Arbitrary configurations of a design: small machines in which everything that matters still happens. They
// shrink to one CPU, one node, little space, no faults and no migrations.

import fc from "fast-check";
import { ALLOCATION_FAULTS } from "../../spec/faults.ts";
import { LIMITS } from "../../spec/instance-rules.ts";
import type { AllocatorId, Configuration } from "../../spec/instance.ts";

/** How large configurations get. */
export interface ConfigurationBounds {
  /** Pages of the vmalloc window. */
  readonly pagesMin?: number;
  readonly pagesMax?: number;
  readonly cpusMax?: number;
  readonly nodesMax?: number;
  readonly blockPagesMax?: number;
  readonly lazyMaxPagesMax?: number;
  readonly faultsMax?: number;
  readonly migrationsMax?: number;
  /** Most pages of a modules window; 0 is none. */
  readonly modulesPagesMax?: number;
}

/** The bounds that hold where none are given. */
export const CONFIGURATION_BOUNDS: Required<ConfigurationBounds> = {
  pagesMin: 4,
  pagesMax: 32,
  cpusMax: 4,
  nodesMax: 3,
  blockPagesMax: 12,
  lazyMaxPagesMax: 6,
  faultsMax: 2,
  migrationsMax: 2,
  modulesPagesMax: 8,
};

/** Configurations of a design. */
export function configurationArbitrary(
  allocator: AllocatorId,
  bounds: ConfigurationBounds = {},
): fc.Arbitrary<Configuration> {
  const b = { ...CONFIGURATION_BOUNDS, ...bounds };
  const blockPagesMin = allocator === "node-blocks" ? LIMITS.nodeBlocksBlockPagesMin : 1;
  return fc
    .record({
      pages: fc.integer({ min: b.pagesMin, max: b.pagesMax }),
      gap: rarely(2),
      modulesPages: rarely(b.modulesPagesMax),
      cpus: fc.integer({ min: 1, max: b.cpusMax }),
      nodes: fc.integer({ min: 1, max: b.nodesMax }),
      blockPages: fc.integer({ min: blockPagesMin, max: Math.max(blockPagesMin, b.blockPagesMax) }),
      lazyMaxPages: fc.nat(b.lazyMaxPagesMax),
      budget: fc.nat(b.faultsMax),
      points: fc.subarray([...ALLOCATION_FAULTS]),
      migrations: fc.nat(b.migrationsMax),
    })
    .map(({ pages, gap, modulesPages, budget, points, ...rest }) => {
      const end = gap + pages;
      return {
        allocator,
        ...rest,
        spacePages: end + modulesPages,
        vmalloc: { start: gap, end },
        ...(modulesPages === 0 ? {} : { modules: { start: end, end: end + modulesPages } }),
        faults: budget === 0 ? { budget: 0, points: [] } : { budget, points },
      };
    });
}

// Zero in two of three cases.
function rarely(max: number): fc.Arbitrary<number> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat(max) },
  );
}
