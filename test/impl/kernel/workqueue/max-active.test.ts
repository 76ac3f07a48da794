// SPDX-License-Identifier: GPL-2.0-only
// How many items of a queue are active at one time, and which comes next.
import { MAX_ACTIVE } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("max_active", MAX_ACTIVE);
