// SPDX-License-Identifier: GPL-2.0-only
// What can be queued, run and flushed at each moment of the boot.
import { BOOT } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("boot", BOOT);
