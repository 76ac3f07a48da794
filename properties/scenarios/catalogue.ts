// SPDX-License-Identifier: GPL-2.0-only
//
// All scenarios, by id.

import { BLOCK_SCENARIOS } from "./blocks.ts";
import type { Scenario } from "./scenario.ts";
import { TREE_SCENARIOS } from "./trees.ts";

/** Every scenario. */
export const SCENARIOS: readonly Scenario[] = [...TREE_SCENARIOS, ...BLOCK_SCENARIOS];
