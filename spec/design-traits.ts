// SPDX-License-Identifier: GPL-2.0-only
//
// What designs have and others lack, as far as the rules of instances depend on it. A field, a fault point or an
// operation that a design could only ignore is an error: whoever wrote it expects something of it.

import { ALLOCATION_FAULTS, FAULT_POINTS, type FaultPoint } from "./faults.ts";
import { foundText } from "./found-text.ts";
import type { AllocatorId, Configuration } from "./instance.ts";
import type { Operation } from "./operations.ts";
import { inputError, type InputError } from "./user-error.ts";

/** What a design has. */
export interface DesignTraits {
  /** Nodes own blocks of the space. */
  readonly blocks: boolean;
  /** Nodes keep purged areas in pools. Such designs also know workers, the boot, the shrinker and CPU hotplug. */
  readonly pools: boolean;
  /** Areas are in range trees, whose stores may find no memory. Such designs have a perf mode that is switched on. */
  readonly rangeTrees: boolean;
  /** The search is as long as any alignment may need, even in a window of exactly the size (DEF-O5). */
  readonly paddedSearch: boolean;
}

/** The traits of each design. */
export const TRAITS: Readonly<Record<AllocatorId, DesignTraits>> = {
  "global-tree": { blocks: false, pools: false, rangeTrees: false, paddedSearch: false },
  "node-index": { blocks: false, pools: false, rangeTrees: false, paddedSearch: false },
  "node-blocks": { blocks: true, pools: false, rangeTrees: false, paddedSearch: false },
  "size-pools": { blocks: false, pools: true, rangeTrees: false, paddedSearch: false },
  "unbound-drain": { blocks: false, pools: true, rangeTrees: false, paddedSearch: false },
  "unbound-drain-v3": { blocks: false, pools: true, rangeTrees: false, paddedSearch: false },
  "dual-index": { blocks: false, pools: true, rangeTrees: true, paddedSearch: false },
  "occupied-index": { blocks: false, pools: true, rangeTrees: true, paddedSearch: true },
};

const POOL_FIELDS = ["poolPages", "workers", "boot"] as const satisfies readonly (keyof Configuration)[];

const POOL_OPERATIONS: readonly Operation["op"][] = ["shrink", "offline", "online"];

const TREE_OPERATIONS: readonly Operation["op"][] = ["flip"];

const COMMON_FAULTS: readonly FaultPoint[] = [...ALLOCATION_FAULTS, "pcpu-record"];

/** The fault points that only designs with range trees come to. */
export const TREE_FAULTS: readonly FaultPoint[] = ["maple"];

/** The fault points that only designs with pools come to. */
export const POOL_FAULTS: readonly FaultPoint[] = FAULT_POINTS.filter(
  (point) => !COMMON_FAULTS.includes(point) && !TREE_FAULTS.includes(point),
);

/** The first field or fault point of a configuration that its design does not know. */
export function checkTraits(configuration: Configuration, source: string): InputError | undefined {
  const { allocator, faults } = configuration;
  const { pools, rangeTrees } = TRAITS[allocator];
  const tree = rangeTrees ? -1 : faults.points.findIndex((point) => TREE_FAULTS.includes(point));
  if (pools && tree >= 0) {
    const expected = `one of ${[...COMMON_FAULTS, ...POOL_FAULTS].join(", ")}`;
    const found = foundText(faults.points[tree]);
    return traitError(source, `faults.points[${tree}]`, expected, allocator, found, "range trees");
  }
  if (pools) return undefined;
  const field = POOL_FIELDS.find((name) => configuration[name] !== undefined);
  if (field !== undefined) {
    return traitError(source, field, "nothing", allocator, foundText(configuration[field]));
  }
  const at = faults.points.findIndex((point) => POOL_FAULTS.includes(point) || TREE_FAULTS.includes(point));
  if (at === -1) return undefined;
  const expected = `one of ${COMMON_FAULTS.join(", ")}`;
  return traitError(source, `faults.points[${at}]`, expected, allocator, foundText(faults.points[at]));
}

/** An error if the design does not know the operation. `path` is the operation's place. */
export function checkOperationTraits(
  { op }: Operation,
  path: string,
  allocator: AllocatorId,
  source: string,
): InputError | undefined {
  const { pools, rangeTrees } = TRAITS[allocator];
  const expected = "another operation";
  if (!rangeTrees && TREE_OPERATIONS.includes(op)) {
    return traitError(source, `${path}.op`, expected, allocator, foundText(op), "range trees");
  }
  if (pools || !POOL_OPERATIONS.includes(op)) return undefined;
  return traitError(source, `${path}.op`, expected, allocator, foundText(op));
}

function traitError(
  source: string,
  path: string,
  expected: string,
  allocator: AllocatorId,
  found: string,
  without = "pools",
): InputError {
  const why = `${allocator} is a design without ${without}`;
  return inputError("VMC-E026", source, path, `${expected} (${why})`, found);
}
