// SPDX-License-Identifier: GPL-2.0-only
// INIT_WORK of an item that is idle, pending or running.
import { INIT_WORK } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("INIT_WORK", INIT_WORK);
