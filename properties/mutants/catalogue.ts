// SPDX-License-Identifier: GPL-2.0-only
//
// All mutants and repairs.

import { ACCOUNTING_MUTANTS } from "./accounting.ts";
import { BLOCK_MUTANTS } from "./blocks.ts";
import { BOOKKEEPING_MUTANTS } from "./bookkeeping.ts";
import { ENDLESS_MUTANTS } from "./endless.ts";
import { DECAY_MUTANTS } from "./decay.ts";
import { DRAIN_REPAIRS } from "./drain-repairs.ts";
import { DRAIN_MUTANTS } from "./draining.ts";
import { FLUSHING_MUTANTS } from "./flushing.ts";
import { FREE_TREE_MUTANTS } from "./free-tree.ts";
import { INDEX_MUTANTS } from "./indexes.ts";
import { LOCKING_MUTANTS } from "./locking.ts";
import type { Mistake, Mutant } from "./mutant.ts";
import { NODE_ID_MUTANTS } from "./node-ids.ts";
import { PCPU_MUTANTS } from "./pcpu.ts";
import { OCCUPIED_MUTANTS } from "./occupied.ts";
import { PERF_MODE_MUTANTS } from "./perf-mode.ts";
import { PCPU_TREE_MUTANTS } from "./pcpu-trees.ts";
import { POOL_ID_MUTANTS } from "./pool-ids.ts";
import { POOL_MUTANTS } from "./pools.ts";
import { PURGING_MUTANTS } from "./purging.ts";
import { REPAIRS } from "./repairs.ts";
import { RETRY_MUTANTS } from "./retrying.ts";
import { SEARCH_MUTANTS } from "./searching.ts";
import { TREE_REPAIRS } from "./tree-repairs.ts";
import { WORKQUEUE_MUTANTS } from "./workqueues.ts";

/** Every mutant and repair, by number. */
export const MUTANTS: readonly Mutant[] = [
  ...FLUSHING_MUTANTS,
  ...ACCOUNTING_MUTANTS,
  ...PURGING_MUTANTS,
  ...NODE_ID_MUTANTS,
  ...BLOCK_MUTANTS,
  ...INDEX_MUTANTS,
  ...SEARCH_MUTANTS,
  ...BOOKKEEPING_MUTANTS,
  ...LOCKING_MUTANTS,
  ...ENDLESS_MUTANTS,
  ...POOL_MUTANTS,
  ...POOL_ID_MUTANTS,
  ...DECAY_MUTANTS,
  ...DRAIN_MUTANTS,
  ...WORKQUEUE_MUTANTS,
  ...PCPU_MUTANTS,
  ...PCPU_TREE_MUTANTS,
  ...OCCUPIED_MUTANTS,
  ...FREE_TREE_MUTANTS,
  ...RETRY_MUTANTS,
  ...PERF_MODE_MUTANTS,
  ...REPAIRS,
  ...DRAIN_REPAIRS,
  ...TREE_REPAIRS,
].sort((a, b) => numberOf(a) - numberOf(b));

/** The mistakes among them. */
export const MISTAKES: readonly Mistake[] = MUTANTS.filter((mutant) => mutant.kind === "mistake");

/** The mutant of an id. */
export function mutantOf(id: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.id === id);
  if (!found) throw new Error(`no mutant ${id} in the catalogue`);
  return found;
}

function numberOf(mutant: Mutant): number {
  return Number(mutant.id.slice("MU-".length));
}
