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
}

/** The traits of each design. */
export const TRAITS: Readonly<Record<AllocatorId, DesignTraits>> = {
  "global-tree": { blocks: false, pools: false },
  "node-index": { blocks: false, pools: false },
  "node-blocks": { blocks: true, pools: false },
  "size-pools": { blocks: false, pools: true },
  "unbound-drain": { blocks: false, pools: true },
  "unbound-drain-v3": { blocks: false, pools: true },
};

const POOL_FIELDS = ["poolPages", "workers", "boot"] as const satisfies readonly (keyof Configuration)[];

const POOL_OPERATIONS: readonly Operation["op"][] = ["shrink", "offline", "online"];

const COMMON_FAULTS: readonly FaultPoint[] = [...ALLOCATION_FAULTS, "pcpu-record"];

/** The fault points that only designs with pools come to. */
const POOL_FAULTS: readonly FaultPoint[] = FAULT_POINTS.filter((point) => !COMMON_FAULTS.includes(point));

/** The first field or fault point of a configuration that its design does not know. */
export function checkTraits(configuration: Configuration, source: string): InputError | undefined {
  const { allocator, faults } = configuration;
  if (TRAITS[allocator].pools) return undefined;
  const field = POOL_FIELDS.find((name) => configuration[name] !== undefined);
  if (field !== undefined) {
    return traitError(source, field, "nothing", allocator, foundText(configuration[field]));
  }
  const at = faults.points.findIndex((point) => POOL_FAULTS.includes(point));
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
  if (TRAITS[allocator].pools || !POOL_OPERATIONS.includes(op)) return undefined;
  return traitError(source, `${path}.op`, "another operation", allocator, foundText(op));
}

function traitError(
  source: string,
  path: string,
  expected: string,
  allocator: AllocatorId,
  found: string,
): InputError {
  return inputError("VMC-E026", source, path, `${expected} (${allocator} is a design without pools)`, found);
}
