// SPDX-License-Identifier: GPL-2.0-only
// What queue_work() and flush_work() say and wait for, in all interleavings of a few tasks.
import { QUEUEING } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("queue_work() and flush_work()", QUEUEING);
