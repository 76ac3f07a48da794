// SPDX-License-Identifier: GPL-2.0-only
//
// What an entry of the catalogue of invariants consists of. Data only: the checkers are elsewhere.

import type { DefectId } from "../defects.ts";
import type { AllocatorId } from "../instance.ts";
import type { Feature } from "./features.ts";

/** What an invariant is about. */
export type InvariantKind =
  /** No page is used twice, early or without a flush. */
  | "safety"
  /** The indexes are well formed. */
  | "structure"
  /** Counters agree with what they count. */
  | "accounting"
  /** A request fails only if it must, and gets the place that it must get. */
  | "completeness"
  /** What has to happen happens. */
  | "progress"
  /** Rules of the kernel: locks, works, records, warnings. */
  | "discipline";

/**
 * When an invariant must hold. step: after every step. lock: whenever the lock of the index concerned is free.
 * purge: whenever vmap_purge_lock has just been released. quiet: when no operation runs and no work is pending or
 * running. op-end: when an operation ends. static: by computation, without a run. liveness: of all runs as a whole.
 */
export type InvariantWhen = "step" | "lock" | "purge" | "quiet" | "op-end" | "static" | "liveness";

/** What the faithful port of a design is expected to do. */
export type Expectation =
  | { readonly verdict: "holds" }
  | {
      readonly verdict: "violated";
      readonly by: readonly (DefectId | `C${number}-${number}`)[];
      /** If present: only in instances with one of these features. */
      readonly where?: readonly Feature[];
    };

/** One invariant. */
export interface InvariantEntry {
  readonly id: `INV-${string}`;
  readonly kind: InvariantKind;
  readonly when: InvariantWhen;
  /** The invariant in one sentence. */
  readonly statement: string;
  /** The designs that it applies to. */
  readonly designs: Readonly<Partial<Record<AllocatorId, Expectation>>>;
  /** Where it comes from: kernel functions, commits, documents. */
  readonly source: string;
}

/** Expected to hold. */
export const HOLDS = { verdict: "holds" } as const satisfies Expectation;

/** Expected to be violated. */
export function violatedBy(...by: readonly (DefectId | `C${number}-${number}`)[]): Expectation {
  return { verdict: "violated", by };
}

/** Expected to hold, except in instances with a feature. */
export function violatedWhere(
  by: readonly (DefectId | `C${number}-${number}`)[],
  ...where: readonly Feature[]
): Expectation {
  return { verdict: "violated", by, where };
}

/** Applies to the designs with range trees only, each with an expectation of its own. */
export function treeDesigns<D extends Expectation, O extends Expectation>(
  dual: D,
  occupied: O,
): { readonly "dual-index": D; readonly "occupied-index": O } {
  return { "dual-index": dual, "occupied-index": occupied };
}

/** Applies to the designs with range trees only and is expected to hold in each. */
export const TREES_HOLD = treeDesigns(HOLDS, HOLDS);

/** Expected to hold, except where a store into a range tree finds no memory. */
export function storeFails(...by: readonly DefectId[]): Expectation {
  return violatedWhere(by, "maple-fault");
}

/**
 * Expected to hold, except where an insertion into a busy tree fails: its store may find no memory, and the per-CPU
 * allocator of the patch may have been there before.
 */
export function insertFails(...by: readonly DefectId[]): Expectation {
  return violatedWhere([...by, "DEF-O2"], "maple-fault", "pcpu");
}

/** Applies to the designs with pools only and is expected to hold in each. */
export const POOLS_HOLD = {
  ...TREES_HOLD,
  "size-pools": HOLDS,
  "unbound-drain": HOLDS,
  "unbound-drain-v3": HOLDS,
} as const satisfies InvariantEntry["designs"];

/** Applies to the designs with pools, each with an expectation of its own. */
export function poolDesigns<P extends Expectation, U extends Expectation, V extends Expectation>(
  pools: P,
  drain: U,
  v3: V,
): { readonly "size-pools": P; readonly "unbound-drain": U; readonly "unbound-drain-v3": V } {
  return { "size-pools": pools, "unbound-drain": drain, "unbound-drain-v3": v3 };
}

// The shrinker decays pools without vmap_purge_lock.
const SHRINKER = violatedWhere(["DEF-P1"], "shrink");

/** Applies to the designs with pools: each holds but for what the shrinker does. */
export const SHRINKER_BREAKS = poolDesigns(SHRINKER, SHRINKER, SHRINKER);

/** Applies to all designs and is expected to hold in each. */
export const ALL_HOLD = {
  ...POOLS_HOLD,
  "global-tree": HOLDS,
  "node-index": HOLDS,
  "node-blocks": HOLDS,
} as const satisfies InvariantEntry["designs"];

/**
 * Applies to all designs. The shrinker throws areas away, with their records and their addresses, and so does a purge that
 * did not wait for its helpers: mainline's before workers run, v2's if queue_work() says false.
 */
export const AREAS_LOST = {
  ...ALL_HOLD,
  ...poolDesigns(
    violatedWhere(["DEF-P1", "DEF-P6"], "shrink", "boot"),
    violatedWhere(["DEF-P1", "DEF-U4"], "shrink", "queue-fault"),
    SHRINKER,
  ),
} as const satisfies InvariantEntry["designs"];

/** Applies to the designs with nodes and is expected to hold in each. */
export const NODES_HOLD = {
  ...POOLS_HOLD,
  "node-index": HOLDS,
  "node-blocks": HOLDS,
} as const satisfies InvariantEntry["designs"];

/** Applies to the designs whose purge has helpers and is expected to hold in each. */
export const HELPERS_HOLD = {
  "node-blocks": HOLDS,
  ...POOLS_HOLD,
} as const satisfies InvariantEntry["designs"];

/** Applies to the designs with node ids in va->flags and is expected to hold in each. */
export const IDS_HOLD = HELPERS_HOLD;

/** Applies to the design with node blocks only and is expected to hold. */
export const BLOCKS_HOLD = { "node-blocks": HOLDS } as const satisfies InvariantEntry["designs"];
