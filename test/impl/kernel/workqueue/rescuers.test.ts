// SPDX-License-Identifier: GPL-2.0-only
// One rescuer for each WQ_MEM_RECLAIM queue, where no worker is to be had.
import { RESCUERS } from "./cases.ts";
import { describeCases } from "./judged.ts";

describeCases("rescuers", RESCUERS);
