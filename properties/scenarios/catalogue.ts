// SPDX-License-Identifier: GPL-2.0-only
//
// All scenarios, by id.

import { BLOCK_SCENARIOS } from "./blocks.ts";
import { FAILING_STORE_SCENARIOS } from "./failing-stores.ts";
import { PCPU_SCENARIOS } from "./pcpu.ts";
import { PCPU_TREE_SCENARIOS } from "./pcpu-trees.ts";
import { POOL_SCENARIOS } from "./pools.ts";
import { RANGE_TREE_SCENARIOS } from "./range-trees.ts";
import type { Scenario } from "./scenario.ts";
import { TREE_SCENARIOS } from "./trees.ts";
import { WORKQUEUE_SCENARIOS } from "./workqueues.ts";

/** Every scenario. */
export const SCENARIOS: readonly Scenario[] = [
  ...TREE_SCENARIOS,
  ...BLOCK_SCENARIOS,
  ...POOL_SCENARIOS,
  ...WORKQUEUE_SCENARIOS,
  ...PCPU_SCENARIOS,
  ...PCPU_TREE_SCENARIOS,
  ...RANGE_TREE_SCENARIOS,
  ...FAILING_STORE_SCENARIOS,
];
