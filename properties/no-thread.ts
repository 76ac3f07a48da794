// SPDX-License-Identifier: GPL-2.0-only
//
// What a deadlock violates in which a pending work item has no thread to run on.

import type { InvariantId } from "../spec/invariants.ts";

/** The invariant. */
export const NO_THREAD: InvariantId = "INV-WQ-NODEADLOCK";
