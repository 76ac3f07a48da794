// SPDX-License-Identifier: GPL-2.0-only
//
// Arbitrary configurations of a design: small machines in which everything that matters still happens. They
// shrink to one CPU, one node, little space, no faults and no migrations. What only some designs know is drawn for
// these alone, after all else: the others keep the values that their recorded seeds stand for.

import fc from "fast-check";
import { TRAITS } from "../../spec/design-traits.ts";
import { ALLOCATION_FAULTS, type FaultPoint } from "../../spec/faults.ts";
import { LIMITS } from "../../spec/instance-rules.ts";
import { type AllocatorId, BOOT_PHASES, type Configuration } from "../../spec/instance.ts";

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
  /** Designs with pools only: largest size of the areas in them; 0 leaves it to the kernel. */
  readonly poolPagesMax?: number;
  /** Designs with pools only: whether workers may be short. */
  readonly workers?: boolean;
  /** Designs with pools only: whether the boot may still go on. */
  readonly boot?: boolean;
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
  poolPagesMax: 4,
  workers: true,
  boot: true,
};

/** Configurations of a design. */
export function configurationArbitrary(
  allocator: AllocatorId,
  bounds: ConfigurationBounds = {},
): fc.Arbitrary<Configuration> {
  const b = { ...CONFIGURATION_BOUNDS, ...bounds };
  const usual = usualArbitrary(allocator, b);
  return TRAITS[allocator].pools ? fc.tuple(usual, poolsArbitrary(b)).map(withPools) : usual;
}

function usualArbitrary(
  allocator: AllocatorId,
  b: Required<ConfigurationBounds>,
): fc.Arbitrary<Configuration> {
  const blockPagesMin = TRAITS[allocator].blocks ? LIMITS.nodeBlocksBlockPagesMin : 1;
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

type Pools = Pick<Configuration, "poolPages" | "workers" | "boot"> & {
  readonly points: readonly FaultPoint[];
};

function poolsArbitrary(b: Required<ConfigurationBounds>): fc.Arbitrary<Pools> {
  const workers = fc.record(
    { idle: fc.nat(2), stackPages: fc.integer({ min: 1, max: 2 }) },
    { requiredKeys: ["idle"] },
  );
  // Each belongs to what it can happen in. A queue_work that fails is no kernel's: it must be asked for.
  const faults: readonly FaultPoint[] = [
    ...(b.workers ? (["worker"] as const) : []),
    ...(b.boot ? (["workqueue"] as const) : []),
  ];
  return fc.record({
    poolPages:
      b.poolPagesMax === 0
        ? fc.constant(undefined)
        : absentIn(1, fc.integer({ min: 1, max: b.poolPagesMax })),
    workers: b.workers ? absentIn(9, workers) : fc.constant(undefined),
    boot: b.boot ? absentIn(9, fc.constantFrom(...BOOT_PHASES)) : fc.constant(undefined),
    points: absentIn(9, fc.subarray([...faults])).map((points = []) => points),
  });
}

function withPools([usual, { poolPages, workers, boot, points }]: [Configuration, Pools]): Configuration {
  const { faults } = usual;
  return {
    ...usual,
    ...(poolPages === undefined ? {} : { poolPages }),
    ...(workers === undefined ? {} : { workers }),
    ...(boot === undefined ? {} : { boot }),
    faults: faults.budget === 0 ? faults : { ...faults, points: [...faults.points, ...points] },
  };
}

// Undefined in `n` of `n + 1` cases, and when it shrinks.
function absentIn<T>(n: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: n, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );
}

// Zero in two of three cases.
function rarely(max: number): fc.Arbitrary<number> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat(max) },
  );
}
